export const ENTRY_KINDS = ['service', 'device', 'person'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One entry of the directory as the search index takes it. */
export interface SearchDocument {
  kind: EntryKind;
  /** A service's or device's address, a person's key. */
  key: string;
  /** What a hit shows where no record is at hand: a person's name. */
  label: string;
  place: PlaceKey;
  /** False: found only by those who may see hidden and disabled entries. */
  shown: boolean;
  /** False: a person without a device. */
  dialable: boolean;
  /** Texts of its own name, in every language. */
  names: readonly string[];
  /** More of these; one array for all documents that have the same. */
  sharedNames?: readonly string[];
  /** Texts of its addresses and numbers. */
  others: readonly string[];
}

/** Where an entry belongs: `ORGANISATION SITE`, or `ORGANISATION` alone. Entries of one place share its words. */
export type PlaceKey = string;

/** Order of entries in an index and of equally good hits: services, devices, persons; each by key. */
export const compareEntries = (a: { kind: EntryKind; key: string }, b: { kind: EntryKind; key: string }): number =>
  ENTRY_KINDS.indexOf(a.kind) - ENTRY_KINDS.indexOf(b.kind) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
