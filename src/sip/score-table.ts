interface Entry {
  score: number;
  /** When `score` was right; it has faded since. */
  at: number;
  bannedUntil: number;
  /** How often it was banned; lengthens the next ban. */
  bans: number;
  /** When it last proved good. */
  provenAt: number;
}

export interface ScoreTableOptions {
  decayPerSecond: number;
  capacity: number;
}

/** Entries looked at to find one that may be forgotten. */
const EVICTION_SAMPLE = 16;
const MAX_DOUBLINGS = 16;
/** Stands for everybody who could not get an entry of their own; keys are never empty. */
const EVERYBODY_ELSE = '';
/** What having proved good is worth, in points, when entries must be forgotten. */
const PROVEN_WORTH = 1000;

/**
 * Points by key that fade with time, and bans. Bounded: a full table forgets the entry with the fewest points among a few old
 * ones, but never one that is banned, so nobody is let off by filling it. When all of those are banned, newcomers share one
 * entry that can be slowed but not banned, since it would hit the innocent.
 */
export class ScoreTable {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly options: ScoreTableOptions) {}

  get size(): number {
    return this.entries.size;
  }

  score(key: string, now: number): number {
    const entry = this.find(key);
    return entry ? this.faded(entry, now) : 0;
  }

  isBanned(key: string, now: number): boolean {
    return (this.entries.get(key)?.bannedUntil ?? 0) > now;
  }

  provenWithin(key: string, seconds: number, now: number): boolean {
    const provenAt = this.entries.get(key)?.provenAt ?? -Infinity;
    return now - provenAt <= seconds * 1000;
  }

  /** Number of banned keys; looks at every entry. */
  banned(now: number): number {
    let count = 0;
    for (const entry of this.entries.values()) if (entry.bannedUntil > now) count++;
    return count;
  }

  /** Adds points and returns the sum. */
  add(key: string, points: number, now: number): number {
    const entry = this.need(key, now);
    entry.score = this.faded(entry, now) + points;
    entry.at = now;
    return entry.score;
  }

  /** Takes points away and notes that the key proved good. A ban that stands is not lifted. */
  prove(key: string, credit: number, now: number): void {
    const entry = this.need(key, now);
    entry.score = Math.max(0, this.faded(entry, now) - credit);
    entry.at = now;
    entry.provenAt = now;
  }

  /** Bans a key for `seconds`, doubled for each earlier ban up to `longest`. It starts anew at zero points afterwards. */
  ban(key: string, seconds: number, longest: number, now: number): boolean {
    const entry = this.entries.get(key);
    if (!entry || key === EVERYBODY_ELSE) return false;
    entry.bannedUntil = now + Math.min(longest, seconds * 2 ** Math.min(entry.bans, MAX_DOUBLINGS)) * 1000;
    entry.bans++;
    entry.score = 0;
    entry.at = entry.bannedUntil;
    // Who is caught failing loses the favour of having been good.
    entry.provenAt = -Infinity;
    return true;
  }

  forget(key: string): boolean {
    return this.entries.delete(key);
  }

  private find(key: string): Entry | undefined {
    return this.entries.get(key) ?? (this.entries.size >= this.options.capacity ? this.entries.get(EVERYBODY_ELSE) : undefined);
  }

  private faded(entry: Entry, now: number): number {
    return Math.max(0, entry.score - Math.max(0, now - entry.at) / 1000 * this.options.decayPerSecond);
  }

  private need(key: string, now: number): Entry {
    const known = this.entries.get(key);
    if (known) return known;
    const name = this.entries.size < this.options.capacity || this.evict(now) ? key : EVERYBODY_ELSE;
    const entry = this.entries.get(name) ?? { score: 0, at: now, bannedUntil: 0, bans: 0, provenAt: -Infinity };
    this.entries.set(name, entry);
    return entry;
  }

  private evict(now: number): boolean {
    let victim: string | undefined;
    let lowest = Infinity;
    let looked = 0;
    const banned: string[] = [];
    for (const [key, entry] of this.entries) {
      if (looked++ === EVICTION_SAMPLE) break;
      if (entry.bannedUntil > now || key === EVERYBODY_ELSE) {
        banned.push(key);
        continue;
      }
      const worth = this.faded(entry, now) + entry.bans + (entry.provenAt > 0 ? PROVEN_WORTH : 0);
      if (worth < lowest) [victim, lowest] = [key, worth];
    }
    // Banned ones move to the end, so that the next search sees others.
    for (const key of banned) {
      const entry = this.entries.get(key)!;
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    return victim !== undefined && this.entries.delete(victim);
  }
}
