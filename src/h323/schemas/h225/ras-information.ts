// H.225.0 (v7) RAS: location, information, resources and service control.
import { BOOLEAN, choice, ia5String, type Infer, integer, NULL, octetString, optional, sequence, sequenceOf } from '../../per';
import { ClearToken } from '../h235';
import { AliasAddress, NonStandardParameter, PartyNumber, TransportAddress } from './addresses';
import { AlternateGK, AlternateTransportAddresses, AltGKInfo, Endpoint } from './alternates';
import { H323UUPDU } from './call-signalling';
import { CallCapacity, CircuitInfo } from './capacity';
import { EndpointType, SupportedProtocols, TunnelledProtocol } from './endpoint-type';
import { FeatureSet, GenericData } from './generic-data';
import {
  BandWidth, CallIdentifier, CallLinkage, CallReferenceValue, ConferenceIdentifier, EndpointIdentifier, GatekeeperIdentifier,
  ProtocolIdentifier, RequestSeqNum,
} from './identifiers';
import { CryptoH323Token, ICV, SecurityErrors2 } from './security';
import { CallModel, CallType, ServiceControlSession } from './services';
import { RasUsageInformation, RasUsageInfoTypes, RTPSession, TransportChannelInfo, UUIEsRequested } from './usage';

export const LocationRequest = sequence({
  requestSeqNum: RequestSeqNum,
  endpointIdentifier: optional(EndpointIdentifier),
  destinationInfo: sequenceOf(AliasAddress),
  nonStandardData: optional(NonStandardParameter),
  replyAddress: TransportAddress,
}, {
  sourceInfo: optional(sequenceOf(AliasAddress)),
  canMapAlias: BOOLEAN,
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  desiredProtocols: optional(sequenceOf(SupportedProtocols)),
  desiredTunnelledProtocol: optional(TunnelledProtocol),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  hopCount: optional(integer(1, 255)),
  circuitInfo: optional(CircuitInfo),
  callIdentifier: optional(CallIdentifier),
  bandWidth: optional(BandWidth),
  sourceEndpointInfo: optional(sequenceOf(AliasAddress)),
  canMapSrcAlias: BOOLEAN,
  language: optional(sequenceOf(ia5String(1, 32))),
});
export type LocationRequest = Infer<typeof LocationRequest>;

export const LocationConfirm = sequence({
  requestSeqNum: RequestSeqNum,
  callSignalAddress: TransportAddress,
  rasAddress: TransportAddress,
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
  alternateTransportAddresses: optional(AlternateTransportAddresses),
  supportedProtocols: optional(sequenceOf(SupportedProtocols)),
  multipleCalls: optional(BOOLEAN),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  circuitInfo: optional(CircuitInfo),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  modifiedSrcInfo: optional(sequenceOf(AliasAddress)),
  bandWidth: optional(BandWidth),
});
export type LocationConfirm = Infer<typeof LocationConfirm>;

export const LocationRejectReason = choice({
  notRegistered: NULL, invalidPermission: NULL, requestDenied: NULL, undefinedReason: NULL,
}, {
  securityDenial: NULL,
  aliasesInconsistent: NULL,
  routeCalltoSCN: sequenceOf(PartyNumber),
  resourceUnavailable: NULL,
  genericDataReason: NULL,
  neededFeatureNotSupported: NULL,
  hopCountExceeded: NULL,
  incompleteAddress: NULL,
  securityError: SecurityErrors2,
  securityDHmismatch: NULL,
  noRouteToDestination: NULL,
  unallocatedNumber: NULL,
});
export type LocationRejectReason = Infer<typeof LocationRejectReason>;

export const LocationReject = sequence({
  requestSeqNum: RequestSeqNum,
  rejectReason: LocationRejectReason,
  nonStandardData: optional(NonStandardParameter),
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
});
export type LocationReject = Infer<typeof LocationReject>;

export const InfoRequest = sequence({
  requestSeqNum: RequestSeqNum,
  callReferenceValue: CallReferenceValue,
  nonStandardData: optional(NonStandardParameter),
  replyAddress: optional(TransportAddress),
}, {
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  uuiesRequested: optional(UUIEsRequested),
  callLinkage: optional(CallLinkage),
  usageInfoRequested: optional(RasUsageInfoTypes),
  segmentedResponseSupported: optional(NULL),
  nextSegmentRequested: optional(integer(0, 65535)),
  capacityInfoRequested: optional(NULL),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
});
export type InfoRequest = Infer<typeof InfoRequest>;

export const InfoRequestResponseStatus = choice({ complete: NULL, incomplete: NULL, segment: integer(0, 65535), invalidCall: NULL }, {});
export type InfoRequestResponseStatus = Infer<typeof InfoRequestResponseStatus>;

