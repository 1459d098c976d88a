import type { HostPort } from './ras';
import type { h245 } from './schemas';

/**
 * The H.245 control channel of one call, however it is carried: in a TCP connection of its own, tunnelled in call signalling, or
 * moved from one to the other. `signalling` gives it, the procedures of `h245` use it.
 */
export interface ControlChannel {
  /** Sends in order; waits in a bounded queue while the channel is not up yet. Nothing is sent once it is closed. */
  send(message: h245.MultimediaSystemControlMessage): void;
  /** Who takes what the peer sends; set before anything can arrive. */
  attach(receiver: ControlReceiver): void;
  /** How it is carried now; undefined before it is open, and when it is closed. */
  readonly carriage?: 'tunnelled' | 'connection';
}

export interface ControlReceiver {
  /** The peer can be reached; the procedures may start. Once. */
  opened(): void;
  received(message: h245.MultimediaSystemControlMessage): void;
  /** The channel is gone, with the call or before it. Once. */
  closed(): void;
}

/** Where the media of a channel is received; RTCP default: one port above RTP (RFC 3550 section 11). */
export interface MediaAddress {
  rtp: HostPort;
  rtcp?: HostPort;
}

/** An open logical channel: what H.245 negotiated, what a media description in SDP is made of. */
export interface MediaChannel {
  /** Seen from this side. */
  direction: 'send' | 'receive';
  /** Forward logical channel number, 1-65535, given by the side that sends. */
  number: number;
  /** H.245 session: 1 audio, 2 video, 3 data; 4-255 given by the master. */
  sessionId: number;
  dataType: h245.DataType;
  /** RTP payload type, 0-127. */
  payloadType: number;
  /** Where the receiving side wants the media. */
  media: MediaAddress;
}
