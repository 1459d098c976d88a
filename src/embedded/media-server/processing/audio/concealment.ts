import { pitchHistory, pitchPeriod } from './pitch';

/** Full volume for this long, then down to silence (as ITU-T G.711 appendix I does). */
const HOLD_MS = 10;
const SILENT_AFTER_MS = 60;
const CROSSFADE_MS = 5;

/** Puts repeated pitch periods in place of lost sound, and fades back to what arrives afterwards. */
export class Concealment {
  private readonly history: Int16Array;
  private period: Int16Array | undefined;
  private position = 0;

  constructor(private readonly rate: number) {
    this.history = new Int16Array(pitchHistory(rate));
  }

  /** To be called with all sound that arrived; returns what is to be heard. */
  received(samples: Int16Array): Int16Array {
    let heard = samples;
    if (this.period !== undefined) {
      const length = Math.min(samples.length, Math.floor((CROSSFADE_MS * this.rate) / 1000));
      const tail = this.repeat(length);
      heard = samples.slice();
      for (let i = 0; i < length; i += 1) {
        const share = i / length;
        heard[i] = (samples[i] as number) * share + (tail[i] as number) * (1 - share);
      }
      this.period = undefined;
    }
    this.remember(heard);
    return heard;
  }

  conceal(count: number): Int16Array {
    if (this.period === undefined) {
      this.period = this.history.slice(this.history.length - pitchPeriod(this.history, this.rate));
      this.position = 0;
    }
    return this.repeat(count);
  }

  private repeat(count: number): Int16Array {
    const period = this.period as Int16Array;
    const hold = (HOLD_MS * this.rate) / 1000;
    const silent = (SILENT_AFTER_MS * this.rate) / 1000;
    const samples = new Int16Array(count);
    for (let i = 0; i < count && this.position < silent; i += 1, this.position += 1) {
      const gain = this.position < hold ? 1 : (silent - this.position) / (silent - hold);
      samples[i] = (period[this.position % period.length] as number) * gain;
    }
    return samples;
  }

  private remember(samples: Int16Array): void {
    const { history } = this;
    if (samples.length >= history.length) return history.set(samples.subarray(samples.length - history.length));
    history.copyWithin(0, samples.length);
    history.set(samples, history.length - samples.length);
  }
}
