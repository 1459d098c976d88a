import type { Playing } from '../../contracts';
import { frameSamples } from './frame';
import { RateAdapter } from './resampler';
import type { PcmSource } from './source';

type Outcome = { milliseconds: number; stopped: boolean };

/** Plays one source frame by frame, again and again if wanted. */
export class Player implements Playing {
  readonly done: Promise<Outcome>;
  private settle!: { resolve: (outcome: Outcome) => void; reject: (error: unknown) => void };
  private source: PcmSource | undefined;
  private ended = false;
  private played = 0;
  private readonly adapter = new RateAdapter();

  /**
   * `open` is called once for each loop; `loops` below 0 plays until stopped. `done` rejects with MediaError when the
   * source cannot be opened.
   */
  constructor(private readonly open: () => Promise<PcmSource>, private loops: number, private readonly finished: (player: Player) => void) {
    this.done = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
    // Whoever started this may not wait for its end.
    this.done.catch(() => undefined);
    this.next();
  }

  /** The next 20 ms at `rate`; undefined while the source is being opened and after its end. */
  frame(rate: number): Int16Array | undefined {
    const { source } = this;
    if (source === undefined || this.ended) return undefined;
    const wanted = frameSamples(source.rate);
    const samples = source.read(wanted);
    this.played += ((samples?.length ?? 0) * 1000) / source.rate;
    if (samples === undefined || samples.length < wanted) this.next();
    if (samples === undefined) return undefined;
    return this.adapter.convert(fill(samples, wanted), source.rate, rate);
  }

  stop(): void {
    this.end(true);
  }

  private next(): void {
    this.source = undefined;
    if (this.loops === 0) return this.end(false);
    if (this.loops > 0) this.loops -= 1;
    this.open().then((source) => { this.source = source; }, (error: unknown) => {
      if (this.ended) return;
      this.ended = true;
      this.finished(this);
      this.settle.reject(error);
    });
  }

  private end(stopped: boolean): void {
    if (this.ended) return;
    this.ended = true;
    this.finished(this);
    this.settle.resolve({ milliseconds: Math.round(this.played), stopped });
  }
}

function fill(samples: Int16Array, length: number): Int16Array {
  if (samples.length === length) return samples;
  const filled = new Int16Array(length);
  filled.set(samples);
  return filled;
}
