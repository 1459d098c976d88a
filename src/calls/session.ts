import { AnchoredBridge } from './anchored-bridge';
import { AnchoredPath, failure } from './anchored-path';
import { DirectBridge, type Bridge, type PartyId } from './bridge';
import { release, type Release } from './cause';
import type { ConferenceFloors } from './floor';
import { Hunt, type Answer, type HuntDeps } from './hunt';
import { Joining, promptLanguage, type JoinRequest } from './joining';
import type { ActiveLeg, InboundLeg, LegEvents, LegReply, OutboundRequest } from './leg';
import type { CallMedia, MediaPool, Prompt } from './media';
import { DirectPath, type CallerAnswer, type MediaPath } from './media-path';
import type { CallRecord, Outcome } from './record';
import type { CallRecords } from './records';
import { NO_SUCH_CALL, Referrals, type Side } from './referrals';
import { enterRoom } from './room';
import { verdict } from './verdict';
import { pinMatches } from '../directory/fields';
import { EtasiltaError } from '../errors';
import type { PlanStage, RefusedRoute, RouteResult, Router, RoutingPlan } from '../routing';

export interface SessionDeps extends HuntDeps {
  router: Router;
  records: CallRecords;
  /** Media servers; without them every call's media is direct. */
  media?: MediaPool;
  /** Floor control of presentations in meeting rooms; without it there is none. */
  floors?: ConferenceFloors;
  /** Callers hear why nobody answers before they are refused. */
  prompts?: boolean;
  onError: (error: unknown, call: string) => void;
}

/** What a session asks about the gateway's other calls. */
export interface OtherCalls {
  /** The answered call that this device takes part in and that a third party can join. */
  joinable(device: string): CallSession | undefined;
  /** The answered call that has this leg, and which end it is. */
  withLeg(leg: string): { referrals: Referrals; side: Side } | undefined;
}

/** What an end is told that asks something of a call that is no more (RFC 3261 section 12.2.2). */
const CALL_OVER: LegReply = { status: 481, headers: {} };

const NOT_JOINABLE = release(488, 'nobody can join this call: its media are direct, or it is not answered, or over', 'gateway', { q850: 88 });

/** How long a service rings before its caller hears more than its own device's ringing. */
const RINGING_PROMPT_MS = 10_000;

const isPrincipal = (party: PartyId): party is 'caller' | 'callee' => party === 'caller' || party === 'callee';

/**
 * One call from the first INVITE to the last BYE: routes what was dialled, hunts for who answers, bridges the two, and
 * writes the record as it goes.
 */
export class CallSession {
  readonly record: CallRecord;
  readonly referrals: Referrals;
  private hunt: Hunt | undefined;
  private path: MediaPath | undefined;
  private bridge: Bridge | undefined;
  private readonly joinings = new Map<PartyId, Joining>();
  /** Set when what was dialled rings into another call of the same device. */
  private joinedBy: Joining | undefined;
  private answer: Answer | undefined;
  private calleeGone: Release | undefined;
  private rang = false;
  private over = false;
  private freeCaller: (() => void) | undefined;
  /** Resolves when the call is in the records; it rings meanwhile, but nobody is answered before. Over without that, it has failed. */
  private recorded: Promise<void> = Promise.resolve();
  private settle: (bridge: Bridge | undefined) => void = () => undefined;
  /** Resolves when the two ends are bridged, or the call is over without that. */
  private readonly settled = new Promise<Bridge | undefined>((resolve) => { this.settle = resolve; });

