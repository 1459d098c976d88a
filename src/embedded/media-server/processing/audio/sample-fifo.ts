import { pitchHistory, pitchPeriod } from './pitch';

/** Decoded sound waiting for its tick. */
export class SampleFifo {
  private samples = new Int16Array(1_024);
  private start = 0;
  private end = 0;

  get length(): number {
    return this.end - this.start;
  }

  push(more: Int16Array): void {
    if (this.end + more.length > this.samples.length) {
      const kept = this.samples.subarray(this.start, this.end);
      const target = kept.length + more.length > this.samples.length ? new Int16Array(2 * (kept.length + more.length)) : this.samples;
      target.set(kept);
      this.samples = target;
      this.end = kept.length;
      this.start = 0;
    }
    this.samples.set(more, this.end);
    this.end += more.length;
  }

  /** `count` samples, at most what is there. */
  read(count: number): Int16Array {
    const part = this.samples.slice(this.start, Math.min(this.end, this.start + count));
    this.start += part.length;
    return part;
  }

  clear(): void {
    this.start = this.end = 0;
  }

  /**
   * Takes one pitch period out by overlapping it with the next, so that the clock is caught up with unheard. Returns
   * whether there was enough to do so.
   */
  shorten(rate: number): boolean {
    const needed = pitchHistory(rate);
    if (this.length < needed) return false;
    const part = this.samples.subarray(this.start, this.end);
    const period = pitchPeriod(part.subarray(0, needed), rate);
    for (let i = 0; i < period; i += 1) {
      const share = i / period;
      part[period + i] = (part[i] as number) * (1 - share) + (part[period + i] as number) * share;
    }
    this.start += period;
    return true;
  }
}
