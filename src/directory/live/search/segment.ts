import { Candidates } from './candidates';
import { ENTRY_KINDS, type EntryKind, type PlaceKey } from './document';
import { Best, rank, type DocumentSets, type Match, type WordReach, type WordSets } from './ranking';
import type { PackedStrings } from './packed-strings';
import { merged, type TermRange, type Typos, type Vocabulary } from './vocabulary';

/** Sets of ranges with at least this many postings are kept; smaller ones are made anew in less time than a cache miss. */
const HEAVY = 1 << 13;
const KEPT_SETS = 256;
/** A wanted set of so many documents is kept; a smaller one is put together for each query. */
const MANY = 1 << 15;

/** What a segment consists of besides what is derived from it. */
export interface SegmentParts {
  vocabulary: Vocabulary;
  /** Postings of term t: from starts[t] to starts[t + 1]. */
  starts: Uint32Array;
  /** Document * 2, plus 1 where the term is a word of the document's own name. */
  postings: Uint32Array;
  /** The first document of each kind, and the end. */
  kindStarts: readonly number[];
  hidden: Uint32Array;
  undialable: Uint32Array;
  keys: PackedStrings;
  labels: PackedStrings;
  placeOf: Uint32Array;
  places: readonly PlaceKey[];
}

/** Wanted places: their numbers, or where they have many documents the set of these. */
type Wanted = { numbers: readonly number[] } | { mask: Uint32Array };

/** The documents that a word of a query reaches, and where its terms are. */
interface Reached extends WordReach {
  word: string;
  /** Terms that begin with it. */
  range: TermRange;
  near?: Typos;
}

/** What one document says of itself. */
export interface Found {
  kind: EntryKind;
  key: string;
  label: string;
  place: PlaceKey;
}

export interface SegmentQuery {
  words: readonly string[];
  kinds: readonly EntryKind[];
  limit: number;
  hidden: boolean;
  dialable: boolean;
  where?: Where;
  typos: boolean;
}

/** Whether entries of a place are wanted. What it says of a place never changes: what follows from it is kept as long as the function. */
export type Where = (place: PlaceKey) => boolean;

/**
 * An inverted index over documents that does not change, except that documents can be removed. A query's words become bit
 * sets over all documents, so that the work is a few passes over (documents / 32) numbers however common the words are.
 */
export class Segment {
  readonly size: number;
  /** Documents that are there: all, those that are shown, can be dialled, both. */
  private readonly there: readonly Uint32Array[];
  private readonly kept = new Map<string, DocumentSets>();
  private readonly wanted = new WeakMap<Where, Wanted>();
  private byPlace: { starts: Uint32Array; documents: Uint32Array } | undefined;
  private readonly mask: Uint32Array;
  private readonly candidates: Candidates;
  /** What services and devices say of themselves, as far as they were found. */
  private readonly found: (Found | undefined)[];
  private scratch: DocumentSets[] = [];
  private scratchUsed = 0;

  constructor(readonly parts: SegmentParts) {
    this.size = parts.placeOf.length;
    this.there = [[], [parts.hidden], [parts.undialable], [parts.hidden, parts.undialable]].map((without) => this.allBut(without));
    this.mask = this.newSet();
    this.candidates = new Candidates(this.size);
    this.found = new Array(this.documentsOf('person').from);
  }

  /** Searches for each letter once: makes the sets of the commonest beginnings, and has the code compiled, before anybody waits. */
  *warm(): Generator<void> {
    const letters = new Set(this.parts.vocabulary.terms.map((term) => term.charAt(0)));
    this.documentsByPlace();
    yield;
    for (const letter of letters) {
      this.find({ words: [letter], kinds: ENTRY_KINDS, limit: 20, hidden: false, dialable: false, typos: false });
      yield;
    }
  }

  /** Takes a document out of every later answer; false where there is none with this key. */
  remove(kind: EntryKind, key: string): boolean {
    const { from, to } = this.documentsOf(kind);
    const document = this.parts.keys.indexOf(key, from, to);
    if (document < 0) return false;
    for (const set of this.there) takeOut(set, document);
    return true;
  }

