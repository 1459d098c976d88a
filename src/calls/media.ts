import type { Release } from './cause';

/**
 * What calls/ needs of media servers; media/ gives it over drachtio-fsmrf. Descriptions are SDP text. Everything that can
 * fail rejects with an `EtasiltaError` that carries the SIP status and the Q.850 cause of the refusal.
 */

/** How a leg wants its media carried: plain RTP, SRTP keyed in the SDP (RFC 4568), or WebRTC (ICE, DTLS-SRTP, rtcp-mux). */
export type MediaTransport = 'rtp' | 'srtp' | 'webrtc';

/** What the parties are told or shown; a file for each in Finnish, Swedish and English. */
export type Prompt =
  | 'ringing' | 'please-wait' | 'closed' | 'all-busy' | 'joining' | 'joined' | 'left' | 'no-answer' | 'enter-pin' | 'wrong-pin' | 'goodbye';

export type PromptLanguage = 'fi' | 'sv' | 'en';

export interface MediaPool {
  /**
   * Room for one call on one media server; a full pool rejects with 503, `Retry-After` and "no media capacity". Calls with the
   * same `room` come to the same server while one of them lasts.
   */
  open(call: string, events: { lost(why: Release): void }, options?: { room?: string }): Promise<CallMedia>;
  usage(): MediaUsage;
}

export interface MediaUsage {
  /** `sessions` of calls; beside them the server has `ready` ones for calls to come, which make room where it is scarce. */
  servers: { name: string; state: 'up' | 'down'; sessions: number; ready: number; maxSessions: number; version?: string; problem?: string }[];
  used: number;
  total: number;
}

/** The media of one call, all on one server. `lost` of its events tells that the server is gone and everything with it. */
export interface CallMedia {
  readonly server: string;
  /**
   * An endpoint for a party that offers; its `localSdp` is the answer. With `like`, the other party's description, what both
   * have is answered first, so that it needs no transcoding.
   */
  answer(offer: string, options?: { like?: string }): Promise<MediaEndpoint>;
  /** An endpoint for a party that is offered: a ringing callee, or a caller who wants an offer (late offer). */
  offer(transport: MediaTransport, options: OfferOptions): Promise<MediaEndpoint>;
  /** A conference that the call's endpoints, and other calls' on this server, can join; made when there is none of the name. */
  conference(name: string, options: ConferenceOptions): Promise<MediaConference>;
  /** Ends every endpoint; safe to call twice. */
  close(): void;
}

export interface OfferOptions {
  /** SDP of the other party, whose codecs come first so that they need no transcoding; without it everything is offered. */
  like?: string;
  video: boolean;
  /** With a second picture for a presentation (RFC 4796 `slides`), where the media server carries one. */
  slides?: boolean;
  /** With far-end camera control (RFC 4573), where the media server passes it on. */
  camera?: boolean;
}

export interface MediaEndpoint {
  readonly id: string;
  /** Our side's description as last negotiated. */
  readonly localSdp: string;
  /** The party's answer to our offer (from `offer` or `reoffer`). */
  accept(answer: string): Promise<void>;
  /** The party's new offer (hold, added video); resolves with our answer. */
  modify(offer: string): Promise<string>;
  /** A new offer to the party, with video when `video`; `accept` takes the answer. */
  reoffer(options: OfferOptions): Promise<string>;
  /** Connects the media of two parties; a bridged endpoint is moved. */
  bridge(other: MediaEndpoint): Promise<void>;
  unbridge(): Promise<void>;
  /** Plays to the party until the end, or until `stop`. Resolves when it is over. */
  play(prompt: Prompt, language: PromptLanguage, options?: { loop?: boolean }): Promise<void>;
  stop(): Promise<void>;
  /** Plays, then collects digits; resolves with what came before `#`, the number of digits or the time ran out. */
  collect(prompt: Prompt, language: PromptLanguage, options: { digits: number; seconds: number }): Promise<string>;
  /** Digits 0-9 * # A-D towards the party (RFC 4733, or INFO by the edge when the party takes no telephone-event). */
  sendDtmf(digits: string): Promise<void>;
  /** Keys that the party pressed in signalling (SIP INFO, H.245 user input); they count as if they had come by RFC 4733. */
  takeDtmf(digits: string): Promise<void>;
  /** Asks the party for a key frame; for a fast update that came in SIP INFO from the other one. */
  refreshVideo(): Promise<void>;
  /** The party wants a key frame of what the server shows it, as it has said in signalling. */
  wantKeyFrame(): Promise<void>;
  /** The server wants a key frame of the party and does not trust RTCP to bring the wish: ask by SIP too (RFC 5168). */
  onKeyFrameWanted?(listener: () => void): void;
  /** The party pressed a key, by RFC 4733. */
  onDtmf(listener: (digit: string) => void): void;
  /** Ends the endpoint; safe to call twice. */
  release(): void;
}

export interface ConferenceOptions {
  /** `interpreting` keeps interpreter and speaker visible; `speaker` shows who speaks. */
  layout: 'speaker' | 'grid' | 'interpreting';
  maxMembers: number;
}

export interface MediaConference {
  readonly name: string;
  /** Moves an endpoint in, bridged or not. `keepsOpen`: the conference ends when the last such member leaves. */
  join(endpoint: MediaEndpoint, options?: { muted?: boolean; keepsOpen?: boolean; interpreter?: boolean }): Promise<ConferenceMember>;
  play(prompt: Prompt, language: PromptLanguage): Promise<void>;
  lock(locked: boolean): Promise<void>;
  /** WAV file on the media server's machine. */
  record(file: string): Promise<void>;
  /** Ends the conference; the endpoints stay, without media between them. */
  destroy(): Promise<void>;
}

export interface ConferenceMember {
  mute(muted: boolean): Promise<void>;
  /** Takes the endpoint out of the conference; it can be bridged again. */
  leave(): Promise<void>;
}
