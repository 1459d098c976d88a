import { compareEntries, ENTRY_KINDS, type EntryKind, type SearchDocument } from './document';
import { MAX_WORDS } from './ranking';
import type { Found, Segment, SegmentQuery, Where } from './segment';
import { SegmentBuilder, type PlaceTexts } from './segment-builder';
import { wordsOf } from './words';

export interface SearchOptions {
  /** Default: all. */
  kinds?: readonly EntryKind[];
  /** 1 to 1000, default 20. */
  limit?: number;
  /** Also hidden and disabled entries. */
  hidden?: boolean;
  /** Only entries that can be dialled: no persons without a device. */
  dialable?: boolean;
  /** Only entries of places for which this is true. */
  where?: Where;
}

export interface Hit extends Found {
  /** Found only by allowing one wrong letter a word. */
  typo: boolean;
}

const MAX_LIMIT = 1000;
const MAX_TEXT = 400;

/**
 * Finds entries of the directory by the beginnings of words. Most documents are in one large segment; those changed since it
 * was built are in a small one that is built again at each change.
 */
export class SearchIndex {
  private readonly changed = new Map<string, SearchDocument>();
  private recent: Segment | undefined;

  constructor(private readonly base: Segment) {}

  /** How many documents the small segment holds; a caller that sees it grow builds a new index. */
  get recentlyChanged(): number {
    return this.changed.size;
  }

  /** Puts documents in place of those with the same kind and key; `undefined` removes. */
  update(changes: Iterable<{ kind: EntryKind; key: string; document: SearchDocument | undefined }>, placeAt: PlaceTexts): void {
    for (const { kind, key, document } of changes) {
      this.base.remove(kind, key);
      if (document === undefined) this.changed.delete(`${kind} ${key}`);
      else this.changed.set(`${kind} ${key}`, document);
    }
    const builder = new SegmentBuilder(placeAt);
    for (const document of [...this.changed.values()].sort(compareEntries)) builder.add(document);
    this.recent = this.changed.size === 0 ? undefined : finished(builder.build());
  }

  /**
   * Entries of which every word of `text` (the first eight) begins some word of their name, organisation, site, municipality,
   * address or number; in any order, letters folded. Best first: words met whole before beginnings, in the entry's own name before
   * elsewhere, services before devices before persons, then by key. Where nothing matches, words of three or more letters may
   * have one letter wrong, missing, extra or swapped (from five letters also in a beginning; never in numbers). No words: the
   * first entries in order.
   */
  search(text: string, { kinds = ENTRY_KINDS, limit = 20, hidden = false, dialable = false, where }: SearchOptions = {}): Hit[] {
    const words = [...new Set(wordsOf(text.slice(0, MAX_TEXT)))].slice(0, MAX_WORDS);
    const query = { words, kinds, limit: Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT), hidden, dialable, where, typos: false };
    const hits = this.find(query);
    return hits.length > 0 || words.length === 0 ? hits : this.find({ ...query, typos: true });
  }

  private find(query: SegmentQuery): Hit[] {
    const hit = (segment: Segment, document: number): Hit => {
      const { kind, key, label, place } = segment.at(document);
      return { kind, key, label, place, typo: query.typos };
    };
    const { base, recent } = this;
    const found = base.find(query).map(({ document, cost }) => ({ cost, hit: hit(base, document) }));
    if (recent !== undefined) {
      for (const { document, cost } of recent.find(query)) found.push({ cost, hit: hit(recent, document) });
      found.sort((a, b) => a.cost - b.cost || compareEntries(a.hit, b.hit)).splice(query.limit);
    }
    return found.map((one) => one.hit);
  }
}

function finished<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