  /** The best matches in order of rank. */
  find({ words, kinds, limit, hidden, dialable, where, typos }: SegmentQuery): Match[] {
    this.scratchUsed = 0;
    const { candidates } = this;
    const there = this.there[(hidden ? 0 : 1) + (dialable ? 2 : 0)] as Uint32Array;
    const wanted = where && this.inPlaces(where);
    const inOrder = this.rarestFirst(words);
    const reached: Reached[] = [];
    let sets: WordSets[] | undefined;
    const best = new Best(limit);
    // Kind by kind: where services alone are good enough, the country's persons are not looked at.
    for (const kind of ENTRY_KINDS) {
      if (!kinds.includes(kind) || best.isFinal) continue;
      const range = this.documentsOf(kind);
      let some = words.length > 0 || candidates.begin(range, there, wanted);
      for (let w = 0; some && w < inOrder.length; w++) {
        const word = reached[w] ?? this.reach(inOrder[w] ?? '', typos);
        if (word === undefined) return [];
        reached[w] = word;
        some = w === 0 ? candidates.begin(range, there, wanted, word) : candidates.narrow(word);
      }
      if (some) rank(sets ??= reached.map((word) => ({ ...word, ...this.exactSets(word) })), candidates, best);
    }
    return best.matches;
  }

  private rarestFirst(words: readonly string[]): readonly string[] {
    if (words.length < 2) return words;
    return words.map((word) => ({ word, count: this.postingsIn(this.parts.vocabulary.startingWith(word)) })).sort((a, b) => a.count - b.count).map(({ word }) => word);
  }

  at(document: number): Found {
    const known = this.found[document];
    if (known !== undefined) return known;
    const { keys, labels, places, placeOf } = this.parts;
    const place = places[placeOf[document] ?? 0];
    if (place === undefined) throw new RangeError(`no document ${document}`);
    const found = { kind: this.kindOf(document), key: keys.at(document), label: labels.at(document), place };
    // Persons are far more, and each is seldom found.
    if (found.kind !== 'person') this.found[document] = found;
    return found;
  }

  /** The documents of the wanted places. */
  private inPlaces(where: Where): Uint32Array {
    const { placeOf, places } = this.parts;
    const { starts, documents } = this.documentsByPlace();
    let wanted = this.wanted.get(where);
    if (wanted === undefined) {
      const numbers = places.flatMap((place, number) => (where(place) ? [number] : []));
      const many = numbers.reduce((sum, place) => sum + (starts[place + 1] ?? 0) - (starts[place] ?? 0), 0) >= MANY;
      this.wanted.set(where, wanted = many ? { mask: this.newSet() } : { numbers });
      if ('mask' in wanted) {
        const isWanted = new Set(numbers);
        for (let document = 0; document < placeOf.length; document++) if (isWanted.has(placeOf[document] ?? 0)) putIn(wanted.mask, document);
      }
    }
    if ('mask' in wanted) return wanted.mask;
    this.mask.fill(0);
    for (const place of wanted.numbers) {
      for (let i = starts[place] ?? 0, end = starts[place + 1] ?? 0; i < end; i++) putIn(this.mask, documents[i] ?? 0);
    }
    return this.mask;
  }

