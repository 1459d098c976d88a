import { warning } from '../errors';
import { release, type Release } from './cause';
import type { InboundLeg } from './leg';
import type { CallRecord } from './record';
import type { Referrals, Side } from './referrals';
import { CallSession, type SessionDeps } from './session';

export { release, reasonHeader, q850OfStatus, statusOfQ850, COMPLETED_ELSEWHERE, type Release, type EndedBy } from './cause';
export type {
  ActiveLeg, CallSource, Contact, Diversion, InboundLeg, LegEvents, LegMessage, LegReply, Locator, Originator, OutboundAttempt,
  OutboundEvents, OutboundRequest, Party, PassedHeaders,
} from './leg';
export type {
  CallMedia, ConferenceMember, ConferenceOptions, MediaConference, MediaEndpoint, MediaPool, MediaTransport, MediaUsage, OfferOptions,
  Prompt, PromptLanguage,
} from './media';
export type { AttemptRecord, AttemptResult, CallRecord, Outcome } from './record';
export { CallSession } from './session';
export { dtmfOf, dtmfRelay, FAST_UPDATE, isFastUpdate } from './info';
export { KeyFrameRequests } from './key-frames';
export { CallRecords, RecordError, openCallStore, type CallStore } from './records';
export { divertedAgain, DIVERSION_REASONS, MAX_DIVERSIONS, timesDiverted, type DiversionReason, type EarlierDiversion, type EarlierDiversions } from './diversion';
export { Occupancy } from './occupancy';
export { linesOf } from './sdp';

export interface CallLimits {
  /** Calls at once; more are refused with 503. */
  maxCalls: number;
  /** How often each answered call's ends are asked whether they still know it, seconds. */
  probeSeconds: number;
  /** An answered call is ended after this long, seconds. */
  maxCallSeconds: number;
}

/** A running call as lists show it. */
export interface RunningCall extends CallRecord {
  state: 'routing' | 'ringing' | 'talking' | 'over';
}

/** All calls of this gateway: takes inbound legs, keeps the sessions, watches over the long ones. */
export class Calls {
  private readonly sessions = new Map<string, CallSession>();
  private readonly probed = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private closing = false;
  /** Calls taken and calls refused for lack of room, since start. */
  readonly counters = { taken: 0, refusedFull: 0 };

  constructor(private readonly deps: SessionDeps, private readonly limits: CallLimits) {
    this.timer = setInterval(() => this.watch(), 1_000).unref();
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Takes a call; synchronous, so that nothing of the leg's can be missed. */
  incoming(leg: InboundLeg): void {
    if (this.closing || this.sessions.size >= this.limits.maxCalls) {
      this.counters.refusedFull++;
      const text = this.closing ? 'the gateway is stopping' : 'the gateway is full';
      leg.refuse(release(503, text, 'gateway', { q850: 42, warning: warning(text), headers: { 'Retry-After': '10' } }));
      return;
    }
    this.counters.taken++;
    const session = new CallSession(leg, this.deps, this, (over) => {
      this.sessions.delete(over.record.id);
      this.probed.delete(over.record.id);
    });
    this.sessions.set(leg.id, session);
    void session.run();
  }

  joinable(device: string): CallSession | undefined {
    for (const session of this.sessions.values()) if (session.joinable && session.has(device)) return session;
    return undefined;
  }

  withLeg(leg: string): { referrals: Referrals; side: Side } | undefined {
    for (const { referrals } of this.sessions.values()) {
      const side = referrals.sideOf(leg);
      if (side) return { referrals, side };
    }
    return undefined;
  }

  list(): RunningCall[] {
    return [...this.sessions.values()].map((session) => ({ ...session.record, state: session.state }));
  }

  /** By identifier or an unambiguous beginning of it. */
  find(id: string): CallSession | undefined {
    const exact = this.sessions.get(id);
    if (exact) return exact;
    const found = [...this.sessions.values()].filter((session) => session.record.id.startsWith(id));
    return found.length === 1 ? found[0] : undefined;
  }

  /** Refuses new calls, ends the running ones and waits for their records. */
  async close(why: Release = release(503, 'the gateway is stopping', 'gateway')): Promise<void> {
    this.closing = true;
    clearInterval(this.timer);
    this.endAll(why);
    await this.deps.records.flush();
  }

  endAll(why: Release): void {
    for (const session of [...this.sessions.values()]) session.hangup(why);
  }

  private watch(): void {
    const now = this.deps.now();
    // At most a tenth of the calls in one turn, so that probing never makes a rush of its own.
    let budget = Math.max(10, Math.ceil(this.sessions.size / 10));
    for (const [id, session] of this.sessions) {
      const { answeredAt } = session.record;
      if (answeredAt === undefined) continue;
      if (now - answeredAt > this.limits.maxCallSeconds * 1_000) {
        session.hangup(release(480, 'the longest allowed call time was reached', 'gateway', { q850: 102 }));
        continue;
      }
      if (now - (this.probed.get(id) ?? answeredAt) < this.limits.probeSeconds * 1_000) continue;
      this.probed.set(id, now);
      session.probe();
      if (--budget === 0) return;
    }
  }
}
