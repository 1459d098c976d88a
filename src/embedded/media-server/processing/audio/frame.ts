/** 20 ms of one channel of sound, 16 bit linear, at `rate` samples a second. */
export interface Frame {
  samples: Int16Array;
  rate: number;
}

/** Frames a second: every rate in use makes whole samples of 20 ms. */
const FRAMES_PER_SECOND = 50;

export const frameSamples = (rate: number): number => rate / FRAMES_PER_SECOND;

export const saturate = (value: number): number => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value);

/** Adds `from` to `to` with saturation, as far as both reach. */
export function addTo(to: Int16Array, from: Int16Array): void {
  const length = Math.min(to.length, from.length);
  for (let i = 0; i < length; i += 1) to[i] = saturate((to[i] as number) + (from[i] as number));
}
