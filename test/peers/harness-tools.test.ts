import { toneShares } from '../support/spectrum';
import { Baresip, describePeer, startLossyLink } from './harness';

jest.setTimeout(40_000);

const RATE = 8_000;
const sound = (seconds: number, at: (t: number) => number) => ({ sampleRate: RATE, samples: Int16Array.from({ length: seconds * RATE }, (_, i) => at(i / RATE)) });
const tone = (hz: number, t: number, volume = 8_000): number => volume * Math.sin(2 * Math.PI * hz * t);

describe('spectrum', () => {
  test('finds the tones that are there and no others', () => {
    const [a, b, c] = toneShares(sound(2, (t) => tone(400, t) + tone(1000, t)), [400, 1000, 700]) as [number, number, number];
    expect(a).toBeCloseTo(0.5, 2);
    expect(b).toBeCloseTo(0.5, 2);
    expect(c).toBeLessThan(0.001);
  });

  test('looks at the last seconds only', () => {
    const [before, after] = toneShares(sound(2, (t) => tone(t < 1 ? 400 : 700, t)), [400, 700], 1) as [number, number];
    expect([Math.round(before * 100), Math.round(after * 100)]).toEqual([0, 100]);
  });

  test('silence has no tones', () => expect(toneShares(sound(1, () => 3), [400])).toEqual([0]));
});

describePeer('baresip', 'a lossy link', () => {
  test('carries a call, and loses, doubles and reorders what it says', async () => {
    const callee = await Baresip.start({ user: 'callee', toneHz: 700 });
    const link = await startLossyLink(/@([\d.:]+)/.exec(callee.uri)?.[1] as string, { loss: 0.05, duplicate: 0.05, reorder: 0.05 });
    const caller = await Baresip.start({ user: 'caller', toneHz: 400, proxy: `127.0.0.1:${link.port}` });
    try {
      await caller.dial(callee.uri);
      await caller.waitFor('CALL_ESTABLISHED');
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await caller.hangUp();
      await callee.waitFor('CALL_CLOSED');
      const { passed, lost, duplicated, reordered } = link.counters;
      expect(passed).toBeGreaterThan(200);
      for (const count of [lost, duplicated, reordered]) expect(count).toBeGreaterThan(3);
      expect(lost / (lost + passed)).toBeLessThan(0.12);
      expect(toneShares(callee.heard()[0]!, [400])[0]).toBeGreaterThan(0.4);
      expect(toneShares(caller.heard()[0]!, [700])[0]).toBeGreaterThan(0.4);
    } finally {
      await caller.close();
      await callee.close();
      await link.close();
    }
  });
});
