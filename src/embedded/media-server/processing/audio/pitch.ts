/** Human pitch lies between 66 and 400 Hz. */
const SHORTEST_MS = 2.5;
const LONGEST_MS = 15;
const WINDOW_MS = 15;

/** Samples of history that `pitchPeriod` looks at. */
export const pitchHistory = (rate: number): number => Math.ceil(((LONGEST_MS + WINDOW_MS) * rate) / 1000);

/** The lag in samples at which the end of `history` repeats itself best. */
export function pitchPeriod(history: Int16Array, rate: number): number {
  const shortest = Math.ceil((SHORTEST_MS * rate) / 1000);
  const longest = Math.floor((LONGEST_MS * rate) / 1000);
  const window = Math.floor((WINDOW_MS * rate) / 1000);
  // Every rate is compared as coarsely as 8 kHz would be; the lag is then refined by a sample.
  const step = Math.max(1, Math.floor(rate / 8_000));
  const end = history.length;
  const likeness = (lag: number): number => {
    let product = 0;
    let energy = 1;
    for (let i = end - window; i < end; i += step) {
      const past = history[i - lag] as number;
      product += (history[i] as number) * past;
      energy += past * past;
    }
    return product <= 0 ? 0 : (product * product) / energy;
  };
  let best = longest;
  let bestLikeness = -1;
  const consider = (lag: number): void => {
    const value = likeness(lag);
    if (value > bestLikeness) [best, bestLikeness] = [lag, value];
  };
  for (let lag = shortest; lag <= longest; lag += step) consider(lag);
  const coarse = best;
  for (let lag = Math.max(shortest, coarse - step + 1); lag < Math.min(longest, coarse + step); lag += 1) consider(lag);
  return best;
}
