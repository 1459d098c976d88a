import { GrowingUint32 } from './growing';

/** A chunk's octets: memory is asked for as it is needed, and never copied into larger memory. */
const CHUNK_BITS = 20;
const CHUNK = 1 << CHUNK_BITS;
const EMPTY = Buffer.alloc(0);

/** What packed strings consist of; `chunks`: each only as far as its strings fill it; `starts`: chunk and offset of each string. */
export interface PackedParts {
  chunks: readonly Buffer[];
  starts: Uint32Array;
}

/**
 * Many strings outside the garbage collector's heap: a country's names cost their bytes and nothing else, and the collector never
 * walks them. One string has at most a third of a chunk's octets as characters, all of them 4 GiB.
 */
export class PackedStrings {
  private readonly chunks: readonly Buffer[];
  private readonly starts: Uint32Array;

  constructor(readonly parts: PackedParts) {
    this.chunks = parts.chunks;
    this.starts = parts.starts;
  }

  static readonly Builder = class {
    private readonly chunks: Buffer[] = [];
    private readonly starts = new GrowingUint32();
    private chunk = EMPTY;
    private at = 0;

    /** @throws RangeError */
    add(text: string): void {
      // A UTF-16 unit becomes at most three bytes.
      if (this.chunks.length === 0 || this.at + 3 * text.length > CHUNK) this.nextChunk(text.length);
      this.starts.push((this.chunks.length - 1) * CHUNK + this.at);
      this.at += this.chunk.write(text, this.at);
    }

    build(): PackedStrings {
      this.endChunk();
      return new PackedStrings({ chunks: this.chunks, starts: this.starts.trimmed() });
    }

    private nextChunk(wanted: number): void {
      if (3 * wanted > CHUNK || this.chunks.length === 2 ** (32 - CHUNK_BITS)) throw new RangeError('too much text for one search index');
      this.endChunk();
      this.chunks.push(this.chunk = Buffer.allocUnsafeSlow(CHUNK));
      this.at = 0;
    }

    private endChunk(): void {
      if (this.chunks.length > 0) this.chunks[this.chunks.length - 1] = this.chunk.subarray(0, this.at);
    }
  };

  at(index: number): string {
    const { chunk, from, to } = this.place(index);
    return chunk.toString('utf8', from, to);
  }

  /** The index of `text` among the strings from `from` to `to`, which are in ascending order of their bytes; -1: not there. */
  indexOf(text: string, from: number, to: number): number {
    const wanted = Buffer.from(text);
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const place = this.place(middle);
      const order = place.chunk.compare(wanted, 0, wanted.length, place.from, place.to);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  private place(index: number): { chunk: Buffer; from: number; to: number } {
    const start = this.starts[index] ?? 0;
    const next = this.starts[index + 1];
    const number = start >>> CHUNK_BITS;
    const chunk = this.chunks[number] ?? EMPTY;
    return { chunk, from: start % CHUNK, to: next !== undefined && next >>> CHUNK_BITS === number ? next % CHUNK : chunk.length };
  }
}
