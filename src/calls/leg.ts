import type { Release } from './cause';
import type { DiversionReason, EarlierDiversions } from './diversion';
import type { MediaTransport } from './media';

/**
 * A leg as calls/ knows it: by what it can do, whatever its protocol. A SIP leg wraps a drachtio dialog; an H.323 leg will
 * wrap H.225/H.245. Descriptions of media are SDP text everywhere.
 */

/** Header fields that pass from one leg to the other, by canonical name. */
export type PassedHeaders = Record<string, string>;

/** A request within an established leg that is not about its description: INFO, MESSAGE, REFER, NOTIFY, UPDATE without SDP. */
export interface LegMessage {
  method: string;
  headers: PassedHeaders;
  body?: string;
  /** REFER: the leg of this gateway's whose place the new call is to take (RFC 3891). */
  replaces?: string;
}

export interface LegReply {
  status: number;
  reason?: string;
  headers: PassedHeaders;
  body?: string;
  /** Late offer: the reply's body is an offer; call this with the answer that came (RFC 3264 section 4, RFC 3261 section 13.2.1). */
  ack?: (sdp: string | undefined) => void;
}

/** What the far end of an established leg does; set before any event can arrive. */
export interface LegEvents {
  /** The far end ended the leg, or it was found dead. Once. */
  released(release: Release): void;
  /** re-INVITE or UPDATE; without a body it asks for an offer. The reply goes back as it is. */
  renegotiate(message: LegMessage): Promise<LegReply>;
  message(message: LegMessage): Promise<LegReply>;
}

/** An established leg. */
export interface ActiveLeg {
  readonly id: string;
  /** Description of the far end as last negotiated, SDP. */
  readonly remoteSdp: string | undefined;
  attach(events: LegEvents): void;
  renegotiate(message: LegMessage): Promise<LegReply>;
  send(message: LegMessage): Promise<LegReply>;
  /** Asks the far end whether it still knows the call; false when it does not or does not answer. */
  probe(): Promise<boolean>;
  /**
   * Ends the leg; `released` is not called for it. Safe to call twice, and for a late-offer leg that waits for its answer.
   */
  release(release: Release): void;
}

/** Who calls, decided by the edge that authenticated the source. */
export type CallSource =
  | { kind: 'registered'; device: string }
  | { kind: 'peer'; name: string }
  | { kind: 'local' };

/** Somebody's address, `user@domain`, and shown name. */
export interface Party {
  address: string;
  name?: string;
}

export interface InboundLeg {
  readonly id: string;
  readonly protocol: 'sip' | 'h323';
  readonly source: CallSource;
  readonly from: Party;
  /** What was dialled, as dialled. */
  readonly dialled: string;
  /** The offer, or undefined when the caller wants one (late offer). */
  readonly offer: string | undefined;
  /** How the caller's media can be carried, where the protocol tells; for a late offer. */
  readonly media?: readonly MediaTransport[];
  readonly headers: PassedHeaders;
  /** Diversions that the call has had before it came here, where that is believed. */
  readonly diversions?: EarlierDiversions;
  /** Remaining hops (Max-Forwards), already above 0. */
  readonly hops: number;
  /** The leg of this gateway's whose place it is to take (RFC 3891). */
  readonly replaces?: string;
  /** The caller gave up before an answer; called at once when that has happened already. */
  onCancelled(listener: (release: Release) => void): void;
  /** Tells the caller that somebody is being rung; with SDP it is early media. */
  ring(sdp?: string): void;
  /** Tells the caller that its call goes elsewhere. */
  diverted?(diversion: Diversion): void;
  /**
   * Answers, telling the caller who did. `onAck` gets the caller's SDP from the ACK for a late offer. Fails when the caller
   * has gone.
   */
  answer(sdp: string, connected: Party, headers: PassedHeaders, onAck?: (sdp: string | undefined) => void): Promise<ActiveLeg>;
  refuse(release: Release): void;
}

/** One way to reach a device: opaque to calls/, made by the edge's locator and used by the same edge. */
export interface Contact {
  readonly protocol: 'sip' | 'h323';
  readonly label: string;
  /** How its media can be carried, the most wanted first; tried one after another. Default: plain RTP, then SRTP. */
  readonly media?: readonly MediaTransport[];
}

export interface OutboundRequest {
  from: Party;
  /** The service or device that was asked for; the called side sees it. */
  to: Party;
  offer: string | undefined;
  headers: PassedHeaders;
  hops: number;
  /** Diversions that the call has had, here and before. */
  diversions?: EarlierDiversions;
}

/** Somebody who is rung sends the call elsewhere. */
export interface Diversion {
  /** An address, or a number. */
  to: string;
  reason: DiversionReason;
}

export interface OutboundEvents {
  ringing(sdp?: string): void;
  diverted?(diversion: Diversion): void;
  /** The leg is established; must be taken (attach) or released at once. `late` holds the offer of a late-offer call. */
  answered(leg: ActiveLeg, answer: { sdp: string; headers: PassedHeaders; ack?: (sdp: string | undefined) => void }): void;
  /** Refused, unreachable, or cancelled. Once, and never after `answered`. */
  failed(release: Release): void;
}

/** A leg being rung. */
export interface OutboundAttempt {
  cancel(release: Release): void;
}

export interface Originator {
  /** Starts ringing; events come in a later turn, never within this call. */
  originate(contact: Contact, request: OutboundRequest, events: OutboundEvents): OutboundAttempt;
}

/** Where a device can be reached now; empty when it is not registered. */
export interface Locator {
  contactsFor(device: string): Contact[];
  /** A contact for a partner's URI reached through a configured peer. */
  contactForUri(uri: string, peer: string): Contact | undefined;
}
