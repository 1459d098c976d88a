import { Bridge, type Side } from './bridge';
import { release, type Release } from './cause';
import { Hunt, type Answer, type HuntDeps } from './hunt';
import type { ActiveLeg, InboundLeg, LegEvents, LegReply, OutboundRequest } from './leg';
import type { AttemptRecord, CallRecord, Outcome } from './record';
import type { CallRecords } from './records';
import { completeAnswer } from './sdp';
import { EtasiltaError } from '../errors';
import type { RouteResult, Router, RoutingPlan } from '../routing';

export interface SessionDeps extends HuntDeps {
  router: Router;
  records: CallRecords;
  onError: (error: unknown, call: string) => void;
}

/** What an end is told that asks something of a call that is no more (RFC 3261 section 12.2.2). */
const CALL_OVER: LegReply = { status: 481, headers: {} };

const REASONS_TO_TRY_LATER = new Set(['busy', 'no-answer']);

/**
 * One call from the first INVITE to the last BYE: routes what was dialled, hunts for who answers, bridges the two, and
 * writes the record as it goes.
 */
export class CallSession {
  readonly record: CallRecord;
  private hunt: Hunt | undefined;
  private bridge: Bridge | undefined;
  private answer: Answer | undefined;
  private calleeGone: Release | undefined;
  private rang = false;
  private over = false;
  private freeCaller: (() => void) | undefined;
  private settle: (bridge: Bridge | undefined) => void = () => undefined;
  /** Resolves when the two ends are bridged, or the call is over without that. */
  private readonly settled = new Promise<Bridge | undefined>((resolve) => { this.settle = resolve; });

  constructor(private readonly caller: InboundLeg, private readonly deps: SessionDeps, private readonly onOver: (session: CallSession) => void) {
    this.record = {
      id: caller.id, startedAt: deps.now(), caller: caller.from.address, callerName: caller.from.name,
      source: caller.source.kind === 'peer' ? `peer:${caller.source.name}` : caller.source.kind, protocol: caller.protocol,
      dialled: caller.dialled, outcome: 'running', attempts: [],
    };
    // Attached before anything is awaited: a CANCEL may come at once.
    caller.onCancelled((why) => this.cancelled(why));
  }

  get state(): 'routing' | 'ringing' | 'talking' | 'over' {
    if (this.over) return 'over';
    if (this.bridge) return 'talking';
    return this.hunt ? 'ringing' : 'routing';
  }

