import type { EventEmitter } from 'node:events';
import { abandon } from './abandon';
import { aorOf, type OwnNames } from './aor';
import { DelayLine } from './delay-line';
import type { Identity } from './digest';
import type { Guard } from './guard';
import type { SessionBody } from './message-body';
import { type Answer, type Headers, sourceAddress, type SipRequest, type SipResponse } from './request';
import { steadyNow } from './steady-clock';
import type { Caller, Trust } from './trust';
import { validateRequest } from './validate-request';

/** drachtio-srf emits `cancel` on an INVITE whose sender gave up. */
export type IncomingRequest = SipRequest & Pick<EventEmitter, 'once' | 'off'>;

/** A request whose sender is known and whose contents were checked. */
export interface Admitted {
  caller: Caller;
  /** Set when the request itself carried credentials. */
  identity?: Identity;
  body: SessionBody;
  /** Aborted when the sender cancels, from the moment that the request came in. */
  cancelled: AbortSignal;
}

export interface EdgeOptions {
  guard: Guard;
  trust: Trust;
  names: OwnNames;
  /** Option tags that requests may require. */
  supported: ReadonlySet<string>;
  now?(): number;
  /**
   * Headers of a 200 to OPTIONS from anybody (RFC 3261 section 11.2), for partners that watch whether we are there. The same
   * for every address, so that it reveals none. Absent: OPTIONS is challenged as everything else.
   */
  publicCapabilities?: Headers;
  /** Answers that may be waiting at once because their senders are slowed. */
  maxDelayed?: number;
}

/** The door that every request from outside a dialog passes: guard, validation, then who it is. */
export class Edge {
  private readonly delays: DelayLine;
  private readonly now: () => number;

  constructor(private readonly options: EdgeOptions) {
    this.now = options.now ?? steadyNow;
    this.delays = new DelayLine(options.maxDelayed ?? 1000);
  }

  /** Answers that wait now. */
  get delayed(): number {
    return this.delays.size;
  }

  /**
   * Lets a request in, or answers (or leaves) it and returns undefined. Attaches to `cancel` before anything else, so that a
   * CANCEL on the heels of an INVITE is not lost.
   */
  async admit(req: IncomingRequest, res: SipResponse): Promise<Admitted | undefined> {
    const cancel = new AbortController();
    req.once('cancel', () => cancel.abort());
    const address = sourceAddress(req);
    const user = aorOf(req.get(req.method === 'REGISTER' ? 'to' : 'from'), this.options.names);

    const verdict = this.options.guard.admit(address, user, this.now());
    if (verdict.kind === 'ignore' || (verdict.kind === 'delay' && !(await this.afterDelay(verdict.ms, address, user)))) {
      abandon(req);
      return undefined;
    }
    // The SIP server has answered 487 for us.
    if (cancel.signal.aborted) return undefined;
    const checked = validateRequest(req, { supported: this.options.supported });
    if (checked.fault) return this.refuse(res, checked.fault, address, user, 'invalid');
    // A tag in To means a dialog, and no dialog of ours took the request (RFC 3261 section 12.2.2): after a restart that is
    // every running call's, so it costs the sender little.
    if (req.method !== 'REGISTER' && /;\s*tag\s*=/i.test(req.get('to') ?? '')) return this.refuse(res, { status: 481 }, address, user, 'challenged');

    const decision = await this.options.trust.decide(req);
    if (cancel.signal.aborted) return undefined;
    if (decision.kind === 'refused') {
      const failure = decision.failure === 'challenged' && req.method === 'INVITE' ? 'call-challenged' : decision.failure;
      const open = req.method === 'OPTIONS' && decision.failure === 'challenged' && this.options.publicCapabilities;
      return this.refuse(res, open ? { status: 200, headers: open } : decision.answer, address, user, failure);
    }
    const { caller, identity } = decision;
    if (identity) this.options.guard.succeeded(address, identity.aor, this.now());
    return { caller, identity, body: checked.body, cancelled: cancel.signal };
  }

  /** Lets go of those who wait; they get no answer. */
  close(): void {
    this.delays.close();
  }

  /** Whether to answer after a delay: a burst that came in before its source was ignored is left, too, once that is so. */
  private async afterDelay(ms: number, address: string, user: string | undefined): Promise<boolean> {
    return (await this.delays.wait(ms)) && this.options.guard.admit(address, user, this.now()).kind !== 'ignore';
  }

  private refuse(res: SipResponse, { status, headers }: Answer, address: string, user: string | undefined, failure?: Parameters<Guard['failed']>[2]): undefined {
    if (failure) this.options.guard.failed(address, user, failure, this.now());
    res.send(status, { headers: { ...headers } });
    return undefined;
  }
}
