import { KeyFrameRequests, release } from '../../calls';
import type { ControlChannel } from '../contracts';
import { H245Session, type H245Error, type Peer } from '../h245';
import { randomOctets } from '../random';
import { awaitsAddress, capabilitiesOf, type DescribedChannel } from '../sdp';
import { ChannelAnswers } from './channel-answers';
import { ChannelOpening } from './channel-opening';
import { LegContent } from './content';
import { slidesOf, slidesTermsOf } from './content-description';
import type { CallEncryption } from './encryption';
import { LegError } from './errors';
import { isPicture } from './flow-limits';
import type { FloorSettings } from './floor-link';
import { LegChanges } from './leg-changes';
import { LegDescription } from './leg-description';
import { LegState, type LegParts } from './leg-state';
import type { LegMediaEvents } from './media-events';
import { FIRST_ANSWER_MS, MODE_MS, PEER_CAPABILITIES_MS } from './media-timing';
import { movesMedia, receivesMedia } from './party-changes';
import { peerHandlers } from './peer-handlers';
import { SecureSession, type MediaSession } from './secure-session';
import { TransmissionModes } from './transmission-modes';
import type { Firewall } from './traversal';

/** A gateway without a conference controller (H.323 table 1). */
const TERMINAL_TYPE = 60;

/**
 * The media of an H.323 leg between two worlds: SDP offers and answers on this side, capabilities and logical channels of H.245 on the
 * other. `local` is the description of the party that the H.323 endpoint is connected with.
 */
export class LegMedia {
  /** What is known of the peer; its quirks are minded (H.323 endpoints refuse what others require). */
  readonly peer: Peer = {};
  private readonly state = new LegState();
  private readonly session: MediaSession;
  private readonly content: LegContent;
  private readonly description: LegDescription;
  private readonly opening: ChannelOpening;
  private readonly changes: LegChanges;
  /** Key frames that the peer is asked for, and that it asks for. */
  private readonly asked = new KeyFrameRequests(() => {
    for (const channel of this.session.channels) if (channel.direction === 'receive' && isPicture(channel)) this.session.command(channel, { videoFastUpdatePicture: null });
  });
  private readonly wanted = new KeyFrameRequests(() => this.events.keyFrameWanted());

  /** `firewall`: the one that the peer is behind. */
  constructor(control: ControlChannel, host: () => string, private readonly events: LegMediaEvents, floor: FloorSettings, firewall?: Firewall, encryption?: CallEncryption) {
    const { state } = this;
    const handlers = peerHandlers(() => ({ parts, changes: this.changes, answers, wanted: this.wanted, finish: () => this.finish() }));
    const options = { control, terminalType: TERMINAL_TYPE, random: randomOctets, peer: this.peer, handlers, timers: { firstAnswer: FIRST_ANSWER_MS, modeRequest: MODE_MS } };
    const session = (this.session = encryption ? new SecureSession(options, encryption, { host, firewall }) : new H245Session(options));
    const modes = new TransmissionModes({
      session, local: () => state.local, ready: () => state.ready, offer: (channels) => this.changes.propose(channels), renew: () => this.changes.openMore(),
      until: (holds) => state.until(holds),
    });
    const content = (this.content = new LegContent(floor, { send: (message) => { if (!state.over) session.sendGeneric(message); }, holderChanged: () => this.holderChanged() }));
    const parts: LegParts = { state, session, content, modes, events, fault: (error) => this.fault(error) };
    const answers = new ChannelAnswers(parts);
    this.description = new LegDescription(parts, host, firewall, encryption);
    this.opening = new ChannelOpening(parts, firewall);
    this.changes = new LegChanges(parts, this.description, this.opening);
  }

  /** Starts H.245 for a party with this description, or offers it these as its new terms; see {@link settle} for the outcome. */
  start(local: string): void {
    const { state } = this;
    state.local = local;
    if (state.started || state.over) return;
    state.started = true;
    this.session.start(capabilitiesOf(local));
  }

  /** Channels that fast start has opened; H.245 adds to them. */
  adopt(local: string, channels: readonly DescribedChannel[]): void {
    this.state.local = local;
    this.state.fastStarted = channels.length > 0;
    this.changes.unnoticed(() => { for (const channel of channels) this.session.adopt(channel); });
    this.description.shown = this.description.current;
  }

  get fastStarted(): boolean {
    return this.state.fastStarted;
  }

  /** The other party is to be asked whether it has slides, when the peer turns out to have H.239. */
  set offersContent(offers: boolean) {
    this.state.offersContent = offers;
  }

