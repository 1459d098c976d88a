import { Resampler } from '../../../src/embedded/media-server/processing/audio/resampler';
import { amplitudeAt, concat, rms, tone } from './support/sound';

// Much is computed or left to ffmpeg, which takes its time on a busy machine.
jest.setTimeout(60_000);

function resample(samples: Int16Array, from: number, to: number): Int16Array {
  const resampler = new Resampler(from, to);
  const frame = from / 50;
  return concat(Array.from({ length: Math.floor(samples.length / frame) }, (_, i) => resampler.process(samples.subarray(i * frame, (i + 1) * frame))));
}

const RATES = [8_000, 16_000, 24_000, 32_000, 44_100, 48_000];
const PAIRS = RATES.flatMap((from) => RATES.filter((to) => to !== from).map((to) => [from, to] as const));

describe('the resampler', () => {
  it.each(PAIRS)('%i to %i Hz keeps a tone and its level', (from, to) => {
    const changed = resample(tone(1_000, 600, from), from, to).subarray(to / 10);
    expect(amplitudeAt(changed, 1_000, to)).toBeGreaterThan(7_800);
    expect(amplitudeAt(changed, 1_000, to)).toBeLessThan(8_200);
    // What is left beside the tone is 50 dB below it.
    expect(Math.abs(rms(changed) - 8_000 / Math.SQRT2)).toBeLessThan(60);
  });

  it.each(PAIRS.filter(([from, to]) => from > to))('%i to %i Hz lets nothing fold back from above', (from, to) => {
    for (const share of [0.56, 0.7, 0.95]) {
      const frequency = to * share;
      if (frequency > from * 0.47) continue;
      const folded = resample(tone(frequency, 400, from), from, to).subarray(to / 10);
      expect(20 * Math.log10(rms(folded) / (8_000 / Math.SQRT2) + 1e-6)).toBeLessThan(-50);
    }
  });

  it.each(PAIRS.filter(([from, to]) => from < to))('%i to %i Hz adds no mirror image above', (from, to) => {
    const frequency = from * 0.4;
    const mirrored = resample(tone(frequency, 400, from), from, to).subarray(to / 10);
    if (from - frequency < to / 2) expect(amplitudeAt(mirrored, from - frequency, to)).toBeLessThan(8_000 * 10 ** (-55 / 20));
  });

  it('passes what a telephone passes: 3.4 kHz at 8 kHz', () => {
    expect(amplitudeAt(resample(tone(3_400, 400, 8_000), 8_000, 16_000).subarray(1_600), 3_400, 16_000)).toBeGreaterThan(7_000);
  });

  it('goes on over frames without a seam', () => {
    const whole = new Resampler(8_000, 16_000).process(tone(700, 400, 8_000));
    expect(resample(tone(700, 400, 8_000), 8_000, 16_000)).toEqual(whole);
  });
});
