import type { PackedStrings } from '../../directory/live/search/packed-strings';
import { type IndexGroup } from './index-groups';
import { Recent } from './recent';
import { readPacked, STORED_KINDS, type StoredKind } from './records';
import { ENTRY_KINDS, type EntryKind, shapeOf } from './shapes';
import type { TermIndex } from './term-index';
import type { ValueIndex } from './value-index';

/** Entries of each owner: `of` owner i from starts[i] to starts[i + 1]. */
export interface Ownership { starts: Uint32Array; entries: Uint32Array }

export interface SegmentParts {
  /** The first entry of each kind, and the end. */
  kindStarts: number[];
  /** Packed records; of containers the key of their organisation. */
  records: PackedStrings;
  /** Number of each entry's organisation and site; NONE for none. */
  organisationOf: Uint32Array;
  siteOf: Uint32Array;
  organisations: readonly string[];
  sites: readonly string[];
  ofOrganisation: Ownership;
  ofSite: Ownership;
  /** Bit set: shown to everybody who sees entries of its kind. */
  shown: Uint32Array;
  terms: Readonly<Record<IndexGroup, TermIndex>>;
  values: ValueIndex;
}

export const NONE = 0xffffffff;
/** Records that are kept as objects: of the entries that many searches find, a country has few. */
const RECENT_RECORDS = 4_096;

/** Values of keys are in spaces of their own, beside those of the index groups. */
export const keySpace = (kind: EntryKind): number => 100 + ENTRY_KINDS.indexOf(kind);

const isStored = (kind: EntryKind): kind is StoredKind => (STORED_KINDS as readonly EntryKind[]).includes(kind);

/**
 * Entries with their indexes, outside the garbage collector's heap. A segment never changes; what is removed from it is said
 * beside it, so that a search goes on over the state in which it began.
 */
export class Segment {
  readonly size: number;
  private readonly organisationNumbers: ReadonlyMap<string, number>;
  private readonly siteNumbers: ReadonlyMap<string, number>;
  private readonly recent = new Recent<unknown>(RECENT_RECORDS);

  constructor(readonly parts: SegmentParts, private readonly suffix: string) {
    this.size = parts.organisationOf.length;
    this.organisationNumbers = new Map(parts.organisations.map((key, i) => [key, i]));
    this.siteNumbers = new Map(parts.sites.map((key, i) => [key, i]));
  }

  kindOf(entry: number): EntryKind {
    for (let i = ENTRY_KINDS.length - 1; i > 0; i--) if (entry >= (this.parts.kindStarts[i] ?? 0)) return ENTRY_KINDS[i] as EntryKind;
    return 'root';
  }

  record(entry: number): unknown {
    return this.recent.get(entry, () => this.unpacked(entry));
  }

  private unpacked(entry: number): unknown {
    const kind = this.kindOf(entry);
    const packed = this.parts.records.at(entry);
    return isStored(kind) ? readPacked(kind, packed) : kind === 'root' ? { suffix: this.suffix } : { organisation: packed };
  }

  rangeOf(kind: EntryKind): readonly [from: number, to: number] {
    const i = ENTRY_KINDS.indexOf(kind);
    return [this.parts.kindStarts[i] ?? 0, this.parts.kindStarts[i + 1] ?? 0];
  }

  /** The entry of a kind with this key, removed or not; -1: none. */
  find(kind: EntryKind, key: string): number {
    for (const entry of this.parts.values.find(keySpace(kind), key)) {
      if (this.kindOf(entry) === kind && shapeOf(kind).keyOf(this.record(entry)) === key) return entry;
    }
    return -1;
  }

  organisationNumber(key: string): number {
    return this.organisationNumbers.get(key) ?? NONE;
  }

  siteNumber(key: string): number {
    return this.siteNumbers.get(key) ?? NONE;
  }

  isShown(entry: number): boolean {
    return hasBit(this.parts.shown, entry);
  }
}

export const hasBit = (set: Uint32Array, i: number): boolean => (((set[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1;
export const setBit = (set: Uint32Array, i: number): void => { set[i >>> 5] = (set[i >>> 5] ?? 0) | (1 << (i & 31)); };
export const clearBit = (set: Uint32Array, i: number): void => { set[i >>> 5] = (set[i >>> 5] ?? 0) & ~(1 << (i & 31)); };
export const bitSet = (size: number): Uint32Array => new Uint32Array((size + 31) >>> 5);
