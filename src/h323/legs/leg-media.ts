import { release } from '../../calls';
import type { ControlChannel } from '../contracts';
import { H245Session, type ChannelAnswer, type H245Error, type H245Handlers, type IncomingChannel, type LogicalChannel, type Peer } from '../h245';
import { randomOctets } from '../random';
import { acceptChannel, awaitsAddress, capabilitiesOf, channelsToOpen, mediumOf, takesContent, type DescribedChannel, type Medium, type ProposedChannel } from '../sdp';
import { AwaitedChannels } from './awaited-channels';
import { describedOf, isContent, stateOf } from './channel-state';
import { LegContent } from './content';
import { hasPlace, slidesOf } from './content-description';
import { PartyDescriptions } from './description';
import type { CallEncryption } from './encryption';
import { LegError } from './errors';
import { FlowLimits, isPicture } from './flow-limits';
import type { FloorSettings } from './floor-link';
import { KeyFrameRequests } from './key-frames';
import type { LegMediaEvents } from './media-events';
import { CONTENT_PLACE_MS, FIRST_ANSWER_MS, GATHER_MS, MODE_MS, PEER_CAPABILITIES_MS, PEER_CHANNELS_MS } from './media-timing';
import { movesMedia, receivesMedia } from './party-changes';
import { meaningOf } from './peer-commands';
import { SecureSession, type MediaSession } from './secure-session';
import { TransmissionModes } from './transmission-modes';
import type { Firewall } from './traversal';
import { Waiters } from './waiters';
import { willing } from './willing';

/** A gateway without a conference controller (H.323 table 1). */
const TERMINAL_TYPE = 60;
/** Changes that are told in a row without the other side's doing; a peer that opens and closes for ever is left alone then. */
const MAX_CHANGES = 16;
/** Content is opened when somebody shows it, and other media at once. */
const WITHOUT_CONTENT: readonly Medium[] = ['audio', 'video', 'camera'];

const CONTROL_LOST = release(503, 'the H.245 connection was lost', 'gateway', { q850: 41 });

/**
 * The media of an H.323 leg between two worlds: SDP offers and answers on this side, capabilities and logical channels of H.245 on the
 * other. `local` is the description of the party that the H.323 endpoint is connected with.
 */
export class LegMedia {
  /** What is known of the peer; its quirks are minded (H.323 endpoints refuse what others require). */
  readonly peer: Peer = {};
  private readonly session: MediaSession;
  private readonly descriptions: PartyDescriptions;
  private local: string | undefined;
  /** Channels may be opened. */
  private ready = false;
  /** The peer takes no media for now; `ready` comes again when it does. */
  private paused = false;
  /** The channels that the other side was told of last; nothing is told of changes before anything was. */
  private shown: string | undefined;
  private started = false;
  private over = false;
  /** A change that this side makes is under way; what the peer does meanwhile belongs to it. */
  private changing = 0;
  private changes = 0;
  /** The other side is being told. */
  private telling = false;
  /** Channels are opened by one at a time. */
  private opening: Promise<void> = Promise.resolve();
  private told: NodeJS.Timeout | undefined;
  private limitTold: NodeJS.Timeout | undefined;
  private readonly limits = new FlowLimits();
  /** Key frames that the peer is asked for, and that it asks for. */
  private readonly asked = new KeyFrameRequests(() => {
    for (const channel of this.session.channels) if (channel.direction === 'receive' && isPicture(channel)) this.session.command(channel, { videoFastUpdatePicture: null });
  });
  private readonly wanted = new KeyFrameRequests(() => this.events.keyFrameWanted());
  private readonly modes: TransmissionModes;
  private readonly waiters = new Waiters();
  /** Channels of the peer's for media that the other party has no place for yet. */
  private readonly awaited = new AwaitedChannels();
  /** Channels of fast start, until the session holds them. */
  fastStarted = false;
  private readonly content: LegContent;
  /** The peer has H.239. */
  private hasContent = false;
  /** The other party has not been asked yet whether it has slides. */
  offersContent = false;
  /** The last offer to the other party. */
  private offered = '';

