// H.225.0 (v7) RAS: admission, bandwidth and disengage.
import { BOOLEAN, choice, ia5String, type Infer, integer, NULL, optional, sequence, sequenceOf } from '../../per';
import { ClearToken } from '../h235';
import { AliasAddress, NonStandardParameter, PartyNumber, TransportAddress } from './addresses';
import { AlternateGK, AlternateTransportAddresses, AltGKInfo, Endpoint, UseSpecifiedTransport } from './alternates';
import { CallCapacity, CircuitInfo } from './capacity';
import { DataRate, EndpointType, SupportedProtocols, TunnelledProtocol } from './endpoint-type';
import { FeatureSet, GenericData } from './generic-data';
import {
  BandWidth, CallIdentifier, CallLinkage, CallReferenceValue, ConferenceIdentifier, EndpointIdentifier, GatekeeperIdentifier,
  RequestSeqNum,
} from './identifiers';
import { CryptoH323Token, ICV, SecurityErrors2 } from './security';
import { CallModel, CallType, QseriesOptions, ServiceControlSession, TransportQOS } from './services';
import { BandwidthDetails, CallTerminationCause, RasUsageInformation, RasUsageSpecification, UUIEsRequested } from './usage';

export const AdmissionRequest = sequence({
  requestSeqNum: RequestSeqNum,
  callType: CallType,
  callModel: optional(CallModel),
  endpointIdentifier: EndpointIdentifier,
  destinationInfo: optional(sequenceOf(AliasAddress)),
  destCallSignalAddress: optional(TransportAddress),
  destExtraCallInfo: optional(sequenceOf(AliasAddress)),
  srcInfo: sequenceOf(AliasAddress),
  srcCallSignalAddress: optional(TransportAddress),
  bandWidth: BandWidth,
  callReferenceValue: CallReferenceValue,
  nonStandardData: optional(NonStandardParameter),
  callServices: optional(QseriesOptions),
  conferenceID: ConferenceIdentifier,
  activeMC: BOOLEAN,
  answerCall: BOOLEAN,
}, {
  canMapAlias: BOOLEAN,
  callIdentifier: CallIdentifier,
  srcAlternatives: optional(sequenceOf(Endpoint)),
  destAlternatives: optional(sequenceOf(Endpoint)),
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  transportQOS: optional(TransportQOS),
  willSupplyUUIEs: BOOLEAN,
  callLinkage: optional(CallLinkage),
  gatewayDataRate: optional(DataRate),
  capacity: optional(CallCapacity),
  circuitInfo: optional(CircuitInfo),
  desiredProtocols: optional(sequenceOf(SupportedProtocols)),
  desiredTunnelledProtocol: optional(TunnelledProtocol),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  canMapSrcAlias: BOOLEAN,
});
export type AdmissionRequest = Infer<typeof AdmissionRequest>;

export const AdmissionConfirm = sequence({
  requestSeqNum: RequestSeqNum,
  bandWidth: BandWidth,
  callModel: CallModel,
  destCallSignalAddress: TransportAddress,
  irrFrequency: optional(integer(1, 65535)),
  nonStandardData: optional(NonStandardParameter),
}, {
  destinationInfo: optional(sequenceOf(AliasAddress)),
  destExtraCallInfo: optional(sequenceOf(AliasAddress)),
  destinationType: optional(EndpointType),
  remoteExtensionAddress: optional(sequenceOf(AliasAddress)),
  alternateEndpoints: optional(sequenceOf(Endpoint)),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  transportQOS: optional(TransportQOS),
  willRespondToIRR: BOOLEAN,
  uuiesRequested: UUIEsRequested,
  language: optional(sequenceOf(ia5String(1, 32))),
  alternateTransportAddresses: optional(AlternateTransportAddresses),
  useSpecifiedTransport: optional(UseSpecifiedTransport),
  circuitInfo: optional(CircuitInfo),
  usageSpec: optional(sequenceOf(RasUsageSpecification)),
  supportedProtocols: optional(sequenceOf(SupportedProtocols)),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  multipleCalls: optional(BOOLEAN),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  modifiedSrcInfo: optional(sequenceOf(AliasAddress)),
  assignedGatekeeper: optional(AlternateGK),
});
export type AdmissionConfirm = Infer<typeof AdmissionConfirm>;

