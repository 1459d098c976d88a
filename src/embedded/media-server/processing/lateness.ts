/** Upper bounds of the buckets in milliseconds; the last bucket has none. */
const BOUNDS_MS = [0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 50, 100, 200, 500];

/** Ticks of one window, 30 s; what is told is of the present and the window before it. */
const WINDOW_TICKS = 1_500;

/** How late ticks ran in the last half to whole minute, as counts by bucket: constant memory however long the server runs. */
export class Lateness {
  private counts = emptyCounts();
  private previousCounts = emptyCounts();
  private windowTicks = 0;
  private windowMaximum = 0;
  private previousMaximum = 0;
  /** Since the start. */
  ticks = 0;
  /** Ticks that were given up, since the start, because the process stood still for longer than may be caught up. */
  skipped = 0;

  add(milliseconds: number): void {
    if (this.windowTicks === WINDOW_TICKS) this.turn();
    const bucket = BOUNDS_MS.findIndex((bound) => milliseconds <= bound);
    const index = bucket < 0 ? BOUNDS_MS.length : bucket;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.windowTicks += 1;
    this.ticks += 1;
    this.windowMaximum = Math.max(this.windowMaximum, Math.round(milliseconds * 10) / 10);
  }

  get maximumMs(): number {
    return Math.max(this.windowMaximum, this.previousMaximum);
  }

  /** The bound in milliseconds below which the `share` (0 to 1) of all ticks ran. */
  percentile(share: number): number {
    const buckets = this.buckets();
    const wanted = share * buckets.reduce((sum, [, count]) => sum + count, 0);
    let seen = 0;
    for (const [bound, count] of buckets) {
      seen += count;
      if (seen >= wanted && seen > 0) return Math.min(bound, this.maximumMs);
    }
    return 0;
  }

  /** `[upper bound in milliseconds, ticks]`, the last bound infinite. */
  buckets(): [number, number][] {
    return this.counts.map((count, index) => [BOUNDS_MS[index] ?? Infinity, count + (this.previousCounts[index] as number)]);
  }

  private turn(): void {
    this.previousCounts = this.counts;
    this.previousMaximum = this.windowMaximum;
    this.counts = emptyCounts();
    this.windowTicks = this.windowMaximum = 0;
  }
}

function emptyCounts(): number[] {
  return new Array<number>(BOUNDS_MS.length + 1).fill(0);
}
