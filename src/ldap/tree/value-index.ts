import { GrowingUint32 } from '../../directory/live/search/growing';

/** 32-bit hash (FNV-1a over UTF-16 units) of a value inside a space of values. */
export function hashOf(space: number, value: string): number {
  let hash = (0x811c9dc5 ^ space) >>> 0;
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

export class ValueIndexBuilder {
  private readonly hashes = new GrowingUint32();
  private readonly entries = new GrowingUint32();

  add(space: number, value: string, entry: number): void {
    this.hashes.push(hashOf(space, value));
    this.entries.push(entry);
  }

  build(): ValueIndex {
    const count = this.hashes.length;
    const bits = Math.max(4, Math.ceil(Math.log2(count + 1)));
    const shift = 32 - bits;
    const starts = new Uint32Array((1 << bits) + 1);
    for (let i = 0; i < count; i++) {
      const bucket = ((this.hashes.values[i] ?? 0) >>> shift) + 1;
      starts[bucket] = (starts[bucket] ?? 0) + 1;
    }
    for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    const hashes = new Uint32Array(count);
    const entries = new Uint32Array(count);
    const next = starts.slice();
    for (let i = 0; i < count; i++) {
      const hash = this.hashes.values[i] ?? 0;
      const at = next[hash >>> shift] ?? 0;
      hashes[at] = hash;
      entries[at] = this.entries.values[i] ?? 0;
      next[hash >>> shift] = at + 1;
    }
    return new ValueIndex(shift, starts, hashes, entries);
  }
}

/** Entries by the hash of a whole value; an entry found may have another value of the same hash. */
export class ValueIndex {
  constructor(private readonly shift: number, private readonly starts: Uint32Array, private readonly hashes: Uint32Array, private readonly entries: Uint32Array) {}

  *find(space: number, value: string): Generator<number> {
    const hash = hashOf(space, value);
    const end = this.starts[(hash >>> this.shift) + 1] ?? 0;
    for (let i = this.starts[hash >>> this.shift] ?? 0; i < end; i++) if (this.hashes[i] === hash) yield this.entries[i] ?? 0;
  }

  count(space: number, value: string): number {
    let found = 0;
    for (const _ of this.find(space, value)) found++;
    return found;
  }
}