  /**
   * Opens what the description and the peer's capabilities allow, and waits for the peer to do so; resolves with the H.323 party's
   * description, in answer to `offer` where there is one.
   * @throws LegError when there is nothing that both sides can do, EtasiltaError when H.245 fails
   */
  async settle(offer?: string): Promise<string> {
    await this.state.whenReady();
    await this.changes.change(() => this.opening.openAndAwait());
    if (this.session.channels.length === 0) throw new LegError('h323-no-common-media', 'The H.323 endpoint and the other side have no codec in common, or it opened no channel.', 488, 88);
    return offer === undefined ? this.reoffer() : this.description.answer(offer);
  }

  /**
   * What the peer can do, as an offer for one who has made none: it names no address, for no channel is open ({@link settleLate}).
   * @throws LegError when the peer does not say
   */
  async offer(): Promise<string> {
    const { state, session } = this;
    await state.until(() => session.remoteCapabilities.capabilityTable !== undefined, PEER_CAPABILITIES_MS);
    if (state.over || !session.remoteCapabilities.capabilityTable) throw new LegError('h323-no-common-media', 'The H.323 endpoint does not say what media it can do.', 488, 88);
    return this.description.early();
  }

  /** Goes on with the answer to {@link offer}; the other side is told where the peer receives when that is known. */
  async settleLate(local: string): Promise<void> {
    this.start(local);
    this.offersContent = true;
    await this.settle();
    this.description.shown = undefined;
    await this.changes.tell();
  }

  /** The other party's new description: hold, resumption, other addresses, added or removed media. Resolves with the answer to it. */
  async update(local: string, asAnswer = false): Promise<string> {
    const { state, description } = this;
    const before = state.local;
    state.local = local;
    if (state.limits.admitted < Infinity) this.restrict(Infinity);
    this.changes.forgive();
    state.wake();
    if (asAnswer) description.answered(local);
    if (state.started && !state.over) await this.changes.change(() => this.follow(before, local));
    return asAnswer ? description.describe() : description.answer(local);
  }

  /** The H.323 party's description as an offer to the other party. */
  reoffer(): Promise<string> {
    return this.description.reoffer();
  }

  /** What descriptions of fast start begin with, so that they are the same session. */
  get identity(): LegDescription['identity'] {
    return this.description.identity;
  }

  /** The open channels, with the addresses that hold. */
  get channels(): DescribedChannel[] {
    return this.description.channels;
  }

  sendDigit(digit: string): void {
    if (!this.state.over && this.state.started) this.session.sendUserInput(digit);
  }

  /** Asks the peer for key frames of all pictures that it sends. */
  refreshVideo(): void {
    this.asked.request();
  }

  /** There is room for no more than this on the lines, bit/s both ways together: pictures have what sound leaves, in each way. */
  restrict(bitRate: number): void {
    const { state: { over, limits }, session } = this;
    if (over) return;
    limits.admitted = Math.floor(bitRate / 2);
    session.flowControl({ ...(bitRate < Infinity && { maximumBitRate: Math.floor(limits.admitted / 100) }) });
    this.changes.limitNoticed();
  }

  end(): void {
    if (this.state.over) return;
    this.finish();
    void this.session.end();
  }

  private finish(): void {
    this.state.over = true;
    this.changes.end();
    this.asked.end();
    this.wanted.end();
    this.content.close();
    this.state.wake();
  }

  private async follow(before: string | undefined, local: string): Promise<void> {
    const { state, session, opening } = this;
    if (before !== undefined && !awaitsAddress(before) && movesMedia(before, local)) {
      // What the peer sends goes elsewhere now, or nowhere: it stops on the empty set, and starts anew on the next (H.323 section 8.4.6).
      await session.setCapabilities({});
      await state.until(() => session.channels.every(({ direction }) => direction === 'send'));
    }
    if (before !== undefined && slidesTermsOf(before) !== slidesTermsOf(local)) opening.closeContent('receive', slidesOf(local) !== undefined);
    if (receivesMedia(local)) {
      await session.setCapabilities(capabilitiesOf(local));
      if (!state.paused) await state.whenReady();
    }
    if (state.ready) await opening.openAndAwait();
    for (const command of state.limits.commands(session.channels, local)) session.flowControl(command);
  }

  private holderChanged(): void {
    if (this.state.over) return;
    this.changes.forgive();
    this.state.wake();
    if (!this.content.isEndpoints) this.opening.closeContent('receive');
    this.changes.openMore();
  }

  private fault(error: unknown): void {
    if (this.state.over) return;
    const { q850 = 41, sipStatus = 503, message } = error as Partial<H245Error>;
    this.events.failed(release(sipStatus, message ?? 'H.245 failed', 'gateway', { q850 }));
  }
}