  constructor(
    private readonly caller: InboundLeg, private readonly deps: SessionDeps, private readonly others: OtherCalls,
    private readonly onOver: (session: CallSession) => void,
  ) {
    this.record = {
      id: caller.id, startedAt: deps.now(), caller: caller.from.address, callerName: caller.from.name,
      source: caller.source.kind === 'peer' ? `peer:${caller.source.name}` : caller.source.kind, protocol: caller.protocol,
      dialled: caller.dialled, outcome: 'running', attempts: [],
    };
    this.referrals = this.referralsOf();
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
      this.recorded = this.deps.records.start(this.record).catch((error: unknown) => this.fail(error));
      if (this.caller.replaces !== undefined) return await this.takeOver(this.caller.replaces);
      const routed = await this.route();
      if (this.over) return;
      if (routed.kind === 'refused') {
        await this.refused(routed);
        return;
      }
      const running = routed.joins && this.caller.source.kind === 'registered' ? this.others.joinable(this.caller.source.device) : undefined;
      if (!routed.room && !running) {
        await this.ring(routed);
        return;
      }
      await this.recorded;
      if (this.over) return;
      if (routed.room) await this.enterRoom(routed, routed.room);
      else if (running) await this.joinTo(running, routed);
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

  /** A third party can be asked in: the two talk, and their media meet at a media server. */
  get joinable(): boolean {
    return !this.over && this.bridge instanceof AnchoredBridge;
  }

  /** Which of the two this device of the call is. */
  partyOf(device: string): 'caller' | 'callee' {
    return this.answer?.device === device ? 'callee' : 'caller';
  }

  /** The registered devices of the two. */
  has(device: string): boolean {
    const { source } = this.caller;
    return (source.kind === 'registered' && source.device === device) || this.answer?.device === device;
  }

  /** Routes what an operator asks for and starts ringing it in; resolves with the third party's identifier, or why not. */
  async addThird(dialled: string): Promise<{ party: PartyId } | { why: Release }> {
    const routed = await this.deps.router.route({ dialled, source: { kind: 'local' } });
    if (routed.kind === 'refused') return { why: release(routed.status, routed.reasonCode, 'gateway', { q850: routed.q850, warning: routed.warning }) };
    const joining = this.join(routed, dialled, { askedBy: 'operator', from: this.caller.from });
    return joining ? { party: joining.id } : { why: NOT_JOINABLE };
  }

  /** Starts ringing a third party in; undefined when nobody can join. */
  join(plan: RoutingPlan, dialled: string, request: JoinRequest): Joining | undefined {
    const { bridge, path } = this;
    if (this.over || !(bridge instanceof AnchoredBridge) || !(path instanceof AnchoredPath)) return undefined;
    const joining = new Joining({
      record: this.record, path, bridge, deps: this.deps, fault: (error) => this.fault(error), events: (party) => this.events(party), changed: () => this.deps.records.save(this.record),
    }, plan, dialled, request);
    this.joinings.set(joining.id, joining);
    void joining.done.then((why) => { if (why || this.over) this.joinings.delete(joining.id); });
    return joining;
  }

  /** The conference that the call has become, for an operator; undefined while it is none. */
  get conference(): AnchoredBridge | undefined {
    return this.bridge instanceof AnchoredBridge && this.bridge.isConference ? this.bridge : undefined;
  }

  probe(): void {
    this.bridge?.probe().catch((error: unknown) => this.fault(error));
  }

  private async route(): Promise<RouteResult> {
    return this.deps.router.route({ dialled: this.caller.dialled, source: this.caller.source, protocol: this.caller.protocol });
  }

  private async ring(plan: RoutingPlan): Promise<void> {
    const { caller, record } = this;
    Object.assign(record, { service: plan.service, language: plan.language, media: plan.media });
    if (caller.source.kind === 'registered') this.freeCaller = this.deps.occupancy.take(caller.source.device);
    const path = await this.openPath(plan.media);
    if (this.over) return;
    const request: OutboundRequest = {
      from: caller.from, to: { address: plan.canonical, name: plan.name }, offer: path.offer, headers: caller.headers,
      hops: caller.hops - 1, diversions: caller.diversions,
    };
    const hunt = (this.hunt = new Hunt({ ...this.deps, originator: path.originator, stagesOf: (dialled, device) => this.stagesOf(dialled, device) }, request, record.attempts, (sdp) => this.ringing(sdp), () => this.events('callee'), (diversion) => this.caller.diverted?.(diversion)));
    const patience = setTimeout(() => this.entertain(), RINGING_PROMPT_MS);
    const answer = await hunt.run(plan.stages).finally(() => clearTimeout(patience));
    if (this.over) {
      answer?.leg.release(release(487, 'the caller hung up', 'caller'));
      answer?.free();
      return;
    }
    if (!answer) {
      const why = verdict(record.attempts, plan, hunt.ownFault);
      const isOwn = why === hunt.ownFault;
      if (plan.service !== undefined && !isOwn) await this.tell(why.status === 486 ? 'all-busy' : 'no-answer');
      if (!this.over) this.refuse(why, isOwn ? 'failed' : 'unanswered');
      return;
    }
    await this.connect(answer, path);
  }

  /** Who is rung where a device diverts the call: it may divert where it may dial, and partners may not at all. */
  private async stagesOf(dialled: string, device: string): Promise<readonly PlanStage[]> {
    if (device.includes(':')) return [];
    const routed = await this.deps.router.route({ dialled, source: { kind: 'registered', device } });
    return routed.kind === 'refused' ? [] : routed.stages;
  }

  /** The way of the media; for an anchored call it is closed when the call is over, and the call ends when it is lost. */
  private async openPath(mode: RoutingPlan['media'], room?: string): Promise<MediaPath> {
    const { caller, deps, record } = this;
    const { media } = deps;
    if (mode === 'direct' || !media) return (this.path = new DirectPath(caller, deps.originator));
    const opened: CallMedia = await media.open(record.id, { lost: (why) => this.hangup(why) }, { room });
    this.path = new AnchoredPath(opened, caller, deps.originator, promptLanguage(record.language), (error) => this.fault(error));
    if (this.over) this.path.close();
    return this.path;
  }

  /** A caller whose service takes its time hears that it is being connected. */
  private entertain(): void {
    const { path, deps: { prompts } } = this;
    if (!prompts || this.record.service === undefined || this.caller.source.kind !== 'registered' || !(path instanceof AnchoredPath)) return;
    path.entertain().then((sdp) => {
      if (sdp !== undefined && !this.over && !this.answer) this.caller.ring(sdp);
    }).catch((error: unknown) => this.fault(error));
  }

  /** Plays to the caller before it is refused, as early media. */
  private async tell(prompt: Prompt): Promise<void> {
    if (!this.deps.prompts || this.caller.source.kind !== 'registered' || !(this.path instanceof AnchoredPath)) return;
    try {
      const to = await this.path.announceTo();
      if (!to || this.over) return;
      this.caller.ring(to.sdp);
      await to.endpoint.play(prompt, promptLanguage(this.record.language));
    } catch (error) {
      this.fault(error);
    }
  }

  private async refused(routed: RefusedRoute): Promise<void> {
    if (routed.reasonCode === 'closed' && routed.media === 'anchored' && this.deps.prompts) {
      Object.assign(this.record, { service: routed.service, language: routed.language });
      await this.openPath('anchored').catch((error: unknown) => this.fault(error));
      await this.tell('closed');
      if (this.over) return;
    }
    this.refuse({
      status: routed.status, q850: routed.q850, text: routed.reasonCode, by: 'gateway', warning: routed.warning, headers: routed.headers,
    }, 'refused');
  }

  private async enterRoom(plan: RoutingPlan, room: NonNullable<RoutingPlan['room']>): Promise<void> {
    const { caller, deps, record } = this;
    Object.assign(record, { service: plan.service, language: plan.language, media: plan.media });
    const path = await this.openPath('anchored', plan.canonical);
    if (!(path instanceof AnchoredPath)) throw new EtasiltaError('no-media', 'A meeting room needs a media server.', { sipStatus: 503, q850: 47 });
    if (this.over) return;
    if (caller.source.kind === 'registered') this.freeCaller = deps.occupancy.take(caller.source.device);
    const { pin } = room;
    await enterRoom({
      caller, path, address: plan.canonical, name: plan.name, language: promptLanguage(plan.language), events: this.events('caller'),
      ...(deps.floors && { floors: deps.floors }), ...(pin !== undefined && { checkPin: (digits: string) => pinMatches(pin, digits) }),
      connected: (bridge) => {
        record.answeredAt = deps.now();
        this.bridge = bridge;
        this.settle(bridge);
        deps.records.save(record);
      },
      on: { ended: (why) => this.finish('answered', why), error: (error) => this.fault(error) },
    });
  }

  /** What was dialled joins a call that the caller's device has already. */
  private async joinTo(running: CallSession, plan: RoutingPlan): Promise<void> {
    const { caller, record } = this;
    Object.assign(record, { service: plan.service, language: plan.language, media: plan.media, joinedCall: running.record.id });
    const device = caller.source.kind === 'registered' ? caller.source.device : '';
    this.joinedBy = running.join(plan, caller.dialled, { askedBy: running.partyOf(device), from: caller.from, leg: caller });
    const why = this.joinedBy ? await this.joinedBy.done : NOT_JOINABLE;
    if (this.over) return;
    if (why) this.refuse(why, 'unanswered');
    else this.finish('joined', release(200, `continues in call ${running.record.id}`, 'gateway', { q850: 16 }));
  }

  /** The caller takes over its end of a call, from the leg that it names (RFC 3891). */
  private async takeOver(leg: string): Promise<void> {
    const running = this.others.withLeg(leg);
    const why = running ? await running.referrals.takeOver(running.side, this.caller) : NO_SUCH_CALL;
    if (this.over) return;
    if (why) return this.refuse(why, 'refused');
    this.record.joinedCall = running?.referrals.id;
    this.finish('joined', release(200, `continues in call ${this.record.joinedCall}`, 'gateway', { q850: 16 }));
  }

  private ringing(sdp: string | undefined): void {
    if (this.over || (this.rang && sdp === undefined)) return;
    this.record.rangAt ??= this.deps.now();
    if (sdp === undefined) {
      this.rang = true;
      this.caller.ring();
      return;
    }
    this.path?.early(sdp, (shown) => {
      if (this.over || this.answer) return;
      this.rang = true;
      this.caller.ring(shown);
    });
  }

  private async connect(answer: Answer, path: MediaPath): Promise<void> {
    const { record } = this;
    this.answer = answer;
    Object.assign(record, { device: answer.device, person: answer.person });
    let accepted: CallerAnswer;
    try {
      accepted = await path.accept(answer);
    } catch (error) {
      const why = failure(error);
      answer.leg.release(why);
      this.fault(error);
      if (!this.over) this.refuse(why, 'failed');
      return;
    }
    await this.recorded;
    if (this.over) {
      answer.leg.release(release(487, 'the caller hung up', 'caller'));
      return;
    }
    record.answeredAt = this.deps.now();
    let callerLeg: ActiveLeg;
    try {
      callerLeg = await this.caller.answer(accepted.sdp, { address: answer.device, name: answer.name }, answer.headers, accepted.ack);
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
    this.bridge = path.join(callerLeg, answer, (why) => this.finish('answered', why));
    callerLeg.attach(this.events('caller'));
    this.settle(this.bridge);
    this.deps.records.save(record);
  }

  private events(side: PartyId): LegEvents {
    // Some devices ask for more in the moment that they answer: that waits until the other end can be asked.
    const bridged = async (): Promise<Bridge | undefined> => this.bridge ?? this.settled;
    return {
      released: (why) => {
        const from: Release = { ...why, by: why.by === 'gateway' || !isPrincipal(side) ? why.by : side };
        this.joinings.get(side)?.ended(from);
        if (this.bridge) this.bridge.released(side, from);
        else this.calleeGone = from;
      },
      renegotiate: async (message) => (await bridged())?.renegotiate(side, message) ?? CALL_OVER,
      message: async (message) => {
        const bridge = await bridged();
        const pass = async (): Promise<LegReply> => bridge?.message(side, message) ?? CALL_OVER;
        return isPrincipal(side) ? this.referrals.handle(side, message, pass) : pass();
      },
    };
  }

  private referralsOf(): Referrals {
    const { record, caller, deps, others } = this;
    return new Referrals({
      record, caller, deps,
      talk: () => {
        const { bridge, path, answer } = this;
        if (!answer || this.over) return undefined;
        if (bridge instanceof DirectBridge) return { bridge, answer };
        return bridge instanceof AnchoredBridge && bridge.size === 2 && path instanceof AnchoredPath ? { bridge, media: path.media, answer } : undefined;
      },
      join: (plan, dialled, request) => this.join(plan, dialled, request),
      events: (party) => this.events(party),
      free: (side) => (side === 'caller' ? this.freeCaller?.() : this.answer?.free()),
      fault: (error) => this.fault(error),
      withLeg: (leg) => others.withLeg(leg),
    });
  }

  private cancelled(why: Release): void {
    if (this.over || this.bridge) return;
    this.hunt?.stop(why);
    this.joinedBy?.stop(why);
    this.finish('abandoned', why);
  }

  /** Somebody hangs up, and what was being done for them cannot be done any more: that is no fault. */
  private fault(error: unknown): void {
    if (!this.over || !(error instanceof EtasiltaError)) this.deps.onError(error, this.record.id);
  }

  private fail(error: unknown): void {
    this.fault(error);
    if (this.over) return;
    const why = failure(error);
    this.hunt?.stop(why);
    this.bridge?.end(why);
    this.refuse(why, 'failed');
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
    for (const joining of this.joinings.values()) {
      joining.stop(why);
      joining.ended(why);
    }
    this.path?.close();
    if (this.answer) {
      this.answer.free();
      this.deps.occupancy.countEnded(this.answer.device);
    }
    this.deps.records.save(record);
    this.settle(undefined);
    this.onOver(this);
  }
}
