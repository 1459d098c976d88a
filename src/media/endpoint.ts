import type { MediaEndpoint, MediaTransport, OfferOptions, Prompt, PromptLanguage } from '../calls';
import type { Channel } from './channel';
import { settled } from './event-socket';
import { gone, isGone, MediaError, serverFault } from './media-error';
import type { Prompts } from './prompts';
import { partyAnswer, serverReoffer, shapeOffer, type ShapedOffer } from './sdp';
import type { Placed } from './server-link';
import { wavLength } from './wav-length';

/** ICE and DTLS of a browser come before the server hands over the channel. */
const CHANNEL_MS = 30_000;
const KEYS = /^[0-9A-D*#]{1,32}$/;

/** Where an endpoint's media go: to another party's, or into a conference. */
export interface Whereabouts {
  /** Gives the endpoint back to itself. */
  leave(): Promise<void>;
  /** Begins to play a file over what the party hears; an application would keep it from the others meanwhile. */
  overlay(channel: Channel, file: string): Promise<void>;
  hush(channel: Channel, file: string): Promise<void>;
}

/** A prompt that is being played. */
class Playing {
  stopped = false;
  file = '';
  private wake: () => void = () => undefined;

  stop(): void {
    this.stopped = true;
    this.wake();
  }

  /** Resolves after a while, or when it is stopped. */
  lasts(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => { clearTimeout(timer); resolve(); };
      if (this.stopped) this.wake();
    });
  }
}

/** A party's endpoint on a media server. */
export class PooledEndpoint implements MediaEndpoint {
  private sdp = '';
  /** The last answer, of either side. */
  private inUse = '';
  private shaped: ShapedOffer | undefined;
  /** The server's lines that the party knows. */
  private known: ReadonlySet<number> = new Set();
  private readonly ready: Promise<Channel>;
  private readonly dtmfListeners: ((digit: string) => void)[] = [];
  private readonly keyFrameListeners: (() => void)[] = [];
  private playing: Playing | undefined;
  /** Its end is on the way to the server. */
  released = false;
  /** Set by who moves the endpoint. */
  whereabouts: Whereabouts | undefined;

  private constructor(private readonly placed: Placed, private readonly transport: MediaTransport, private readonly prompts: Prompts) {
    this.ready = placed.channel.then((channel) => {
      channel.onDtmf((digit) => { for (const listener of this.dtmfListeners) listener(digit); });
      return channel;
    });
    this.ready.catch(() => undefined);
  }

  /** The server has answered the party's offer. */
  static answering(placed: Placed, offer: string, prompts: Prompts): PooledEndpoint {
    const endpoint = new PooledEndpoint(placed, 'rtp', prompts);
    endpoint.answered(partyAnswer(placed.session.localSdp, offer));
    return endpoint;
  }

  /** The server has made an offer to the party. */
  static offering(placed: Placed, transport: MediaTransport, options: OfferOptions, prompts: Prompts): PooledEndpoint {
    const endpoint = new PooledEndpoint(placed, transport, prompts);
    endpoint.shape(options);
    return endpoint;
  }

  get id(): string {
    return this.placed.id;
  }

  get localSdp(): string {
    return this.sdp;
  }

  /** Both sides have agreed; the media flow, or will in a moment. */
  get established(): boolean {
    return !this.placed.session.offering;
  }

  async accept(answer: string): Promise<void> {
    await this.placed.session.accept(this.shaped?.serverAnswer(answer) ?? answer);
    this.inUse = answer;
  }

  async modify(offer: string): Promise<string> {
    const answer = await this.placed.session.modify(serverReoffer(offer, this.inUse, this.placed.slides));
    return this.answered(partyAnswer(answer, offer));
  }

  async reoffer(options: OfferOptions): Promise<string> {
    await this.placed.session.reoffer();
    return this.shape(options);
  }

  async bridge(other: MediaEndpoint): Promise<void> {
    if (!(other instanceof PooledEndpoint)) throw gone('the other endpoint');
    const [here, there] = await Promise.all([this.channel(), other.channel()]);
    await Promise.all([this.moved(), other.moved()]);
    // Its reply comes before the two are bridged, and FreeSWITCH hangs up on who is sent elsewhere on the way there.
    const bridged = Promise.all([here.began('uuid_bridge'), there.began('uuid_bridge')]);
    await here.api('uuid_bridge', here.uuid, there.uuid);
    let left: Promise<void> | undefined;
    const bridge: Whereabouts = {
      // For both at once, whoever asks first; what either does next must find both parked.
      leave: () => left ??= (async () => {
        await bridged;
        const parked = Promise.all([here.began('park'), there.began('park')]);
        await here.api('uuid_transfer', here.uuid, '-both', 'park', 'inline').catch(() => undefined);
        await parked;
        for (const endpoint of [this, other]) if (endpoint.whereabouts === bridge) endpoint.whereabouts = undefined;
      })(),
      overlay: async (channel, file) => { await channel.api('uuid_displace', channel.uuid, 'start', file, '0', 'mux'); },
      hush: async (channel, file) => { await channel.api('uuid_displace', channel.uuid, 'stop', file).catch(() => undefined); },
    };
    this.whereabouts = other.whereabouts = bridge;
  }

