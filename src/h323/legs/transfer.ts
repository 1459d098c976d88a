import type { CallSource, LegMessage, LegReply } from '../../calls';
import { systemClock } from '../clock';
import { H450Error, type OperationHandlers, type ServiceErrorName, type SupplementaryServices } from '../h450';
import { aliasText } from '../ras';
import type { h450 } from '../schemas';
import { aliasesOf } from './identity';
import type { NamedCalls } from './named-calls';

/** How long an endpoint may think before it transfers itself (it places a call, or answers): one that does not know the service says nothing. */
const BEGIN_MS = 4_000;
/** T303 and T301 of the new call, and a little: until a transfer has come to an end. */
const END_MS = 200_000;
const MAX_ALIASES = 16;
const MAX_EXPECTED = 2_000;

/** Statuses of a REFER as errors of callTransferInitiate (H.450.2 section 8); others: the new call could not be had. */
const ERROR_OF_STATUS: Record<number, ServiceErrorName> = {
  400: 'invalidReroutingNumber', 404: 'invalidReroutingNumber', 410: 'invalidReroutingNumber', 416: 'invalidReroutingNumber', 484: 'invalidReroutingNumber',
  604: 'invalidReroutingNumber', 403: 'notAvailable', 405: 'notAvailable', 481: 'invalidCallState', 488: 'notAvailable', 491: 'invalidCallState', 501: 'notAvailable', 603: 'notAvailable',
};
/** The other way; others: the endpoint cannot do it. */
const STATUS_OF_ERROR: Partial<Record<ServiceErrorName, number>> = {
  invalidReroutingNumber: 404, establishmentFailure: 480, rejectedByUser: 603, notAuthorized: 403, invalidCallState: 491, temporarilyUnavailable: 480,
};
const CANNOT = 501;

/** Endpoints that were asked to transfer themselves, until they place the call for it. */
export class ExpectedTransfers {
  private readonly waiting = new Map<string, Set<() => void>>();
  private size = 0;

  /** Tells when an endpoint at `host` places a call that says what it is for; returns what ends the waiting. */
  expect(host: string, begun: () => void): () => void {
    if (this.size >= MAX_EXPECTED) return () => undefined;
    const ofHost = this.waiting.get(host) ?? new Set();
    this.waiting.set(host, ofHost.add(begun));
    this.size++;
    return () => {
      if (!ofHost.delete(begun)) return;
      this.size--;
      if (ofHost.size === 0) this.waiting.delete(host);
    };
  }

  /** An endpoint at `host` has begun. */
  begun(host: string): void {
    for (const begun of this.waiting.get(host) ?? []) begun();
  }
}

/** What transfers need of the gateway. */
export interface TransferBook {
  /** Where what a party names leads, as it is dialled by SIP; undefined: nowhere that it may call. */
  addressOf(dialled: string, source: CallSource): Promise<string | undefined>;
  readonly expected: ExpectedTransfers;
  readonly named: NamedCalls;
}

/** The leg of the endpoint that transfers, or is transferred. */
export interface TransferLeg {
  leg: {
    readonly id: string;
    readonly talking: boolean;
    readonly ends: { other: string };
    readonly services: SupplementaryServices;
    /** The endpoint's part in the call is over. */
    handedOn(): void;
  };
  host(): string;
  /** Undefined for one that may not dial. */
  source: CallSource | undefined;
  /** Passes a message to the other side of the call. */
  tell(message: LegMessage): Promise<LegReply>;
}

/**
 * Call transfer (H.450.2) on one leg, where REFER stands on the other side: callTransferInitiate of the endpoint
 * becomes REFER, the NOTIFY that tells the outcome its result; a REFER becomes callTransferInitiate, and what comes of that a NOTIFY.
 */
export class LegTransfer {
  /** What waits for the outcome of this endpoint's transfer. */
  private outcome: ((status: number) => void) | undefined;
  private referring = false;

  constructor(private readonly of: TransferLeg, private readonly book: TransferBook) {}

  readonly handlers: OperationHandlers = {
    callTransferIdentify: () => this.identified(),
    callTransferAbandon: () => this.book.named.forget(this.of.leg.id),
    callTransferInitiate: (argument) => this.initiated(argument),
  };

  /** The other side asks that this endpoint calls somebody else. */
  refer(message: LegMessage): Promise<LegReply> {
    // With a header of its own (Replaces) it is more than an address.
    const [, address] = /^(?:[^<]{0,200}<)?\s*sips?:([^;:>?\s]{1,255})[^>?]*>?$/i.exec(message.headers['Refer-To'] ?? '') ?? [];
    if (address === undefined || !this.of.leg.talking) return Promise.resolve({ status: CANNOT, headers: {} });
    if (this.referring) return Promise.resolve({ status: 491, headers: {} });
    this.referring = true;
    return new Promise((resolve) => this.ask(address, resolve));
  }

