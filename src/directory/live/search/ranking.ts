import type { Candidates } from './candidates';

/** Documents as bit sets: those with a word anywhere, and those with it in their own name. */
export interface DocumentSets {
  anywhere: Uint32Array;
  named: Uint32Array;
}

/** Documents that have a word as a beginning; `typoBegins`: the same for the word with one letter changed. */
export interface WordReach {
  begins: DocumentSets;
  typoBegins?: DocumentSets;
}

/** Also documents that have the word as it stands, and with one letter changed. */
export interface WordSets extends WordReach {
  exact: DocumentSets;
  typoExact?: DocumentSets;
}

export interface Match {
  document: number;
  /** Lower is better; comparable between segments for one query. */
  cost: number;
}

/** Words of a query that count, at most; a counter of four bits holds them. */
export const MAX_WORDS = 8;
const COUNTER_BITS = 4;
const PLANES = 3 * COUNTER_BITS;
/** The least cost of a document that does not have every word whole. */
const ONE_NOT_WHOLE = 1 << COUNTER_BITS;

/**
 * Offers `candidates`, which are those that have all words, to the best. Cost counts, most significant first: words met only with a
 * typo, words met only as a beginning, words not met in the document's own name; equal cost keeps the documents' order. 32 documents
 * are weighed at a time: bit i of `planes[p]` is bit p of the cost of document i, so a word that half the country has costs no more
 * than a rare one.
 */
export function rank(words: readonly WordSets[], { blocks, bits, count: blockCount }: Candidates, best: Best): void {
  const planes = new Int32Array(PLANES);
  for (let i = 0; i < blockCount && !best.isFinal; i++) {
    const block = blocks[i] ?? 0;
    let candidates = bits[i] ?? 0;
    // Once it takes every word whole to be better than what there is, most blocks need no weighing.
    for (let w = 0; best.bar <= ONE_NOT_WHOLE && w < words.length && candidates !== 0; w++) {
      candidates &= (words[w] as WordSets).exact.anywhere[block] ?? 0;
    }
    if (candidates === 0) continue;
    weigh(words, block, planes);
    candidates &= below(planes, best.bar);
    for (; candidates !== 0; candidates &= candidates - 1) {
      const bit = 31 - Math.clz32(candidates & -candidates);
      best.offer(block * 32 + bit, costAt(planes, bit));
    }
  }
}

function weigh(words: readonly WordSets[], block: number, planes: Int32Array): void {
  planes.fill(0);
  for (const { exact, begins, typoExact, typoBegins } of words) {
    const right = begins.anywhere[block] ?? 0;
    const rightWhole = exact.anywhere[block] ?? 0;
    const rightNamed = (rightWhole & (exact.named[block] ?? 0)) | (~rightWhole & (begins.named[block] ?? 0));
    if (typoExact === undefined || typoBegins === undefined) {
      count(planes, COUNTER_BITS, ~rightWhole);
      count(planes, 0, ~rightNamed);
      continue;
    }
    const whole = typoExact.anywhere[block] ?? 0;
    const named = (whole & (typoExact.named[block] ?? 0)) | (~whole & (typoBegins.named[block] ?? 0));
    count(planes, 2 * COUNTER_BITS, ~right);
    count(planes, COUNTER_BITS, (right & ~rightWhole) | (~right & ~whole));
    count(planes, 0, (right & ~rightNamed) | (~right & ~named));
  }
}

/** Adds one to the counter at plane `first` for every document whose bit is set. */
function count(planes: Int32Array, first: number, bits: number): void {
  let carry = bits;
  for (let p = first; carry !== 0 && p < first + COUNTER_BITS; p++) {
    const sum = planes[p] ?? 0;
    planes[p] = sum ^ carry;
    carry &= sum;
  }
}

/** The documents whose cost is less than `bar`. */
function below(planes: Int32Array, bar: number): number {
  if (bar >= 1 << PLANES) return -1;
  let less = 0;
  let equal = -1;
  for (let p = PLANES - 1; p >= 0 && equal !== 0; p--) {
    const plane = planes[p] ?? 0;
    if ((bar >>> p) & 1) {
      less |= equal & ~plane;
      equal &= plane;
    } else {
      equal &= ~plane;
    }
  }
  return less;
}

function costAt(planes: Int32Array, bit: number): number {
  let cost = 0;
  for (let p = 0; p < PLANES; p++) cost |= (((planes[p] ?? 0) >>> bit) & 1) << p;
  return cost;
}

/** The `limit` lowest costs seen so far, ascending; of equal costs those that came first. */
export class Best {
  readonly matches: Match[] = [];
  /** A cost has to be lower than this to get in. */
  bar = 1 << PLANES;

  constructor(private readonly limit: number) {}

  /** Nothing can be better than what is there. */
  get isFinal(): boolean {
    return this.bar === 0;
  }

  offer(document: number, cost: number): void {
    if (cost >= this.bar) return;
    let low = 0;
    let high = this.matches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.matches[middle]?.cost ?? 0) <= cost) low = middle + 1;
      else high = middle;
    }
    this.matches.splice(low, 0, { document, cost });
    if (this.matches.length > this.limit) this.matches.pop();
    if (this.matches.length === this.limit) this.bar = this.matches.at(-1)?.cost ?? 0;
  }
}
