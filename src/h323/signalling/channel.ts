import type { HostPort } from '../ras';
import { chosen } from '../per';
import type { h225 } from '../schemas';
import { showSent } from '../sent';
import type { TakePlace } from './announced-calls';
import { causeElement, Q850, reasonOf } from './cause';
import { SignallingError } from './errors';
import { fieldsOf, PROTOCOL_IDENTIFIER, readMessage, writeMessage, type Elements, type FaultyMessage, type SignallingMessage } from './message';
import type { TpktConnection } from './tpkt-connection';

/** Messages of a connection that cannot be understood. */
const MAX_FAULTY = 16;
const MAX_CALLS = 256;
/** Call references are 15 bits, without 0: the global one. */
const MAX_REFERENCE = 0x7fff;

/** A call as its connection knows it. */
export interface CallInChannel {
  /** It has its place. */
  begin?(): void;
  received(message: SignallingMessage | FaultyMessage): void;
  /** The connection has ended. */
  lost(fault: Error | undefined): void;
}

export interface Refusal {
  q850: number;
  /** Default: what stands for the cause. */
  reason?: h225.ReleaseCompleteReason;
}

/** Decides about a call that comes in. */
export type TakeSetup = (setup: SignallingMessage, link: CallLink) => CallInChannel | Refusal;

/** A call's place in its connection. */
export interface CallLink {
  readonly local: HostPort;
  readonly remote: HostPort;
  send(type: SignallingMessage['type'], pdu: h225.H323UUPDU, elements?: Elements): void;
  /** The call has ended. */
  leave(): void;
}

/**
 * The calls of one call signalling connection, told apart by call reference and its flag (Q.931 section 4.3). What belongs to no call is
 * answered as Q.931 section 5.8.3.2 says.
 */
export class SignallingChannel {
  private readonly calls = new Map<string, CallInChannel>();
  private faulty = 0;
  private lastReference = Math.floor(Math.random() * MAX_REFERENCE);

  /** `claim`: the call that waits for this connection, named by the Facility that comes first (H.460.18). */
  constructor(
    private readonly connection: TpktConnection, private readonly take: TakeSetup, private readonly idle: () => void,
    private readonly claim?: (callId: Buffer) => TakePlace | undefined,
  ) {}

  get size(): number {
    return this.calls.size;
  }

  /** Adds a call of this side. */
  originate(takePlace: TakePlace): void {
    do this.lastReference = (this.lastReference % MAX_REFERENCE) + 1; while (this.calls.has(keyOf(this.lastReference, true)));
    const reference = this.lastReference;
    const call = takePlace(this.link(reference, true));
    this.calls.set(keyOf(reference, true), call);
    call.begin?.();
  }

  received(octets: Buffer): void {
    const message = readMessage(octets);
    if ('fault' in message && ++this.faulty > MAX_FAULTY) throw new SignallingError('signalling-limit', `${this.connection.remote.host} sends what cannot be understood`);
    const call = this.calls.get(keyOf(message.callReference, message.fromDestination));
    if (call) call.received(message);
    else if (message.type === 'facility' && 'pdu' in message && this.claim) this.receivedArrival(message, this.claim);
    else if (message.callReference !== 0) this.receivedOutside(message);
  }

  lost(fault: Error | undefined): void {
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.lost(fault);
  }

  /** A Facility of no call names the one that the connection was made for; its call reference is not that of the call. */
  private receivedArrival(message: SignallingMessage, claim: (callId: Buffer) => TakePlace | undefined): void {
    const { callIdentifier } = fieldsOf(message.pdu['h323-message-body']);
    const takePlace = callIdentifier && this.calls.size < MAX_CALLS ? claim(callIdentifier.guid) : undefined;
    if (takePlace) this.originate(takePlace);
    else this.refuse(message, { q850: Q850.invalidCallReference });
  }

  private receivedOutside(message: SignallingMessage | FaultyMessage): void {
    const { type, callReference, fromDestination } = message;
    if (type === 'setup') {
      if (fromDestination) return;
      if ('fault' in message) return this.refuse(message, { q850: message.fault });
      if (this.calls.size >= MAX_CALLS) return this.refuse(message, { q850: Q850.congestion });
      const key = keyOf(callReference, false);
      const call = this.take(message, this.link(callReference, false));
      if ('q850' in call) return this.refuse(message, call);
      this.calls.set(key, call);
      call.begin?.();
    } else if (type === 'status') {
      if (message.elements.callState !== undefined && message.elements.callState !== 0) this.refuse(message, { q850: Q850.incompatibleState });
    } else if (type !== 'releaseComplete') {
      this.refuse(message, { q850: Q850.invalidCallReference });
    }
  }

  /** Release Complete for what is no call. */
  private refuse(message: SignallingMessage | FaultyMessage, { q850, reason = reasonOf(q850) }: Refusal): void {
    const callIdentifier = 'pdu' in message && chosen(message.pdu['h323-message-body']) !== '...' ? fieldsOf(message.pdu['h323-message-body']).callIdentifier : undefined;
    const body = { releaseComplete: { protocolIdentifier: PROTOCOL_IDENTIFIER, reason, callIdentifier: callIdentifier ?? { guid: Buffer.alloc(16) } } };
    this.link(message.callReference, message.fromDestination).send('releaseComplete', { 'h323-message-body': body, h245Tunnelling: false }, { cause: causeElement(q850) });
    if (this.calls.size === 0) this.connection.end();
  }

  private link(callReference: number, ours: boolean): CallLink {
    const { connection } = this;
    return {
      local: connection.local, remote: connection.remote,
      send: (type, pdu, elements = {}) => {
        const octets = writeMessage({ callReference, fromDestination: !ours, type, elements, pdu });
        showSent('signalling', octets);
        connection.send(octets);
      },
      leave: () => {
        this.calls.delete(keyOf(callReference, ours));
        if (this.calls.size === 0) this.idle();
      },
    };
  }
}

/** The flag of a message of the peer is set for calls of this side. */
const keyOf = (reference: number, ours: boolean): string => `${ours ? 'ours' : 'theirs'} ${reference}`;