  /** `firewall`: the one that the peer is behind. */
  constructor(control: ControlChannel, host: () => string, private readonly events: LegMediaEvents, floor: FloorSettings, private readonly firewall?: Firewall, private readonly encryption?: CallEncryption) {
    this.descriptions = new PartyDescriptions(host);
    const options = { control, terminalType: TERMINAL_TYPE, random: randomOctets, peer: this.peer, handlers: this.handlers(), timers: { firstAnswer: FIRST_ANSWER_MS, modeRequest: MODE_MS } };
    this.session = encryption ? new SecureSession(options, encryption, { host, firewall }) : new H245Session(options);
    this.modes = new TransmissionModes({
      session: this.session, local: () => this.local, ready: () => this.ready, offer: (channels) => this.propose(channels), renew: () => this.openMore(),
      until: (holds) => this.until(holds),
    });
    this.content = new LegContent(floor, { send: (message) => { if (!this.over) this.session.sendGeneric(message); }, holderChanged: () => this.holderChanged() });
  }

  /** Starts H.245 for a party with this description, or offers it these as its new terms; see {@link settle} for the outcome. */
  start(local: string): void {
    this.local = local;
    if (this.started || this.over) return;
    this.started = true;
    this.session.start(capabilitiesOf(local));
  }

  /** Channels that fast start has opened; H.245 adds to them. */
  adopt(local: string, channels: readonly DescribedChannel[]): void {
    this.local = local;
    this.fastStarted = channels.length > 0;
    this.changing++;
    for (const channel of channels) this.session.adopt(channel);
    this.changing--;
    this.shown = this.state;
  }

  /**
   * Opens what the description and the peer's capabilities allow, and waits for the peer to do so; resolves with the H.323 party's
   * description, in answer to `offer` where there is one.
   * @throws LegError when there is nothing that both sides can do, EtasiltaError when H.245 fails
   */
  async settle(offer?: string): Promise<string> {
    await this.whenReady();
    await this.change(() => this.openAndAwait());
    if (this.session.channels.length === 0) throw new LegError('h323-no-common-media', 'The H.323 endpoint and the other side have no codec in common, or it opened no channel.', 488, 88);
    return offer === undefined ? this.reoffer() : this.answer(offer);
  }

  /**
   * What the peer can do, as an offer for one who has made none: it names no address, for no channel is open ({@link settleLate}).
   * @throws LegError when the peer does not say
   */
  async offer(): Promise<string> {
    await this.until(() => this.session.remoteCapabilities.capabilityTable !== undefined, PEER_CAPABILITIES_MS);
    if (this.over || !this.session.remoteCapabilities.capabilityTable) throw new LegError('h323-no-common-media', 'The H.323 endpoint does not say what media it can do.', 488, 88);
    return this.descriptions.offer(this.session.remoteCapabilities);
  }

  /** Goes on with the answer to {@link offer}; the other side is told where the peer receives when that is known. */
  async settleLate(local: string): Promise<void> {
    this.start(local);
    this.offersContent = true;
    await this.settle();
    this.shown = undefined;
    await this.tell();
  }

  /** The other party's new description: hold, resumption, other addresses, added or removed media. Resolves with the answer to it. */
  async update(local: string, asAnswer = false): Promise<string> {
    const before = this.local;
    this.local = local;
    if (this.limits.admitted < Infinity) this.restrict(Infinity);
    this.changes = 0;
    this.waiters.wake();
    if (asAnswer) this.content.agree(this.offered, local, 'offerer');
    if (this.started && !this.over) await this.change(() => this.follow(before, local));
    return asAnswer ? this.describe() : this.answer(local);
  }

  /** The H.323 party's description as an offer to the other party. */
  async reoffer(): Promise<string> {
    if (this.keepsContent) await this.content.prepare();
    return (this.offered = this.describe());
  }

  private async answer(offer: string): Promise<string> {
    if (this.keepsContent) await this.content.prepare(offer);
    const answer = this.describe(offer);
    this.content.agree(offer, answer, 'answerer');
    return answer;
  }

  private async follow(before: string | undefined, local: string): Promise<void> {
    if (before !== undefined && !awaitsAddress(before) && movesMedia(before, local)) {
      // What the peer sends goes elsewhere now, or nowhere: it stops on the empty set, and starts anew on the next (H.323 section 8.4.6).
      await this.session.setCapabilities({});
      await this.until(() => this.session.channels.every(({ direction }) => direction === 'send'));
    }
    if (before !== undefined && slidesOf(before) !== slidesOf(local)) this.closeContent('receive', slidesOf(local) !== undefined);
    if (receivesMedia(local)) {
      await this.session.setCapabilities(capabilitiesOf(local));
      if (!this.paused) await this.whenReady();
    }
    if (this.ready) await this.openAndAwait();
    for (const command of this.limits.commands(this.session.channels, local)) this.session.flowControl(command);
  }

