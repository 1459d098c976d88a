import { frameSamples, saturate, type Frame } from '../audio/frame';
import { Resampler } from '../audio/resampler';

/** A rate at which nobody said anything for this many ticks is forgotten. */
const FORGET_AFTER_TICKS = 50;

interface Native {
  sum: Float64Array;
  silentTicks: number;
}

/**
 * What is said in one tick, summed by the rate in which it was said. A listener at some rate hears the sum at that rate as it
 * is and those of the other rates resampled, so that a conference costs a filter for each pair of rates, however many members
 * it has, and nothing wideband is ever narrowed for a wideband ear.
 */
export class Sums {
  private readonly natives = new Map<number, Native>();
  private readonly resamplers = new Map<string, Resampler>();
  /** Of this tick, by the listener's rate. */
  private readonly totals = new Map<number, Float64Array>();

  /** A new tick. */
  begin(): void {
    this.totals.clear();
    for (const [rate, native] of this.natives) {
      native.silentTicks += 1;
      native.sum.fill(0);
      if (native.silentTicks > FORGET_AFTER_TICKS) this.forget(rate);
    }
  }

  add({ samples, rate }: Frame): void {
    let native = this.natives.get(rate);
    if (native === undefined) this.natives.set(rate, (native = { sum: new Float64Array(frameSamples(rate)), silentTicks: 0 }));
    native.silentTicks = 0;
    const { sum } = native;
    for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] as number) + (samples[i] as number);
  }

  /** Everything at `rate` but `own`, which was added at that rate; undefined when nobody said anything of late. */
  without(own: Int16Array | undefined, rate: number): Int16Array | undefined {
    if (this.natives.size === 0) return undefined;
    let total = this.totals.get(rate);
    if (total === undefined) this.totals.set(rate, (total = this.total(rate)));
    const mixed = new Int16Array(total.length);
    if (own === undefined) for (let i = 0; i < mixed.length; i += 1) mixed[i] = saturate(total[i] as number);
    else for (let i = 0; i < mixed.length; i += 1) mixed[i] = saturate((total[i] as number) - (own[i] as number));
    return mixed;
  }

  private total(rate: number): Float64Array {
    const total = new Float64Array(frameSamples(rate));
    for (const [from, { sum }] of this.natives) {
      const heard = from === rate ? sum : this.resampler(from, rate).filter(sum);
      for (let i = 0; i < total.length; i += 1) total[i] = (total[i] as number) + (heard[i] as number);
    }
    return total;
  }

  private resampler(from: number, to: number): Resampler {
    const key = `${from}>${to}`;
    let resampler = this.resamplers.get(key);
    if (resampler === undefined) this.resamplers.set(key, (resampler = new Resampler(from, to)));
    return resampler;
  }

  private forget(rate: number): void {
    this.natives.delete(rate);
    for (const key of this.resamplers.keys()) if (key.startsWith(`${rate}>`)) this.resamplers.delete(key);
  }
}
