import type { AddressRecord, NaptrRecord, Resolver, SrvRecord } from './resolver';

/** Seconds; NAPTR and SRV answers come without a lifetime from Node, so the lower bound is theirs. */
const MINIMUM_TTL = 30;
const MAXIMUM_TTL = 3_600;
/** An absent record is asked for again after this. */
const NEGATIVE_TTL = 10;
const MAXIMUM_NAMES = 5_000;

interface Cached {
  answer: Promise<unknown>;
  until: number;
}

/** Keeps answers for their lifetime within bounds, and asks once for what many calls want at the same time. */
export class CachingResolver implements Resolver {
  private readonly known = new Map<string, Cached>();

  constructor(private readonly source: Resolver, private readonly now: () => number) {}

  naptr(name: string): Promise<NaptrRecord[]> {
    return this.get(`naptr ${name}`, () => this.source.naptr(name), () => MINIMUM_TTL);
  }

  srv(name: string): Promise<SrvRecord[]> {
    return this.get(`srv ${name}`, () => this.source.srv(name), () => MINIMUM_TTL);
  }

  a(name: string): Promise<AddressRecord[]> {
    return this.get(`a ${name}`, () => this.source.a(name), lifetime);
  }

  aaaa(name: string): Promise<AddressRecord[]> {
    return this.get(`aaaa ${name}`, () => this.source.aaaa(name), lifetime);
  }

  private get<T>(key: string, ask: () => Promise<T>, ttl: (answer: T) => number): Promise<T> {
    const known = this.known.get(key);
    if (known !== undefined && known.until > this.now()) return known.answer as Promise<T>;
    const entry: Cached = { answer: ask(), until: Infinity };
    entry.answer.then(
      (answer) => (entry.until = this.now() + ttl(answer as T) * 1000),
      () => (entry.until = this.now() + NEGATIVE_TTL * 1000),
    );
    this.known.delete(key);
    if (this.known.size >= MAXIMUM_NAMES) this.known.delete(this.known.keys().next().value as string);
    this.known.set(key, entry);
    return entry.answer as Promise<T>;
  }
}

const lifetime = (records: AddressRecord[]): number =>
  Math.min(MAXIMUM_TTL, Math.max(MINIMUM_TTL, ...records.map(({ ttl }) => ttl)));
