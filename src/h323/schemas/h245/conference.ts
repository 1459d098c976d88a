// H.245 (v15): conferences, communication modes and multilink.
import {
  bmpString, BOOLEAN, choice, ia5String, type Infer, integer, NULL, numericString, octetString, optional, sequence, sequenceOf,
  setOf, UINT32_MAX,
} from '../../per';
import { AudioCapability } from './audio';
import { RedundancyEncoding } from './channel-parameters';
import { DataApplicationCapability } from './data';
import {
  CertSelectionCriteria, ConferenceID, LogicalChannelNumber, McuNumber, NonStandardMessage, NonStandardParameter, Password,
  SequenceNumber, TerminalID, TerminalLabel, TerminalNumber, TransportAddress,
} from './values';
import { VideoCapability } from './video';

export const CommunicationModeTableEntry = sequence({
  nonStandard: optional(sequenceOf(NonStandardParameter)),
  sessionID: integer(1, 255),
  associatedSessionID: optional(integer(1, 255)),
  terminalLabel: optional(TerminalLabel),
  sessionDescription: bmpString(1, 128),
  dataType: choice({
    videoData: VideoCapability,
    audioData: AudioCapability,
    data: DataApplicationCapability,
  }, {}),
  mediaChannel: optional(TransportAddress),
  mediaGuaranteedDelivery: optional(BOOLEAN),
  mediaControlChannel: optional(TransportAddress),
  mediaControlGuaranteedDelivery: optional(BOOLEAN),
}, {
  redundancyEncoding: optional(RedundancyEncoding),
  sessionDependency: optional(integer(1, 255)),
  destination: optional(TerminalLabel),
});
export type CommunicationModeTableEntry = Infer<typeof CommunicationModeTableEntry>;

export const CommunicationModeCommand = sequence({ communicationModeTable: setOf(CommunicationModeTableEntry, 1, 256) }, {});
export type CommunicationModeCommand = Infer<typeof CommunicationModeCommand>;

export const CommunicationModeRequest = sequence({}, {});
export type CommunicationModeRequest = Infer<typeof CommunicationModeRequest>;

export const CommunicationModeResponse = choice({ communicationModeTable: setOf(CommunicationModeTableEntry, 1, 256) }, {});
export type CommunicationModeResponse = Infer<typeof CommunicationModeResponse>;

export const RemoteMCRequest = choice({ masterActivate: NULL, slaveActivate: NULL, deActivate: NULL }, {});
export type RemoteMCRequest = Infer<typeof RemoteMCRequest>;

export const ConferenceRequest = choice({
  terminalListRequest: NULL,
  makeMeChair: NULL,
  cancelMakeMeChair: NULL,
  dropTerminal: TerminalLabel,
  requestTerminalID: TerminalLabel,
  enterH243Password: NULL,
  enterH243TerminalID: NULL,
  enterH243ConferenceID: NULL,
}, {
  enterExtensionAddress: NULL,
  requestChairTokenOwner: NULL,
  requestTerminalCertificate: sequence({
    terminalLabel: optional(TerminalLabel),
    certSelectionCriteria: optional(CertSelectionCriteria),
    sRandom: optional(integer(1, UINT32_MAX)),
  }, {}),
  broadcastMyLogicalChannel: LogicalChannelNumber,
  makeTerminalBroadcaster: TerminalLabel,
  sendThisSource: TerminalLabel,
  requestAllTerminalIDs: NULL,
  remoteMCRequest: RemoteMCRequest,
});
export type ConferenceRequest = Infer<typeof ConferenceRequest>;

export const TerminalInformation = sequence({ terminalLabel: TerminalLabel, terminalID: TerminalID }, {});
export type TerminalInformation = Infer<typeof TerminalInformation>;

export const RequestAllTerminalIDsResponse = sequence({ terminalInformation: sequenceOf(TerminalInformation) }, {});
export type RequestAllTerminalIDsResponse = Infer<typeof RequestAllTerminalIDsResponse>;

export const RemoteMCResponse = choice({ accept: NULL, reject: choice({ unspecified: NULL, functionNotSupported: NULL }, {}) }, {});
export type RemoteMCResponse = Infer<typeof RemoteMCResponse>;

export const ConferenceResponse = choice({
  mCTerminalIDResponse: sequence({ terminalLabel: TerminalLabel, terminalID: TerminalID }, {}),
  terminalIDResponse: sequence({ terminalLabel: TerminalLabel, terminalID: TerminalID }, {}),
  conferenceIDResponse: sequence({ terminalLabel: TerminalLabel, conferenceID: ConferenceID }, {}),
  passwordResponse: sequence({ terminalLabel: TerminalLabel, password: Password }, {}),
  terminalListResponse: setOf(TerminalLabel, 1, 256),
  videoCommandReject: NULL,
  terminalDropReject: NULL,
  makeMeChairResponse: choice({ grantedChairToken: NULL, deniedChairToken: NULL }, {}),
}, {
  extensionAddressResponse: sequence({ extensionAddress: TerminalID }, {}),
  chairTokenOwnerResponse: sequence({ terminalLabel: TerminalLabel, terminalID: TerminalID }, {}),
  terminalCertificateResponse: sequence({
    terminalLabel: optional(TerminalLabel),
    certificateResponse: optional(octetString(1, 65535)),
  }, {}),
  broadcastMyLogicalChannelResponse: choice({ grantedBroadcastMyLogicalChannel: NULL, deniedBroadcastMyLogicalChannel: NULL }, {}),
  makeTerminalBroadcasterResponse: choice({ grantedMakeTerminalBroadcaster: NULL, deniedMakeTerminalBroadcaster: NULL }, {}),
  sendThisSourceResponse: choice({ grantedSendThisSource: NULL, deniedSendThisSource: NULL }, {}),
  requestAllTerminalIDsResponse: RequestAllTerminalIDsResponse,
  remoteMCResponse: RemoteMCResponse,
});
export type ConferenceResponse = Infer<typeof ConferenceResponse>;

