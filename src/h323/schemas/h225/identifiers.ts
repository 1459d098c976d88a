// H.225.0 (v7): identifiers and counters.
import { bmpString, type Infer, integer, OBJECT_IDENTIFIER, octetString, optional, sequence, UINT32_MAX } from '../../per';

export const GloballyUniqueID = octetString(16);
export type GloballyUniqueID = Infer<typeof GloballyUniqueID>;

export const ConferenceIdentifier = GloballyUniqueID;
export type ConferenceIdentifier = Infer<typeof ConferenceIdentifier>;

export const RequestSeqNum = integer(1, 65535);
export type RequestSeqNum = Infer<typeof RequestSeqNum>;

export const GatekeeperIdentifier = bmpString(1, 128);
export type GatekeeperIdentifier = Infer<typeof GatekeeperIdentifier>;

export const BandWidth = integer(0, UINT32_MAX);
export type BandWidth = Infer<typeof BandWidth>;

export const CallReferenceValue = integer(0, 65535);
export type CallReferenceValue = Infer<typeof CallReferenceValue>;

export const EndpointIdentifier = bmpString(1, 128);
export type EndpointIdentifier = Infer<typeof EndpointIdentifier>;

export const ProtocolIdentifier = OBJECT_IDENTIFIER;
export type ProtocolIdentifier = Infer<typeof ProtocolIdentifier>;

export const TimeToLive = integer(1, UINT32_MAX);
export type TimeToLive = Infer<typeof TimeToLive>;

export const CallIdentifier = sequence({ guid: GloballyUniqueID }, {});
export type CallIdentifier = Infer<typeof CallIdentifier>;

export const CallLinkage = sequence({ globalCallId: optional(GloballyUniqueID), threadId: optional(GloballyUniqueID) }, {});
export type CallLinkage = Infer<typeof CallLinkage>;
