// H.225.0 (v7) RAS: discovery, registration and unregistration.
import {
  BOOLEAN, choice, ia5String, type Infer, integer, NULL, OBJECT_IDENTIFIER, optional, sequence, sequenceOf,
} from '../../per';
import { AuthenticationMechanism, ClearToken } from '../h235';
import { AddressPattern, AliasAddress, NonStandardParameter, TransportAddress } from './addresses';
import {
  AlternateGK, AlternateTransportAddresses, AltGKInfo, Endpoint, RehomingModel, UseSpecifiedTransport,
} from './alternates';
import { CallCapacity, CapacityReportingCapability, CapacityReportingSpecification } from './capacity';
import { EndpointType, SupportedPrefix, VendorIdentifier } from './endpoint-type';
import { FeatureSet, GenericData } from './generic-data';
import {
  BandWidth, EndpointIdentifier, GatekeeperIdentifier, ProtocolIdentifier, RequestSeqNum, TimeToLive,
} from './identifiers';
import { CryptoH323Token, ICV, IntegrityMechanism, SecurityErrors, SecurityErrors2 } from './security';
import { CallCreditCapability, H248PackagesDescriptor, QseriesOptions, ServiceControlSession, TransportQOS } from './services';
import { RasUsageInfoTypes, RasUsageSpecification } from './usage';

export const GatekeeperRequest = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  rasAddress: TransportAddress,
  endpointType: EndpointType,
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  callServices: optional(QseriesOptions),
  endpointAlias: optional(sequenceOf(AliasAddress)),
}, {
  alternateEndpoints: optional(sequenceOf(Endpoint)),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  authenticationCapability: optional(sequenceOf(AuthenticationMechanism)),
  algorithmOIDs: optional(sequenceOf(OBJECT_IDENTIFIER)),
  integrity: optional(sequenceOf(IntegrityMechanism)),
  integrityCheckValue: optional(ICV),
  supportsAltGK: optional(NULL),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  supportsAssignedGK: BOOLEAN,
  assignedGatekeeper: optional(AlternateGK),
});
export type GatekeeperRequest = Infer<typeof GatekeeperRequest>;

export const GatekeeperConfirm = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  rasAddress: TransportAddress,
}, {
  alternateGatekeeper: optional(sequenceOf(AlternateGK)),
  authenticationMode: optional(AuthenticationMechanism),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  algorithmOID: optional(OBJECT_IDENTIFIER),
  integrity: optional(sequenceOf(IntegrityMechanism)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
  rehomingModel: optional(RehomingModel),
});
export type GatekeeperConfirm = Infer<typeof GatekeeperConfirm>;

export const GatekeeperRejectReason = choice({
  resourceUnavailable: NULL, terminalExcluded: NULL, invalidRevision: NULL, undefinedReason: NULL,
}, {
  securityDenial: NULL,
  genericDataReason: NULL,
  neededFeatureNotSupported: NULL,
  securityError: SecurityErrors,
});
export type GatekeeperRejectReason = Infer<typeof GatekeeperRejectReason>;

export const GatekeeperReject = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  rejectReason: GatekeeperRejectReason,
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
});
export type GatekeeperReject = Infer<typeof GatekeeperReject>;

export const RegistrationRequest = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  discoveryComplete: BOOLEAN,
  callSignalAddress: sequenceOf(TransportAddress),
  rasAddress: sequenceOf(TransportAddress),
  terminalType: EndpointType,
  terminalAlias: optional(sequenceOf(AliasAddress)),
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  endpointVendor: VendorIdentifier,
}, {
  alternateEndpoints: optional(sequenceOf(Endpoint)),
  timeToLive: optional(TimeToLive),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  keepAlive: BOOLEAN,
  endpointIdentifier: optional(EndpointIdentifier),
  willSupplyUUIEs: BOOLEAN,
  maintainConnection: BOOLEAN,
  alternateTransportAddresses: optional(AlternateTransportAddresses),
  additiveRegistration: optional(NULL),
  terminalAliasPattern: optional(sequenceOf(AddressPattern)),
  supportsAltGK: optional(NULL),
  usageReportingCapability: optional(RasUsageInfoTypes),
  multipleCalls: optional(BOOLEAN),
  supportedH248Packages: optional(sequenceOf(H248PackagesDescriptor)),
  callCreditCapability: optional(CallCreditCapability),
  capacityReportingCapability: optional(CapacityReportingCapability),
  capacity: optional(CallCapacity),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  restart: optional(NULL),
  supportsACFSequences: optional(NULL),
  supportsAssignedGK: BOOLEAN,
  assignedGatekeeper: optional(AlternateGK),
  transportQOS: optional(TransportQOS),
  language: optional(sequenceOf(ia5String(1, 32))),
});
export type RegistrationRequest = Infer<typeof RegistrationRequest>;

