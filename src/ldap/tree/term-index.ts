import { GrowingUint32 } from '../../directory/live/search/growing';
import type { Piece } from './words';
import { eachWord } from './words';

/** Entries of the table of letter pairs and triples. */
const BUCKETS = 1 << 16;
/** Terms in which an entry is looked up, at most; beyond that looking at the entry costs less. */
const MAX_PROBED = 16;
/** How many entries are worked on before others get their turn. */
const SLICE = 8192;

/** Collects the words of values; entries are given in ascending order. */
export class TermIndexBuilder {
  private readonly numbers = new Map<string, number>();
  /** (word * 2 + 1 where it is the first of its value), entry by entry. */
  private readonly words = new GrowingUint32();
  private readonly ends = new GrowingUint32();
  private start = 0;

  addValue(value: string): void {
    eachWord(value, this.addWord);
  }

  endEntry(): void {
    this.ends.push(this.words.length);
    this.start = this.words.length;
  }

  /** A generator, so that the caller may let others run between the slices. */
  *build(): Generator<void, TermIndex> {
    const terms = [...this.numbers.keys()].sort();
    const rank = new Uint32Array(terms.length);
    for (const [i, term] of terms.entries()) rank[this.numbers.get(term) ?? 0] = i;
    yield;
    const words = this.words.values;
    const starts = new Uint32Array(terms.length + 1);
    for (let i = 0; i < this.words.length; i++) {
      const term = (rank[(words[i] ?? 0) >>> 1] ?? 0) + 1;
      starts[term] = (starts[term] ?? 0) + 1;
      if (i % (4 * SLICE) === 0) yield;
    }
    for (let i = 0; i < terms.length; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
    const postings = new Uint32Array(this.words.length);
    const next = starts.slice();
    let at = 0;
    for (let entry = 0; entry < this.ends.length; entry++) {
      for (const end = this.ends.values[entry] ?? 0; at < end; at++) {
        const word = words[at] ?? 0;
        const term = rank[word >>> 1] ?? 0;
        const place = next[term] ?? 0;
        postings[place] = entry * 2 + (word & 1);
        next[term] = place + 1;
      }
      if (entry % SLICE === 0) yield;
    }
    return new TermIndex(terms, starts, postings, yield* letterTable(terms));
  }

  private readonly addWord = (word: string, first: boolean): void => {
    let number = this.numbers.get(word);
    if (number === undefined) this.numbers.set(word, number = this.numbers.size);
    // A word once an entry; that it was first in some value is kept.
    for (let i = this.start; i < this.words.length; i++) {
      const known = this.words.values[i] ?? 0;
      if (known >>> 1 !== number) continue;
      if (first) this.words.values[i] = known | 1;
      return;
    }
    this.words.push(number * 2 + (first ? 1 : 0));
  };
}

/** Terms by the pairs and triples of letters in them: from starts[bucket] to starts[bucket + 1]. */
interface LetterTable { starts: Uint32Array; terms: Uint32Array }

const bucketOf = (text: string, at: number, size: 2 | 3): number => {
  const letters = text.charCodeAt(at) * 0x9e35 + text.charCodeAt(at + 1) * 0x51ed + (size === 3 ? text.charCodeAt(at + 2) * 0x2c1b + 0x1f123 : 0);
  return (letters ^ (letters >>> 13)) & (BUCKETS - 1);
};

function* letterTable(terms: readonly string[]): Generator<void, LetterTable> {
  const starts = new Uint32Array(BUCKETS + 1);
  const each = function* (visit: (bucket: number, term: number) => void): Generator<void> {
    for (const [i, term] of terms.entries()) {
      for (let at = 0; at + 2 <= term.length; at++) {
        visit(bucketOf(term, at, 2), i);
        if (at + 3 <= term.length) visit(bucketOf(term, at, 3), i);
      }
      if (i % SLICE === 0) yield;
    }
  };
  yield* each((bucket) => { starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1; });
  for (let i = 0; i < BUCKETS; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const found = new Uint32Array(starts[BUCKETS] ?? 0);
  const next = starts.slice();
  yield* each((bucket, term) => {
    const at = next[bucket] ?? 0;
    found[at] = term;
    next[bucket] = at + 1;
  });
  return { starts, terms: found };
}

/** Where the terms of a piece are: a range of them, or a list to be looked through. */
type Terms = { range: readonly [from: number, to: number] } | { list: Uint32Array; from: number; to: number };

/** Finds the entries whose values have a word that fits a piece of a pattern. */
export class TermIndex {
  constructor(
    private readonly terms: readonly string[],
    private readonly starts: Uint32Array,
    private readonly postings: Uint32Array,
    private readonly letters: LetterTable,
  ) {}

  /** About how many entries `find` looks at. */
  estimate(piece: Piece): number {
    const terms = this.termsOf(piece);
    if ('range' in terms) return (this.starts[terms.range[1]] ?? 0) - (this.starts[terms.range[0]] ?? 0);
    return Math.ceil(((terms.to - terms.from) * this.postings.length) / Math.max(this.terms.length, 1));
  }

  /** Entries, possibly more than once, and in no order beyond that of the terms. Lazy: nobody who stops early pays for the rest. */
  *find(piece: Piece): Generator<number> {
    const terms = this.termsOf(piece);
    if ('range' in terms) {
      for (let term = terms.range[0]; term < terms.range[1]; term++) if (this.fits(term, piece)) yield* this.entriesOf(term, piece.first);
      return;
    }
    let last = -1;
    for (let i = terms.from; i < terms.to; i++) {
      const term = terms.list[i] ?? 0;
      if (term !== last && this.fits(term, piece)) yield* this.entriesOf(term, piece.first);
      last = term;
    }
  }

  /** A quick test whether an entry can have a word that fits; undefined: there is none quicker than looking at the entry. */
  probe(piece: Piece): ((entry: number) => boolean) | undefined {
    const terms = this.termsOf(piece);
    if (!('range' in terms) || terms.range[1] - terms.range[0] > MAX_PROBED) return undefined;
    const [from, to] = terms.range;
    return (entry) => {
      for (let term = from; term < to; term++) if (this.hasEntry(term, entry)) return true;
      return false;
    };
  }

  private hasEntry(term: number, entry: number): boolean {
    let low = this.starts[term] ?? 0;
    let high = this.starts[term + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = (this.postings[middle] ?? 0) >>> 1;
      if (found === entry) return true;
      if (found < entry) low = middle + 1;
      else high = middle;
    }
    return false;
  }

  private *entriesOf(term: number, first: boolean): Generator<number> {
    const end = this.starts[term + 1] ?? 0;
    for (let i = this.starts[term] ?? 0; i < end; i++) {
      const posting = this.postings[i] ?? 0;
      if (!first || posting & 1) yield posting >>> 1;
    }
  }

  private fits(term: number, { text, begins, ends }: Piece): boolean {
    const word = this.terms[term] ?? '';
    return begins ? (ends ? word === text : word.startsWith(text)) : ends ? word.endsWith(text) : word.includes(text);
  }

  private termsOf({ text, begins, ends }: Piece): Terms {
    if (begins) {
      const from = this.firstFrom(text);
      return { range: [from, ends ? Math.min(from + 1, this.terms.length) : this.firstFrom(text + '\uffff')] };
    }
    if (text.length < 2) return { range: [0, this.terms.length] };
    let best = { from: 0, to: Infinity };
    const size = text.length === 2 ? 2 : 3;
    for (let at = 0; at + size <= text.length; at++) {
      const bucket = bucketOf(text, at, size);
      const [from, to] = [this.letters.starts[bucket] ?? 0, this.letters.starts[bucket + 1] ?? 0];
      if (to - from < best.to - best.from) best = { from, to };
    }
    return { list: this.letters.terms, ...best };
  }

  /** The first term not before `text`. */
  private firstFrom(text: string): number {
    let low = 0;
    let high = this.terms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.terms[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
