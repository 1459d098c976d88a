import type { FlowControl, LogicalChannel } from '../h245';
import { bitRateLimitOf, bitRateOf, mediumOf, type DescribedChannel } from '../sdp';

/** Flow control counts in 100 bit/s. */
const UNIT = 100;
/** What sound takes of a limit on all channels together, bit/s: the codecs in use need no more. */
const SOUND = 64_000;
/** How often the other side is told of limits that the peer sets: it may set them every moment where the network is congested. */
const SHOWN_MS = 2_000;

/** Limits of bit rate in one call by flow control (H.245 section B.13): those that the peer sets, and those that it has been told. */
export class FlowLimits {
  /** Of channels to the peer, by number, bit/s. */
  private readonly set = new Map<number, number>();
  /** Of all of them together. */
  private whole = Infinity;
  /** Of all that is sent in one way, as there is room for on the lines. */
  admitted = Infinity;
  /** Of the peer's channels, by number, bit/s. */
  private readonly told = new Map<number, number>();
  private shown = '';
  private shownAt = -Infinity;
  private knownRate = 0;

  /** Takes a command of the peer's. */
  take({ channel, maximumBitRate }: FlowControl): void {
    const limit = maximumBitRate === undefined ? Infinity : maximumBitRate * UNIT;
    if (channel) this.set.set(channel.number, limit);
    else this.whole = limit;
  }

  /** The channels, those to the peer with the most that it wants in them; what it wants in all is for pictures, once there is sound. */
  limit<C extends LogicalChannel>(channels: readonly C[]): (C & Pick<DescribedChannel, 'bitRateLimit'>)[] {
    const sent = channels.filter(({ direction }) => direction === 'send');
    const sounds = sent.filter(({ dataType }) => mediumOf(dataType) === 'audio').length;
    const pictures = Math.max(1, sent.filter(isPicture).length);
    const share = Math.floor(Math.max(0, Math.min(this.whole, this.admitted) - sounds * SOUND) / pictures);
    return channels.map((channel) => {
      if (channel.direction === 'receive') return channel;
      const own = this.set.get(channel.number) ?? (channel.flowControlToZero ? 0 : Infinity);
      const limit = Math.min(own, isPicture(channel) ? share : this.whole);
      return limit === Infinity ? channel : { ...channel, bitRateLimit: limit };
    });
  }

  /** The command that tells the peer what is taken of its channel (undefined: all); undefined when it knows. */
  command(channel: LogicalChannel, bitRate: number | undefined): FlowControl | undefined {
    if (this.told.get(channel.number) === bitRate) return undefined;
    if (bitRate === undefined) this.told.delete(channel.number);
    else this.told.set(channel.number, bitRate);
    return { channel, ...(bitRate !== undefined && { maximumBitRate: Math.floor(bitRate / UNIT) }) };
  }

  /** Commands for the peer's channels of which the other party, of this description, takes other rates now than the peer knows. */
  commands(channels: readonly LogicalChannel[], local: string): FlowControl[] {
    const received = channels.filter(({ direction }) => direction === 'receive');
    return received.flatMap((channel) => this.command(channel, bitRateLimitOf(local, channel)) ?? []);
  }

  /** What the channels take in both directions together, bit/s, where that is another than before. */
  newRate(channels: readonly LogicalChannel[]): number | undefined {
    const rate = this.rate(channels);
    if (rate === this.knownRate) return undefined;
    return (this.knownRate = rate);
  }

  private rate(channels: readonly LogicalChannel[]): number {
    return this.limit(channels).reduce((sum, channel) => {
      const most = channel.direction === 'send' ? channel.bitRateLimit : Math.min(this.told.get(channel.number) ?? Infinity, this.admitted - SOUND);
      return sum + (isPicture(channel) ? Math.min(bitRateOf(channel) ?? 0, most ?? Infinity) : mediumOf(channel.dataType) === 'audio' ? SOUND : 0);
    }, 0);
  }

  /** The other side is told of the limits that hold now. */
  show(channels: readonly LogicalChannel[]): void {
    if (this.isShown(channels)) return;
    this.shown = this.state(channels);
    this.shownAt = Date.now();
  }

  isShown(channels: readonly LogicalChannel[]): boolean {
    return this.state(channels) === this.shown;
  }

  /** Milliseconds until the other side may be told of a limit again. */
  get waitMs(): number {
    return Math.max(0, this.shownAt + SHOWN_MS - Date.now());
  }

  /** The limits that hold of these channels, to be compared; '' where there is none. */
  private state(channels: readonly LogicalChannel[]): string {
    return this.limit(channels).flatMap(({ number, bitRateLimit }) => (bitRateLimit === undefined ? [] : `${number} ${bitRateLimit}`)).join('\n');
  }

  /** The channel is gone; another may have its number. */
  forget({ direction, number }: Pick<LogicalChannel, 'direction' | 'number'>): void {
    (direction === 'send' ? this.set : this.told).delete(number);
  }
}

/** A channel with pictures, of people or of content. */
export const isPicture = ({ dataType }: LogicalChannel): boolean => ['video', 'content'].includes(mediumOf(dataType) ?? '');
