import type { Timer } from '../clock';
import { parseNameAddr, parseUri, type SipMessage } from '../message';
import type { ClientTransaction } from '../transaction/client-transaction';
import type { ServerTransaction } from '../transaction/server-transaction';
import type { Flow } from '../transport/flow';
import type { Application } from './application';

export const dialogIdOf = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`;

/** Session refresh (RFC 4028): who does it, and how long the session lives without it. */
export interface SessionTimer {
  seconds: number;
  weRefresh: boolean;
  timer: Timer;
}

/** What is known before the first message of the other side. */
export interface DialogSeed {
  role: 'uac' | 'uas';
  /** The method that makes the dialog: INVITE or SUBSCRIBE. */
  method: string;
  callId: string;
  localTag: string;
  remoteTag: string;
  /** From and To of our requests, tags included. */
  local: string;
  remote: string;
  localSequence: number;
  remoteSequence: number | undefined;
  application: Application;
  flow: Flow;
  localContact: string;
}

/** One dialog (RFC 3261 section 12), early or confirmed. */
export class Dialog {
  /** What applications call it: the tag is that of the first request's From, whoever sent it. */
  readonly id: string;
  readonly role: 'uac' | 'uas';
  readonly method: string;
  readonly callId: string;
  readonly localTag: string;
  remoteTag: string;
  readonly local: string;
  remote: string;
  localSequence: number;
  remoteSequence: number | undefined;
  remoteTarget = '';
  routes: string[] = [];
  localContact: string;
  application: Application;
  flow: Flow;
  confirmed = false;
  /** The peer is behind a NAT: its Contact cannot be reached, the address that it sends from can. */
  natAddress: { address: string; port: number } | undefined;
  /** Our INVITE in this dialog that has no final response yet. */
  outgoingInvite: ClientTransaction | undefined;
  /** The peer's INVITE in this dialog that has no final response yet. */
  incomingInvite: ServerTransaction | undefined;
  /** CSeq of our last accepted INVITE, which the ACK repeats. */
  acceptedSequence: number | undefined;
  /** Our last INVITE was refused: its ACK went with its transaction, and the application's own is none. */
  inviteRefused = false;
  /** The ACK as sent, for a 2xx that comes again. */
  ack: { bytes: Buffer; flow: Flow } | undefined;
  /** Our 2xx that waits for its ACK. */
  unacknowledged: { transactionId: string; sequence: number; stop: () => void } | undefined;
  /** The session description last sent, for refreshes; a copy, because messages are parts of larger buffers. */
  localSdp: Buffer | undefined;
  session: SessionTimer | undefined;
  /** The application cancelled, but the peer had answered: the ACK is followed by a BYE. */
  endAfterAck = false;

  constructor(seed: DialogSeed) {
    this.role = seed.role;
    this.method = seed.method;
    this.callId = seed.callId;
    this.localTag = seed.localTag;
    this.remoteTag = seed.remoteTag;
    this.local = seed.local;
    this.remote = seed.remote;
    this.localSequence = seed.localSequence;
    this.remoteSequence = seed.remoteSequence;
    this.application = seed.application;
    this.flow = seed.flow;
    this.localContact = seed.localContact;
    this.id = dialogIdOf(seed.callId, seed.role === 'uac' ? seed.localTag : seed.remoteTag);
  }

  /** Takes the remote target from a message that may set it (RFC 3261 sections 12.1 and 12.2). */
  learnTarget(message: SipMessage, flow: Flow): void {
    // A caller of RFC 2543 may have no Contact: it is where From says.
    const target = message.contacts?.[0]?.uri ?? (this.remoteTarget === '' ? message.from?.uri : undefined);
    if (target === undefined || target === '*') return;
    this.remoteTarget = target;
    const host = parseUri(target)?.host;
    // As drachtio-server does: without proxies between, an address that differs from the sender's is one behind a NAT.
    const natted = this.routes.length === 0 && host !== undefined && host !== flow.remoteAddress;
    this.natAddress = natted ? { address: flow.remoteAddress, port: flow.remotePort } : undefined;
  }

  /** Request-URI, Route and the URI of the next hop of our requests (RFC 3261 section 12.2.1.1). */
  get path(): { uri: string; routes: string[]; nextHop: string } {
    const first = this.routes[0];
    if (first === undefined) return { uri: this.remoteTarget, routes: [], nextHop: this.remoteTarget };
    const firstUri = parseNameAddr(first)?.uri ?? '';
    if (parseUri(firstUri)?.params.has('lr')) return { uri: this.remoteTarget, routes: this.routes, nextHop: firstUri };
    return { uri: firstUri, routes: [...this.routes.slice(1), `<${this.remoteTarget}>`], nextHop: firstUri };
  }
}
