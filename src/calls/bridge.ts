import { release, type Release } from './cause';
import { FAST_UPDATE, isFastUpdate } from './info';
import { KeyFrameRequests } from './key-frames';
import type { ActiveLeg, LegMessage, LegReply } from './leg';
import { completeAnswer } from './sdp';
import { EtasiltaError } from '../errors';

/** One party of a call: `caller`, `callee`, or the identifier of the leg of a third one. */
export type PartyId = string;

/** What a leg is told whose party goes on with another one. */
export const CONTINUES = release(200, 'continues on the newer leg', 'gateway', { q850: 16 });

export interface Participant {
  id: PartyId;
  leg: ActiveLeg;
}

/** Established legs that belong together, however their media flow. */
export interface Bridge {
  /** The party's leg has ended. */
  released(party: PartyId, why: Release): void;
  /** Ends every leg. */
  end(why: Release): void;
  /** The party sent a re-INVITE or UPDATE. */
  renegotiate(party: PartyId, message: LegMessage): Promise<LegReply>;
  message(party: PartyId, message: LegMessage): Promise<LegReply>;
  /** The party that has this leg. */
  partyOf(leg: string): PartyId | undefined;
  /** The other one, where two take part. */
  beside(party: PartyId): Participant | undefined;
  /** Asks every party whether it still knows the call, and lets those go that do not (a BYE was lost). */
  probe(): Promise<void>;
}

interface Present extends Participant {
  keyFrames: KeyFrameRequests<Promise<LegReply>>;
}

/** How a party's new leg is answered: with a description, for a late offer `ack` takes the party's. */
type AcceptLeg = (sdp: string, ack?: (sdp: string | undefined) => void) => Promise<ActiveLeg>;

/**
 * Two established legs with media straight between the endpoints: what one end asks, the other answers (hold, new video,
 * DTMF in INFO, fast update of RFC 5168, REFER), and the end of one ends the other.
 */
export class DirectBridge implements Bridge {
  private renegotiating = false;
  private ended = false;
  private parties: readonly Present[];

  /** Attach at once: from here on both legs' events are passed. */
  constructor(caller: ActiveLeg, callee: ActiveLeg, private readonly onEnded: (release: Release) => void) {
    this.parties = [present({ id: 'caller', leg: caller }), present({ id: 'callee', leg: callee })];
  }

  released(party: PartyId, why: Release): void {
    const other = this.beside(party);
    if (this.ended || !other) return;
    this.stop();
    other.leg.release(why);
    this.onEnded(why);
  }

  /** Ends both legs. */
  end(why: Release): void {
    if (this.ended) return;
    this.stop();
    for (const { leg } of this.parties) leg.release(why);
  }

  partyOf(leg: string): PartyId | undefined {
    return this.parties.find((party) => party.leg.id === leg)?.id;
  }

  beside(party: PartyId): Present | undefined {
    return this.parties.some(({ id }) => id === party) ? this.parties.find(({ id }) => id !== party) : undefined;
  }

  /**
   * Passes a re-INVITE or UPDATE. While one is on its way the other end's is answered 491 (RFC 3261 section 14.2, RFC 3311
   * section 5.2); the two ends' different waiting times then resolve the glare.
   */
  async renegotiate(party: PartyId, message: LegMessage): Promise<LegReply> {
    const other = this.beside(party);
    if (!other) return NO_PARTY;
    if (this.renegotiating) return { status: 491, headers: {} };
    this.renegotiating = true;
    let awaitingAck = false;
    try {
      const reply = await other.leg.renegotiate(message);
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
  async message(party: PartyId, message: LegMessage): Promise<LegReply> {
    const other = this.beside(party);
    if (!other) return NO_PARTY;
    if (!isFastUpdate(message)) return other.leg.send(message);
    return await other.keyFrames.request() ?? { status: 200, headers: {} };
  }

  /**
   * Puts another in the place of a party, whose leg is left to be ended: the one that stays is asked for an offer, which the new one
   * answers. False: one of them does not want that, or a change is under way; all is as before.
   */
  handOver(party: PartyId, next: Participant): Promise<boolean> {
    return this.change(party, async (former, stays) => {
      const { status, body: offer, ack } = await stays.leg.renegotiate({ method: 'INVITE', headers: {} });
      if (status >= 300 || offer === undefined) return false;
      const reply = await next.leg.renegotiate({ method: 'INVITE', headers: {}, body: offer });
      const answer = reply.status < 300 ? reply.body : undefined;
      // An offer has to be answered; by what was before, where that stays.
      ack?.(completeAnswer(offer, answer ?? former.leg.remoteSdp ?? ''));
      if (answer === undefined) return false;
      if (this.ended) next.leg.release(release(487, 'the call ended while it was handed over', 'gateway', { q850: 16 }));
      else this.put(former, next);
      return true;
    }, false);
  }

  /**
   * The party goes on with another leg of its own, of this offer; the old leg is released. Throws where the other end does not take that,
   * or another change is under way.
   */
  replace(party: PartyId, offer: string | undefined, accept: AcceptLeg): Promise<ActiveLeg> {
    return this.change(party, async (former, stays) => {
      const { status, body, ack } = await stays.leg.renegotiate({ method: 'INVITE', headers: {}, ...(offer !== undefined && { body: offer }) });
      if (status >= 300 || body === undefined) throw new EtasiltaError('not-replaced', 'The other end of the call does not take the new leg.', { sipStatus: 488, q850: 88 });
      const leg = await accept(offer === undefined ? body : completeAnswer(offer, body), ack);
      if (this.ended) leg.release(release(487, 'the call ended meanwhile', 'gateway', { q850: 16 }));
      else this.put(former, { id: party, leg });
      former.leg.release(CONTINUES);
      return leg;
    });
  }

  async probe(): Promise<void> {
    const asked = this.parties;
    const alive = await Promise.all(asked.map(({ leg }) => leg.probe()));
    const gone = asked.find((party, i) => !alive[i] && this.parties.includes(party));
    if (this.ended || !gone) return;
    const why = release(408, `the ${gone.id} no longer answers`, 'gateway', { q850: 102 });
    this.end(why);
    this.onEnded(why);
  }

  /** Changes of who takes part wait for nobody; re-INVITEs that come meanwhile are answered 491. */
  private async change<T>(party: PartyId, work: (former: Present, stays: Present) => Promise<T>, busy?: T): Promise<T> {
    const [former, stays] = [this.parties.find(({ id }) => id === party), this.beside(party)];
    if (this.ended || this.renegotiating || !former || !stays) {
      if (busy !== undefined) return busy;
      throw new EtasiltaError('call-busy', 'The call is over, or a change of it is under way.', { sipStatus: 491, q850: 41 });
    }
    this.renegotiating = true;
    try {
      return await work(former, stays);
    } finally {
      this.renegotiating = false;
    }
  }

  private put(former: Present, next: Participant): void {
    former.keyFrames.end();
    this.parties = this.parties.map((party) => (party === former ? present(next) : party));
  }

  private stop(): void {
    this.ended = true;
    for (const { keyFrames } of this.parties) keyFrames.end();
  }
}

const NO_PARTY: LegReply = { status: 481, headers: {} };

const present = ({ id, leg }: Participant): Present => ({ id, leg, keyFrames: new KeyFrameRequests(() => leg.send(FAST_UPDATE).catch(() => ({ status: 500, headers: {} }))) });
