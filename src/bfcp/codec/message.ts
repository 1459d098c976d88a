import type { RequestStatusName } from './names';

/** The COMMON-HEADER's fields (RFC 8855 section 5.1) that belong to a whole message. */
export interface Header {
  /** 1 over reliable transports, 2 over unreliable ones; some older devices say 1 over UDP too. */
  version: 1 | 2;
  /** The R flag: this answers a request. Means something over unreliable transports only. */
  responder: boolean;
  /** 0 to 2^32-1. */
  conferenceId: number;
  /** 0 to 65535; 0 where the server speaks on its own over a reliable transport. */
  transactionId: number;
  /** 0 to 65535. */
  userId: number;
}

/** REQUEST-STATUS. */
export interface RequestStatus {
  status: RequestStatusName;
  /** From 1; 0 where it is not said (0 to 255). */
  queuePosition: number;
}

/** BENEFICIARY-INFORMATION and REQUESTED-BY-INFORMATION. */
export interface UserInformation {
  userId: number;
  displayName?: string;
  uri?: string;
}

/** FLOOR-REQUEST-STATUS: one floor of a request. */
export interface RequestedFloor {
  floorId: number;
  requestStatus?: RequestStatus;
  statusInfo?: string;
}

/** OVERALL-REQUEST-STATUS. */
export interface OverallStatus {
  floorRequestId: number;
  requestStatus?: RequestStatus;
  statusInfo?: string;
}

/** FLOOR-REQUEST-INFORMATION; at most 255 octets on the wire, texts and all. */
export interface FloorRequestInformation {
  floorRequestId: number;
  overallStatus?: OverallStatus;
  /** At least one. */
  floors: RequestedFloor[];
  beneficiary?: UserInformation;
  requestedBy?: UserInformation;
  priority?: number;
  participantProvidedInfo?: string;
}

/** What each primitive carries (RFC 8855 section 5.3). Texts are UTF-8 of at most 253 octets, identifiers 0 to 65535. */
export type Body =
  | { primitive: 'FloorRequest'; floorIds: number[]; beneficiaryId?: number; participantProvidedInfo?: string; priority?: number }
  | { primitive: 'FloorRelease' | 'FloorRequestQuery'; floorRequestId: number }
  | { primitive: 'FloorRequestStatus' | 'ChairAction'; floorRequest: FloorRequestInformation }
  | { primitive: 'UserQuery'; beneficiaryId?: number }
  | { primitive: 'UserStatus'; beneficiary?: UserInformation; floorRequests: FloorRequestInformation[] }
  | { primitive: 'FloorQuery'; floorIds: number[] }
  | { primitive: 'FloorStatus'; floorIds: number[]; floorRequests: FloorRequestInformation[] }
  | { primitive: 'HelloAck'; supportedPrimitives: number[]; supportedAttributes: number[] }
  | { primitive: 'Error'; error: { code: number; details?: Buffer }; info?: string }
  | { primitive: 'ChairActionAck' | 'Hello' | 'FloorRequestStatusAck' | 'FloorStatusAck' | 'Goodbye' | 'GoodbyeAck' };

/** What one primitive carries. */
export type BodyOf<P extends Body['primitive'], B = Body> = B extends { primitive: infer Q } ? (P extends Q ? B : never) : never;

export type BfcpMessage = Header & Body;
