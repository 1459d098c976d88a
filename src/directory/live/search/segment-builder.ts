import { ENTRY_KINDS, type Place, type SearchDocument } from './document';
import { GrowingUint32 } from './growing';
import { PackedStrings } from './packed-strings';
import { Segment } from './segment';
import { Vocabulary } from './vocabulary';
import { wordsOf } from './words';

/** How many documents are worked on before the event loop gets its turn. */
const SLICE = 4096;
/** Texts that many entries share (titles, for instance) are taken apart once. */
const TEXT_CACHE = 4096;

/** The texts by which all entries of an organisation, or of a site of it, are found. */
export type PlaceTexts = (organisation: string, site: string | undefined) => string[];

/**
 * Makes a segment from documents given in the order of `compareEntries`. Words are numbered as they are met; only numbers
 * are kept for each document, so that building costs little more memory than the index itself.
 */
export class SegmentBuilder {
  private readonly numbers = new Map<string, number>();
  private readonly textCache = new Map<string, number[]>();
  /** For each document its own words: number * 2, plus 1 for a word of its name. */
  private readonly own = new GrowingUint32();
  private readonly ownEnds = new GrowingUint32();
  private readonly placeOf = new GrowingUint32();
  private readonly hidden = new GrowingUint32();
  private readonly keys = new PackedStrings.Builder();
  private readonly labels = new PackedStrings.Builder();
  private readonly places: Place[] = [];
  private readonly placeNumbers = new Map<string, number>();
  private readonly placeWords: number[][] = [];
  private readonly ofKind = ENTRY_KINDS.map(() => 0);
  private size = 0;

  constructor(private readonly placeAt: PlaceTexts) {}

  add(document: SearchDocument): void {
    const start = this.own.length;
    for (const text of document.names) for (const word of this.wordsIn(text)) this.addWord(word * 2 + 1, start);
    for (const text of document.others) for (const word of this.wordsIn(text)) this.addWord(word * 2, start);
    this.ownEnds.push(this.own.length);
    this.placeOf.push(this.placeNumber(document.organisation, document.site));
    if (!document.shown) this.hidden.push(this.size);
    this.keys.add(document.key);
    this.labels.add(document.label);
    const kind = ENTRY_KINDS.indexOf(document.kind);
    this.ofKind[kind] = (this.ofKind[kind] ?? 0) + 1;
    this.size++;
  }

  /** Builds the segment; a generator, so that the caller may let others run between the slices. */
  *build(): Generator<void, Segment> {
    const terms = [...this.numbers.keys()].sort();
    const rank = new Uint32Array(terms.length);
    for (const [i, term] of terms.entries()) rank[this.numbers.get(term) ?? 0] = i;
    yield;

    const starts = new Uint32Array(terms.length + 1);
    yield* this.eachPosting(rank, (term) => { starts[term + 1] = (starts[term + 1] ?? 0) + 1; });
    for (let i = 0; i < terms.length; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
    const postings = new Uint32Array(starts[terms.length] ?? 0);
    const next = starts.slice();
    yield* this.eachPosting(rank, (term, document, named) => {
      const at = next[term] ?? 0;
      postings[at] = document * 2 + named;
      next[term] = at + 1;
    });

    const kindStarts = [0];
    for (const count of this.ofKind) kindStarts.push((kindStarts.at(-1) ?? 0) + count);
    return new Segment({
      vocabulary: new Vocabulary(terms), starts, postings, kindStarts, hidden: this.hidden.view(),
      keys: this.keys.build(), labels: this.labels.build(), placeOf: this.placeOf.view().slice(), places: this.places,
    });
  }

  /** Each (term, document) once, documents ascending; a word of the document's own name wins over the place's same word. */
  private *eachPosting(rank: Uint32Array, visit: (term: number, document: number, named: 0 | 1) => void): Generator<void> {
    const own = this.own.view();
    const ends = this.ownEnds.view();
    const placeOf = this.placeOf.view();
    const placeTerms = this.placeWords.map((words) => Uint32Array.from(words, (word) => rank[word] ?? 0));
    const lastSeenIn = new Uint32Array(rank.length);
    let at = 0;
    for (let document = 0; document < this.size; document++) {
      for (; at < (ends[document] ?? 0); at++) {
        const word = own[at] ?? 0;
        const term = rank[word >>> 1] ?? 0;
        lastSeenIn[term] = document + 1;
        visit(term, document, (word & 1) as 0 | 1);
      }
      for (const term of placeTerms[placeOf[document] ?? 0] ?? []) if (lastSeenIn[term] !== document + 1) visit(term, document, 0);
      if (document % SLICE === SLICE - 1) yield;
    }
  }

  /** Own words come by twos: the name's first, so that a repetition in an address adds nothing. */
  private addWord(word: number, start: number): void {
    const own = this.own.view();
    for (let i = start; i < own.length; i++) if ((own[i] ?? 0) >>> 1 === word >>> 1) return;
    this.own.push(word);
  }

  private wordsIn(text: string): number[] {
    const known = this.textCache.get(text);
    if (known !== undefined) return known;
    const numbers = wordsOf(text).map((word) => this.numberOf(word));
    if (this.textCache.size < TEXT_CACHE) this.textCache.set(text, numbers);
    return numbers;
  }

  private numberOf(word: string): number {
    let number = this.numbers.get(word);
    if (number === undefined) this.numbers.set(word, number = this.numbers.size);
    return number;
  }

  private placeNumber(organisation: string, site: string | undefined): number {
    const name = `${organisation} ${site ?? ''}`;
    let number = this.placeNumbers.get(name);
    if (number === undefined) {
      this.placeNumbers.set(name, number = this.places.length);
      this.places.push({ organisation, site });
      this.placeWords.push([...new Set(this.placeAt(organisation, site).flatMap((text) => wordsOf(text).map((word) => this.numberOf(word))))]);
    }
    return number;
  }
}
