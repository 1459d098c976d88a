export { compareEntries, ENTRY_KINDS, type EntryKind, type PlaceKey, type SearchDocument } from './document';
export { SearchIndex, type Hit, type SearchOptions } from './search-index';
export { SegmentBuilder, type PlaceTexts } from './segment-builder';
