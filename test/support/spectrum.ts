import type { Wav } from '../peers/harness';

/** Frames of a tenth of a second: tones at multiples of 10 Hz do not leak into each other, and a gap in one frame spoils only that one. */
const FRAME_SECONDS = 0.1;
/** Mean square below which a frame is silence, of 16-bit samples. */
const SILENCE = 100;

/**
 * Share of the energy of a recording's last seconds that lies at each frequency, 0 to 1 (Goertzel's algorithm over frames).
 * Frequencies are multiples of 10 Hz. All 0 where it is silent.
 */
export function toneShares({ sampleRate, samples }: Wav, frequencies: readonly number[], lastSeconds = Infinity): number[] {
  const frame = Math.round(sampleRate * FRAME_SECONDS);
  const first = Math.max(0, samples.length - Math.round(Math.min(lastSeconds, samples.length / sampleRate) * sampleRate));
  const power = frequencies.map(() => 0);
  let energy = 0;
  for (let start = first; start + frame <= samples.length; start += frame) {
    let square = 0;
    for (let i = 0; i < frame; i++) square += (samples[start + i] as number) ** 2;
    if (square / frame < SILENCE) continue;
    energy += square;
    frequencies.forEach((frequency, k) => { power[k] = (power[k] as number) + tonePower(samples, start, frame, frequency / sampleRate); });
  }
  return power.map((each) => (energy === 0 ? 0 : each / energy));
}

/** Energy of one frequency, in cycles a sample, in a frame. */
function tonePower(samples: Int16Array, start: number, length: number, frequency: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * frequency);
  let last = 0;
  let before = 0;
  for (let i = 0; i < length; i++) {
    const now = (samples[start + i] as number) + coefficient * last - before;
    before = last;
    last = now;
  }
  return (2 * (last * last + before * before - coefficient * last * before)) / length;
}

/** Loudness of each 20 ms. */
function envelope({ sampleRate, samples }: Wav): number[] {
  const frame = Math.round(sampleRate / 50);
  return Array.from({ length: Math.floor(samples.length / frame) }, (_, i) =>
    Math.sqrt(samples.subarray(i * frame, (i + 1) * frame).reduce((sum, sample) => sum + sample * sample, 0) / frame));
}

/**
 * How much a recording, wherever in it, rises and falls as a sound does: correlation of the loudnesses, 1 at most. Tells one
 * spoken text from another whatever codec it went through.
 */
export function likeness(recording: Wav, sound: Wav): number {
  const heard = envelope(recording);
  const said = envelope(sound);
  let best = 0;
  for (let shift = 0; shift + said.length <= heard.length + said.length / 4; shift++) {
    best = Math.max(best, correlation(said, said.map((_, i) => heard[shift + i] ?? 0)));
  }
  return best;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [middleA, middleB] = [mean(a), mean(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  a.forEach((value, i) => {
    const [x, y] = [value - middleA, (b[i] as number) - middleB];
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  });
  return squareA * squareB === 0 ? 0 : product / Math.sqrt(squareA * squareB);
}