  /** What descriptions of fast start begin with, so that they are the same session. */
  get identity(): { host: string; sessionId: string; version: number } {
    return this.descriptions.identity;
  }

  /** The H.323 party as SIP sees it. */
  private describe(offer?: string): string {
    this.shown = this.state;
    this.limits.show(this.session.channels);
    return this.described([...this.modes.told(this.channels), ...this.promised], offer);
  }

  private described(channels: readonly DescribedChannel[], offer?: string): string {
    const { local, session: { remoteCapabilities } } = this;
    return this.descriptions.describe(describedOf(channels), remoteCapabilities, {
      offer, local, keep: this.kept(), complete: (sdp) => this.content.describe(sdp, { offer, local }),
    });
  }

  /** What the peer will send when the other party has told where it receives. */
  private get promised(): DescribedChannel[] {
    return this.awaitsAddress ? this.awaited.with(this.session.channels) : [];
  }

  private get awaitsAddress(): boolean {
    return this.local !== undefined && awaitsAddress(this.local);
  }

  /** The open channels, with the addresses that hold. */
  get channels(): DescribedChannel[] {
    const { firewall, encryption } = this;
    const channels = this.limits.limit(this.session.channels);
    return firewall && !encryption ? channels.map((channel) => firewall.seen(channel)) : channels;
  }

  sendDigit(digit: string): void {
    if (!this.over && this.started) this.session.sendUserInput(digit);
  }

  /** Asks the peer for key frames of all pictures that it sends. */
  refreshVideo(): void {
    this.asked.request();
  }

  end(): void {
    if (this.over) return;
    this.finish();
    void this.session.end();
  }

  private finish(): void {
    this.over = true;
    clearTimeout(this.told);
    clearTimeout(this.limitTold);
    this.asked.end();
    this.wanted.end();
    this.content.close();
    this.waiters.wake();
  }

