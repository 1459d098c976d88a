import { AnchoredNegotiation, sessionTimer } from './anchored-negotiation';
import { PresentParty, type AnchoredParty } from './anchored-party';
import { AnchoredSignals } from './anchored-signals';
import { CONTINUES, type Bridge, type PartyId } from './bridge';
import { release, type Release } from './cause';
import type { ActiveLeg, LegMessage, LegReply } from './leg';
import type { CallMedia, ConferenceOptions, MediaConference, MediaEndpoint, Prompt, PromptLanguage } from './media';
import type { PictureLimits } from './picture-limits';
import { EtasiltaError } from '../errors';

/** A conference of fewer is over. */
const FEWEST = 2;

/**
 * Legs whose media meet at a media server: two are bridged, three or more are in a conference. Each leg is negotiated on its
 * own; only what the others must follow (added video) reaches them.
 */
export class AnchoredBridge implements Bridge {
  private readonly parties = new Map<PartyId, PresentParty>();
  private readonly signals = new AnchoredSignals(this.parties, (error) => this.fault(error));
  private readonly negotiation = new AnchoredNegotiation(this.parties, {
    held: (party) => this.hold(party), isOver: () => this.over, isVisit: () => this.isVisit, fault: (error) => this.fault(error),
  });
  private conference: MediaConference | undefined;
  private isVisit = false;
  private over = false;

  constructor(
    private readonly media: CallMedia, parties: readonly AnchoredParty[], private readonly language: PromptLanguage,
    private readonly on: { ended: (why: Release) => void; error: (error: unknown) => void },
  ) {
    for (const party of parties) this.put(this.present(party));
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

  /** What the parties take of pictures, but for one of them. */
  limits(except?: PartyId): PictureLimits {
    return this.negotiation.limits(except);
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
    const present = this.present(party);
    this.put(present);
    await this.enter(present, options.interpreter);
    this.negotiation.tellLimits();
  }

  /** The party goes on with another leg of its own (it dialled again); the old leg is released. Throws when that fails, and all is as before. */
  async replace(id: PartyId, leg: ActiveLeg, endpoint: MediaEndpoint): Promise<void> {
    const old = this.parties.get(id);
    const present = this.present({ id, leg, endpoint, principal: old?.principal ?? true, told: this.limits(id), ...(old?.seat && { seat: old.seat }) });
    if (this.conference) await this.enter(present);
    else await this.beside(id)?.endpoint.bridge(endpoint);
    if (!old || this.parties.get(id) !== old) throw new EtasiltaError('call-over', 'The call ended while the party went over to another leg.', { sipStatus: 487, q850: 16 });
    this.put(present);
    // The new leg has no floor control until it offers it.
    old.seat?.agree('', '', 'answerer');
    old.leg.release(CONTINUES);
    old.endpoint.release();
  }

  partyOf(leg: string): PartyId | undefined {
    return [...this.parties.values()].find((party) => party.leg.id === leg)?.id;
  }

  beside(id: PartyId): PresentParty | undefined {
    return this.parties.size === 2 && this.parties.has(id) ? [...this.parties.values()].find((party) => party.id !== id) : undefined;
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
    for (const { leg, keyFrames } of this.parties.values()) {
      keyFrames.end();
      leg.release(why);
    }
    this.closeConference();
  }

  async renegotiate(id: PartyId, message: LegMessage): Promise<LegReply> {
    const party = this.parties.get(id);
    return party ? this.negotiation.renegotiate(party, message) : { status: 481, headers: {} };
  }

  /** Asks a party for an offer of its own, and takes it as if it had made it. */
  async solicit(id: PartyId): Promise<void> {
    const party = this.parties.get(id);
    if (party) await this.negotiation.solicit(party);
  }

  /** A party's description has come after it was connected. */
  described(id: PartyId, sdp: string): void {
    const party = this.parties.get(id);
    if (party) this.negotiation.described(party, sdp);
  }

  async message(id: PartyId, message: LegMessage): Promise<LegReply> {
    const party = this.parties.get(id);
    if (!party) return { status: 481, headers: {} };
    if (message.method === 'UPDATE') return { status: 200, headers: sessionTimer(message) };
    return this.signals.message(party, message);
  }

  async probe(): Promise<void> {
    await Promise.all([...this.parties.values()].map(async (party) => {
      if (await party.leg.probe() || this.over || this.parties.get(party.id) !== party) return;
      this.remove(party.id, release(408, `the ${party.id} no longer answers`, 'gateway', { q850: 102 }));
    }));
  }

  private present(party: AnchoredParty): PresentParty {
    return new PresentParty(party, (error) => this.fault(error));
  }

  private put(party: PresentParty): void {
    this.parties.get(party.id)?.keyFrames.end();
    this.parties.set(party.id, party);
    this.signals.take(party);
  }

  private async enter(party: PresentParty, interpreter = false): Promise<void> {
    party.member = await this.conference?.join(party.endpoint, { interpreter });
  }

  private leave(party: PresentParty, why: Release): void {
    this.parties.delete(party.id);
    party.keyFrames.end();
    party.endpoint.release();
    const left = [...this.parties.values()];
    if (left.length >= FEWEST && left.some(({ principal }) => principal)) {
      this.announce('left');
      return;
    }
    this.over = true;
    for (const { leg, keyFrames } of left) {
      keyFrames.end();
      leg.release(why);
    }
    this.closeConference();
    this.on.ended(why);
  }

  private closeConference(): void {
    if (!this.isVisit) this.conference?.destroy().catch((error: unknown) => this.fault(error));
  }

  /** One who is held by the other of two is told that it is not forgotten. */
  private hold({ id: holder, holds }: PresentParty): void {
    if (this.conference) return;
    for (const { id, endpoint } of this.parties.values()) {
      if (id === holder) continue;
      const told = holds ? endpoint.play('please-wait', this.language, { loop: true }) : endpoint.stop();
      told.catch((error: unknown) => this.fault(error));
    }
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
