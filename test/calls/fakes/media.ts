import type {
  CallMedia, ConferenceMember, ConferenceOptions, MediaConference, MediaEndpoint, MediaPool, MediaTransport, MediaUsage, OfferOptions,
  Prompt, Release,
} from '../../../src/calls';
import { EtasiltaError } from '../../../src/errors';

const AUDIO = 'm=audio 5000 RTP/AVP 0\r\na=rtpmap:101 telephone-event/8000\r\n';
const VIDEO = 'm=video 5002 RTP/AVP 96\r\na=rtcp-fb:* nack pli\r\n';
/** Descriptions with the lines that calls look at. */
export const sdp = (name: string, video = false): string => `v=0\r\ns=${name}\r\n${AUDIO}${video ? VIDEO : ''}`;

/** An endpoint in memory that notes what it was told. */
export class FakeEndpoint implements MediaEndpoint {
  localSdp: string;
  accepted: string[] = [];
  bridged: FakeEndpoint | undefined;
  played: Prompt[] = [];
  dtmf: string[] = [];
  refreshed = 0;
  wanted = 0;
  stops = 0;
  released = false;
  keys: string[] = [];
  /** Set: `accept` rejects with it. */
  fault: EtasiltaError | undefined;
  /** Set: what is played lasts until the endpoint is released, and then fails. */
  plays = false;
  private cut: () => void = () => undefined;
  private listener: ((digit: string) => void) | undefined;

  constructor(readonly id: string, readonly offered: string | undefined, readonly like?: string) {
    this.localSdp = sdp(`local-${id}`, offered?.includes('m=video 5') ?? true);
  }
  async accept(answer: string): Promise<void> { if (this.fault) throw this.fault; this.accepted.push(answer); }
  async modify(offer: string): Promise<string> { return sdp(`answer-${this.id}`, offer.includes('m=video 5')); }
  async reoffer({ video }: OfferOptions): Promise<string> { return sdp(`reoffer-${this.id}`, video); }
  async bridge(other: FakeEndpoint): Promise<void> { this.bridged = other; other.bridged = this; }
  async unbridge(): Promise<void> { this.bridged = undefined; }
  async play(prompt: Prompt): Promise<void> { this.played.push(prompt); await this.lasting(); }
  async stop(): Promise<void> { this.stops++; }
  async collect(prompt: Prompt): Promise<string> { this.played.push(prompt); await this.lasting(); return this.keys.shift() ?? ''; }
  async sendDtmf(digits: string): Promise<void> { this.dtmf.push(digits); }
  async takeDtmf(digits: string): Promise<void> { this.keys.push(digits); }
  async refreshVideo(): Promise<void> { this.refreshed++; }
  async wantKeyFrame(): Promise<void> { this.wanted++; }
  onDtmf(listener: (digit: string) => void): void { this.listener = listener; }
  press(digit: string): void { this.listener?.(digit); }
  release(): void { this.released = true; this.cut(); }
  private async lasting(): Promise<void> {
    if (this.plays) await new Promise<void>((_resolve, reject) => { this.cut = () => reject(new EtasiltaError('media-gone', 'the channel is gone', { sipStatus: 503 })); });
  }
}

export class FakeConference implements MediaConference {
  members = new Map<MediaEndpoint, { muted: boolean; interpreter: boolean }>();
  played: Prompt[] = [];
  locked = false;
  destroyed = false;
  constructor(readonly name: string, readonly options: ConferenceOptions) {}
  async join(endpoint: MediaEndpoint, options: { muted?: boolean; interpreter?: boolean } = {}): Promise<ConferenceMember> {
    const state = { muted: options.muted ?? false, interpreter: options.interpreter ?? false };
    this.members.set(endpoint, state);
    return { mute: async (muted) => { state.muted = muted; }, leave: async () => { this.members.delete(endpoint); } };
  }
  async play(prompt: Prompt): Promise<void> { this.played.push(prompt); }
  async lock(locked: boolean): Promise<void> { this.locked = locked; }
  async record(): Promise<void> {}
  async destroy(): Promise<void> { this.destroyed = true; }
}

/** One media server in memory. */
export class FakeMedia implements MediaPool {
  readonly endpoints: FakeEndpoint[] = [];
  readonly offers: { transport: MediaTransport; endpoint: FakeEndpoint }[] = [];
  readonly conferences = new Map<string, FakeConference>();
  readonly closed: string[] = [];
  lose: (why: Release) => void = () => undefined;
  /** Set: prompts of further endpoints last. */
  plays = false;
  /** Set: no call gets in. */
  full: EtasiltaError | undefined;

  async open(call: string, events: { lost(why: Release): void }): Promise<CallMedia> {
    if (this.full) throw this.full;
    this.lose = (why) => events.lost(why);
    const own: FakeEndpoint[] = [];
    const add = (endpoint: FakeEndpoint): FakeEndpoint => {
      own.push(endpoint);
      return this.add(endpoint);
    };
    return {
      server: 'fake',
      answer: async (offer, options) => add(new FakeEndpoint(String(this.endpoints.length), offer, options?.like)),
      offer: async (transport, { like }) => {
        const endpoint = add(new FakeEndpoint(String(this.endpoints.length), undefined, like));
        this.offers.push({ transport, endpoint });
        return endpoint;
      },
      conference: async (name, options) => {
        const conference = this.conferences.get(name) ?? new FakeConference(name, options);
        this.conferences.set(name, conference);
        return conference;
      },
      close: () => {
        this.closed.push(call);
        for (const endpoint of own) endpoint.release();
      },
    };
  }
  usage(): MediaUsage { return { servers: [], used: 0, total: 0 }; }
  /** The endpoint that offered, or answered, the party. */
  of(text: string): FakeEndpoint {
    const found = this.endpoints.find(({ localSdp, offered }) => localSdp === text || offered === text);
    if (!found) throw new Error('no endpoint has this description');
    return found;
  }
  private add(endpoint: FakeEndpoint): FakeEndpoint {
    endpoint.plays = this.plays;
    this.endpoints.push(endpoint);
    return endpoint;
  }
}