export const SubstituteConferenceIDCommand = sequence({ conferenceIdentifier: octetString(16) }, {});
export type SubstituteConferenceIDCommand = Infer<typeof SubstituteConferenceIDCommand>;

export const ConferenceCommand = choice({
  broadcastMyLogicalChannel: LogicalChannelNumber,
  cancelBroadcastMyLogicalChannel: LogicalChannelNumber,
  makeTerminalBroadcaster: TerminalLabel,
  cancelMakeTerminalBroadcaster: NULL,
  sendThisSource: TerminalLabel,
  cancelSendThisSource: NULL,
  dropConference: NULL,
}, { substituteConferenceIDCommand: SubstituteConferenceIDCommand });
export type ConferenceCommand = Infer<typeof ConferenceCommand>;

export const TerminalYouAreSeeingInSubPictureNumber = sequence({ terminalNumber: TerminalNumber, subPictureNumber: integer(0, 255) }, { mcuNumber: McuNumber });
export type TerminalYouAreSeeingInSubPictureNumber = Infer<typeof TerminalYouAreSeeingInSubPictureNumber>;

export const VideoIndicateCompose = sequence({ compositionNumber: integer(0, 255) }, {});
export type VideoIndicateCompose = Infer<typeof VideoIndicateCompose>;

export const ConferenceIndication = choice({
  sbeNumber: integer(0, 9),
  terminalNumberAssign: TerminalLabel,
  terminalJoinedConference: TerminalLabel,
  terminalLeftConference: TerminalLabel,
  seenByAtLeastOneOther: NULL,
  cancelSeenByAtLeastOneOther: NULL,
  seenByAll: NULL,
  cancelSeenByAll: NULL,
  terminalYouAreSeeing: TerminalLabel,
  requestForFloor: NULL,
}, {
  withdrawChairToken: NULL,
  floorRequested: TerminalLabel,
  terminalYouAreSeeingInSubPictureNumber: TerminalYouAreSeeingInSubPictureNumber,
  videoIndicateCompose: VideoIndicateCompose,
  masterMCU: NULL,
  cancelMasterMCU: NULL,
});
export type ConferenceIndication = Infer<typeof ConferenceIndication>;

export const DialingInformationNetworkType = choice({ nonStandard: NonStandardMessage, 'n-isdn': NULL, gstn: NULL }, { mobile: NULL });
export type DialingInformationNetworkType = Infer<typeof DialingInformationNetworkType>;

export const DialingInformationNumber = sequence({
  networkAddress: numericString(0, 40),
  subAddress: optional(ia5String(1, 40)),
  networkType: setOf(DialingInformationNetworkType, 1, 255),
}, {});
export type DialingInformationNumber = Infer<typeof DialingInformationNumber>;

export const DialingInformation = choice({
  nonStandard: NonStandardMessage,
  differential: setOf(DialingInformationNumber, 1, 65535),
  infoNotAvailable: integer(1, 65535),
}, {});
export type DialingInformation = Infer<typeof DialingInformation>;

export const ConnectionIdentifier = sequence({ channelTag: integer(0, UINT32_MAX), sequenceNumber: integer(0, UINT32_MAX) }, {});
export type ConnectionIdentifier = Infer<typeof ConnectionIdentifier>;

export const MultilinkRequest = choice({
  nonStandard: NonStandardMessage,
  callInformation: sequence({ maxNumberOfAdditionalConnections: integer(1, 65535) }, {}),
  addConnection: sequence({ sequenceNumber: SequenceNumber, dialingInformation: DialingInformation }, {}),
  removeConnection: sequence({ connectionIdentifier: ConnectionIdentifier }, {}),
  maximumHeaderInterval: sequence({
    requestType: choice({ currentIntervalInformation: NULL, requestedInterval: integer(0, 65535) }, {}),
  }, {}),
}, {});
export type MultilinkRequest = Infer<typeof MultilinkRequest>;

export const MultilinkResponse = choice({
  nonStandard: NonStandardMessage,
  callInformation: sequence({
    dialingInformation: DialingInformation,
    callAssociationNumber: integer(0, UINT32_MAX),
  }, {}),
  addConnection: sequence({
    sequenceNumber: SequenceNumber,
    responseCode: choice({
      accepted: NULL,
      rejected: choice({ connectionsNotAvailable: NULL, userRejected: NULL }, {}),
    }, {}),
  }, {}),
  removeConnection: sequence({ connectionIdentifier: ConnectionIdentifier }, {}),
  maximumHeaderInterval: sequence({ currentInterval: integer(0, 65535) }, {}),
}, {});
export type MultilinkResponse = Infer<typeof MultilinkResponse>;

export const MultilinkIndication = choice({
  nonStandard: NonStandardMessage,
  crcDesired: sequence({}, {}),
  excessiveError: sequence({ connectionIdentifier: ConnectionIdentifier }, {}),
}, {});
export type MultilinkIndication = Infer<typeof MultilinkIndication>;
