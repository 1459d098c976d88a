import { randomUUID } from 'node:crypto';
import {
  q850OfStatus, reasonHeader, release, type Contact, type Diversion, type Originator, type OutboundAttempt, type OutboundEvents,
  type OutboundRequest, type Release,
} from '../../calls';
import type { Dialogs } from './dialogs';
import { parseNameAddr, splitList } from '../grammar';
import type { Dialog, LateAnswer, Request, Response, SipFailure, SipStack } from './drachtio';
import { SipActiveLeg, parseReason } from './active';
import { diversionHeaders, reasonOfMove } from './diversion';
import { ALLOW, nameAddr, passedReply } from './headers';

/** A way to a device. */
interface Way {
  uri: string;
  /** Where to send it when not to the URI's own host: the flow of a registration, a Path, a peer's address. */
  proxy?: string;
}

/** A registered contact or a peer's URI, and the flow that leads there. */
export interface SipContact extends Contact, Way {
  protocol: 'sip';
  /** Tried one after another where the flow before turns out to be gone. */
  spares?: readonly Way[];
}

/** Rings SIP endpoints. */
export class SipOriginator implements Originator {
  constructor(private readonly stack: SipStack, private readonly userAgent: string, private readonly dialogs: Dialogs) {}

  originate(contact: SipContact, request: OutboundRequest, events: OutboundEvents): OutboundAttempt {
    return new Attempt(this.stack, contact, request, events, this.userAgent, this.dialogs);
  }
}

class Attempt implements OutboundAttempt {
  private sent: Request | undefined;
  private cancelled: Release | undefined;
  private settled = false;
  private rang = false;

  constructor(
    private readonly stack: SipStack, contact: SipContact, private readonly request: OutboundRequest, private readonly events: OutboundEvents,
    private readonly userAgent: string, private readonly dialogs: Dialogs,
  ) {
    this.send(contact, contact.spares ?? []);
  }

  private send(way: Way, spares: readonly Way[]): void {
    const { request, userAgent } = this;
    const from = nameAddr(request.from.address, request.from.name);
    const diverted = diversionHeaders(request.diversions ?? [], way.uri);
    const { Supported = 'timer, replaces' } = request.headers;
    const options = {
      localSdp: request.offer,
      proxy: way.proxy,
      noAck: request.offer === undefined,
      headers: {
        From: from, To: nameAddr(request.to.address, request.to.name), 'P-Asserted-Identity': from, 'Max-Forwards': String(request.hops),
        Allow: ALLOW, 'User-Agent': userAgent, ...request.headers, ...diverted, Supported: 'History-Info' in diverted ? `${Supported}, histinfo` : Supported,
      },
    };
    this.stack.createUAC(way.uri, options, {
      cbRequest: (_error, req) => {
        this.sent = req;
        if (this.cancelled) this.sendCancel(this.cancelled);
      },
      cbProvisional: (res) => {
        if (res.status <= 100 || this.cancelled) return;
        this.rang = true;
        this.events.ringing(res.body || undefined);
      },
    }, (error, answer) => {
      const [spare, ...others] = spares;
      if ((error || !answer) && spare && !this.rang && !this.cancelled && flowFailed(error)) this.send(spare, others);
      else if (error || !answer) this.failed(error);
      else if ('sdp' in answer) this.answeredLate(answer);
      else this.answered(answer);
    });
  }

  cancel(why: Release): void {
    if (this.settled || this.cancelled) return;
    this.cancelled = why;
    if (this.sent) this.sendCancel(why);
  }

  private sendCancel(why: Release): void {
    const options = { headers: { Reason: reasonHeader(why) } };
    try {
      this.sent?.cancel(options, () => undefined);
    } catch {
      // The connection to the SIP server is gone, and with it the transaction.
    }
  }

  private answered(dialog: Dialog): void {
    this.settled = true;
    const leg = new SipActiveLeg(randomUUID(), this.dialogs).take(dialog);
    // The answer crossed our CANCEL (RFC 3261 section 9.1): the leg exists and must be ended.
    if (this.cancelled) leg.release(this.cancelled);
    else this.events.answered(leg, { sdp: dialog.remote.sdp, headers: passedReply(dialog.res) });
  }

  private answeredLate(late: LateAnswer): void {
    this.settled = true;
    let acknowledged = false;
    const leg = new SipActiveLeg(randomUUID(), this.dialogs, () => { if (!acknowledged) late.destroy().catch(() => undefined); });
    if (this.cancelled) {
      leg.release(this.cancelled);
      return;
    }
    this.events.answered(leg, {
      sdp: late.sdp, headers: passedReply(late.res),
      ack: (sdp) => {
        if (acknowledged) return;
        acknowledged = true;
        late.ack(sdp).then((dialog) => leg.take(dialog), () => undefined);
      },
    });
  }

  private failed(error: SipFailure | null): void {
    if (this.settled) return;
    this.settled = true;
    if (this.cancelled) return;
    const status = error?.status ?? 503;
    const told = error?.res?.has('Reason') ? parseReason(error.res.get('Reason')) : undefined;
    const text = told?.text ?? error?.reason ?? error?.message ?? 'not reachable';
    // Later turn: the attempt may have failed within its own construction (no connection to the SIP server).
    const diversion = error?.res && status >= 300 && status < 400 ? movedTo(error.res) : undefined;
    setImmediate(() => this.events.failed(release(status, text, 'callee', { q850: told?.q850 ?? q850OfStatus(status), ...(diversion && { diversion }) })));
  }
}

/** Where a 3xx sends the call, and for what reason where it says that. */
function movedTo(res: Response): Diversion | undefined {
  const [first = ''] = splitList(res.get('Contact') || '') ?? [];
  const target = parseNameAddr(first)?.uri;
  return target && /^(sips?|tel):/i.test(target) ? { to: target.replace(/[;?].*$/s, ''), reason: reasonOfMove(res, target) } : undefined;
}

const FLOW_FAILED = new Set([408, 430, 503]);

/** Nobody at the device said no: the flow was gone, as the SIP server found by itself or a proxy says (RFC 5626 section 5.3). */
function flowFailed(error: SipFailure | null): boolean {
  return !error?.res?.source_address || FLOW_FAILED.has(error.status ?? 503);
}
