import { randomUUID } from 'node:crypto';
import type { AnchoredBridge } from './anchored-bridge';
import { failure, type AnchoredPath } from './anchored-path';
import type { PartyId } from './bridge';
import { release } from './cause';
import { replacedLeg, takeIn, type SecondEnd } from './consultation';
import type { Answer } from './hunt';
import type { Joining, JoinRequest } from './joining';
import type { ActiveLeg, CallSource, InboundLeg, LegEvents, LegMessage, LegReply } from './leg';
import type { CallRecord, JoinRecord } from './record';
import type { CallRecords } from './records';
import { accept, hasToBeCarriedOut, transfer, type TransferredCall } from './transfer';
import type { Router, RoutingPlan } from '../routing';

export type Side = 'caller' | 'callee';

/** Two ends that talk to each other through a media server. */
export interface Talk {
  bridge: AnchoredBridge;
  path: AnchoredPath;
  answer: Answer;
  callerLeg: ActiveLeg;
}

/** What the referrals of a call need to know of it. */
export interface ReferredCall {
  record: CallRecord;
  caller: InboundLeg;
  /** Undefined while it is no such call, and while more than two take part. */
  talk(): Talk | undefined;
  join(plan: RoutingPlan, dialled: string, request: JoinRequest): Joining | undefined;
  events(party: PartyId): LegEvents;
  /** The end's device is free again, while the call goes on. */
  free(side: Side): void;
  fault(error: unknown): void;
  deps: { router: Router; records: CallRecords; now: () => number };
  /** The answered call that has this leg. */
  withLeg(leg: string): { referrals: Referrals; side: Side } | undefined;
}

/** What the two ends of a call ask by REFER (RFC 3515): to call somebody else, or to go on with the end of another call. */
export class Referrals {
  constructor(private readonly call: ReferredCall) {}

  /**
   * Passes a message to the other end, except for what the gateway has to do itself.
   * @param pass asks the other end
   */
  async handle(referrer: Side, message: LegMessage, pass: () => Promise<LegReply>): Promise<LegReply> {
    const replaced = replacedLeg(message);
    const second = replaced === undefined ? undefined : this.call.withLeg(replaced);
    if (second) return this.consult(referrer, second);
    const reply = await pass();
    return hasToBeCarriedOut(message, reply) ? this.transfer(referrer, message, reply) : reply;
  }

  /** Which end a leg is. */
  sideOf(leg: string): Side | undefined {
    const talk = this.call.talk();
    return talk?.callerLeg.id === leg ? 'caller' : talk?.answer.leg.id === leg ? 'callee' : undefined;
  }

  /** Transfers the other end, which cannot do it itself. */
  private transfer(referrer: Side, message: LegMessage, refusal: LegReply): LegReply | Promise<LegReply> {
    const { call } = this;
    const talk = call.talk();
    if (!talk) return refusal;
    const from = referrer === 'caller' ? { address: talk.answer.device, name: talk.answer.name } : call.caller.from;
    return transfer({
      ...this.left(referrer, talk), route: (dialled, source) => call.deps.router.route({ dialled, source }),
      join: (plan, dialled) => call.join(plan, dialled, { askedBy: referrer, from }),
    }, { referrer, source: this.sourceOf(referrer, talk), message });
  }

  /** The ends that a party has talked to in two calls go on with each other. */
  private consult(referrer: Side, second: { referrals: Referrals; side: Side }): LegReply {
    const { call, call: { record, deps } } = this;
    const talk = call.talk();
    const end = talk && second.referrals !== this ? second.referrals.beside(second.side, this.deviceOf(referrer, talk), record.id) : undefined;
    if (!talk || !end) return { status: 488, headers: {} };
    const joined: JoinRecord = {
      id: randomUUID(), role: 'participant', dialled: end.address, withLeg: record.id, askedBy: referrer, at: deps.now(), attempts: [], device: end.address,
    };
    (record.joins ??= []).push(joined);
    const host = { bridge: talk.bridge, media: talk.path.media, conference: `call-${record.id}`, events: call.events(joined.id) };
    const done = takeIn(host, joined.id, end).then((why) => {
      if (!why) joined.answeredAt = deps.now();
      deps.records.save(record);
      return why;
    }, (error: unknown) => {
      call.fault(error);
      return failure(error);
    });
    return accept(this.left(referrer, talk), referrer, done);
  }

  /** The end beside that of a device, which can go on in another call. */
  private beside(side: Side, device: string | undefined, other: string): SecondEnd | undefined {
    const { call, call: { record, caller } } = this;
    const talk = call.talk();
    if (!talk || device === undefined || this.deviceOf(side, talk) !== device) return undefined;
    const { answer, callerLeg, bridge } = talk;
    const [party, leg, address] = side === 'caller' ? ['callee', answer.leg, answer.device] as const : ['caller', callerLeg, caller.from.address] as const;
    return { leg, address, leave: () => {
      record.joinedCall = other;
      bridge.released(party, release(200, `continues in call ${other}`, 'gateway', { q850: 16 }));
    } };
  }

  private deviceOf(side: Side, { answer }: Talk): string | undefined {
    const { source } = this.call.caller;
    return side === 'callee' ? answer.device : source.kind === 'registered' ? source.device : undefined;
  }

  /** Partners that were called have an address here, but no right to dial. */
  private sourceOf(side: Side, { answer: { device } }: Talk): CallSource | undefined {
    if (side === 'caller') return this.call.caller.source;
    return device.includes(':') ? undefined : { kind: 'registered', device };
  }

  private left(referrer: Side, { bridge }: Talk): TransferredCall {
    const { call } = this;
    return { bridge, left: () => call.free(referrer), error: (error) => call.fault(error) };
  }
}
