import type { MediaBridge, MediaSession, Mixer, Party, Processing } from '../contracts';
import { SoundLibrary } from './audio/source';
import { Bridge } from './bridge';
import { systemClock, type Clock } from '../clock';
import type { Lateness } from './lateness';
import { ConferenceMixer } from './mixer/mixer';
import { MediaParty, type Workshop } from './party';
import { Ticker } from './ticker';

export type { Clock } from '../clock';
export type { Lateness } from './lateness';

export interface ProcessingOptions {
  /** Where sounds are looked for whose names are not absolute. */
  soundRoots?: readonly string[];
  clock?: Clock;
  /** 0 to below 1. */
  random?: () => number;
  /** Told of faults that cost a frame or a packet; at most one line a second. */
  log?: (message: string, error: unknown) => void;
}

const LOG_EVERY_MS = 1_000;

/** Hears, mixes, plays, records and forwards the media of all channels, on one tick of 20 ms. */
export class MediaProcessing implements Processing, Workshop {
  readonly sounds: SoundLibrary;
  readonly random: () => number;
  readonly now = (): number => this.clock.now();
  private readonly clock: Clock;
  private readonly ticker: Ticker;
  private readonly parties = new Set<MediaParty>();
  private readonly mixers = new Set<ConferenceMixer>();
  private loggedAt = -Infinity;

  constructor(private readonly options: ProcessingOptions) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.sounds = new SoundLibrary(options.soundRoots ?? [], this.random);
    this.ticker = new Ticker(this.clock, (now) => this.tick(now));
  }

  /** How late ticks ran. */
  get lateness(): Lateness {
    return this.ticker.lateness;
  }

  party(session: MediaSession): Party {
    const party = new MediaParty(session, this);
    this.parties.add(party);
    this.ticker.start();
    return party;
  }

  bridge(a: Party, b: Party): MediaBridge {
    return new Bridge(a as MediaParty, b as MediaParty, this.now);
  }

  mixer(options: { rate: number; layout: 'speaker' | 'interpreting' }): Mixer {
    const mixer = new ConferenceMixer(options, this.sounds, (leaving) => this.mixers.delete(leaving));
    this.mixers.add(mixer);
    return mixer;
  }

  close(): void {
    for (const mixer of this.mixers) mixer.close();
    for (const party of this.parties) party.close();
    this.ticker.stop();
  }

  fault(where: string, error: unknown): void {
    if (this.clock.now() - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = this.clock.now();
    this.options.log?.(where, error);
  }

  left(party: MediaParty): void {
    this.parties.delete(party);
    if (this.parties.size === 0) this.ticker.stop();
  }

  private tick(now: number): void {
    for (const party of this.parties) this.guard('receive', () => party.receive(now));
    for (const mixer of this.mixers) this.guard('mix', () => mixer.mix(now));
    for (const party of this.parties) this.guard('transmit', () => party.transmit(now));
  }

  private guard(where: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fault(where, error);
    }
  }
}

export function createProcessing(options: ProcessingOptions = {}): MediaProcessing {
  return new MediaProcessing(options);
}
