/** A tone without end, continuous from block to block. */
export class ToneGenerator {
  private position = 0;

  /** `level`: peak, 0 to 1 of full scale. */
  constructor(private readonly frequencyHz: number, private readonly sampleRate: number, private readonly level = 0.4) {}

  next(count: number): Int16Array {
    const step = (2 * Math.PI * this.frequencyHz) / this.sampleRate;
    const block = Int16Array.from({ length: count }, (_, i) => Math.round(Math.sin((this.position + i) * step) * this.level * 32_767));
    this.position = (this.position + count) % this.sampleRate;
    return block;
  }
}

/**
 * Share of a block's energy at one frequency, 0 to 1: power of one bin by Goertzel's recursion against the power of all
 * samples. A pure tone at that frequency gives nearly 1.
 */
export function toneShare(samples: Int16Array, sampleRate: number, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRate);
  let s1 = 0;
  let s2 = 0;
  let energy = 0;
  for (const sample of samples) {
    const s0 = sample + coefficient * s1 - s2;
    s2 = s1;
    s1 = s0;
    energy += sample * sample;
  }
  if (energy === 0) return 0;
  return Math.min(1, (2 * (s1 * s1 + s2 * s2 - coefficient * s1 * s2)) / (samples.length * energy));
}

/** What a stream of sound was. */
export type Heard =
  | { kind: 'nothing' }
  | { kind: 'silence' }
  /** Speech, music, noise: more than silence, no steady tone. */
  | { kind: 'sound' }
  | { kind: 'tone'; frequencyHz: number };

const BLOCK_MS = 100;
/** Root mean square of a block that counts as silence; about -50 dBFS, above the coding noise of G.711. */
const SILENCE_RMS = 100;
const TONE_SHARE = 0.8;
const LOWEST_HZ = 200;
const HIGHEST_HZ = 3_400;
const STEP_HZ = 10;

/** Listens to 8 kHz sound in blocks of 100 ms, which tell tones 10 Hz apart, and says what most of it was. */
export class Listener {
  private readonly block: Int16Array;
  private filled = 0;
  private silent = 0;
  private loud = 0;
  private readonly tones = new Map<number, number>();

  constructor(private readonly sampleRate = 8_000) {
    this.block = new Int16Array((sampleRate * BLOCK_MS) / 1_000);
  }

  add(samples: Int16Array): void {
    for (let at = 0; at < samples.length;) {
      const part = samples.subarray(at, at + this.block.length - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === this.block.length) this.judge();
    }
  }

  get heard(): Heard {
    if (this.silent + this.loud === 0) return { kind: 'nothing' };
    if (this.loud === 0) return { kind: 'silence' };
    const [best] = [...this.tones].sort((a, b) => b[1] - a[1]);
    return best !== undefined && best[1] * 2 > this.loud ? { kind: 'tone', frequencyHz: best[0] } : { kind: 'sound' };
  }

  private judge(): void {
    this.filled = 0;
    let energy = 0;
    for (const sample of this.block) energy += sample * sample;
    if (Math.sqrt(energy / this.block.length) < SILENCE_RMS) {
      this.silent++;
      return;
    }
    this.loud++;
    let best = { frequencyHz: 0, share: 0 };
    for (let frequencyHz = LOWEST_HZ; frequencyHz <= HIGHEST_HZ; frequencyHz += STEP_HZ) {
      const share = toneShare(this.block, this.sampleRate, frequencyHz);
      if (share > best.share) best = { frequencyHz, share };
    }
    if (best.share >= TONE_SHARE) this.tones.set(best.frequencyHz, (this.tones.get(best.frequencyHz) ?? 0) + 1);
  }
}