export const RegistrationConfirm = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  callSignalAddress: sequenceOf(TransportAddress),
  terminalAlias: optional(sequenceOf(AliasAddress)),
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  endpointIdentifier: EndpointIdentifier,
}, {
  alternateGatekeeper: optional(sequenceOf(AlternateGK)),
  timeToLive: optional(TimeToLive),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  willRespondToIRR: BOOLEAN,
  preGrantedARQ: optional(sequence({
    makeCall: BOOLEAN,
    useGKCallSignalAddressToMakeCall: BOOLEAN,
    answerCall: BOOLEAN,
    useGKCallSignalAddressToAnswer: BOOLEAN,
  }, {
    irrFrequencyInCall: optional(integer(1, 65535)),
    totalBandwidthRestriction: optional(BandWidth),
    alternateTransportAddresses: optional(AlternateTransportAddresses),
    useSpecifiedTransport: optional(UseSpecifiedTransport),
  })),
  maintainConnection: BOOLEAN,
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  supportsAdditiveRegistration: optional(NULL),
  terminalAliasPattern: optional(sequenceOf(AddressPattern)),
  supportedPrefixes: optional(sequenceOf(SupportedPrefix)),
  usageSpec: optional(sequenceOf(RasUsageSpecification)),
  featureServerAlias: optional(AliasAddress),
  capacityReportingSpec: optional(CapacityReportingSpecification),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
  rehomingModel: optional(RehomingModel),
  transportQOS: optional(TransportQOS),
});
export type RegistrationConfirm = Infer<typeof RegistrationConfirm>;

export const RegistrationRejectReason = choice({
  discoveryRequired: NULL,
  invalidRevision: NULL,
  invalidCallSignalAddress: NULL,
  invalidRASAddress: NULL,
  duplicateAlias: sequenceOf(AliasAddress),
  invalidTerminalType: NULL,
  undefinedReason: NULL,
  transportNotSupported: NULL,
}, {
  transportQOSNotSupported: NULL,
  resourceUnavailable: NULL,
  invalidAlias: NULL,
  securityDenial: NULL,
  fullRegistrationRequired: NULL,
  additiveRegistrationNotSupported: NULL,
  invalidTerminalAliases: sequence({
    terminalAlias: optional(sequenceOf(AliasAddress)),
    terminalAliasPattern: optional(sequenceOf(AddressPattern)),
    supportedPrefixes: optional(sequenceOf(SupportedPrefix)),
  }, {}),
  genericDataReason: NULL,
  neededFeatureNotSupported: NULL,
  securityError: SecurityErrors,
  registerWithAssignedGK: NULL,
});
export type RegistrationRejectReason = Infer<typeof RegistrationRejectReason>;

export const RegistrationReject = sequence({
  requestSeqNum: RequestSeqNum,
  protocolIdentifier: ProtocolIdentifier,
  nonStandardData: optional(NonStandardParameter),
  rejectReason: RegistrationRejectReason,
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  featureSet: optional(FeatureSet),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
});
export type RegistrationReject = Infer<typeof RegistrationReject>;

export const UnregRequestReason = choice({
  reregistrationRequired: NULL, ttlExpired: NULL, securityDenial: NULL, undefinedReason: NULL,
}, { maintenance: NULL, securityError: SecurityErrors2, registerWithAssignedGK: NULL });
export type UnregRequestReason = Infer<typeof UnregRequestReason>;

export const UnregistrationRequest = sequence({
  requestSeqNum: RequestSeqNum,
  callSignalAddress: sequenceOf(TransportAddress),
  endpointAlias: optional(sequenceOf(AliasAddress)),
  nonStandardData: optional(NonStandardParameter),
  endpointIdentifier: optional(EndpointIdentifier),
}, {
  alternateEndpoints: optional(sequenceOf(Endpoint)),
  gatekeeperIdentifier: optional(GatekeeperIdentifier),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  reason: optional(UnregRequestReason),
  endpointAliasPattern: optional(sequenceOf(AddressPattern)),
  supportedPrefixes: optional(sequenceOf(SupportedPrefix)),
  alternateGatekeeper: optional(sequenceOf(AlternateGK)),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
});
export type UnregistrationRequest = Infer<typeof UnregistrationRequest>;

export const UnregistrationConfirm = sequence({ requestSeqNum: RequestSeqNum, nonStandardData: optional(NonStandardParameter) }, {
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  genericData: optional(sequenceOf(GenericData)),
  assignedGatekeeper: optional(AlternateGK),
});
export type UnregistrationConfirm = Infer<typeof UnregistrationConfirm>;

export const UnregRejectReason = choice({ notCurrentlyRegistered: NULL, callInProgress: NULL, undefinedReason: NULL }, { permissionDenied: NULL, securityDenial: NULL, securityError: SecurityErrors2 });
export type UnregRejectReason = Infer<typeof UnregRejectReason>;

export const UnregistrationReject = sequence({
  requestSeqNum: RequestSeqNum,
  rejectReason: UnregRejectReason,
  nonStandardData: optional(NonStandardParameter),
}, {
  altGKInfo: optional(AltGKInfo),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  integrityCheckValue: optional(ICV),
  genericData: optional(sequenceOf(GenericData)),
});
export type UnregistrationReject = Infer<typeof UnregistrationReject>;
