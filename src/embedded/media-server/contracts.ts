/**
 * The seams between this server's rooms. `control/` (event socket, SIP, channels, conferences) owns channels; `session/`
 * negotiates their SDP and carries RTP; `processing/` hears, mixes, plays, records and forwards. Rooms know each other only
 * by what stands here.
 */
import type { EventEmitter } from 'node:events';

/** `application`: far-end camera control (H.281 in H.224, RFC 4573), the one protocol of lines of that kind that is known here. */
export type MediaKind = 'audio' | 'video' | 'application';

/** A codec as negotiated for one m-line (RFC 8866 section 6.6). `name` in upper case as registered: PCMU, G722, OPUS, H264. */
export interface Codec {
  name: string;
  payloadType: number;
  clockRate: number;
  channels: number;
  /** Format parameters, names in lower case: `profile-level-id`, `packetization-mode`, `useinbandfec`. */
  fmtp: Record<string, string>;
}

/** One RTP packet (RFC 3550 section 5.1), header extensions and padding taken off. */
export interface RtpPacket {
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  marker: boolean;
  payload: Buffer;
  /** When it arrived, milliseconds of the injected monotonic clock. */
  arrivedAt: number;
}

/** What is sent; the stream puts payload type and SSRC, SRTP and RTCP. */
export interface OutgoingRtp {
  sequenceNumber: number;
  timestamp: number;
  marker: boolean;
  payload: Buffer;
  /** Default: the negotiated codec's; telephone-event has its own. */
  payloadType?: number;
}

export interface StreamCounters {
  packetsReceived: number;
  bytesReceived: number;
  packetsLost: number;
  packetsSent: number;
  bytesSent: number;
  jitterMs: number;
}

/**
 * One m-line's media in both directions. Renegotiation keeps the object where the line stays and emits `changed`.
 * Events: `rtp` (packet: RtpPacket), `keyFrameRequested` () when the party sent PLI or FIR, `keyFrameWanted` () when one is wanted of a
 * party that takes neither, `changed` (), `closed` ().
 */
export interface RtpStream extends EventEmitter {
  readonly kind: MediaKind;
  /** Index of the m-line. */
  readonly index: number;
  /** RFC 4796: `slides` for a second video line. */
  readonly content: 'main' | 'slides';
  /** What is sent, the first codec that both sides have. */
  readonly codec: Codec;
  /** What may be received, by payload type. */
  readonly receives: ReadonlyMap<number, Codec>;
  readonly telephoneEvent: Codec | undefined;
  /** By the negotiated direction: sendonly and held lines send nothing or hear nothing. */
  readonly canSend: boolean;
  readonly canReceive: boolean;
  /** Packet time that the party asked for, milliseconds; 20 when it did not. */
  readonly ptime: number;
  readonly ssrc: number;
  readonly counters: StreamCounters;
  send(packet: OutgoingRtp): void;
  /** PLI or FIR, whichever was negotiated (RFC 4585, RFC 5104), else the event `keyFrameWanted`; at most one each 500 ms. */
  requestKeyFrame(): void;
}

export interface SessionOptions {
  /** Codec names in the order of preference, `PCMU`, `G722`, `OPUS`, `L16`, `PCMA`, `H264`, `VP8`; default all. */
  codecs?: readonly string[];
  /** Our offer: plain RTP, SDES, or WebRTC. Ignored when answering: the offer decides. */
  transport: 'rtp' | 'srtp' | 'webrtc';
  video: boolean;
  /** Offers a second video line, for content slides (RFC 4796). */
  slides?: boolean;
  /** Offers a line for far-end camera control (RFC 4573). */
  camera?: boolean;
}

/**
 * The media session of one SIP dialog. Events: `streams` () after each completed negotiation, `keyFrameWanted` () as of its streams, `connected` () when ICE and
 * DTLS are through (at once for plain RTP), `failed` (reason: string) when they cannot be, `timeout` () when nothing
 * arrived for the configured time.
 */
export interface MediaSession extends EventEmitter {
  /** Live streams by m-line order. */
  readonly streams: readonly RtpStream[];
  readonly localSdp: string | undefined;
  readonly remoteSdp: string | undefined;
  readonly connected: boolean;
  /** Answers an offer; rejects with MediaError 488 when nothing is shared, 500 when no port is left. */
  answer(offer: string): Promise<string>;
  /** Makes an offer (initial or new); `accept` takes the answer. */
  offer(options?: Partial<SessionOptions>): Promise<string>;
  accept(answer: string): Promise<void>;
  /** Closes sockets at once; safe to call twice. */
  close(): void;
}

/** Makes sessions; owns the port range, the DTLS certificate and the sockets. */
export interface SessionFactory {
  create(options: SessionOptions): MediaSession;
  readonly ports: { used: number; total: number };
  close(): void;
}

/**
 * What is done with one channel's media. Made by `processing/` for a MediaSession, follows its streams by itself. Exactly
 * one thing feeds the party at a time: nothing, a player, a bridge or a conference; a player over a bridge or conference
 * is heard on top.
 * Events: `dtmf` (digit: string, durationMs: number) by RFC 4733, `talking` (boolean).
 */
export interface Party extends EventEmitter {
  readonly session: MediaSession;
  /** What the party says is heard by nobody and recorded as silence; DTMF still counts. */
  muted: boolean;
  /** Plays a WAV file, or `silence_stream://MS[,NOISE]`, or `tone_stream://...`; resolves with milliseconds played. */
  play(source: string, options?: { loops?: number }): Playing;
  /** Records what the party says (and, with `stereo`, what it hears on the other channel) into a WAV file until `stop`. */
  record(file: string, options?: { maxSeconds?: number; stereo?: boolean }): Recording;
  /** Sends telephone-events, or in-band tones when none was negotiated; `digits` 0-9 * # A-D. */
  sendDtmf(digits: string, durationMs?: number): void;
  requestKeyFrame(): void;
  close(): void;
}

export interface Playing {
  readonly done: Promise<{ milliseconds: number; stopped: boolean }>;
  stop(): void;
}

export interface Recording {
  readonly done: Promise<{ milliseconds: number; bytes: number }>;
  /** While paused nothing is written. */
  paused: boolean;
  stop(): void;
}

/** Two parties' media joined; audio transcoded only when their codecs differ, video and camera control forwarded. */
export interface MediaBridge {
  close(): void;
}

/** Events: `talking` (member, boolean), `floor` (member) when the active speaker changes. */
export interface Mixer extends EventEmitter {
  readonly members: readonly MixerMember[];
  /** `interpreting` keeps the interpreters visible beside whoever speaks. */
  layout: 'speaker' | 'interpreting';
  join(party: Party, options?: { muted?: boolean; deaf?: boolean; interpreter?: boolean }): MixerMember;
  play(source: string, to?: MixerMember): Playing;
  record(file: string): Recording;
  close(): void;
}

export interface MixerMember {
  readonly id: number;
  readonly party: Party;
  muted: boolean;
  deaf: boolean;
  videoMuted: boolean;
  interpreter: boolean;
  readonly talking: boolean;
  leave(): void;
}

export interface Processing {
  party(session: MediaSession): Party;
  bridge(a: Party, b: Party): MediaBridge;
  /** `rate` in Hz, 16,000 or more. */
  mixer(options: { rate: number; layout: 'speaker' | 'interpreting' }): Mixer;
  close(): void;
}

/** A fault that becomes a SIP status. */
export class MediaError extends Error {
  constructor(readonly code: string, message: string, readonly sipStatus: number, readonly q850: number, readonly hint?: string) {
    super(message);
    this.name = 'MediaError';
  }
}
