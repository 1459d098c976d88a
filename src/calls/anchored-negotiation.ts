import { setTimeout } from 'node:timers/promises';
import type { PresentParty } from './anchored-party';
import type { PartyId } from './bridge';
import { answerWithCamera } from './camera';
import { answerWithContent, hasSlides, offerWithFloor, presentationOf } from './content';
import type { LegMessage, LegReply } from './leg';
import type { OfferOptions } from './media';
import { isNews, leastLimits, pictureLimitsOf, withPictureLimits, type PictureLimits } from './picture-limits';
import { hasVideo, isHold, withoutVideo } from './sdp';
import { EtasiltaError, warning } from '../errors';

/** A change of the call that has to wait for others'. */
const GLARE_TRIES = 10;
const GLARE_MS = 500;

/** What the negotiations of a call tell. */
export interface NegotiationEvents {
  /** The party holds the others, or does so no more. */
  held(party: PresentParty): void;
  isOver(): boolean;
  /** The party meets others who are not of its call. */
  isVisit(): boolean;
  /** What went wrong with what nobody waits for. */
  fault(error: unknown): void;
}

/**
 * Offers and answers of the parties of an anchored call. Each negotiates with its own endpoint; what the others must follow is offered
 * to them: added video, slides, and what a party takes of their pictures.
 */
export class AnchoredNegotiation {
  constructor(private readonly parties: ReadonlyMap<PartyId, PresentParty>, private readonly on: NegotiationEvents) {}

  /** What the parties take of pictures, but for one of them. */
  limits(except?: PartyId): PictureLimits {
    return leastLimits([...this.parties.values()].filter(({ id }) => id !== except).map(({ takes }) => takes));
  }

  /** The reply to a party's re-INVITE; without a body it asks for an offer. */
  async renegotiate(party: PresentParty, message: LegMessage): Promise<LegReply> {
    if (party.renegotiating || (message.body !== undefined && this.concernedBy(party, message.body).some(({ renegotiating }) => renegotiating))) return { status: 491, headers: {} };
    party.renegotiating = true;
    let awaitingAck = false;
    try {
      if (message.body === undefined) {
        awaitingAck = true;
        return await this.offered(party);
      }
      const offer = await this.follow(party, message.body) ? message.body : withoutVideo(message.body);
      const answer = await party.endpoint.modify(offer);
      party.video = hasVideo(answer);
      this.hold(party, isHold(message.body));
      const other = await this.floorFor(party, { described: answer, offer: message.body });
      const body = this.limited(party, answerWithCamera(answerWithContent(message.body, answer, other), other));
      party.seat?.agree(message.body, body, 'answerer');
      return { status: 200, headers: sessionTimer(message), body };
    } catch (error) {
      awaitingAck = false;
      return this.refusal(error);
    } finally {
      if (!awaitingAck) this.settled(party);
    }
  }

  /**
   * Asks a party for an offer of its own, and takes it as if it had made it: one that was offered slides first could not say how their
   * floor is controlled.
   */
  async solicit(party: PresentParty): Promise<void> {
    for (let tries = 0; tries < GLARE_TRIES && [...this.parties.values()].some(({ renegotiating }) => renegotiating); tries++) await setTimeout(GLARE_MS, undefined, { ref: false });
    if (party.renegotiating || this.on.isOver()) return;
    party.renegotiating = true;
    const reply = await party.leg.renegotiate({ method: 'INVITE', headers: {} }).finally(() => { party.renegotiating = false; });
    if (reply.status >= 300 || reply.body === undefined) return;
    const { body } = await this.renegotiate(party, { method: 'INVITE', headers: {}, body: reply.body });
    reply.ack?.(body ?? answerWithContent(reply.body, party.endpoint.localSdp, undefined));
  }

  /** A party's description has come that nobody was told of: that of a caller without an offer. */
  described(party: PresentParty, sdp: string): void {
    party.describe(sdp);
    this.tellLimits();
  }

  /** Tells those of the others' limits who know other ones; those who are busy with a change, or refuse because they are, a while later. */
  tellLimits(): void {
    this.tellUninformed().catch((error: unknown) => this.on.fault(error));
  }

  private async tellUninformed(): Promise<void> {
    for (let tries = 0; tries < GLARE_TRIES && !this.on.isOver(); tries++) {
      const uninformed = this.uninformed();
      await Promise.all(uninformed.filter(({ renegotiating }) => !renegotiating).map((party) => {
        const other = this.others(party).find(({ video }) => video);
        return this.tell(party, { like: other?.leg.remoteSdp, video: party.video, slides: party.presentation !== '' }, this.partnerOf(party));
      }));
      if (this.uninformed().length === 0) return;
      await setTimeout(GLARE_MS, undefined, { ref: false });
    }
  }

  private uninformed(): PresentParty[] {
    return [...this.parties.values()].filter((party) => this.hasNews(party));
  }

  private async offered(party: PresentParty): Promise<LegReply> {
    const slides = party.seat !== undefined || hasSlides(this.partnerOf(party) ?? '') || party.presentation !== '';
    const described = await party.endpoint.reoffer({ video: true, slides });
    const offer = offerWithFloor(described, await this.floorFor(party, { described }) ?? '', party.leg.remoteSdp);
    return {
      status: 200, headers: {}, body: this.limited(party, offer),
      ack: (sdp) => {
        party.renegotiating = false;
        if (sdp === undefined) return;
        party.seat?.agree(offer, sdp, 'offerer');
        this.accept(party, sdp).then(() => this.tellLimits(), (error: unknown) => this.on.fault(error));
      },
    };
  }

