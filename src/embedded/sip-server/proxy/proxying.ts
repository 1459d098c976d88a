import type { Timer } from '../clock';
import type { SipMessage } from '../message';
import type { ClientTransaction } from '../transaction/client-transaction';
import type { ServerTransaction } from '../transaction/server-transaction';
import { record, type CoreContext } from '../core/core-context';
import { ownResponse } from '../core/response-builder';
import { Refusal } from '../core/refusal';
import { bestOf } from './best-response';

/** Timer C (RFC 3261 section 16.6, step 11). */
const TIMER_C = 185_000;
const MAXIMUM_REDIRECTS = 10;

export interface ProxyPlan {
  destinations: string[];
  simultaneous: boolean;
  followRedirects: boolean;
  provisionalTimeout: number | undefined;
  finalTimeout: number | undefined;
  /** The request as it goes to a destination, without our Via. */
  compose(destination: string, flow: Parameters<Parameters<CoreContext['sender']['send']>[1]['compose']>[0]): SipMessage;
  /** The URI of the next hop for a destination. */
  nextHop(destination: string): string;
  /** Each final response as it arrived, up to the accepting one. */
  onFinal(response: SipMessage, transaction: ClientTransaction | undefined): void;
  /** It is decided: accepted, or refused by all. */
  onDone(): void;
  launchCancel(cancel: SipMessage, flow: ClientTransaction['flow']): void;
  /** Call detail records are written for the first INVITE of a call. */
  recorded: boolean;
}

interface Branch {
  transaction: ClientTransaction | undefined;
  heard: boolean;
  done: boolean;
  timers: Timer[];
}

/** One request on its way through us as a stateful proxy (RFC 3261 section 16). */
export class Proxying {
  private readonly untried: string[];
  private readonly branches = new Set<Branch>();
  private readonly finals: SipMessage[] = [];
  private redirects = 0;
  /** A final response has gone back. */
  private finished = false;
  private reported = false;

  constructor(private readonly transaction: ServerTransaction, private readonly plan: ProxyPlan, private readonly context: CoreContext) {
    this.untried = [...plan.destinations];
  }

  start(): void {
    if (this.plan.simultaneous) while (this.untried.length > 0) this.tryNext();
    else this.tryNext();
    this.concludeWhenOver();
  }

  /** The caller has cancelled: 487 at once, and CANCEL to whoever still rings. */
  cancel(): void {
    this.untried.length = 0;
    this.answer(ownResponse(this.transaction, 487));
    this.cancelBranches();
    this.concludeWhenOver();
  }