export const InfoRequestResponse = sequence({
  nonStandardData: optional(NonStandardParameter),
  requestSeqNum: RequestSeqNum,
  endpointType: EndpointType,
  endpointIdentifier: EndpointIdentifier,
  rasAddress: TransportAddress,
  callSignalAddress: sequenceOf(TransportAddress),
  endpointAlias: optional(sequenceOf(AliasAddress)),
  perCallInfo: optional(sequenceOf(sequence({
    nonStandardData: optional(NonStandardParameter),
    callReferenceValue: CallReferenceValue,
    conferenceID: ConferenceIdentifier,
    originator: optional(BOOLEAN),
    audio: optional(sequenceOf(RTPSession)),
    video: optional(sequenceOf(RTPSession)),
    data: optional(sequenceOf(TransportChannelInfo)),
    h245: TransportChannelInfo,
    callSignalling: TransportChannelInfo,
    callType: CallType,
    bandWidth: BandWidth,
    callModel: CallModel,
  }, {
    callIdentifier: CallIdentifier,
    tokens: optional(sequenceOf(ClearToken)),
    cryptoTokens: optional(sequenceOf(CryptoH323Token)),
    substituteConfIDs: sequenceOf(ConferenceIdentifier),
    pdu: optional(sequenceOf(sequence({ h323pdu: H323UUPDU, sent: BOOLEAN }))),
    callLinkage: optional(CallLinkage),
    usageInformation: optional(RasUsageInformation),
    circuitInfo: optional(CircuitInfo),
  }))),
}, {
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  needResponse: BOOLEAN,
  capacity: optional(CallCapacity),
  irrStatus: optional(InfoRequestResponseStatus),
  unsolicited: BOOLEAN,
  genericData: optional(sequenceOf(GenericData)),
});
export type InfoRequestResponse = Infer<typeof InfoRequestResponse>;

export const InfoRequestAck = sequence({
  requestSeqNum: RequestSeqNum,
  nonStandardData: optional(NonStandardParameter),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
}, {});
export type InfoRequestAck = Infer<typeof InfoRequestAck>;

export const InfoRequestNakReason = choice({ notRegistered: NULL, securityDenial: NULL, undefinedReason: NULL }, { securityError: SecurityErrors2 });
export type InfoRequestNakReason = Infer<typeof InfoRequestNakReason>;

export const InfoRequestNak = sequence({
  requestSeqNum: RequestSeqNum,
  nonStandardData: optional(NonStandardParameter),
  nakReason: InfoRequestNakReason,
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
}, {});
export type InfoRequestNak = Infer<typeof InfoRequestNak>;

export const NonStandardMessage = sequence({ requestSeqNum: RequestSeqNum, nonStandardData: NonStandardParameter }, {
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
});
export type NonStandardMessage = Infer<typeof NonStandardMessage>;

export const UnknownMessageResponse = sequence({ requestSeqNum: RequestSeqNum }, {
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  messageNotUnderstood: octetString(),
});
export type UnknownMessageResponse = Infer<typeof UnknownMessageResponse>;

export const RequestInProgress = sequence({
  requestSeqNum: RequestSeqNum,
  nonStandardData: optional(NonStandardParameter),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  delay: integer(1, 65535),
}, {});
export type RequestInProgress = Infer<typeof RequestInProgress>;

export const ResourcesAvailableIndicate = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  endpointIdentifier: EndpointIdentifier,
  protocols: sequenceOf(SupportedProtocols),
  almostOutOfResources: BOOLEAN,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
}, { capacity: optional(CallCapacity), genericData: optional(sequenceOf(GenericData)) });
export type ResourcesAvailableIndicate = Infer<typeof ResourcesAvailableIndicate>;

export const ResourcesAvailableConfirm = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
}, { genericData: optional(sequenceOf(GenericData)) });
export type ResourcesAvailableConfirm = Infer<typeof ResourcesAvailableConfirm>;

export const ServiceControlIndication = sequence({
  requestSeqNum: RequestSeqNum,
  nonStandardData: optional(NonStandardParameter),
  serviceControl: sequenceOf(ServiceControlSession),
  endpointIdentifier: optional(EndpointIdentifier),
  callSpecific: optional(sequence({
    callIdentifier: CallIdentifier,
    conferenceID: ConferenceIdentifier,
    answeredCall: BOOLEAN,
  }, {})),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
}, {});
export type ServiceControlIndication = Infer<typeof ServiceControlIndication>;

export const ServiceControlResponse = sequence({
  requestSeqNum: RequestSeqNum,
  result: optional(choice({
    started: NULL, failed: NULL, stopped: NULL, notAvailable: NULL, neededFeatureNotSupported: NULL,
  }, {})),
  nonStandardData: optional(NonStandardParameter),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
}, {});
export type ServiceControlResponse = Infer<typeof ServiceControlResponse>;
