interface Bucket {
  tokens: number;
  at: number;
}

/** How many askers are remembered. */
const MAX_KEYS = 10_000;

/** A token bucket for each asker: `burst` at once, then `perSecond`. Of too many askers the one that asked longest ago is forgotten. */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  /** @param now milliseconds */
  constructor(private readonly perSecond: number, private readonly burst: number, private readonly now: () => number) {}

  /** True when the asker may go on; takes one token. */
  allows(key: string): boolean {
    const at = this.now();
    const before = this.buckets.get(key);
    const tokens = before === undefined ? this.burst : Math.min(this.burst, before.tokens + (Math.max(0, at - before.at) / 1000) * this.perSecond);
    const allowed = tokens >= 1;
    this.buckets.delete(key);
    if (this.buckets.size >= MAX_KEYS) this.buckets.delete(this.buckets.keys().next().value as string);
    this.buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at });
    return allowed;
  }
}