  private handlers(): H245Handlers {
    return {
      ready: () => {
        this.ready = true;
        this.paused = false;
        this.waiters.wake();
        if (this.changing === 0 && this.shown !== undefined) this.openMore();
      },
      remoteCapabilities: (capabilities) => {
        this.waiters.wake();
        this.modes.forget();
        if (capabilities.capabilityTable) {
          this.hasContent = takesContent(capabilities);
          return this.noticed();
        }
        this.paused = this.ready || this.paused;
        this.ready = false;
        this.noticed();
      },
      channelOpened: (channel) => {
        this.waiters.wake();
        if (channel.direction === 'receive') {
          if (isContent(channel)) this.content.endpointShows(true);
          this.noticed();
        }
      },
      channelClosed: ({ direction, number, dataType }, cause, reopen) => {
        this.limits.forget({ direction, number });
        this.waiters.wake();
        if (isContent({ dataType })) {
          if (direction === 'receive') this.content.endpointShows(false);
          else if (cause !== 'local' && !reopen) this.content.unshown();
        }
        if (cause === 'local' || cause === 'ended') return;
        if (reopen && direction === 'send') this.openMore();
        this.noticed();
      },
      generic: (message) => this.content.received(message),
      channelRequested: (request) => (this.awaitsAddress ? this.answerLater(request) : isContent(request) ? this.answerContent(request) : this.answerChannel(request)),
      userInput: ({ text }) => { for (const digit of text) if (/[0-9*#A-D]/i.test(digit)) this.events.digit(digit.toUpperCase()); },
      modeRequested: (modes) => this.modes.answer(modes),
      flowControl: (limit) => {
        this.limits.take(limit);
        this.limitNoticed();
      },
      miscellaneousCommand: ({ type }) => {
        const meaning = meaningOf(type);
        if (meaning === 'key frame') this.wanted.request();
        return meaning !== undefined;
      },
      // A peer that opened its channels by fast start may have no H.245 at all (H.323 section 8.1.7).
      failed: (error) => { if (this.ready || !this.fastStarted) this.fault(error); },
      ended: (by) => {
        const lost = by === 'closed' && !this.over;
        this.finish();
        // A call that ends takes its H.245 along, and tells so within this turn; what fast start opened needs none.
        if (lost && this.started && !this.fastStarted) setImmediate(() => this.events.failed(CONTROL_LOST));
      },
    };
  }

  /** The session's own patience ends the waiting. */
  private async answerLater(request: IncomingChannel): Promise<ChannelAnswer> {
    this.awaited.add(request);
    this.waiters.wake();
    await this.until(() => !this.awaitsAddress, PEER_CAPABILITIES_MS);
    this.awaited.delete(request);
    return this.answerChannel(request);
  }

  /** Another H.323 endpoint tells where it takes content only when its own channel is open. */
  private async answerContent(request: IncomingChannel): Promise<ChannelAnswer> {
    await this.until(() => !this.content.isEndpoints || (this.local !== undefined && hasPlace(slidesOf(this.local))), CONTENT_PLACE_MS);
    return this.answerChannel(request);
  }

  private answerChannel(request: IncomingChannel): ChannelAnswer {
    if (this.local === undefined) return { refuse: { dataTypeNotAvailable: null } };
    if ('h235Media' in request.dataType) return { refuse: { securityDenied: null } };
    const answer = acceptChannel(this.local, request);
    if ('refuse' in answer) return { refuse: answer.refuse };
    // Who may show is settled by the token before (H.239).
    if (answer.medium === 'content' && !this.content.isEndpoints) return { refuse: { dataTypeNotAvailable: null } };
    const { media, payloadType, bitRateLimit } = answer;
    if (bitRateLimit !== undefined) {
      // After the acknowledgement, which makes the channel one that can be limited.
      setImmediate(() => {
        const channel = this.channelOf(request);
        const command = channel && this.limits.command(channel, bitRateLimit);
        if (command) this.session.flowControl(command);
      });
    }
    return { media, ...(payloadType !== undefined && { payloadType }) };
  }

  private channelOf({ number }: IncomingChannel): LogicalChannel | undefined {
    return this.over ? undefined : this.session.channels.find((channel) => channel.direction === 'receive' && channel.number === number);
  }

  /** Opens what is missing: beyond fast start, after a pause, and where the peer takes its media elsewhere. */
  private openMore(): void {
    this.change(() => this.openAndAwait()).catch((error: unknown) => this.fault(error));
  }

  /** What the peer does meanwhile belongs to the change; what is not told with it is told afterwards. */
  private async change(work: () => Promise<void>): Promise<void> {
    this.changing++;
    try {
      await work();
    } finally {
      this.changing--;
      this.noticed();
    }
  }

  private openAndAwait(): Promise<void> {
    return (this.opening = this.opening.catch(() => undefined).then(() => this.openMissing()));
  }

  private async openMissing(): Promise<void> {
    const { local, session } = this;
    if (local === undefined || this.over || !this.ready) return;
    const isOpen = (medium: Medium, direction: LogicalChannel['direction']): boolean =>
      session.channels.some((channel) => channel.direction === direction && mediumOf(channel.dataType) === medium);
    const shows = this.hasContent && this.content.isPartys;
    const choose = (): ProposedChannel[] => channelsToOpen(local, session.remoteCapabilities, {
      symmetricWith: [...session.channels, ...this.awaited], mode: this.modes.mode, ...(!shows && { media: WITHOUT_CONTENT }),
    });
    // The peer chooses its codecs in the same moment: those that go both ways need no second thought.
    if (awaitsAddress(local)) await this.until(() => choose().every(({ medium }) => [...this.awaited].some((channel) => mediumOf(channel.dataType) === medium)));
    const wanted = choose();
    const superfluous = session.channels.filter((channel) => channel.direction === 'send' && (!wanted.some(({ medium }) => medium === mediumOf(channel.dataType)) || !this.modes.keeps(channel)));
    await Promise.all(superfluous.map((channel) => session.close(channel).catch(() => undefined)));
    const missing = wanted.filter(({ medium }) => !isOpen(medium, 'send'));
    // One that is refused is no fault: the call has the others.
    await Promise.all(missing.map((channel) => this.open(channel).catch(() => { if (channel.medium === 'content') this.content.unshown(); })));
    if (shows && !isOpen('content', 'send')) this.content.unshown();
    const expected = wanted.filter((channel) => channel.medium !== 'content' && !('refuse' in acceptChannel(local, { ...channel, number: 0 })));
    await this.until(() => expected.every(({ medium }) => !isOpen(medium, 'send') || isOpen(medium, 'receive')));
    await this.modes.ask();
  }

  private open(channel: ProposedChannel): Promise<LogicalChannel> {
    const request = channel.medium === 'content' ? { ...channel, number: this.content.channelNumber } : channel;
    return this.session.open(this.firewall?.opening(request) ?? request);
  }

  private holderChanged(): void {
    if (this.over) return;
    this.changes = 0;
    this.waiters.wake();
    if (!this.content.isEndpoints) this.closeContent('receive');
    this.openMore();
  }

  /** @param reopen the peer may go on with it elsewhere */
  private closeContent(direction: LogicalChannel['direction'], reopen = false): void {
    for (const channel of this.session.channels) if (isContent(channel) && channel.direction === direction) this.session.close(channel, reopen).catch(() => undefined);
  }

  /** Resolves when it holds, or the peer has taken its time. */
  private until(holds: () => boolean, patienceMs = PEER_CHANNELS_MS): Promise<void> {
    return this.waiters.until(() => this.over || holds(), patienceMs);
  }

  private async whenReady(): Promise<void> {
    await this.waiters.until(() => this.ready || this.over);
    if (this.over) throw new LegError('h323-control-closed', 'The H.323 endpoint ended its control channel before media could be agreed on.', 480, 41);
  }

  /** Tells the other side once of all that the peer does in a moment. */
  private noticed(): void {
    const rate = this.changing > 0 || this.over ? undefined : this.limits.newRate(this.session.channels);
    if (rate !== undefined) this.events.rate?.(rate);
    if (this.changing > 0 || this.over || this.shown === undefined || this.changes >= MAX_CHANGES) return;
    this.told ??= setTimeout(() => {
      this.told = undefined;
      this.tell().catch((error: unknown) => this.fault(error));
    }, GATHER_MS);
  }

  /** There is room for no more than this on the lines, bit/s both ways together: pictures have what sound leaves, in each way. */
  restrict(bitRate: number): void {
    if (this.over) return;
    this.limits.admitted = Math.floor(bitRate / 2);
    this.session.flowControl({ ...(bitRate < Infinity && { maximumBitRate: Math.floor(this.limits.admitted / 100) }) });
    this.limitNoticed();
  }

  /** As {@link noticed}, of a limit that the peer has set. */
  private limitNoticed(): void {
    if (this.over) return;
    this.limitTold ??= setTimeout(() => {
      this.limitTold = undefined;
      this.noticed();
    }, this.limits.waitMs);
  }

  /** Offers the other side that the peer's channels are these; what it answers holds from then on. */
  private async propose(channels: readonly DescribedChannel[]): Promise<void> {
    if (this.telling || this.over || this.shown === undefined || this.changes >= MAX_CHANGES) return;
    this.changes++;
    this.telling = true;
    const [before, offer] = [this.local, this.described(channels)];
    // Whatever comes of it, what is so in the end is told.
    this.shown = '';
    const answer = await this.events.changed(offer).finally(() => { this.telling = false; });
    if (answer !== undefined && !this.over) this.local = before === undefined ? answer : willing(answer, offer, before);
    this.noticed();
  }

  private async tell(): Promise<void> {
    const isSame = this.state === this.shown;
    if (this.telling || this.changing > 0 || this.over || (isSame && this.limits.isShown(this.session.channels))) return;
    if (!isSame) this.changes++;
    this.telling = true;
    const before = this.local;
    const offer = await this.reoffer();
    const answer = await this.events.changed(offer).finally(() => { this.telling = false; });
    if (this.over) return;
    if (answer !== undefined) {
      this.local = before === undefined ? answer : willing(answer, offer, before);
      this.content.agree(offer, answer, 'offerer');
    }
    const hasSlides = this.local !== undefined && slidesOf(this.local) !== undefined;
    if (this.offersContent && !hasSlides) {
      this.offersContent = false;
      this.shown = this.state;
    }
    if (hasSlides && (before === undefined || slidesOf(before) === undefined)) await this.session.setCapabilities(capabilitiesOf(this.local!));
    await this.change(() => this.openAndAwait());
  }

  /** The channels, as far as a description tells of them. */
  private get state(): string {
    return stateOf(this.session.channels) + (this.keepsContent ? '\ncontent' : '');
  }

  /** Slides are a line of the call, whether anybody shows something or not. */
  private get keepsContent(): boolean {
    return this.hasContent && (this.offersContent || (this.local !== undefined && slidesOf(this.local) !== undefined));
  }

  /** Pictures that were in the call stay in it while no channel is open. */
  private kept(): Medium[] {
    const ready = this.ready || this.session.channels.length > 0;
    const content: Medium[] = this.keepsContent ? ['content'] : [];
    return ready && this.local !== undefined && /^m=video [1-9]/m.test(this.local) && !this.session.remoteCapabilities.capabilityTable ? ['audio', 'video', ...content] : ['audio', ...content];
  }

  private fault(error: unknown): void {
    if (this.over) return;
    const { q850 = 41, sipStatus = 503, message } = error as Partial<H245Error>;
    this.events.failed(release(sipStatus, message ?? 'H.245 failed', 'gateway', { q850 }));
  }
}
