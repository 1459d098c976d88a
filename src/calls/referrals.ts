import { randomUUID } from 'node:crypto';
import type { AnchoredBridge } from './anchored-bridge';
import { failure } from './anchored-path';
import { DirectBridge, type PartyId } from './bridge';
import { release, type Release } from './cause';
import { handOver, takeIn, type SecondEnd } from './consultation';
import { goOnWith } from './continuation';
import type { Answer } from './hunt';
import type { Joining, JoinRequest } from './joining';
import type { CallSource, InboundLeg, LegEvents, LegMessage, LegReply } from './leg';
import type { CallMedia } from './media';
import type { CallRecord, JoinRecord } from './record';
import type { CallRecords } from './records';
import { accept, hasToBeCarriedOut, transfer, type Referrer } from './transfer';
import type { Router, RoutingPlan } from '../routing';

export type Side = 'caller' | 'callee';

/** Two ends that talk to each other: straight, or through a media server. */
export type Talk = { answer: Answer } & ({ bridge: DirectBridge; media?: undefined } | { bridge: AnchoredBridge; media: CallMedia });

const isSide = (party: PartyId | undefined): party is Side => party === 'caller' || party === 'callee';
/** The leg that is named is none of a call of two, or not any more. */
export const NO_SUCH_CALL = release(481, 'the call that is to be taken over is none of two who talk', 'gateway', { q850: 101 });
const NOT_ITS_CALL = release(403, 'a call is taken over by the device alone whose it is', 'gateway', { q850: 21 });

/** What the referrals of a call need to know of it. */
export interface ReferredCall {
  record: CallRecord;
  caller: InboundLeg;
  /** Undefined while it is not answered, and while more than two take part. */
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
    const { replaces } = message;
    const second = replaces === undefined ? undefined : this.call.withLeg(replaces);
    if (second) return this.consult(referrer, second);
    const reply = await pass();
    return hasToBeCarriedOut(message, reply) ? this.transfer(referrer, message, reply) : reply;
  }

  /** Which end a leg is. */
  sideOf(leg: string): Side | undefined {
    const party = this.call.talk()?.bridge.partyOf(leg);
    return isSide(party) ? party : undefined;
  }

  /** The call's identifier. */
  get id(): string {
    return this.call.record.id;
  }

  /** An end goes on with a leg that its device has called with (INVITE with Replaces, RFC 3891). Undefined: it does, or why not. */
  async takeOver(side: Side, caller: InboundLeg): Promise<Release | undefined> {
    const { call } = this;
    const talk = call.talk();
    if (!talk) return NO_SUCH_CALL;
    if (caller.source.kind !== 'registered' || this.deviceOf(side, talk) !== caller.source.device) return NOT_ITS_CALL;
    const { answer: { device, name } } = talk;
    const connected = side === 'caller' ? { address: device, ...(name !== undefined && { name }) } : call.caller.from;
    try {
      const leg = talk.media ? await goOnWith(talk.bridge, talk.media, side, caller, { connected, fault: (error) => call.fault(error) })
        : await talk.bridge.replace(side, caller.offer, (sdp, ack) => caller.answer(sdp, connected, {}, ack));
      leg.attach(call.events(side));
      return undefined;
    } catch (error) {
      return failure(error);
    }
  }

  /** Transfers the other end, which cannot do it itself. */
  private transfer(referrer: Side, message: LegMessage, refusal: LegReply): LegReply | Promise<LegReply> {
    const { call } = this;
    const talk = call.talk();
    if (!talk?.media) return refusal;
    const from = referrer === 'caller' ? { address: talk.answer.device, name: talk.answer.name } : call.caller.from;
    return transfer({
      ...this.referrer(referrer, talk), route: (dialled, source) => call.deps.router.route({ dialled, source }),
      join: (plan, dialled) => call.join(plan, dialled, { askedBy: referrer, from }),
    }, { source: this.sourceOf(referrer, talk), message });
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
    const events = call.events(joined.id);
    const moved = talk.media ? takeIn({ bridge: talk.bridge, media: talk.media, conference: `call-${record.id}`, events }, joined.id, end)
      : handOver(talk.bridge, referrer, joined.id, end, events);
    const done = moved.then((why) => {
      if (!why) joined.answeredAt = deps.now();
      deps.records.save(record);
      return why;
    }, (error: unknown) => {
      call.fault(error);
      return failure(error);
    });
    return accept(this.referrer(referrer, talk), done);
  }

  /** The end beside that of a device, which can go on in another call. */
  private beside(side: Side, device: string | undefined, other: string): SecondEnd | undefined {
    const { call, call: { record, caller } } = this;
    const talk = call.talk();
    if (!talk || device === undefined || this.deviceOf(side, talk) !== device) return undefined;
    const { answer, bridge } = talk;
    const end = bridge.beside(side);
    if (!end) return undefined;
    const address = end.id === 'callee' ? answer.device : end.id === 'caller' ? caller.from.address : record.joins?.find(({ id }) => id === end.id)?.device ?? '';
    return { leg: end.leg, address, leave: () => {
      record.joinedCall = other;
      bridge.released(end.id, release(200, `continues in call ${other}`, 'gateway', { q850: 16 }));
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

  /** One that transfers; where media go straight it is no party any longer when it leaves. */
  private referrer(side: Side, { bridge }: Talk): Referrer {
    const { call } = this;
    const other = bridge.beside(side);
    const leg = other && bridge.beside(other.id)?.leg;
    return {
      send: async (message) => leg?.send(message),
      leave: (why) => {
        if (bridge instanceof DirectBridge) leg?.release(why);
        else bridge.remove(side, why);
        call.free(side);
      },
      error: (error) => call.fault(error),
    };
  }
}
