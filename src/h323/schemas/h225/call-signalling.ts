// H.225.0 (v7): call signalling, the content of the User-user element of Q.931 messages.
import { BOOLEAN, choice, ia5String, type Infer, integer, NULL, octetString, optional, sequence, sequenceOf } from '../../per';
import { ClearToken } from '../h235';
import {
  AliasAddress, DisplayName, ExtendedAliasAddress, NonStandardParameter, PresentationIndicator, ScreeningIndicator,
  TransportAddress,
} from './addresses';
import { CallCapacity, CircuitInfo } from './capacity';
import { EndpointType, SupportedProtocols, TunnelledProtocol } from './endpoint-type';
import { FeatureDescriptor, FeatureSet, GenericData } from './generic-data';
import {
  CallIdentifier, CallLinkage, CallReferenceValue, ConferenceIdentifier, EndpointIdentifier, ProtocolIdentifier,
} from './identifiers';
import { CryptoH323Token, H245Security } from './security';
import {
  CallType, FacilityReason, QseriesOptions, ReleaseCompleteReason, ScnConnectionAggregation, ScnConnectionType,
  ServiceControlSession, StimulusControl,
} from './services';

export const AlertingUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  destinationInfo: EndpointType,
  h245Address: optional(TransportAddress),
}, {
  callIdentifier: CallIdentifier,
  h245SecurityMode: optional(H245Security),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  fastStart: optional(sequenceOf(octetString())),
  multipleCalls: BOOLEAN,
  maintainConnection: BOOLEAN,
  alertingAddress: optional(sequenceOf(AliasAddress)),
  presentationIndicator: optional(PresentationIndicator),
  screeningIndicator: optional(ScreeningIndicator),
  fastConnectRefused: optional(NULL),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  capacity: optional(CallCapacity),
  featureSet: optional(FeatureSet),
  displayName: optional(sequenceOf(DisplayName)),
});
export type AlertingUUIE = Infer<typeof AlertingUUIE>;

export const CallProceedingUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  destinationInfo: EndpointType,
  h245Address: optional(TransportAddress),
}, {
  callIdentifier: CallIdentifier,
  h245SecurityMode: optional(H245Security),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  fastStart: optional(sequenceOf(octetString())),
  multipleCalls: BOOLEAN,
  maintainConnection: BOOLEAN,
  fastConnectRefused: optional(NULL),
  featureSet: optional(FeatureSet),
});
export type CallProceedingUUIE = Infer<typeof CallProceedingUUIE>;

export const ConnectUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  h245Address: optional(TransportAddress),
  destinationInfo: EndpointType,
  conferenceID: ConferenceIdentifier,
}, {
  callIdentifier: CallIdentifier,
  h245SecurityMode: optional(H245Security),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  fastStart: optional(sequenceOf(octetString())),
  multipleCalls: BOOLEAN,
  maintainConnection: BOOLEAN,
  language: optional(sequenceOf(ia5String(1, 32))),
  connectedAddress: optional(sequenceOf(AliasAddress)),
  presentationIndicator: optional(PresentationIndicator),
  screeningIndicator: optional(ScreeningIndicator),
  fastConnectRefused: optional(NULL),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  capacity: optional(CallCapacity),
  featureSet: optional(FeatureSet),
  displayName: optional(sequenceOf(DisplayName)),
});
export type ConnectUUIE = Infer<typeof ConnectUUIE>;

export const InformationUUIE = sequence({ protocolIdentifier: ProtocolIdentifier }, {
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  fastStart: optional(sequenceOf(octetString())),
  fastConnectRefused: optional(NULL),
  circuitInfo: optional(CircuitInfo),
});
export type InformationUUIE = Infer<typeof InformationUUIE>;

export const ReleaseCompleteUUIE = sequence({ protocolIdentifier: ProtocolIdentifier, reason: optional(ReleaseCompleteReason) }, {
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  busyAddress: optional(sequenceOf(AliasAddress)),
  presentationIndicator: optional(PresentationIndicator),
  screeningIndicator: optional(ScreeningIndicator),
  capacity: optional(CallCapacity),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  featureSet: optional(FeatureSet),
  destinationInfo: optional(EndpointType),
  displayName: optional(sequenceOf(DisplayName)),
});
export type ReleaseCompleteUUIE = Infer<typeof ReleaseCompleteUUIE>;

export const SetupUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  h245Address: optional(TransportAddress),
  sourceAddress: optional(sequenceOf(AliasAddress)),
  sourceInfo: EndpointType,
  destinationAddress: optional(sequenceOf(AliasAddress)),
  destCallSignalAddress: optional(TransportAddress),
  destExtraCallInfo: optional(sequenceOf(AliasAddress)),
  destExtraCRV: optional(sequenceOf(CallReferenceValue)),
  activeMC: BOOLEAN,
  conferenceID: ConferenceIdentifier,
  conferenceGoal: choice({ create: NULL, join: NULL, invite: NULL }, { 'capability-negotiation': NULL, callIndependentSupplementaryService: NULL }),
  callServices: optional(QseriesOptions),
  callType: CallType,
}, {
  sourceCallSignalAddress: optional(TransportAddress),
  remoteExtensionAddress: optional(AliasAddress),
  callIdentifier: CallIdentifier,
  h245SecurityCapability: optional(sequenceOf(H245Security)),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  fastStart: optional(sequenceOf(octetString())),
  mediaWaitForConnect: BOOLEAN,
  canOverlapSend: BOOLEAN,
  endpointIdentifier: optional(EndpointIdentifier),
  multipleCalls: BOOLEAN,
  maintainConnection: BOOLEAN,
  connectionParameters: optional(sequence({
    connectionType: ScnConnectionType,
    numberOfScnConnections: integer(0, 65535),
    connectionAggregation: ScnConnectionAggregation,
  }, {})),
  language: optional(sequenceOf(ia5String(1, 32))),
  presentationIndicator: optional(PresentationIndicator),
  screeningIndicator: optional(ScreeningIndicator),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  symmetricOperationRequired: optional(NULL),
  capacity: optional(CallCapacity),
  circuitInfo: optional(CircuitInfo),
  desiredProtocols: optional(sequenceOf(SupportedProtocols)),
  neededFeatures: optional(sequenceOf(FeatureDescriptor)),
  desiredFeatures: optional(sequenceOf(FeatureDescriptor)),
  supportedFeatures: optional(sequenceOf(FeatureDescriptor)),
  parallelH245Control: optional(sequenceOf(octetString())),
  additionalSourceAddresses: optional(sequenceOf(ExtendedAliasAddress)),
  hopCount: optional(integer(1, 31)),
  displayName: optional(sequenceOf(DisplayName)),
});
export type SetupUUIE = Infer<typeof SetupUUIE>;

