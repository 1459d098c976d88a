import { randomBytes } from 'node:crypto';
import { release, type Release } from '../../calls';
import type { ControlChannel } from '../contracts';
import { H245Session, type ChannelAnswer, type H245Error, type H245Handlers, type IncomingChannel, type LogicalChannel, type Peer } from '../h245';
import { acceptChannel, capabilitiesOf, channelsToOpen, mediumOf, type DescribedChannel, type Medium } from '../sdp';
import { PartyDescriptions } from './description';
import type { CallEncryption } from './encryption';
import { LegError } from './errors';
import { SecureSession, type MediaSession } from './secure-session';
import type { Firewall } from './traversal';
import { willing } from './willing';

/** A gateway without a conference controller (H.323 table 1). */
const TERMINAL_TYPE = 60;
/** How long the peer's own channels are waited for once ours are open: peers open theirs in the same moment. */
const PEER_CHANNELS_MS = 1_500;
/** What the peer changes by itself comes in several messages; it is told as one change. */
const GATHER_MS = 100;
/** Changes that are told in a row without the other side's doing; a peer that opens and closes for ever is left alone then. */
const MAX_CHANGES = 16;
/** H.245 that starts in Setup is answered when somebody answers the call (T301). */
const FIRST_ANSWER_MS = 180_000;

const CONTROL_LOST = release(503, 'the H.245 connection was lost', 'gateway', { q850: 41 });

