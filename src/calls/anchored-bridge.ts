import { setTimeout } from 'node:timers/promises';
import type { Bridge, PartyId } from './bridge';
import { answerWithCamera } from './camera';
import { release, type Release } from './cause';
import { answerWithContent, hasSlides, offerWithFloor, presentationOf } from './content';
import { dtmfOf, dtmfRelay, FAST_UPDATE, isFastUpdate } from './info';
import type { ActiveLeg, LegMessage, LegReply } from './leg';
import type { CallMedia, ConferenceMember, ConferenceOptions, MediaConference, MediaEndpoint, Prompt, PromptLanguage } from './media';
import { hasVideo, isHold, takesKeyFrameRequests, takesTelephoneEvents, withoutVideo } from './sdp';
import { EtasiltaError } from '../errors';

/** One party of an anchored call. */
export interface AnchoredParty {
  id: PartyId;
  leg: ActiveLeg;
  endpoint: MediaEndpoint;
  /** The call is theirs: it ends when the last of them has gone. */
  principal: boolean;
}

interface Present extends AnchoredParty {
  member?: ConferenceMember;
  video: boolean;
  /** Its slides and their floor, as it described them last. */
  presentation: string;
  /** Holds the others. */
  holds: boolean;
  renegotiating: boolean;
}

/** A change of the call that has to wait for others'. */
const GLARE_TRIES = 10;
const GLARE_MS = 500;
/** A conference of fewer is over. */
const FEWEST = 2;

/**
 * Legs whose media meet at a media server: two are bridged, three or more are in a conference. Each leg is negotiated on its
 * own; only what the others must follow (added video) reaches them.
 */
export class AnchoredBridge implements Bridge {
  private readonly parties = new Map<PartyId, Present>();
  private conference: MediaConference | undefined;
  private isVisit = false;
  private over = false;

  constructor(
    private readonly media: CallMedia, parties: readonly AnchoredParty[], private readonly language: PromptLanguage,
    private readonly on: { ended: (why: Release) => void; error: (error: unknown) => void },
  ) {
    for (const party of parties) this.take(party);
    const [caller, callee] = parties;
    if (caller && callee) caller.endpoint.bridge(callee.endpoint).catch((error: unknown) => this.failed(error));
  }

  get size(): number {
    return this.parties.size;
  }

  get isConference(): boolean {
    return this.conference !== undefined;
  }

  get partyIds(): PartyId[] {
    return [...this.parties.keys()];
  }

  /** By identifier or an unambiguous beginning of it. */
  find(text: string): PartyId | undefined {
    const found = this.partyIds.filter((id) => id.startsWith(text));
    return this.parties.has(text) ? text : found.length === 1 ? found[0] : undefined;
  }

  /** Moves everybody into a conference; they hear each other all the while. */
  async confer(name: string, options: ConferenceOptions): Promise<void> {
    if (this.conference) return;
    const conference = await this.media.conference(name, options);
    if (this.over) return conference.destroy();
    await Promise.all([...this.parties.values()].map(({ endpoint }) => endpoint.stop()));
    this.conference = conference;
    await Promise.all([...this.parties.values()].map((party) => this.enter(party)));
  }

  /** Enters a conference that outlasts this call: a meeting room. */
  async visit(conference: MediaConference): Promise<void> {
    this.conference = conference;
    this.isVisit = true;
    await Promise.all([...this.parties.values()].map((party) => this.enter(party)));
  }

  /** A further party; the conference must be there. */
  async add(party: AnchoredParty, options: { interpreter?: boolean } = {}): Promise<void> {
    const present = this.take(party);
    await this.enter(present, options.interpreter);
  }

  /** The party goes on with another leg of its own (it dialled again); the old leg is released. */
  async replace(id: PartyId, leg: ActiveLeg, endpoint: MediaEndpoint): Promise<void> {
    const old = this.parties.get(id);
    const present = this.take({ id, leg, endpoint, principal: old?.principal ?? true });
    await this.enter(present);
    old?.leg.release(release(200, 'continues on the newer leg', 'gateway', { q850: 16 }));
    old?.endpoint.release();
  }

  /** Sends a message to one party. */
  send(id: PartyId, message: LegMessage): Promise<LegReply> {
    return this.parties.get(id)?.leg.send(message) ?? Promise.resolve({ status: 481, headers: {} });
  }

  /** Sends one party away; the others stay as long as they are enough. */
  remove(id: PartyId, why: Release): boolean {
    const party = this.parties.get(id);
    if (!party || this.over) return false;
    party.leg.release(why);
    this.leave(party, why);
    return true;
  }

  async mute(id: PartyId, muted: boolean): Promise<boolean> {
    const member = this.parties.get(id)?.member;
    await member?.mute(muted);
    return member !== undefined;
  }

  async lock(locked: boolean): Promise<boolean> {
    await this.conference?.lock(locked);
    return this.conference !== undefined;
  }

  /** Tells everybody; they go on talking, whatever becomes of it. */
  announce(prompt: Prompt): void {
    const { conference, language } = this;
    const told = conference ? conference.play(prompt, language)
      : Promise.all([...this.parties.values()].map(({ endpoint }) => endpoint.play(prompt, language)));
    told.catch((error: unknown) => this.fault(error));
  }