export const ConferenceList = sequence({
  conferenceID: optional(ConferenceIdentifier),
  conferenceAlias: optional(AliasAddress),
  nonStandardData: optional(NonStandardParameter),
}, {});
export type ConferenceList = Infer<typeof ConferenceList>;

export const FacilityUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  alternativeAddress: optional(TransportAddress),
  alternativeAliasAddress: optional(sequenceOf(AliasAddress)),
  conferenceID: optional(ConferenceIdentifier),
  reason: FacilityReason,
}, {
  callIdentifier: CallIdentifier,
  destExtraCallInfo: optional(sequenceOf(AliasAddress)),
  remoteExtensionAddress: optional(AliasAddress),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  conferences: optional(sequenceOf(ConferenceList)),
  h245Address: optional(TransportAddress),
  fastStart: optional(sequenceOf(octetString())),
  multipleCalls: BOOLEAN,
  maintainConnection: BOOLEAN,
  fastConnectRefused: optional(NULL),
  serviceControl: optional(sequenceOf(ServiceControlSession)),
  circuitInfo: optional(CircuitInfo),
  featureSet: optional(FeatureSet),
  destinationInfo: optional(EndpointType),
  h245SecurityMode: optional(H245Security),
});
export type FacilityUUIE = Infer<typeof FacilityUUIE>;

export const ProgressUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  destinationInfo: EndpointType,
  h245Address: optional(TransportAddress),
  callIdentifier: CallIdentifier,
  h245SecurityMode: optional(H245Security),
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
  fastStart: optional(sequenceOf(octetString())),
}, {
  multipleCalls: BOOLEAN,
  maintainConnection: BOOLEAN,
  fastConnectRefused: optional(NULL),
});
export type ProgressUUIE = Infer<typeof ProgressUUIE>;

export const StatusUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
}, {});
export type StatusUUIE = Infer<typeof StatusUUIE>;

export const StatusInquiryUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
}, {});
export type StatusInquiryUUIE = Infer<typeof StatusInquiryUUIE>;

export const SetupAcknowledgeUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
}, {});
export type SetupAcknowledgeUUIE = Infer<typeof SetupAcknowledgeUUIE>;

export const NotifyUUIE = sequence({
  protocolIdentifier: ProtocolIdentifier,
  callIdentifier: CallIdentifier,
  tokens: optional(sequenceOf(ClearToken)),
  cryptoTokens: optional(sequenceOf(CryptoH323Token)),
}, {
  connectedAddress: optional(sequenceOf(AliasAddress)),
  presentationIndicator: optional(PresentationIndicator),
  screeningIndicator: optional(ScreeningIndicator),
  destinationInfo: optional(EndpointType),
  displayName: optional(sequenceOf(DisplayName)),
});
export type NotifyUUIE = Infer<typeof NotifyUUIE>;

export const H323UUPDU = sequence({
  'h323-message-body': choice({
    setup: SetupUUIE,
    callProceeding: CallProceedingUUIE,
    connect: ConnectUUIE,
    alerting: AlertingUUIE,
    information: InformationUUIE,
    releaseComplete: ReleaseCompleteUUIE,
    facility: FacilityUUIE,
  }, {
    progress: ProgressUUIE,
    empty: NULL,
    status: StatusUUIE,
    statusInquiry: StatusInquiryUUIE,
    setupAcknowledge: SetupAcknowledgeUUIE,
    notify: NotifyUUIE,
  }),
  nonStandardData: optional(NonStandardParameter),
}, {
  h4501SupplementaryService: optional(sequenceOf(octetString())),
  h245Tunnelling: BOOLEAN,
  h245Control: optional(sequenceOf(octetString())),
  nonStandardControl: optional(sequenceOf(NonStandardParameter)),
  callLinkage: optional(CallLinkage),
  tunnelledSignallingMessage: optional(sequence({
    tunnelledProtocolID: TunnelledProtocol,
    messageContent: sequenceOf(octetString()),
    tunnellingRequired: optional(NULL),
    nonStandardData: optional(NonStandardParameter),
  }, {})),
  provisionalRespToH245Tunnelling: optional(NULL),
  stimulusControl: optional(StimulusControl),
  genericData: optional(sequenceOf(GenericData)),
});
export type H323UUPDU = Infer<typeof H323UUPDU>;

export const H323UserInformation = sequence({
  'h323-uu-pdu': H323UUPDU,
  'user-data': optional(sequence({
    'protocol-discriminator': integer(0, 255),
    'user-information': octetString(1, 131),
  }, {})),
}, {});
export type H323UserInformation = Infer<typeof H323UserInformation>;
