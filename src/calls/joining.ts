import { randomUUID } from 'node:crypto';
import type { AnchoredBridge } from './anchored-bridge';
import { failure, type AnchoredPath } from './anchored-path';
import { release, type Release } from './cause';
import { goOnWith } from './continuation';
import { Hunt, type Answer, type HuntDeps } from './hunt';
import type { InboundLeg, LegEvents, OutboundRequest, Party } from './leg';
import type { PromptLanguage } from './media';
import type { CallRecord, JoinRecord } from './record';
import type { RoutingPlan } from '../routing';
import { EtasiltaError } from '../errors';

/** Participants of one call's conference, at most. */
export const MAX_PARTICIPANTS = 50;

/** Who asks for a third party: a party by dialling from its device, which brings a leg of its own, or an operator. */
export interface JoinRequest {
  askedBy: JoinRecord['askedBy'];
  from: Party;
  /** The dialled leg: it takes the place of its party's older one when the third party answers. */
  leg?: InboundLeg;
}

/** What joining needs to know of the running call. */
export interface JoinHost {
  record: CallRecord;
  path: AnchoredPath;
  bridge: AnchoredBridge;
  deps: HuntDeps;
  fault: (error: unknown) => void;
  /** Events of a party's leg, from its attachment on. */
  events: (party: string) => LegEvents;
  changed: () => void;
}

/**
 * Rings a third party into a running call. The others go on talking while it rings; when nobody answers they are told so and
 * stay as they were. When it answers, all are in one conference.
 */
export class Joining {
  private hunt: Hunt | undefined;
  private readonly record: JoinRecord;
  /** What the end of the third party's leg frees. */
  private free: (() => void) | undefined;

  /** Undefined when the third party is in, or why it is not. Never rejects. */
  readonly done: Promise<Release | undefined>;

  constructor(private readonly host: JoinHost, private readonly plan: RoutingPlan, dialled: string, private readonly request: JoinRequest) {
    const { record } = host;
    this.record = {
      id: randomUUID(), role: plan.serviceKind === 'interpreting' ? 'interpreter' : 'participant', dialled, service: plan.service,
      withLeg: request.askedBy === 'callee' ? 'callee' : record.id, askedBy: request.askedBy, at: host.deps.now(), attempts: [],
    };
    (record.joins ??= []).push(this.record);
    host.changed();
    this.done = this.run().catch((error: unknown) => {
      this.host.fault(error);
      return this.close(failure(error));
    });
  }

  get id(): string {
    return this.record.id;
  }

  stop(why: Release): void {
    this.hunt?.stop(why);
  }

  /** The third party's leg has ended. */
  ended(why: Release): void {
    this.free?.();
    if (this.record.device !== undefined && this.free) this.host.deps.occupancy.countEnded(this.record.device);
    this.free = undefined;
    this.close(why);
  }

  private async run(): Promise<Release | undefined> {
    const { host: { bridge, deps }, plan, request } = this;
    if (bridge.size >= MAX_PARTICIPANTS) return this.close(release(486, 'the conference is full', 'gateway'));
    const outbound: OutboundRequest = {
      from: request.from, to: { address: plan.canonical, name: plan.name }, offer: undefined, headers: {}, hops: 70,
    };
    this.hunt = new Hunt({ ...deps, originator: this.host.path.originator }, outbound, this.record.attempts,
      () => request.leg?.ring(), () => this.host.events(this.record.id));
    bridge.announce('joining');
    const answer = await this.hunt.run(plan.stages);
    if (!answer) {
      bridge.announce('no-answer');
      return this.close(release(480, 'nobody answered', 'gateway', { q850: 19 }));
    }
    try {
      await this.enter(answer);
      return undefined;
    } catch (error) {
      // Whoever hangs up while it is let in has failed at nothing.
      if (this.record.endedAt === undefined) this.host.fault(error);
      const why = failure(error);
      if (!bridge.remove(this.id, why)) {
        answer.leg.release(why);
        answer.free();
      }
      bridge.announce('no-answer');
      return this.close(why);
    }
  }

  private async enter(answer: Answer): Promise<void> {
    const { host: { bridge, path, record, deps }, request } = this;
    const endpoint = path.endpointOf(answer.leg);
    await endpoint.accept(answer.sdp);
    path.dropOffers(endpoint);
    await bridge.confer(`call-${record.id}`, {
      layout: this.record.role === 'interpreter' ? 'interpreting' : 'speaker', maxMembers: MAX_PARTICIPANTS,
    });
    if (bridge.size === 0) throw new EtasiltaError('call-over', 'The call ended while the third party answered.', { sipStatus: 487, q850: 16 });
    await bridge.add({ id: this.id, leg: answer.leg, endpoint, principal: false, told: bridge.limits() }, { interpreter: this.record.role === 'interpreter' });
    this.free = answer.free;
    deps.occupancy.countAnswered(answer.device);
    Object.assign(this.record, { device: answer.device, person: answer.person, answeredAt: deps.now() });
    this.host.changed();
    bridge.announce('joined');
    if (request.leg) await this.move(request.leg, answer);
  }

  /** The party that dialled goes on with the leg that it dialled with. */
  private async move(leg: InboundLeg, answer: Answer): Promise<void> {
    const { host: { bridge, path, events }, request } = this;
    const party = request.askedBy === 'callee' ? 'callee' : 'caller';
    try {
      const active = await goOnWith(bridge, path.media, party, leg, { connected: { address: answer.device, name: answer.name }, fault: (error) => this.host.fault(error) });
      active.attach(events(party));
    } catch (error) {
      // The dialled leg has gone; the party's older one stays, and with it the conference.
      this.host.fault(error);
    }
  }

  private close(why: Release): Release {
    if (this.record.endedAt !== undefined) return why;
    Object.assign(this.record, { endedAt: this.host.deps.now(), status: why.status, q850: why.q850, cause: why.text });
    this.host.changed();
    return why;
  }
}

/** Prompts are there in three languages; Finnish for the rest. */
export function promptLanguage(language: string | undefined): PromptLanguage {
  return language === 'sv' || language === 'en' ? language : 'fi';
}
