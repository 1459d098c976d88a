import { ENTRY_KINDS, type EntryKind, type PlaceKey } from './document';
import { rankedMatches, type Match, type WordSets } from './ranking';
import type { PackedStrings } from './packed-strings';
import type { TermRange, Vocabulary } from './vocabulary';

/** Sets of ranges with at least this many postings are kept; smaller ones are made anew in less time than a cache miss. */
const HEAVY = 1 << 15;
const KEPT_SETS = 256;

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

/** Documents as bit sets: those with a term of a range anywhere, and those with it in their own name. */
interface DocumentSets {
  anywhere: Uint32Array;
  named: Uint32Array;
}

/** Wanted places: their numbers, or where they have many documents the set of these. */
type Wanted = { numbers: readonly number[] } | { mask: Uint32Array };

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
  /** What services and devices say of themselves, as far as they were found. */
  private readonly found: (Found | undefined)[];
  private scratch: DocumentSets[] = [];
  private scratchUsed = 0;

  constructor(readonly parts: SegmentParts) {
    this.size = parts.placeOf.length;
    this.there = [[], [parts.hidden], [parts.undialable], [parts.hidden, parts.undialable]].map((without) => this.allBut(without));
    this.mask = this.newSet();
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
    const sets: WordSets[] = [];
    for (const word of this.rarestFirst(words)) {
      const ofWord = this.setsOfWord(word, typos);
      if (ofWord === undefined) return [];
      sets.push(ofWord);
    }
    const ranges = ENTRY_KINDS.filter((kind) => kinds.includes(kind)).map((kind) => this.documentsOf(kind));
    const there = this.there[(hidden ? 0 : 1) + (dialable ? 2 : 0)] as Uint32Array;
    return rankedMatches(sets, where === undefined ? [there] : [this.inPlaces(where), there], ranges, limit);
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
      const many = numbers.reduce((sum, place) => sum + (starts[place + 1] ?? 0) - (starts[place] ?? 0), 0) >= HEAVY;
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
  private setsOfWord(word: string, typos: boolean): WordSets | undefined {
    const { vocabulary } = this.parts;
    const begins = vocabulary.startingWith(word);
    const near = typos && mayHaveTypo(word) ? vocabulary.oneTypoFrom(word) : undefined;
    if (begins.from === begins.to && (near === undefined || near.begins.length === 0)) return undefined;
    const exact = vocabulary.terms[begins.from] === word ? { from: begins.from, to: begins.from + 1 } : { from: 0, to: 0 };
    const setsOfBegins = this.setsOf(begins);
    // A whole word that begins no other is one range.
    const sets: WordSets = { exact: exact.to === begins.to ? setsOfBegins : this.setsOf(exact), begins: setsOfBegins };
    if (near !== undefined) {
      const whole = near.whole.map((term) => ({ from: term, to: term + 1 }));
      const nearExact = this.union(whole);
      sets.typo = { exact: nearExact, begins: beginningMayHaveTypo(word) ? this.union(near.begins) : nearExact };
    }
    return sets;
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
    const all = this.takeScratch();
    for (const range of ranges) {
      if (this.postingsIn(range) < HEAVY) {
        this.fill(all, range);
        continue;
      }
      const { anywhere, named } = this.setsOf(range);
      for (let i = 0; i < anywhere.length; i++) {
        all.anywhere[i] = (all.anywhere[i] ?? 0) | (anywhere[i] ?? 0);
        all.named[i] = (all.named[i] ?? 0) | (named[i] ?? 0);
      }
    }
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

function putIn(set: Uint32Array, document: number): void {
  set[document >>> 5] = (set[document >>> 5] ?? 0) | (1 << (document & 31));
}

function takeOut(set: Uint32Array, document: number): void {
  set[document >>> 5] = (set[document >>> 5] ?? 0) & ~(1 << (document & 31));
}

/** Digits are dialled, not spelt: another number is another service. Of short words too much is one letter apart. */
const mayHaveTypo = (word: string): boolean => word.length >= 3 && word.length <= 40 && !/^\d+$/.test(word);
const beginningMayHaveTypo = (word: string): boolean => word.length >= 5;
