import type { MediaAddress, MediaChannel } from '../contracts';
import type { HostPort } from '../ras';
import type { h245 } from '../schemas';
import type { Clock } from '../clock';
import type { Status } from './master-slave';

/** Fields of an OpenLogicalChannel's h2250LogicalChannelParameters that this program hands through. */
export type ChannelParameters = Pick<h245.H2250LogicalChannelParameters,
  'associatedSessionID' | 'mediaGuaranteedDelivery' | 'mediaControlGuaranteedDelivery' | 'silenceSuppression' | 'mediaPacketization' | 'transportCapability' | 'source' | 'destination'>;

/** What both directions of opening have beside what H.245 says of the media itself. */
export interface ChannelExtras {
  /** Key of the media, given by the master (H.235.6). */
  encryptionSync?: h245.EncryptionSync;
  genericInformation?: h245.GenericInformation[];
  /** Where data channels with a stack of their own (T.120) are. */
  separateStack?: h245.NetworkAccessParameters;
}

/** An open logical channel as this session holds it. */
export interface LogicalChannel extends MediaChannel, ChannelExtras {
  /** Where the side that sends takes reports on its media (RTCP), when it said so. */
  reports?: HostPort;
  /** The way back of a bidirectional channel; `number` is given by the side that takes the channel. */
  reverse?: { number: number; dataType: h245.DataType };
  /** The receiver wants nothing until it lifts the limit by flow control. */
  flowControlToZero?: boolean;
}

/** A channel to be opened, in which this side sends. */
export interface ChannelRequest extends ChannelExtras {
  /** 1 audio, 2 video, 3 data, 4-255 known to both sides; 0 for a new session, which the master numbers. */
  sessionId: number;
  dataType: h245.DataType;
  payloadType: number;
  /** Addresses of this side: RTCP of what it sends; for the way back of a bidirectional channel RTP, too. */
  media?: MediaAddress;
  parameters?: ChannelParameters;
  /** Makes the channel bidirectional. */
  reverse?: { dataType: h245.DataType; payloadType: number };
  /** Number of an open channel that this one takes the place of; it is closed then. */
  replaces?: number;
  dependsOn?: number;
  /** Number of the channel, where the peer has been told of it before; one that is in use fails. */
  number?: number;
}

/** A channel that the peer asks for, in which it sends. */
export interface IncomingChannel extends ChannelExtras {
  number: number;
  /** Already the one that this side gave, where it is master and the peer asked for a new session. */
  sessionId: number;
  dataType: h245.DataType;
  payloadType: number;
  parameters: ChannelParameters;
  reports?: HostPort;
  /** The way back, with where the peer takes its media. */
  reverse?: { dataType: h245.DataType; payloadType: number; media?: MediaAddress };
  replaces?: number;
  dependsOn?: number;
}

export type RefusalCause = h245.OpenLogicalChannelReject['cause'];

export type ChannelAnswer =
  | { refuse: RefusalCause }
  | ({
    /** Where this side takes the media. */
    media: MediaAddress;
    /** Another dynamic payload type than was asked for. */
    payloadType?: number;
    flowControlToZero?: boolean;
  } & ChannelExtras);

/**
 * Why a channel is gone: closed by one of the sides; because of the master's channel that it cannot be beside; the peer paused this
 * side's sending; another channel took its place; the peer broke the procedure or did not answer in it; the session ended.
 */
export type CloseCause = 'local' | 'peer' | 'conflict' | 'paused' | 'replaced' | 'fault' | 'ended';

export interface ChannelHandlers {
  channelOpened(channel: LogicalChannel): void;
  /** An open channel, or one that was just accepted, is gone. `reopen`: the peer will ask for it again, or wants it asked for again. */
  channelClosed(channel: LogicalChannel, cause: CloseCause, reopen: boolean): void;
  channelRequested(request: IncomingChannel): ChannelAnswer | Promise<ChannelAnswer>;
  /** Whether this side cannot receive the one while it sends the other, in one session. Default: it can. */
  conflict?(theirs: h245.DataType, ours: h245.DataType): boolean;
}

/** What the channels need of their session. */
export interface ChannelContext {
  clock: Clock;
  handlers: ChannelHandlers;
  timers: {
    /** T103, milliseconds. */
    channel: number;
    /** T108, milliseconds. */
    closeRequest: number;
    /** How long the user of the session may take to answer the peer's wish for a channel, milliseconds; less than the peer's T103. */
    answer: number;
  };
  /** Channels of each direction. */
  maxChannels: number;
  status(): Status | undefined;
  send(message: h245.MultimediaSystemControlMessage): void;
}
