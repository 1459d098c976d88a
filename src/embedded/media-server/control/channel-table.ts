import type { Channel } from './channel';

const FIVE_MINUTES = 300;

/** What HEARTBEAT, `status` and `stats()` count. */
export interface SessionCounts {
  current: number;
  maximum: number;
  sinceStartup: number;
  peak: number;
  peakFiveMinutes: number;
  /** New sessions in the last whole second, and the most that a second had. */
  perSecond: number;
  perSecondPeak: number;
  perSecondPeakFiveMinutes: number;
}

/** A window of whole seconds. */
class Seconds {
  private readonly values = new Map<number, number>();

  raise(second: number, value: number): void {
    this.values.set(second, Math.max(value, this.values.get(second) ?? 0));
    for (const old of this.values.keys()) {
      if (old > second - FIVE_MINUTES) return;
      this.values.delete(old);
    }
  }

  at(second: number): number {
    return this.values.get(second) ?? 0;
  }

  highest(second: number): number {
    let highest = 0;
    for (const [when, value] of this.values) if (when > second - FIVE_MINUTES) highest = Math.max(highest, value);
    return highest;
  }
}

/** All channels, and how many there have been. */
export class ChannelTable {
  private readonly channels = new Map<string, Channel>();
  private readonly started = new Seconds();
  private readonly sizes = new Seconds();
  private sinceStartup = 0;
  private peak = 0;
  private perSecondPeak = 0;

  /** `now` is in milliseconds. */
  constructor(readonly maximum: number, private readonly now: () => number = () => performance.now()) {}

  get size(): number {
    return this.channels.size;
  }

  get hasRoom(): boolean {
    return this.channels.size < this.maximum;
  }

  /** The number of the next channel, as `variable_session_id` counts. */
  get nextId(): number {
    return this.sinceStartup + 1;
  }

  find(uuid: string): Channel | undefined {
    return this.channels.get(uuid);
  }

  [Symbol.iterator](): IterableIterator<Channel> {
    return this.channels.values();
  }

  add(channel: Channel): void {
    const second = this.second;
    this.channels.set(channel.uuid, channel);
    channel.once('hangup', () => this.channels.delete(channel.uuid));
    this.sinceStartup++;
    this.peak = Math.max(this.peak, this.size);
    this.sizes.raise(second, this.size);
    this.started.raise(second, this.started.at(second) + 1);
    this.perSecondPeak = Math.max(this.perSecondPeak, this.started.at(second));
  }

  counts(): SessionCounts {
    const second = this.second;
    return {
      current: this.size, maximum: this.maximum, sinceStartup: this.sinceStartup, peak: this.peak,
      peakFiveMinutes: Math.max(this.size, this.sizes.highest(second)),
      perSecond: this.started.at(second - 1), perSecondPeak: this.perSecondPeak, perSecondPeakFiveMinutes: this.started.highest(second),
    };
  }

  private get second(): number {
    return Math.floor(this.now() / 1000);
  }
}
