import { ENTRY_KINDS, type PlaceKey, type SearchDocument } from './document';
import { GrowingUint32 } from './growing';
import { PackedStrings } from './packed-strings';
import { Segment } from './segment';
import { Vocabulary } from './vocabulary';
import { WordNumbers } from './words';

/** How many documents are worked on before the event loop gets its turn. */
const SLICE = 4096;

/** The texts by which all entries of a place are found. */
export type PlaceTexts = (place: PlaceKey) => string[];

/**
 * Makes a segment from documents given in the order of `compareEntries`. Words are numbered as they are met; only numbers
 * are kept for each document, so that building costs little more memory than the index itself.
 */
export class SegmentBuilder {
  private readonly words = new WordNumbers();
  /** For each document its own words, each once: number * 2, plus 1 for a word of its name. */
  private readonly own = new GrowingUint32();
  private readonly ownEnds = new GrowingUint32();
  private readonly placeOf = new GrowingUint32();
  private readonly hidden = new GrowingUint32();
  private readonly undialable = new GrowingUint32();
  private readonly keys = new PackedStrings.Builder();
  private readonly labels = new PackedStrings.Builder();
  private readonly placeNumbers = new Map<PlaceKey, number>();
  private readonly placeWords: Set<number>[] = [];
  private readonly sharedWords = new Map<readonly string[], readonly number[]>();
  private readonly ofKind = ENTRY_KINDS.map(() => 0);
  private size = 0;
  private ownStart = 0;

  constructor(private readonly placeTexts: PlaceTexts) {}

  add(document: SearchDocument): void {
    this.ownStart = this.own.length;
    for (const text of document.names) this.words.each(text, this.addNamed);
    for (const word of this.wordsOfShared(document.sharedNames)) this.addNamed(word);
    for (const text of document.others) this.words.each(text, this.addOther);
    this.ownEnds.push(this.own.length);
    this.placeOf.push(this.placeNumber(document.place));
    if (!document.shown) this.hidden.push(this.size);
    if (!document.dialable) this.undialable.push(this.size);
    this.keys.add(document.key);
    this.labels.add(document.label);
    const kind = ENTRY_KINDS.indexOf(document.kind);
    this.ofKind[kind] = (this.ofKind[kind] ?? 0) + 1;
    this.size++;
  }

  /** Builds the segment; a generator, so that the caller may let others run between the slices. */
  *build(): Generator<void, Segment> {
    const terms = [...this.words.numbers.keys()].sort();
    const rank = new Uint32Array(terms.length);
    for (const [i, term] of terms.entries()) rank[this.words.numbers.get(term) ?? 0] = i;
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
      vocabulary: new Vocabulary(terms), starts, postings, kindStarts, hidden: this.hidden.trimmed(), undialable: this.undialable.trimmed(),
      keys: this.keys.build(), labels: this.labels.build(), placeOf: this.placeOf.trimmed(), places: [...this.placeNumbers.keys()],
    });
  }

  /** Each (term, document) once, documents ascending; a word of the document's own name wins over the place's same word. */
  private *eachPosting(rank: Uint32Array, visit: (term: number, document: number, named: number) => void): Generator<void> {
    const own = this.own.values;
    const ends = this.ownEnds.values;
    const placeOf = this.placeOf.values;
    const placeTerms = this.placeWords.map((words) => Uint32Array.from(words, (word) => rank[word] ?? 0));
    const lastSeenIn = new Uint32Array(rank.length);
    let at = 0;
    for (let document = 0; document < this.size; document++) {
      for (const end = ends[document] ?? 0; at < end; at++) {
        const word = own[at] ?? 0;
        const term = rank[word >>> 1] ?? 0;
        lastSeenIn[term] = document + 1;
        visit(term, document, word & 1);
      }
      const shared = placeTerms[placeOf[document] ?? 0];
      for (let i = 0; shared !== undefined && i < shared.length; i++) {
        const term = shared[i] ?? 0;
        if (lastSeenIn[term] !== document + 1) visit(term, document, 0);
      }
      if (document % SLICE === SLICE - 1) yield;
    }
  }

  private readonly addNamed = (word: number): void => this.addWord(word, 1);
  private readonly addOther = (word: number): void => this.addWord(word, 0);

  /** The name's words come first, so that a repetition in an address adds nothing. */
  private addWord(word: number, named: 0 | 1): void {
    for (let i = this.ownStart; i < this.own.length; i++) if ((this.own.values[i] ?? 0) >>> 1 === word) return;
    this.own.push(word * 2 + named);
  }

  private wordsOfShared(texts: readonly string[] = NONE): readonly number[] {
    let words = this.sharedWords.get(texts);
    if (words === undefined) this.sharedWords.set(texts, words = [...this.wordsIn(texts)]);
    return words;
  }

  private placeNumber(place: PlaceKey): number {
    let number = this.placeNumbers.get(place);
    if (number === undefined) {
      this.placeNumbers.set(place, number = this.placeNumbers.size);
      this.placeWords.push(this.wordsIn(this.placeTexts(place)));
    }
    return number;
  }

  private wordsIn(texts: readonly string[]): Set<number> {
    const words = new Set<number>();
    for (const text of texts) this.words.each(text, (word) => words.add(word));
    return words;
  }
}

const NONE: readonly string[] = [];
