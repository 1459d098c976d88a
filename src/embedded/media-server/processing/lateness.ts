/** Upper bounds of the buckets in milliseconds; the last bucket has none. */
const BOUNDS_MS = [0.5, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 50, 100, 200, 500];

/** How late ticks ran, as counts by bucket: constant memory however long the server runs. */
export class Lateness {
  private readonly counts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
  ticks = 0;
  /** Ticks that were given up because the process stood still for longer than may be caught up. */
  skipped = 0;
  maximumMs = 0;

  add(milliseconds: number): void {
    const bucket = BOUNDS_MS.findIndex((bound) => milliseconds <= bound);
    const index = bucket < 0 ? BOUNDS_MS.length : bucket;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.ticks += 1;
    this.maximumMs = Math.max(this.maximumMs, milliseconds);
  }

  /** The bound in milliseconds below which the `share` (0 to 1) of all ticks ran. */
  percentile(share: number): number {
    let seen = 0;
    const wanted = share * this.ticks;
    for (const [index, count] of this.counts.entries()) {
      seen += count;
      if (seen >= wanted && seen > 0) return Math.min(BOUNDS_MS[index] ?? this.maximumMs, this.maximumMs);
    }
    return 0;
  }

  /** `[upper bound in milliseconds, ticks]`, the last bound infinite. */
  buckets(): [number, number][] {
    return this.counts.map((count, index) => [BOUNDS_MS[index] ?? Infinity, count]);
  }
}