export const AdmissionRejectReason = choice({
  calledPartyNotRegistered: NULL, invalidPermission: NULL, requestDenied: NULL, undefinedReason: NULL,
  callerNotRegistered: NULL, routeCallToGatekeeper: NULL, invalidEndpointIdentifier: NULL,
  resourceUnavailable: NULL,
}, {
  securityDenial: NULL,
  qosControlNotSupported: NULL,
  incompleteAddress: NULL,
  aliasesInconsistent: NULL,
  routeCallToSCN: sequenceOf(PartyNumber),
  exceedsCallCapacity: NULL,
  collectDestination: NULL,
  collectPIN: NULL,
  genericDataReason: NULL,
  neededFeatureNotSupported: NULL,
  securityError: SecurityErrors2,
  securityDHmismatch: NULL,
  noRouteToDestination: NULL,
  unallocatedNumber: NULL,
  registerWithAssignedGK: NULL,
});
export type AdmissionRejectReason = Infer<typeof AdmissionRejectReason>;

export const AdmissionReject = sequence({
  requestSeqNum: RequestSeqNum,
  rejectReason: AdmissionRejectReason,
  nonStandardData: optional(NonStandardParameter),
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  callSignalAddress: optional(sequenceOf(TransportAddress)),
  integrityCheckValue: optional(ICV),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
});
export type AdmissionReject = Infer<typeof AdmissionReject>;

export const BandwidthRequest = sequence({
  requestSeqNum: RequestSeqNum,
  endpointIdentifier: EndpointIdentifier,
  conferenceID: ConferenceIdentifier,
  callReferenceValue: CallReferenceValue,
  callType: optional(CallType),
  bandWidth: BandWidth,
  nonStandardData: optional(NonStandardParameter),
}, {
  callIdentifier: CallIdentifier,
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  answeredCall: BOOLEAN,
  callLinkage: optional(CallLinkage),
  capacity: optional(CallCapacity),
  usageInformation: optional(RasUsageInformation),
  bandwidthDetails: optional(sequenceOf(BandwidthDetails)),
  genericData: optional(sequenceOf(GenericData)),
  transportQOS: optional(TransportQOS),
});
export type BandwidthRequest = Infer<typeof BandwidthRequest>;

export const BandwidthConfirm = sequence({
  requestSeqNum: RequestSeqNum,
  bandWidth: BandWidth,
  nonStandardData: optional(NonStandardParameter),
}, {
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  capacity: optional(CallCapacity),
  genericData: optional(sequenceOf(GenericData)),
  transportQOS: optional(TransportQOS),
});
export type BandwidthConfirm = Infer<typeof BandwidthConfirm>;

export const BandRejectReason = choice({
  notBound: NULL, invalidConferenceID: NULL, invalidPermission: NULL, insufficientResources: NULL,
  invalidRevision: NULL, undefinedReason: NULL,
}, { securityDenial: NULL, securityError: SecurityErrors2 });
export type BandRejectReason = Infer<typeof BandRejectReason>;

export const BandwidthReject = sequence({
  requestSeqNum: RequestSeqNum,
  rejectReason: BandRejectReason,
  allowedBandWidth: BandWidth,
  nonStandardData: optional(NonStandardParameter),
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  genericData: optional(sequenceOf(GenericData)),
});
export type BandwidthReject = Infer<typeof BandwidthReject>;

export const DisengageReason = choice({ forcedDrop: NULL, normalDrop: NULL, undefinedReason: NULL }, {});
export type DisengageReason = Infer<typeof DisengageReason>;

export const DisengageRequest = sequence({
  requestSeqNum: RequestSeqNum,
  endpointIdentifier: EndpointIdentifier,
  conferenceID: ConferenceIdentifier,
  callReferenceValue: CallReferenceValue,
  disengageReason: DisengageReason,
  nonStandardData: optional(NonStandardParameter),
}, {
  callIdentifier: CallIdentifier,
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  answeredCall: BOOLEAN,
  callLinkage: optional(CallLinkage),
  capacity: optional(CallCapacity),
  circuitInfo: optional(CircuitInfo),
  usageInformation: optional(RasUsageInformation),
  terminationCause: optional(CallTerminationCause),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  genericData: optional(sequenceOf(GenericData)),
});
export type DisengageRequest = Infer<typeof DisengageRequest>;

export const DisengageConfirm = sequence({ requestSeqNum: RequestSeqNum, nonStandardData: optional(NonStandardParameter) }, {
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  capacity: optional(CallCapacity),
  circuitInfo: optional(CircuitInfo),
  usageInformation: optional(RasUsageInformation),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
});
export type DisengageConfirm = Infer<typeof DisengageConfirm>;

export const DisengageRejectReason = choice({ notRegistered: NULL, requestToDropOther: NULL }, { securityDenial: NULL, securityError: SecurityErrors2 });
export type DisengageRejectReason = Infer<typeof DisengageRejectReason>;

export const DisengageReject = sequence({
  requestSeqNum: RequestSeqNum,
  rejectReason: DisengageRejectReason,
  nonStandardData: optional(NonStandardParameter),
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  genericData: optional(sequenceOf(GenericData)),
});
export type DisengageReject = Infer<typeof DisengageReject>;
