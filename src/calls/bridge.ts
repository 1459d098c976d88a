import { release, type Release } from './cause';
import { FAST_UPDATE, isFastUpdate } from './info';
import { KeyFrameRequests } from './key-frames';
import type { ActiveLeg, LegMessage, LegReply } from './leg';
import { completeAnswer } from './sdp';

/** One party of a call: `caller`, `callee`, or the identifier of the leg of a third one. */
export type PartyId = string;

/** Established legs that belong together, however their media flow. */
export interface Bridge {
  /** The party's leg has ended. */
  released(party: PartyId, why: Release): void;
  /** Ends every leg. */
  end(why: Release): void;
  /** The party sent a re-INVITE or UPDATE. */
  renegotiate(party: PartyId, message: LegMessage): Promise<LegReply>;
  message(party: PartyId, message: LegMessage): Promise<LegReply>;
  /** Asks every party whether it still knows the call, and lets those go that do not (a BYE was lost). */
  probe(): Promise<void>;
}

/**
 * Two established legs with media straight between the endpoints: what one end asks, the other answers (hold, new video,
 * DTMF in INFO, fast update of RFC 5168, REFER), and the end of one ends the other.
 */
export class DirectBridge implements Bridge {
  private renegotiating = false;
  private ended = false;
  private readonly keyFrames: Record<'caller' | 'callee', KeyFrameRequests<Promise<LegReply>>>;

  /** Attach at once: from here on both legs' events are passed. */
  constructor(
    private readonly caller: ActiveLeg,
    private readonly callee: ActiveLeg,
    private readonly onEnded: (release: Release) => void,
  ) {
    const of = (leg: ActiveLeg): KeyFrameRequests<Promise<LegReply>> =>
      new KeyFrameRequests(() => leg.send(FAST_UPDATE).catch(() => ({ status: 500, headers: {} })));
    this.keyFrames = { caller: of(caller), callee: of(callee) };
  }

  released(side: PartyId, why: Release): void {
    if (this.ended) return;
    this.stop();
    this.other(side).release(why);
    this.onEnded(why);
  }

  /** Ends both legs. */
  end(why: Release): void {
    if (this.ended) return;
    this.stop();
    this.caller.release(why);
    this.callee.release(why);
  }

  /**
   * Passes a re-INVITE or UPDATE. While one is on its way the other end's is answered 491 (RFC 3261 section 14.2, RFC 3311
   * section 5.2); the two ends' different waiting times then resolve the glare.
   */
  async renegotiate(side: PartyId, message: LegMessage): Promise<LegReply> {
    if (this.renegotiating) return { status: 491, headers: {} };
    this.renegotiating = true;
    let awaitingAck = false;
    try {
      const reply = await this.other(side).renegotiate(message);
      const { ack } = reply;
      if (ack) {
        awaitingAck = true;
        return { ...reply, ack: (sdp) => { this.renegotiating = false; ack(sdp); } };
      }
      if (message.body && reply.body && reply.status < 300) return { ...reply, body: completeAnswer(message.body, reply.body) };
      return reply;
    } finally {
      if (!awaitingAck) this.renegotiating = false;
    }
  }

  /** Wishes for key frames that come too soon after another are kept, and answered for the other end. */
  async message(side: PartyId, message: LegMessage): Promise<LegReply> {
    if (!isFastUpdate(message)) return this.other(side).send(message);
    return await this.keyFrames[side === 'caller' ? 'callee' : 'caller'].request() ?? { status: 200, headers: {} };
  }

  async probe(): Promise<void> {
    const alive = await Promise.all([this.caller.probe(), this.callee.probe()]);
    if (this.ended || (alive[0] && alive[1])) return;
    const side = alive[0] ? 'callee' : 'caller';
    const why = release(408, `the ${side} no longer answers`, 'gateway', { q850: 102 });
    this.end(why);
    this.onEnded(why);
  }

  private stop(): void {
    this.ended = true;
    this.keyFrames.caller.end();
    this.keyFrames.callee.end();
  }

  private other(side: PartyId): ActiveLeg {
    return side === 'caller' ? this.callee : this.caller;
  }
}