  /** Runs the call until it is answered or refused; never rejects. */
  async run(): Promise<void> {
    try {
      const [routed] = await Promise.all([this.route(), this.deps.records.start(this.record)]);
      if (this.over) return;
      if (routed.kind === 'refused') {
        this.refuse({
          status: routed.status, q850: routed.q850, text: routed.reasonCode, by: 'gateway', warning: routed.warning,
          headers: routed.headers,
        }, 'refused');
        return;
      }
      await this.ring(routed);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the call from outside (an operator, or the gateway stopping). */
  hangup(why: Release): void {
    if (this.over) return;
    if (this.bridge) {
      this.bridge.end(why);
      this.finish('answered', why);
    } else {
      this.hunt?.stop(why);
      this.refuse(why, 'failed');
    }
  }

  probe(): void {
    this.bridge?.probe().catch((error: unknown) => this.deps.onError(error, this.record.id));
  }

  private async route(): Promise<RouteResult> {
    return this.deps.router.route({ dialled: this.caller.dialled, source: this.caller.source, protocol: this.caller.protocol });
  }

  private async ring(plan: RoutingPlan): Promise<void> {
    const { caller, record } = this;
    Object.assign(record, { service: plan.service, language: plan.language, media: plan.media });
    if (caller.source.kind === 'registered') this.freeCaller = this.deps.occupancy.take(caller.source.device);
    const request: OutboundRequest = {
      from: caller.from, to: { address: plan.canonical, name: plan.name }, offer: caller.offer, headers: caller.headers,
      hops: caller.hops - 1,
    };
    this.hunt = new Hunt(this.deps, request, record.attempts, (sdp) => this.ringing(sdp), () => this.events('callee'));
    const answer = await this.hunt.run(plan.stages);
    if (this.over) {
      answer?.leg.release(release(487, 'the caller hung up', 'caller'));
      answer?.free();
      return;
    }
    if (!answer) {
      this.refuse(verdict(record.attempts, plan), 'unanswered');
      return;
    }
    await this.connect(answer);
  }

  private ringing(sdp: string | undefined): void {
    if (this.over || (this.rang && sdp === undefined)) return;
    this.rang = true;
    this.record.rangAt ??= this.deps.now();
    this.caller.ring(sdp && this.complete(sdp));
  }

  /** An answer to the caller's offer has a line for each of its lines. */
  private complete(answer: string): string {
    return this.caller.offer ? completeAnswer(this.caller.offer, answer) : answer;
  }

  private async connect(answer: Answer): Promise<void> {
    const { record } = this;
    this.answer = answer;
    Object.assign(record, { device: answer.device, person: answer.person, answeredAt: this.deps.now() });
    let callerLeg: ActiveLeg;
    try {
      callerLeg = await this.caller.answer(this.complete(answer.sdp), { address: answer.device, name: answer.name }, answer.headers, answer.ack);
    } catch (error) {
      // The caller went away between the callee's answer and ours.
      answer.leg.release(release(487, 'the caller hung up', 'caller'));
      if (!this.over) this.finish('abandoned', release(487, `the caller was gone when the call was answered (${(error as Error).message})`, 'caller'));
      return;
    }
    if (this.calleeGone || this.over) {
      const why = this.calleeGone ?? release(487, 'the call was ended', 'gateway');
      callerLeg.release(why);
      if (!this.over) this.finish('answered', why);
      return;
    }
    this.deps.occupancy.countAnswered(answer.device);
    this.bridge = new Bridge(callerLeg, answer.leg, (why) => this.finish('answered', why));
    callerLeg.attach(this.events('caller'));
    this.settle(this.bridge);
    this.deps.records.save(record);
  }

  private events(side: Side): LegEvents {
    // Some devices ask for more in the moment that they answer: that waits until the other end can be asked.
    const bridged = async (): Promise<Bridge | undefined> => this.bridge ?? this.settled;
    return {
      released: (why) => {
        const from = { ...why, by: why.by === 'gateway' ? why.by : side };
        if (this.bridge) this.bridge.released(side, from);
        else this.calleeGone = from;
      },
      renegotiate: async (message) => (await bridged())?.renegotiate(side, message) ?? CALL_OVER,
      message: async (message) => (await bridged())?.message(side, message) ?? CALL_OVER,
    };
  }

  private cancelled(why: Release): void {
    if (this.over || this.bridge) return;
    this.hunt?.stop(why);
    this.finish('abandoned', why);
  }

  private fail(error: unknown): void {
    this.deps.onError(error, this.record.id);
    if (this.over) return;
    const known = error instanceof EtasiltaError ? error : undefined;
    const status = known?.sipStatus ?? 500;
    this.hunt?.stop(release(status, 'the call failed', 'gateway'));
    this.refuse(release(status, known?.message ?? 'internal error', 'gateway',
      status === 503 ? { headers: { 'Retry-After': '10' } } : {}), 'failed');
  }

  private refuse(why: Release, outcome: Outcome): void {
    this.caller.refuse(why);
    this.finish(outcome, why);
  }

  private finish(outcome: Outcome, why: Release): void {
    if (this.over) return;
    this.over = true;
    const { record } = this;
    Object.assign(record, {
      outcome, endedAt: this.deps.now(), sipStatus: why.status, q850: why.q850, cause: why.text, endedBy: why.by,
    });
    this.freeCaller?.();
    if (this.answer) {
      this.answer.free();
      this.deps.occupancy.countEnded(this.answer.device);
    }
    this.deps.records.save(record);
    this.settle(undefined);
    this.onOver(this);
  }
}

/** What the caller is told when nobody answered: the one device's own word, or what describes all the tries best. */
function verdict(attempts: readonly AttemptRecord[], plan: RoutingPlan): Release {
  const only = attempts.length === 1 ? attempts[0] : undefined;
  if (only?.status !== undefined && !plan.service) {
    return warned(release(only.status, only.text ?? 'refused', 'callee', { q850: only.q850 ?? 16 }));
  }
  const results = new Set(attempts.map((attempt) => attempt.result));
  if (results.has('no-answer')) return warned(release(480, 'nobody answered', 'gateway', { q850: 19 }));
  if (results.size > 0 && [...results].every((result) => result === 'busy')) return warned(release(486, 'everybody is busy', 'gateway'));
  if ([...results].some((result) => result && REASONS_TO_TRY_LATER.has(result))) {
    return warned(release(480, 'nobody is free', 'gateway', { q850: 17 }));
  }
  if (results.has('declined')) return warned(release(480, 'the call was declined', 'gateway', { q850: 21 }));
  return warned(release(480, 'no device of this service is reachable', 'gateway', { q850: 20 }));
}

const warned = (why: Release): Release => ({ ...why, warning: `399 etasilta "${why.text.replace(/["\\\r\n]/g, ' ')}"` });