  released(id: PartyId, why: Release): void {
    const party = this.parties.get(id);
    if (party && !this.over) this.leave(party, why);
  }

  end(why: Release): void {
    if (this.over) return;
    this.over = true;
    for (const { leg } of this.parties.values()) leg.release(why);
    this.closeConference();
  }

  async renegotiate(id: PartyId, message: LegMessage): Promise<LegReply> {
    const party = this.parties.get(id);
    if (!party) return { status: 481, headers: {} };
    if (party.renegotiating || (message.body !== undefined && this.concernedBy(party, message.body).some(({ renegotiating }) => renegotiating))) return { status: 491, headers: {} };
    party.renegotiating = true;
    let awaitingAck = false;
    try {
      if (message.body === undefined) {
        awaitingAck = true;
        const other = this.floorFor(party) ?? '';
        const slides = hasSlides(other) || party.presentation !== '';
        const offer = offerWithFloor(await party.endpoint.reoffer({ video: true, slides }), other, party.leg.remoteSdp);
        return {
          status: 200, headers: {}, body: offer,
          ack: (sdp) => {
            party.renegotiating = false;
            if (sdp !== undefined) this.accept(party, sdp).catch((error: unknown) => this.fault(error));
          },
        };
      }
      const offer = await this.follow(party, message.body) ? message.body : withoutVideo(message.body);
      const answer = await party.endpoint.modify(offer);
      party.video = hasVideo(answer);
      this.hold(party, isHold(message.body));
      const other = this.floorFor(party);
      return { status: 200, headers: sessionTimer(message), body: answerWithCamera(answerWithContent(message.body, answer, other), other) };
    } catch (error) {
      awaitingAck = false;
      return this.refusal(error);
    } finally {
      if (!awaitingAck) party.renegotiating = false;
    }
  }

  /**
   * Asks a party for an offer of its own, and takes it as if it had made it: one that was offered slides first could not say how their
   * floor is controlled.
   */
  async solicit(id: PartyId): Promise<void> {
    const party = this.parties.get(id);
    for (let tries = 0; tries < GLARE_TRIES && [...this.parties.values()].some(({ renegotiating }) => renegotiating); tries++) await setTimeout(GLARE_MS, undefined, { ref: false });
    if (!party || party.renegotiating || this.over) return;
    party.renegotiating = true;
    const reply = await party.leg.renegotiate({ method: 'INVITE', headers: {} }).finally(() => { party.renegotiating = false; });
    if (reply.status >= 300 || reply.body === undefined) return;
    const { body } = await this.renegotiate(id, { method: 'INVITE', headers: {}, body: reply.body });
    reply.ack?.(body ?? answerWithContent(reply.body, party.endpoint.localSdp, undefined));
  }

  async message(id: PartyId, message: LegMessage): Promise<LegReply> {
    const party = this.parties.get(id);
    if (!party) return { status: 481, headers: {} };
    if (message.method === 'UPDATE') return { status: 200, headers: sessionTimer(message) };
    const others = [...this.parties.values()].filter((each) => each !== party);
    if (isFastUpdate(message)) return this.fastUpdate(others, message);
    const digit = dtmfOf(message);
    if (digit !== undefined) return this.dtmf(party, others, digit, message);
    const [first, ...rest] = await Promise.all(others.map(({ leg }) => leg.send(message)));
    return rest.find(({ status }) => status >= 300) ?? first ?? { status: 481, headers: {} };
  }

  async probe(): Promise<void> {
    await Promise.all([...this.parties.values()].map(async (party) => {
      if (await party.leg.probe() || this.over || this.parties.get(party.id) !== party) return;
      this.remove(party.id, release(408, `the ${party.id} no longer answers`, 'gateway', { q850: 102 }));
    }));
  }

  private take(party: AnchoredParty): Present {
    const present: Present = { ...party, video: hasVideo(party.leg.remoteSdp ?? ''), presentation: presentationOf(party.leg.remoteSdp ?? ''), holds: false, renegotiating: false };
    this.parties.set(party.id, present);
    party.endpoint.onDtmf((digit) => this.relayDigit(present, digit));
    party.endpoint.onKeyFrameWanted?.(() => {
      if (takesKeyFrameRequests(party.leg.remoteSdp)) return;
      party.leg.send(FAST_UPDATE).catch((error: unknown) => this.fault(error));
    });
    return present;
  }

  private async enter(party: Present, interpreter = false): Promise<void> {
    party.member = await this.conference?.join(party.endpoint, { interpreter });
  }

  private leave(party: Present, why: Release): void {
    this.parties.delete(party.id);
    party.endpoint.release();
    const left = [...this.parties.values()];
    if (left.length >= FEWEST && left.some(({ principal }) => principal)) {
      this.announce('left');
      return;
    }
    this.over = true;
    for (const { leg } of left) leg.release(why);
    this.closeConference();
    this.on.ended(why);
  }

  private closeConference(): void {
    if (!this.isVisit) this.conference?.destroy().catch((error: unknown) => this.fault(error));
  }

