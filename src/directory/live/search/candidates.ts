import type { WordReach } from './ranking';

/** A range of documents. */
export interface DocumentRange {
  from: number;
  to: number;
}

/**
 * The documents in which a query may still find something: numbers of blocks of 32 documents, ascending, and in each the documents
 * as bits. Word by word there are fewer, and whoever looks at these alone need not go through a whole country.
 */
export class Candidates {
  readonly blocks: Uint32Array;
  readonly bits: Int32Array;
  /** How many of `blocks` and `bits` mean something. */
  count = 0;

  /** @param size how many documents there are */
  constructor(size: number) {
    this.blocks = new Uint32Array((size + 31) >>> 5);
    this.bits = new Int32Array((size + 31) >>> 5);
  }

  /**
   * Begins with the documents of a range that are in `mask`, in `other` where that is given, and that the first word reaches, where
   * there is one; false: there are none.
   */
  begin({ from, to }: DocumentRange, mask: Uint32Array, other: Uint32Array = mask, word?: WordReach): boolean {
    const { blocks, bits } = this;
    const beginning = word === undefined ? mask : word.begins.anywhere;
    const typoBeginning = word?.typoBegins === undefined ? beginning : word.typoBegins.anywhere;
    const first = from >>> 5;
    const end = (to + 31) >>> 5;
    let count = 0;
    for (let block = first; block < end; block++) {
      // Most blocks have none of a rare word's documents.
      let left = (beginning[block] ?? 0) | (typoBeginning[block] ?? 0);
      if (left === 0) continue;
      left &= (mask[block] ?? 0) & (other[block] ?? 0);
      if (block === first || block === end - 1) left &= insideOf(block, from, to);
      blocks[count] = block;
      bits[count] = left;
      count += isSome(left);
    }
    this.count = count;
    return count > 0;
  }

  /** Leaves the documents that a word reaches; false: there are none. */
  narrow(word: WordReach): boolean {
    const { blocks, bits } = this;
    const beginning = word.begins.anywhere;
    const typoBeginning = word.typoBegins === undefined ? beginning : word.typoBegins.anywhere;
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      const block = blocks[i] ?? 0;
      const left = (bits[i] ?? 0) & ((beginning[block] ?? 0) | (typoBeginning[block] ?? 0));
      blocks[count] = block;
      bits[count] = left;
      count += isSome(left);
    }
    this.count = count;
    return count > 0;
  }
}

/** 1 for bits of which any is set, else 0; without a branch, as nobody can foretell which way it would go. */
const isSome = (bits: number): number => (bits | -bits) >>> 31;

/** The documents of `block` from `from` to `to`, as a mask. */
function insideOf(block: number, from: number, to: number): number {
  const first = Math.max(from - block * 32, 0);
  const end = Math.min(to - block * 32, 32);
  return (-1 << first) & (end === 32 ? -1 : (1 << end) - 1);
}