  private tryNext(): void {
    const destination = this.untried.shift();
    if (destination === undefined) return;
    const branch: Branch = { transaction: undefined, heard: false, done: false, timers: [] };
    this.branches.add(branch);
    try {
      this.context.sender.send({ uri: this.plan.nextHop(destination) }, {
        compose: (flow) => this.plan.compose(destination, flow),
        onSent: (request, transaction) => {
          branch.transaction = transaction;
          if (this.plan.recorded) record(this.context, 'cdr:attempt', 'application', request);
        },
        onResponse: (response, transaction) => this.receive(branch, response, transaction),
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.context.log('info', 'unreachable', { reason: error.message });
      this.branches.delete(branch);
      this.finals.push(ownResponse(this.transaction, 503));
      return this.tryNext();
    }
    if (this.transaction.method !== 'INVITE' || branch.done) return;
    const { provisionalTimeout, finalTimeout } = this.plan;
    if (provisionalTimeout !== undefined) this.limit(branch, provisionalTimeout, () => !branch.heard);
    this.limit(branch, finalTimeout ?? TIMER_C, () => true);
  }

  /** Gives a branch up after a time; the next destination does not wait for its 487. */
  private limit(branch: Branch, ms: number, applies: () => boolean): void {
    branch.timers.push(this.context.timers.start(ms, () => {
      if (branch.done || !applies()) return;
      this.cancelBranch(branch);
      this.endBranch(branch, ownResponse(this.transaction, 408));
    }));
  }

  private receive(branch: Branch, response: SipMessage, transaction: ClientTransaction | undefined): void {
    branch.transaction = transaction ?? branch.transaction;
    branch.heard = true;
    const { status } = response;
    if (status === 100) return;
    if (status >= 200 && !branch.done && !this.reported) this.plan.onFinal(response, transaction);
    const upstream = transaction === undefined ? response : withoutTopVia(response);
    if (status < 200) {
      if (!this.finished && !branch.done) this.transaction.respond(upstream);
    } else if (status < 300) this.accept(branch, response, upstream);
    else if (!branch.done) this.reject(branch, response, upstream);
  }

  /** Every 2xx to an INVITE goes back, also a second one and one that comes again (RFC 3261 section 16.7, step 5). */
  private accept(branch: Branch, response: SipMessage, upstream: SipMessage): void {
    const first = !this.finished;
    if (!branch.done && this.plan.recorded) record(this.context, 'cdr:start', 'network', response, 'proxy-uac');
    branch.done = true;
    branch.timers.forEach((timer) => timer.cancel());
    this.untried.length = 0;
    if (first) {
      this.answer(upstream);
      if (this.plan.recorded) record(this.context, 'cdr:start', 'application', upstream, 'proxy-uas');
      this.cancelBranches();
      this.report();
    } else if (this.transaction.method === 'INVITE') this.transaction.repeat(upstream.serialize());
  }

  private reject(branch: Branch, response: SipMessage, upstream: SipMessage): void {
    if (this.plan.recorded) record(this.context, 'cdr:stop', 'network', response, response.status === 487 ? 'call-canceled' : 'call-rejected');
    if (response.status < 400 && this.plan.followRedirects && this.redirects < MAXIMUM_REDIRECTS) {
      this.redirects++;
      const contacts = (response.contacts ?? []).map((contact) => contact.uri).filter((uri) => /^sips?:/i.test(uri));
      this.untried.unshift(...contacts.slice(0, MAXIMUM_REDIRECTS));
      if (contacts.length > 0) return this.endBranch(branch, undefined);
    }
    if (response.status >= 600) {
      this.untried.length = 0;
      this.cancelBranches();
    }
    this.endBranch(branch, upstream);
  }

  private endBranch(branch: Branch, response: SipMessage | undefined): void {
    branch.done = true;
    branch.timers.forEach((timer) => timer.cancel());
    if (response !== undefined) this.finals.push(response);
    if (!this.finished) this.tryNext();
    this.concludeWhenOver();
  }

  private concludeWhenOver(): void {
    if (this.untried.length > 0 || [...this.branches].some((branch) => !branch.done)) return;
    if (!this.finished) {
      const best = bestOf(this.finals);
      // A 503 is about one server; upstream it would condemn all of us (RFC 3261 section 16.7, step 6).
      const answer = best === undefined || best.status === 503 ? ownResponse(this.transaction, 500) : best;
      this.answer(answer);
      if (this.plan.recorded) record(this.context, 'cdr:stop', 'application', answer, 'call-rejected');
    }
    this.report();
  }

  private report(): void {
    if (!this.reported) this.plan.onDone();
    this.reported = true;
  }

  private answer(response: SipMessage): void {
    this.finished = true;
    this.transaction.respond(response);
  }

  private cancelBranches(): void {
    for (const branch of this.branches) if (!branch.done) this.cancelBranch(branch);
  }

  private cancelBranch({ transaction }: Branch): void {
    if (transaction?.method === 'INVITE') transaction.cancel(new Map(), (cancel, flow) => this.plan.launchCancel(cancel, flow));
  }
}

function withoutTopVia(response: SipMessage): SipMessage {
  const upstream = response.clone();
  upstream.removeFirst('Via');
  return upstream;
}