  async unbridge(): Promise<void> {
    await this.moved();
  }

  async play(prompt: Prompt, language: PromptLanguage, options: { loop?: boolean } = {}): Promise<void> {
    const playing = (this.playing = new Playing());
    const channel = await this.channel();
    const file = this.prompts(prompt, language);
    do {
      if (this.whereabouts && await this.overlay(this.whereabouts, channel, file, playing)) continue;
      const complete = await channel.run('playback', file);
      if (complete.getHeader('Application-Response') === 'FILE NOT FOUND') throw missing(prompt, language);
    } while (options.loop && !playing.stopped);
  }

  async stop(): Promise<void> {
    const { playing } = this;
    if (!playing || playing.stopped) return;
    playing.stop();
    const channel = await this.channel();
    if (this.whereabouts) await this.whereabouts.hush(channel, playing.file);
    await channel.api('uuid_break', channel.uuid, 'all');
  }

  async collect(prompt: Prompt, language: PromptLanguage, { digits, seconds }: { digits: number; seconds: number }): Promise<string> {
    const channel = await this.channel();
    const milliseconds = Math.round(seconds * 1_000);
    const complete = await channel.run('play_and_get_digits', [
      0, digits, 1, milliseconds, '#', this.prompts(prompt, language), 'silence_stream://1', 'etasilta_digits', '\\d*', milliseconds,
    ].join(' '));
    return complete.getHeader('variable_etasilta_digits') ?? '';
  }

  sendDtmf(digits: string): Promise<void> {
    return this.keys('uuid_send_dtmf', digits);
  }

  takeDtmf(digits: string): Promise<void> {
    return this.keys('uuid_recv_dtmf', digits);
  }

  /** Of a party that is about to leave nobody sees a further picture. */
  async refreshVideo(): Promise<void> {
    if (this.released) return;
    try {
      const channel = await this.channel();
      await channel.api('uuid_video_refresh', channel.uuid);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  wantKeyFrame(): Promise<void> {
    return this.placed.session.wantKeyFrame();
  }

  onDtmf(listener: (digit: string) => void): void {
    this.dtmfListeners.push(listener);
  }

  onKeyFrameWanted(listener: () => void): void {
    this.keyFrameListeners.push(listener);
  }

  keyFrameWanted(): void {
    for (const listener of this.keyFrameListeners) listener();
  }

  release(): void {
    this.released = true;
    this.placed.session.end();
  }

  /** The endpoint's channel, when the server has handed it over. */
  channel(): Promise<Channel> {
    return settled(CHANNEL_MS, 'the party\'s media cannot be connected', (resolve, reject) => void this.ready.then(resolve, reject));
  }

  /** Ends what is played and leaves what it is in. */
  async moved(): Promise<void> {
    this.playing?.stop();
    await this.whereabouts?.leave();
  }

  /** Plays over what the party hears of the others; false where the server cannot. */
  private async overlay(whereabouts: Whereabouts, channel: Channel, file: string, playing: Playing): Promise<boolean> {
    try {
      await whereabouts.overlay(channel, file);
    } catch (error) {
      if (error instanceof MediaError && error.code === 'media-server') return false;
      throw error;
    }
    playing.file = file;
    await playing.lasts(await wavLength(file));
    return true;
  }

  private async keys(command: 'uuid_send_dtmf' | 'uuid_recv_dtmf', digits: string): Promise<void> {
    if (!KEYS.test(digits)) throw new MediaError('media-dtmf', 'Only 0-9, *, # and A-D are keys.', { sipStatus: 400, q850: 127 });
    const channel = await this.channel();
    await channel.api(command, channel.uuid, digits);
  }

  private shape(options: OfferOptions): string {
    this.shaped = shapeOffer(this.placed.session.localSdp, this.transport, options, this.known);
    this.known = this.shaped.shown;
    return (this.sdp = this.shaped.sdp);
  }

  /** The party made an offer and has an answer for each of its lines. */
  private answered(answer: string): string {
    this.known = new Set((answer.match(/^m=/gm) ?? []).keys());
    return (this.inUse = this.sdp = answer);
  }
}

export const missing = (prompt: Prompt, language: PromptLanguage): MediaError =>
  serverFault(`prompt ${language}/${prompt}`, 'the media server has no such file');
