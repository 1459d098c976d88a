import type { MediaEndpoint, MediaTransport, OfferOptions, Prompt, PromptLanguage } from '../calls';
import type { Channel } from './channel';
import { settled } from './event-socket';
import { gone, MediaError, serverFault } from './media-error';
import type { Prompts } from './prompts';
import { partyAnswer, serverOffer, shapeOffer, type ShapedOffer } from './sdp';
import type { Placed } from './server-link';

/** ICE and DTLS of a browser come before the server hands over the channel. */
const CHANNEL_MS = 30_000;
const KEYS = /^[0-9A-D*#]{1,32}$/;

/** Where an endpoint's media go: to another party's, or into a conference. `leave` gives it back to itself. */
export interface Whereabouts {
  leave(): Promise<void>;
}

/** A party's endpoint on a media server. */
export class PooledEndpoint implements MediaEndpoint {
  private sdp = '';
  private shaped: ShapedOffer | undefined;
  private readonly ready: Promise<Channel>;
  private readonly dtmfListeners: ((digit: string) => void)[] = [];
  private readonly keyFrameListeners: (() => void)[] = [];
  private playing: { stopped: boolean } | undefined;
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
    endpoint.sdp = partyAnswer(placed.session.localSdp, offer);
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
  }

  async modify(offer: string): Promise<string> {
    const answer = await this.placed.session.modify(serverOffer(offer, undefined));
    return (this.sdp = partyAnswer(answer, offer));
  }

  async reoffer(options: OfferOptions): Promise<string> {
    await this.placed.session.reoffer();
    return this.shape(options);
  }

  async bridge(other: MediaEndpoint): Promise<void> {
    if (!(other instanceof PooledEndpoint)) throw gone('the other endpoint');
    const [here, there] = await Promise.all([this.channel(), other.channel()]);
    await Promise.all([this.moved(), other.moved()]);
    await here.api('uuid_bridge', here.uuid, there.uuid);
    let left: Promise<void> | undefined;
    const bridge: Whereabouts = {
      // For both at once, whoever asks first; what either does next must find both parked.
      leave: () => left ??= (async () => {
        const parked = Promise.all([here.began('park'), there.began('park')]);
        await here.api('uuid_transfer', here.uuid, '-both', 'park', 'inline').catch(() => undefined);
        await parked;
        for (const endpoint of [this, other]) if (endpoint.whereabouts === bridge) endpoint.whereabouts = undefined;
      })(),
    };
    this.whereabouts = other.whereabouts = bridge;
  }

  async unbridge(): Promise<void> {
    await this.moved();
  }

  async play(prompt: Prompt, language: PromptLanguage, options: { loop?: boolean } = {}): Promise<void> {
    const playing = (this.playing = { stopped: false });
    const channel = await this.channel();
    do {
      const complete = await channel.run('playback', this.prompts(prompt, language));
      if (complete.getHeader('Application-Response') === 'FILE NOT FOUND') throw missing(prompt, language);
    } while (options.loop && !playing.stopped);
  }

  async stop(): Promise<void> {
    const { playing } = this;
    if (!playing || playing.stopped) return;
    playing.stopped = true;
    const channel = await this.channel();
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

  async sendDtmf(digits: string): Promise<void> {
    if (!KEYS.test(digits)) throw new MediaError('media-dtmf', 'Only 0-9, *, # and A-D are keys.', { sipStatus: 400, q850: 127 });
    const channel = await this.channel();
    await channel.api('uuid_send_dtmf', channel.uuid, digits);
  }

  async refreshVideo(): Promise<void> {
    const channel = await this.channel();
    await channel.api('uuid_video_refresh', channel.uuid);
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
    this.placed.session.end();
  }

  /** The endpoint's channel, when the server has handed it over. */
  channel(): Promise<Channel> {
    return settled(CHANNEL_MS, 'the party\'s media cannot be connected', (resolve, reject) => void this.ready.then(resolve, reject));
  }

  /** Ends what is played and leaves what it is in. */
  async moved(): Promise<void> {
    if (this.playing) this.playing.stopped = true;
    await this.whereabouts?.leave();
  }

  private shape(options: OfferOptions): string {
    this.shaped = shapeOffer(this.placed.session.localSdp, this.transport, options);
    return (this.sdp = this.shaped.sdp);
  }
}

export const missing = (prompt: Prompt, language: PromptLanguage): MediaError =>
  serverFault(`prompt ${language}/${prompt}`, 'the media server has no such file');
