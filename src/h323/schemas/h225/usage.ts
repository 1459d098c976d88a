// H.225.0 (v7): usage, channels and bandwidth as RAS reports them.
import {
  BOOLEAN, choice, type Infer, integer, NULL, octetString, optional, printableString, sequence, sequenceOf, UINT32_MAX,
} from '../../per';
import { TimeStamp } from '../h235';
import { NonStandardParameter, TransportAddress } from './addresses';
import { BandWidth } from './identifiers';
import { ReleaseCompleteReason } from './services';

export const RasUsageInfoTypes = sequence({
  nonStandardUsageTypes: sequenceOf(NonStandardParameter),
  startTime: optional(NULL),
  endTime: optional(NULL),
  terminationCause: optional(NULL),
}, {});
export type RasUsageInfoTypes = Infer<typeof RasUsageInfoTypes>;

export const RasUsageSpecification = sequence({
  when: sequence({ start: optional(NULL), end: optional(NULL), inIrr: optional(NULL) }, {}),
  callStartingPoint: optional(sequence({ alerting: optional(NULL), connect: optional(NULL) }, {})),
  required: RasUsageInfoTypes,
}, {});
export type RasUsageSpecification = Infer<typeof RasUsageSpecification>;

export const RasUsageInformation = sequence({
  nonStandardUsageFields: sequenceOf(NonStandardParameter),
  alertingTime: optional(TimeStamp),
  connectTime: optional(TimeStamp),
  endTime: optional(TimeStamp),
}, {});
export type RasUsageInformation = Infer<typeof RasUsageInformation>;

export const CallTerminationCause = choice({
  releaseCompleteReason: ReleaseCompleteReason,
  releaseCompleteCauseIE: octetString(2, 32),
}, {});
export type CallTerminationCause = Infer<typeof CallTerminationCause>;

export const TransportChannelInfo = sequence({ sendAddress: optional(TransportAddress), recvAddress: optional(TransportAddress) }, {});
export type TransportChannelInfo = Infer<typeof TransportChannelInfo>;

export const BandwidthDetails = sequence({
  sender: BOOLEAN,
  multicast: BOOLEAN,
  bandwidth: BandWidth,
  rtcpAddresses: TransportChannelInfo,
}, {});
export type BandwidthDetails = Infer<typeof BandwidthDetails>;

export const RTPSession = sequence({
  rtpAddress: TransportChannelInfo,
  rtcpAddress: TransportChannelInfo,
  cname: printableString(),
  ssrc: integer(1, UINT32_MAX),
  sessionId: integer(1, 255),
  associatedSessionIds: sequenceOf(integer(1, 255)),
}, { multicast: optional(NULL), bandwidth: optional(BandWidth) });
export type RTPSession = Infer<typeof RTPSession>;

export const UUIEsRequested = sequence({
  setup: BOOLEAN,
  callProceeding: BOOLEAN,
  connect: BOOLEAN,
  alerting: BOOLEAN,
  information: BOOLEAN,
  releaseComplete: BOOLEAN,
  facility: BOOLEAN,
  progress: BOOLEAN,
  empty: BOOLEAN,
}, { status: BOOLEAN, statusInquiry: BOOLEAN, setupAcknowledge: BOOLEAN, notify: BOOLEAN });
export type UUIEsRequested = Infer<typeof UUIEsRequested>;