  /** The party has changed what it wanted. Who could not follow, because of a change of its own, is told a while later. */
  private settled(party: PresentParty): void {
    party.renegotiating = false;
    if (this.uninformed().length > 0) setTimeout(GLARE_MS, undefined, { ref: false }).then(() => this.tellLimits(), () => undefined);
  }

  /**
   * Description of whom this party controls the floor with: the other of the two whose call it is, or the meeting room, which has one where
   * the media server's description has slides, in answer to the party's offer or as an offer.
   */
  private async floorFor(party: PresentParty, { described, offer }: { described: string; offer?: string }): Promise<string | undefined> {
    if (!party.seat) return this.partnerOf(party);
    return hasSlides(described) ? party.seat.describe(offer) : undefined;
  }

  /** Description of the other of the two whose call it is. */
  private partnerOf(party: PresentParty): string | undefined {
    const other = party.principal ? this.others(party).find(({ principal }) => principal) : undefined;
    return other?.leg.remoteSdp;
  }

  /** One who is held by the other of two is told that it is not forgotten. */
  private hold(party: PresentParty, holds: boolean): void {
    if (party.holds === holds) return;
    party.holds = holds;
    // Others may show meanwhile.
    if (holds) party.seat?.giveBack();
    this.on.held(party);
  }

  /**
   * When a party adds video, or adds, moves or takes away slides, or takes other bit rates, the others are told; true when it makes sense
   * to accept what was added. Slides are accepted whoever else has them, for who joins may, and in a meeting room all is.
   */
  private async follow(party: PresentParty, offer: string): Promise<boolean> {
    const adds = hasVideo(offer) && !party.video;
    const concerned = this.concernedBy(party, offer);
    party.describe(offer);
    await Promise.all(concerned.map((other) => {
      const slides = hasSlides(offer) || this.keepsSlides(other, party);
      return this.tell(other, { like: offer, video: other.video || hasVideo(offer), slides }, other.principal && party.principal ? offer : this.partnerOf(other));
    }));
    return !adds || this.on.isVisit() || this.others(party).some(({ video }) => video);
  }

  /** Whether a party has slides that are not, or not only, those of `changing`. */
  private keepsSlides(party: PresentParty, changing: PresentParty): boolean {
    return party.presentation !== '' && (party.seat !== undefined || this.others(party).some((other) => other !== changing && other.presentation !== ''));
  }

  /** Those who lack video that a party adds, and those whom a change of its slides, or of what it takes of their pictures, is to reach. */
  private concernedBy(party: PresentParty, offer: string): PresentParty[] {
    const adds = hasVideo(offer) && !party.video;
    const presentation = presentationOf(offer);
    const presents = presentation !== party.presentation;
    const takes = pictureLimitsOf(offer);
    return this.others(party).filter((other) => (adds && !other.video) || (presents && (presentation !== '' || other.presentation !== '')) || this.hasNews(other, { of: party, takes }));
  }

  /** `change`: what one of the others is about to take. */
  private hasNews(party: PresentParty, change?: { of: PresentParty; takes: PictureLimits }): boolean {
    const now = leastLimits(this.others(party).map((other) => (other === change?.of ? change.takes : other.takes)));
    return isNews(now, party.told, party.sends);
  }

  /** What the party is told, with what the others take of its pictures. */
  private limited(party: PresentParty, sdp: string): string {
    const limits = this.limits(party.id);
    party.tell(limits);
    return withPictureLimits(sdp, limits);
  }

  /** Offers a party what the others have now. `partner`: the description of the one with whom it controls the floor. */
  private async tell(party: PresentParty, options: OfferOptions, partner: string | undefined): Promise<void> {
    party.renegotiating = true;
    const { told } = party;
    try {
      const described = await party.endpoint.reoffer(options);
      const floor = party.seat ? await this.floorFor(party, { described }) : partner;
      const body = this.limited(party, offerWithFloor(described, floor ?? '', party.leg.remoteSdp));
      const reply: LegReply = await party.leg.renegotiate({ method: 'INVITE', headers: {}, body });
      // It was about to change something itself (RFC 3261 section 14.1): limits are told again.
      if (reply.status === 491) party.told = told;
      // Who refuses goes on as before.
      const isTaken = reply.status < 300 && reply.body !== undefined;
      const answer = isTaken ? reply.body : party.leg.remoteSdp;
      if (isTaken) party.seat?.agree(body, reply.body ?? '', 'offerer');
      if (answer !== undefined) await this.accept(party, answer);
    } catch (error) {
      this.on.fault(error);
    } finally {
      party.renegotiating = false;
    }
  }

  private async accept(party: PresentParty, answer: string): Promise<void> {
    await party.endpoint.accept(answer);
    party.video = hasVideo(answer);
    party.describe(answer);
  }

  private refusal(error: unknown): LegReply {
    this.on.fault(error);
    const known = error instanceof EtasiltaError ? error : undefined;
    return {
      status: known?.sipStatus ?? 500,
      headers: known ? { Warning: warning(known.message) } : {},
    };
  }

  private others(party: PresentParty): PresentParty[] {
    return [...this.parties.values()].filter((each) => each !== party);
  }
}

/** Each leg's session timer is its own (RFC 4028): a party that refreshes by itself may go on doing so. */
export function sessionTimer({ headers }: LegMessage): LegReply['headers'] {
  const interval = headers['Session-Expires'];
  if (interval === undefined || /refresher\s*=\s*uas/i.test(interval)) return {};
  return { 'Session-Expires': /refresher/i.test(interval) ? interval : `${interval};refresher=uac` };
}