export interface LegMediaEvents {
  /** The peer opened or closed channels by itself; `description` says what it is now, as an offer. Resolves with the answer to that. */
  changed(description: string): Promise<string | undefined>;
  digit(digit: string): void;
  /** The peer wants a key frame of the picture that it gets. */
  keyFrameWanted(): void;
  /** The call cannot go on. */
  failed(why: Release): void;
}

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
  private waiters: (() => void)[] = [];
  /** Channels of fast start, until the session holds them. */
  fastStarted = false;

  /** `firewall`: the one that the peer is behind. */
  constructor(control: ControlChannel, host: () => string, private readonly events: LegMediaEvents, private readonly firewall?: Firewall, private readonly encryption?: CallEncryption) {
    this.descriptions = new PartyDescriptions(host);
    const options = { control, terminalType: TERMINAL_TYPE, random: randomBytes, peer: this.peer, handlers: this.handlers(), timers: { firstAnswer: FIRST_ANSWER_MS } };
    this.session = encryption ? new SecureSession(options, encryption, { host, firewall }) : new H245Session(options);
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
    return this.describe(offer);
  }

  /** The other party's new description: hold, resumption, other addresses, added or removed media. Resolves with the answer to it. */
  async update(local: string, asAnswer = false): Promise<string> {
    const before = this.local;
    this.local = local;
    this.changes = 0;
    if (this.started && !this.over) await this.change(() => this.follow(before, local));
    return this.describe(asAnswer ? undefined : local);
  }

  private async follow(before: string | undefined, local: string): Promise<void> {
    if (before !== undefined && movesMedia(before, local)) {
      // What the peer sends goes elsewhere now, or nowhere: it stops on the empty set, and starts anew on the next (H.323 section 8.4.6).
      await this.session.setCapabilities({});
      await this.until(() => this.session.channels.every(({ direction }) => direction === 'send'));
    }
    if (receivesMedia(local)) {
      await this.session.setCapabilities(capabilitiesOf(local));
      if (!this.paused) await this.whenReady();
    }
    if (this.ready) await this.openAndAwait();
  }

  /** What descriptions of fast start begin with, so that they are the same session. */
  get identity(): { host: string; sessionId: string; version: number } {
    return this.descriptions.identity;
  }

  /** The H.323 party as SIP sees it. */
  describe(offer?: string): string {
    this.shown = this.state;
    return this.descriptions.describe(this.channels, this.session.remoteCapabilities, { offer, local: this.local, keep: this.kept() });
  }

  /** The open channels, with the addresses that hold. */
  get channels(): DescribedChannel[] {
    const { session: { channels }, firewall, encryption } = this;
    return firewall && !encryption ? channels.map((channel) => firewall.seen(channel)) : channels;
  }

  sendDigit(digit: string): void {
    if (!this.over && this.started) this.session.sendUserInput(digit);
  }

  /** Asks the peer for key frames of all pictures that it sends. */
  refreshVideo(): void {
    for (const channel of this.session.channels) {
      if (channel.direction === 'receive' && mediumOf(channel.dataType) === 'video') this.session.command(channel, { videoFastUpdatePicture: null });
    }
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.told);
    this.wake();
    void this.session.end();
  }

  private handlers(): H245Handlers {
    return {
      ready: () => {
        this.ready = true;
        this.paused = false;
        this.wake();
        if (this.changing === 0 && this.shown !== undefined) this.openMore();
      },
      remoteCapabilities: (capabilities) => {
        if (capabilities.capabilityTable) return;
        this.paused = this.ready || this.paused;
        this.ready = false;
        this.noticed();
      },
      channelOpened: (channel) => {
        this.wake();
        if (channel.direction === 'receive') this.noticed();
      },
      channelClosed: ({ direction }, cause, reopen) => {
        this.wake();
        if (cause === 'local' || cause === 'ended') return;
        if (reopen && direction === 'send') this.openMore();
        this.noticed();
      },
      channelRequested: (request) => this.answerChannel(request),
      userInput: ({ text }) => { for (const digit of text) if (/[0-9*#A-D]/i.test(digit)) this.events.digit(digit.toUpperCase()); },
      miscellaneousCommand: ({ type }) => { if ('videoFastUpdatePicture' in type || 'videoFastUpdateGOB' in type || 'videoFastUpdateMB' in type) this.events.keyFrameWanted(); },
      failed: (error) => this.failed(error),
      ended: (by) => {
        const lost = by === 'closed' && !this.over;
        this.over = true;
        this.wake();
        // A call that ends takes its H.245 along, and tells so within this turn; what fast start opened needs none.
        if (lost && this.started && !this.fastStarted) setImmediate(() => this.events.failed(CONTROL_LOST));
      },
    };
  }

  private answerChannel(request: IncomingChannel): ChannelAnswer {
    if (this.local === undefined) return { refuse: { dataTypeNotAvailable: null } };
    if ('h235Media' in request.dataType) return { refuse: { securityDenied: null } };
    const answer = acceptChannel(this.local, request);
    if ('refuse' in answer) return { refuse: answer.refuse };
    const { media, payloadType, bitRateLimit } = answer;
    if (bitRateLimit !== undefined) {
      // After the acknowledgement, which makes the channel one that can be limited.
      setImmediate(() => {
        const channel = this.channelOf(request);
        if (channel) this.session.flowControl({ channel, maximumBitRate: Math.floor(bitRateLimit / 100) });
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
    const wanted = channelsToOpen(local, session.remoteCapabilities, { symmetricWith: session.channels });
    const superfluous = session.channels.filter((channel) => channel.direction === 'send' && !wanted.some(({ medium }) => medium === mediumOf(channel.dataType)));
    await Promise.all(superfluous.map((channel) => session.close(channel).catch(() => undefined)));
    const missing = wanted.filter(({ medium }) => !isOpen(medium, 'send'));
    // One that is refused is no fault: the call has the others.
    await Promise.all(missing.map((channel) => session.open(this.firewall?.opening(channel) ?? channel).catch(() => undefined)));
    const expected = wanted.filter((channel) => !('refuse' in acceptChannel(local, { ...channel, number: 0 })));
    await this.until(() => expected.every(({ medium }) => !isOpen(medium, 'send') || isOpen(medium, 'receive')));
  }

  /** Resolves when it holds, or the peer has taken its time. */
  private async until(holds: () => boolean): Promise<void> {
    const deadline = Date.now() + PEER_CHANNELS_MS;
    while (!holds() && !this.over && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.waiters.push(() => { clearTimeout(timer); resolve(); });
      });
    }
  }

  private async whenReady(): Promise<void> {
    while (!this.ready && !this.over) await new Promise<void>((resolve) => this.waiters.push(resolve));
    if (this.over) throw new LegError('h323-control-closed', 'The H.323 endpoint ended its control channel before media could be agreed on.', 480, 41);
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  /** Tells the other side once of all that the peer does in a moment. */
  private noticed(): void {
    if (this.changing > 0 || this.over || this.shown === undefined || this.changes >= MAX_CHANGES) return;
    this.told ??= setTimeout(() => {
      this.told = undefined;
      this.tell().catch((error: unknown) => this.fault(error));
    }, GATHER_MS);
  }

  private async tell(): Promise<void> {
    if (this.telling || this.changing > 0 || this.over || this.state === this.shown) return;
    this.changes++;
    this.telling = true;
    const [before, offer] = [this.local, this.describe()];
    const answer = await this.events.changed(offer).finally(() => { this.telling = false; });
    if (this.over) return;
    if (answer !== undefined) this.local = before === undefined ? answer : willing(answer, offer, before);
    await this.change(() => this.openAndAwait());
  }

  /** The channels, as far as a description tells of them. */
  private get state(): string {
    return this.session.channels.map(({ direction, sessionId, payloadType, media: { rtp } }) => `${direction} ${sessionId} ${payloadType} ${direction === 'send' ? `${rtp.host}:${rtp.port}` : ''}`).sort().join('\n');
  }

  /** Pictures that were in the call stay in it while no channel is open. */
  private kept(): Medium[] {
    const ready = this.ready || this.session.channels.length > 0;
    return ready && this.local !== undefined && /^m=video [1-9]/m.test(this.local) && !this.session.remoteCapabilities.capabilityTable ? ['audio', 'video'] : ['audio'];
  }

  private failed(error: H245Error): void {
    // A peer that opened its channels by fast start may have no H.245 at all (H.323 section 8.1.7).
    if (this.fastStarted && !this.ready) return;
    this.fault(error);
  }

  private fault(error: unknown): void {
    if (this.over) return;
    const { q850 = 41, sipStatus = 503, message } = error as Partial<H245Error>;
    this.events.failed(release(sipStatus, message ?? 'H.245 failed', 'gateway', { q850 }));
  }
}

/** Whether the party takes anything that the peer sends. */
function receivesMedia(sdp: string): boolean {
  return sdp.split(/^m=/m).slice(1).some((line) => !/^\S+ 0 /.test(line) && !/^a=(sendonly|inactive)\b/m.test(line));
}

/** Whether what the peer sends has to go elsewhere, in another codec, or not at all. */
function movesMedia(before: string, after: string): boolean {
  const lines = (sdp: string): string[] => sdp.split(/^m=/m).slice(1).map((line) => {
    const [port = ''] = /^\S+ \d+/.exec(line) ?? [];
    const address = /^c=.*$/m.exec(line)?.[0] ?? /^c=.*$/m.exec(sdp)?.[0] ?? '';
    const receives = !/^a=(sendonly|inactive)\b/m.test(line);
    return `${port} ${address} ${receives}`;
  });
  const now = lines(after);
  return lines(before).some((line, index) => !/^\S+ 0 /.test(line) && line !== now[index]);
}