  /** Pressed keys that came as RTP events, for parties that take them only as INFO. The media server passes them to the rest. */
  private relayDigit(from: Present, digit: string): void {
    for (const other of this.parties.values()) {
      if (other === from || takesTelephoneEvents(other.leg.remoteSdp)) continue;
      other.leg.send(dtmfRelay(digit)).catch((error: unknown) => this.fault(error));
    }
  }

  private async dtmf(from: Present, others: Present[], digit: string, message: LegMessage): Promise<LegReply> {
    // Who is alone with the media server presses for it: the PIN of a meeting room.
    if (others.length === 0) await from.endpoint.takeDtmf(digit);
    await Promise.all(others.map(({ leg, endpoint }) =>
      takesTelephoneEvents(leg.remoteSdp) ? endpoint.sendDtmf(digit) : leg.send(message)));
    return { status: 200, headers: {} };
  }

  private async fastUpdate(others: Present[], message: LegMessage): Promise<LegReply> {
    await Promise.all(others.map(async ({ leg, endpoint }) => {
      if (takesKeyFrameRequests(leg.remoteSdp)) await endpoint.refreshVideo();
      else await leg.send(message);
    }));
    return { status: 200, headers: {} };
  }

  /** Description of the other of the two whose call it is, with whom this party controls the floor. */
  private floorFor(party: Present): string | undefined {
    const other = party.principal ? [...this.parties.values()].find((each) => each !== party && each.principal) : undefined;
    return other?.leg.remoteSdp;
  }

  /** One who is held by the other of two is told that it is not forgotten. */
  private hold(party: Present, holds: boolean): void {
    if (party.holds === holds) return;
    party.holds = holds;
    if (this.conference) return;
    for (const { id, endpoint } of this.parties.values()) {
      if (id === party.id) continue;
      const told = holds ? endpoint.play('please-wait', this.language, { loop: true }) : endpoint.stop();
      told.catch((error: unknown) => this.fault(error));
    }
  }

  /**
   * When a party adds video, or adds, moves or takes away slides, the others are told; true when it makes sense to accept what was
   * added. Slides are accepted whoever else has them, for who joins may.
   */
  private async follow(party: Present, offer: string): Promise<boolean> {
    const adds = hasVideo(offer) && !party.video;
    const concerned = this.concernedBy(party, offer);
    party.presentation = presentationOf(offer);
    await Promise.all(concerned.map((other) => this.tell(other, party, offer)));
    return !adds || [...this.parties.values()].some((other) => other !== party && other.video);
  }

  /** Those who lack video that a party adds, and those whom a change of its slides is to reach. */
  private concernedBy(party: Present, offer: string): Present[] {
    const adds = hasVideo(offer) && !party.video;
    const presentation = presentationOf(offer);
    const presents = presentation !== party.presentation;
    return [...this.parties.values()].filter((other) => other !== party && ((adds && !other.video) || (presents && (presentation !== '' || other.presentation !== ''))));
  }

  /** Offers a party what another one has now. */
  private async tell(party: Present, of: Present, offer: string): Promise<void> {
    party.renegotiating = true;
    try {
      const slides = hasSlides(offer);
      const media = await party.endpoint.reoffer({ like: offer, video: party.video || hasVideo(offer), slides });
      const told = offerWithFloor(media, party.principal && of.principal ? offer : '', party.leg.remoteSdp);
      const reply: LegReply = await party.leg.renegotiate({ method: 'INVITE', headers: {}, body: told });
      // Who refuses goes on as before.
      const answer = reply.status < 300 && reply.body !== undefined ? reply.body : party.leg.remoteSdp;
      if (answer !== undefined) await this.accept(party, answer);
    } catch (error) {
      this.fault(error);
    } finally {
      party.renegotiating = false;
    }
  }

  private async accept(party: Present, answer: string): Promise<void> {
    await party.endpoint.accept(answer);
    party.video = hasVideo(answer);
    party.presentation = presentationOf(answer);
  }

  private refusal(error: unknown): LegReply {
    this.fault(error);
    const known = error instanceof EtasiltaError ? error : undefined;
    return {
      status: known?.sipStatus ?? 500,
      headers: known ? { Warning: `399 etasilta "${known.message.replace(/["\\\r\n]/g, ' ')}"` } : {},
    };
  }

  /** What fails because the call is over is no fault. */
  private fault(error: unknown): void {
    if (!this.over) this.on.error(error);
  }

  private failed(error: unknown): void {
    if (this.over) return;
    this.fault(error);
    const why = release(503, 'the media could not be bridged', 'gateway', { q850: 41 });
    this.end(why);
    this.on.ended(why);
  }
}

/** Each leg's session timer is its own (RFC 4028): a party that refreshes by itself may go on doing so. */
function sessionTimer({ headers }: LegMessage): LegReply['headers'] {
  const interval = headers['Session-Expires'];
  if (interval === undefined || /refresher\s*=\s*uas/i.test(interval)) return {};
  return { 'Session-Expires': /refresher/i.test(interval) ? interval : `${interval};refresher=uac` };
}