  /** The documents of each place: those of place p from starts[p] to starts[p + 1]. */
  private documentsByPlace(): { starts: Uint32Array; documents: Uint32Array } {
    if (this.byPlace !== undefined) return this.byPlace;
    const { placeOf, places } = this.parts;
    const starts = new Uint32Array(places.length + 1);
    for (const place of placeOf) starts[place + 1] = (starts[place + 1] ?? 0) + 1;
    for (let i = 0; i < places.length; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
    const documents = new Uint32Array(placeOf.length);
    const next = starts.slice();
    for (let document = 0; document < placeOf.length; document++) {
      const place = placeOf[document] ?? 0;
      const at = next[place] ?? 0;
      documents[at] = document;
      next[place] = at + 1;
    }
    return this.byPlace = { starts, documents };
  }

  private kindOf(document: number): EntryKind {
    const kind = ENTRY_KINDS.find((_, i) => document < (this.parts.kindStarts[i + 1] ?? 0));
    if (kind === undefined) throw new RangeError(`no document ${document}`);
    return kind;
  }

  private documentsOf(kind: EntryKind): { from: number; to: number } {
    const i = ENTRY_KINDS.indexOf(kind);
    return { from: this.parts.kindStarts[i] ?? 0, to: this.parts.kindStarts[i + 1] ?? 0 };
  }

  /** Undefined: no document has the word. */
  private reach(word: string, typos: boolean): Reached | undefined {
    const { vocabulary } = this.parts;
    const range = vocabulary.startingWith(word);
    const near = typos && mayHaveTypo(word) ? vocabulary.oneTypoFrom(word) : undefined;
    if (range.from === range.to && (near === undefined || near.begins.length === 0)) return undefined;
    const begins = this.setsOf(range);
    if (near === undefined) return { word, range, begins };
    return { word, range, near, begins, typoBegins: this.union(beginningMayHaveTypo(word) ? near.begins : termRanges(near)) };
  }

  private exactSets({ word, range: { from, to }, near, begins, typoBegins }: Reached): { exact: DocumentSets; typoExact?: DocumentSets } {
    const isWhole = this.parts.vocabulary.terms[from] === word;
    // A whole word that begins no other is one range.
    const exact = isWhole && from + 1 === to ? begins : this.setsOf({ from, to: isWhole ? from + 1 : from });
    if (near === undefined) return { exact };
    return { exact, typoExact: beginningMayHaveTypo(word) ? this.union(termRanges(near)) : typoBegins };
  }

  private setsOf(range: TermRange): DocumentSets {
    if (this.postingsIn(range) < HEAVY) return this.fill(this.takeScratch(), range);
    const name = `${range.from} ${range.to}`;
    let sets = this.kept.get(name);
    if (sets === undefined) {
      sets = this.fill({ anywhere: this.newSet(), named: this.newSet() }, range);
      const oldest = this.kept.size >= KEPT_SETS ? this.kept.keys().next().value : undefined;
      if (oldest !== undefined) this.kept.delete(oldest);
    } else {
      this.kept.delete(name);
    }
    this.kept.set(name, sets);
    return sets;
  }

  private union(ranges: readonly TermRange[]): DocumentSets {
    const apart = merged(ranges);
    const [only] = apart;
    if (only !== undefined && apart.length === 1) return this.setsOf(only);
    const all = this.takeScratch();
    for (const range of apart) this.fill(all, range);
    return all;
  }

  private fill(sets: DocumentSets, { from, to }: TermRange): DocumentSets {
    const { starts, postings } = this.parts;
    const { anywhere, named } = sets;
    const end = starts[to] ?? 0;
    for (let i = starts[from] ?? 0; i < end; i++) {
      const posting = postings[i] ?? 0;
      const document = posting >>> 1;
      const bit = 1 << (document & 31);
      anywhere[document >>> 5] = (anywhere[document >>> 5] ?? 0) | bit;
      if (posting & 1) named[document >>> 5] = (named[document >>> 5] ?? 0) | bit;
    }
    return sets;
  }

  private postingsIn({ from, to }: TermRange): number {
    return (this.parts.starts[to] ?? 0) - (this.parts.starts[from] ?? 0);
  }

  /** An empty pair of sets that is free again when the query ends. */
  private takeScratch(): DocumentSets {
    const free = this.scratch[this.scratchUsed] ?? { anywhere: this.newSet(), named: this.newSet() };
    this.scratch[this.scratchUsed++] = free;
    free.anywhere.fill(0);
    free.named.fill(0);
    return free;
  }

  private allBut(without: readonly Uint32Array[]): Uint32Array {
    const set = this.newSet().fill(0xffffffff);
    for (const documents of without) for (const document of documents) takeOut(set, document);
    return set;
  }

  private newSet(): Uint32Array {
    return new Uint32Array((this.size + 31) >>> 5);
  }
}

const termRanges = ({ whole }: Typos): TermRange[] => whole.map((term) => ({ from: term, to: term + 1 }));

function putIn(set: Uint32Array, document: number): void {
  set[document >>> 5] = (set[document >>> 5] ?? 0) | (1 << (document & 31));
}

function takeOut(set: Uint32Array, document: number): void {
  set[document >>> 5] = (set[document >>> 5] ?? 0) & ~(1 << (document & 31));
}

/** Digits are dialled, not spelt: another number is another service. Of short words too much is one letter apart. */
const mayHaveTypo = (word: string): boolean => word.length >= 3 && word.length <= 40 && !/^\d+$/.test(word);
const beginningMayHaveTypo = (word: string): boolean => word.length >= 5;