  /** Word of how the transfer goes that this endpoint has asked for; it is answered when the endpoint knows, for it may be released then. */
  async notified({ headers, body }: LegMessage): Promise<LegReply> {
    if (!this.outcome || !/^refer\b/i.test(headers.Event ?? '')) return { status: 481, headers: {} };
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(body ?? '')?.[1] ?? 0);
    if (status >= 200) this.outcome(status);
    else if (/^terminated/i.test(headers['Subscription-State'] ?? '')) this.outcome(480);
    await new Promise(setImmediate);
    return { status: 200, headers: {} };
  }

  /** The other side has left the call, as it does when it is transferred; whether this endpoint waited for that. */
  conclude(): boolean {
    this.outcome?.(200);
    return this.outcome !== undefined;
  }

  /** The leg has ended. */
  stop(): void {
    this.book.named.forget(this.of.leg.id);
    this.outcome?.(481);
  }

  private async initiated(argument: h450.CTInitiateArg | undefined): Promise<undefined> {
    const { leg, source, tell } = this.of;
    if (!leg.talking || this.outcome) throw refused('invalidCallState');
    if (!argument) throw refused('invalidReroutingNumber');
    const settled = new Promise<number>((resolve) => { this.outcome = resolve; });
    try {
      const asked: { address?: string; replaces?: string } = argument.callIdentity === '' ? { address: await this.target(argument.reroutingNumber) } : this.secondCall(argument.callIdentity);
      const { status } = await tell({ method: 'REFER', ...(asked.replaces !== undefined && { replaces: asked.replaces }), headers: { ...(asked.address !== undefined && { 'Refer-To': `<${asked.address}>` }), ...(source?.kind === 'registered' && { 'Referred-By': `<sip:${source.device}>` }) } });
      if (status >= 300) throw refused(ERROR_OF_STATUS[status] ?? 'establishmentFailure');
      const cancel = systemClock.wakeAfter(END_MS, () => this.outcome?.(408));
      const result = await settled.finally(cancel);
      if (result >= 300) throw refused('establishmentFailure');
    } finally {
      this.outcome = undefined;
    }
    // After the result: the transferred side clears the call (H.450.2 section 7.1.3).
    setImmediate(() => leg.handedOn());
    return undefined;
  }

  /** Names this call, whose other end may be joined with that of another of the same endpoint's (H.450.2 section 7.2). */
  private identified(): h450.CTIdentifyRes {
    const { leg } = this.of;
    const callIdentity = leg.talking ? this.book.named.name(leg.id) : undefined;
    if (callIdentity === undefined) throw refused(leg.talking ? 'resourceUnavailable' : 'invalidCallState');
    return { callIdentity, reroutingNumber: { destinationAddress: aliasesOf(leg.ends.other) } };
  }

  /** A call of this gateway, as the one to be replaced. */
  private secondCall(callIdentity: string): { replaces: string } {
    const leg = this.book.named.find(callIdentity);
    if (leg === undefined) throw refused('unrecognizedCallIdentity');
    return { replaces: leg };
  }

  private async target({ destinationAddress }: h450.EndpointAddress): Promise<string> {
    const { source } = this.of;
    for (const dialled of destinationAddress.slice(0, MAX_ALIASES).map(aliasText)) {
      const address = dialled === undefined || !source ? undefined : await this.book.addressOf(dialled, source);
      if (address !== undefined) return address;
    }
    throw refused('invalidReroutingNumber');
  }

  /** Asks the endpoint, and answers the REFER once it begins, refuses, or does neither in time. */
  private ask(address: string, reply: (reply: LegReply) => void): void {
    const { book, of: { leg, host } } = this;
    let state: 'asked' | 'begun' | 'refused' = 'asked';
    const answer = (status: number): void => {
      if (state !== 'asked') return;
      state = status < 300 ? 'begun' : 'refused';
      forget();
      cancel();
      reply({ status, headers: {} });
      if (state === 'begun') this.notify(100, 'Trying');
      else this.referring = false;
    };
    const forget = book.expected.expect(host(), () => answer(202));
    const cancel = systemClock.wakeAfter(BEGIN_MS, () => answer(CANNOT));
    const settled = (status: number, text: string): void => {
      answer(status < 300 ? 202 : status);
      if (state !== 'begun') return;
      this.notify(status, text);
      this.referring = false;
    };
    leg.services.invoke('callTransferInitiate', { callIdentity: '', reroutingNumber: { destinationAddress: aliasesOf(address) } }, END_MS).then(
      () => settled(200, 'OK'),
      (error: H450Error) => settled((error.service && STATUS_OF_ERROR[error.service]) ?? CANNOT, 'The endpoint was not transferred'),
    );
  }

  private notify(status: number, text: string): void {
    const state = status < 200 ? `active;expires=${END_MS / 1_000}` : 'terminated;reason=noresource';
    const headers = { Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag;version=2.0' };
    setImmediate(() => {
      this.of.tell({ method: 'NOTIFY', headers, body: `SIP/2.0 ${status} ${text}\r\n` }).catch(() => undefined);
    });
  }
}

/** A call that an endpoint places because it is transferred: callTransferSetup in its Setup, answered when somebody takes the call. */
export class TransferredCall {
  private answer: (() => void) | undefined;
  private isAnswered = false;

  constructor(private readonly expected: ExpectedTransfers) {}

  setUp(argument: h450.CTSetupArg | undefined, host: string): Promise<undefined> {
    if (argument !== undefined && argument.callIdentity !== '') throw refused('unrecognizedCallIdentity');
    this.expected.begun(host);
    return this.isAnswered ? Promise.resolve(undefined) : new Promise((resolve) => { this.answer = () => resolve(undefined); });
  }

  answered(): void {
    this.isAnswered = true;
    this.answer?.();
  }
}

const refused = (service: ServiceErrorName): H450Error => new H450Error('h450-error', `the transfer is refused: ${service}`, service);
