import type { ControlChannel } from '../contracts';
import type { h245 } from '../schemas';
import type { Capabilities } from './capabilities';
import type { ChannelHandlers, LogicalChannel } from './channel';
import type { TellingClock } from '../clock';
import type { H245Error } from './errors';
import type { Status } from './master-slave';
import type { ModeAnswer } from './mode-request';
import type { Peer } from './peer';
import type { UserInput } from './user-input';

/** Milliseconds; H.245 leaves them to the system. */
export interface H245Timers {
  /** T101: the peer acknowledges capabilities. */
  capabilities: number;
  /** T106: the peer answers in master/slave determination. */
  determination: number;
  /** From the start until channels may be opened. */
  exchange: number;
  /**
   * The peer says its first word, where that takes longer than the three above allow: H.245 in Setup, which waits for the call to be
   * answered.
   */
  firstAnswer: number;
  /** T103: the peer answers in opening and closing channels. */
  channel: number;
  /** T108: the peer answers the wish to close its channel. */
  closeRequest: number;
  /** This side's user answers the peer's wish for a channel. */
  answer: number;
  /** T109: the peer answers a mode request. */
  modeRequest: number;
  /** T105: the peer answers a round-trip delay request. */
  roundTrip: number;
  /** Between round-trip delay requests that watch for a peer that is gone; 0: no watch. */
  watch: number;
  /** The peer answers the end of the session. */
  end: number;
}

export const DEFAULT_TIMERS: H245Timers = {
  capabilities: 10_000, determination: 10_000, exchange: 30_000, firstAnswer: 0, channel: 20_000, closeRequest: 20_000, answer: 10_000, modeRequest: 10_000,
  roundTrip: 10_000, watch: 30_000, end: 5_000,
};

export interface H245Limits {
  /** Channels of each direction. */
  channels: number;
  /** Entries of the peer's capability table. */
  capabilityEntries: number;
  /** Capability sets of this side that wait for the one before. */
  waitingCapabilities: number;
  /** N100: numbers drawn in master/slave determination. */
  determinations: number;
  /** Round-trip delay requests without any sign of the peer before it counts as gone. */
  missedRoundTrips: number;
}

export const DEFAULT_LIMITS: H245Limits = { channels: 32, capabilityEntries: 512, waitingCapabilities: 8, determinations: 10, missedRoundTrips: 3 };

/** A limit on what is sent; channel undefined: on all channels together. */
export interface FlowControl {
  channel?: LogicalChannel;
  /** In units of 100 bit/s; undefined: no limit but that of the channel. */
  maximumBitRate?: number;
}

export interface MiscellaneousCommand {
  number: number;
  /** The channel of this side's that it is about; undefined where it is about one of the peer's. */
  channel?: LogicalChannel;
  type: h245.MiscellaneousCommand['type'];
  direction?: h245.EncryptionUpdateDirection;
}

export interface MiscellaneousIndication {
  number: number;
  /** The channel of the peer's that it is about. */
  channel?: LogicalChannel;
  type: h245.MiscellaneousIndication['type'];
}

/** A message of a protocol on top of H.245, such as H.239. */
export interface GenericMessage {
  kind: 'request' | 'response' | 'command' | 'indication';
  message: h245.GenericMessage;
}

/** Who ended the session; `closed`: the control channel went away without a word. */
export type EndedBy = 'local' | 'peer' | 'closed';

/**
 * What the user of a session is told and asked, in the order of the messages. After `ended` nothing comes but `channelClosed`, for a
 * channel whose answer took longer than the session.
 */
export interface H245Handlers extends ChannelHandlers {
  /**
   * Capabilities are exchanged and a master is determined: channels may be opened. Again after each pause. Where the peer was paused, it
   * determines a master anew: the session's `status` says what holds.
   */
  ready(status: Status): void;
  /** All that the peer can do by now. The empty set pauses this side: its channels are closed, and none can be opened until `ready`. */
  remoteCapabilities(capabilities: Capabilities): void;
  /** A procedure failed without which the call cannot go on; the session should be ended. */
  failed(error: H245Error): void;
  ended(by: EndedBy): void;
  /** The peer asks for one of these modes of what this side sends, the first is liked best. Default: refused. */
  modeRequested?(modes: h245.ModeDescription[]): ModeAnswer | Promise<ModeAnswer>;
  /** The peer limits what this side sends; the session has told it that the limit is heeded (FlowControlIndication). */
  flowControl?(limit: FlowControl): void;
  /** Whether it was acted upon; one that is not is answered with FunctionNotSupported. */
  miscellaneousCommand?(command: MiscellaneousCommand): boolean | void;
  miscellaneousIndication?(indication: MiscellaneousIndication): void;
  userInput?(input: UserInput): void;
  /** Whether it was taken; a request or command that is not is answered so. */
  generic?(message: GenericMessage): boolean;
  /** A conference controller tells what media to use (H.323 section 8.3.5). */
  communicationMode?(table: h245.CommunicationModeTableEntry[]): void;
}

export interface H245Options {
  control: ControlChannel;
  /** 0-255 (H.323 section 6.2.8.4); 60 for a gateway without a conference controller. */
  terminalType: number;
  /** Octets that the peer cannot foresee. */
  random(octets: number): Buffer;
  handlers: H245Handlers;
  peer?: Peer;
  clock?: TellingClock;
  timers?: Partial<H245Timers>;
  limits?: Partial<H245Limits>;
}
