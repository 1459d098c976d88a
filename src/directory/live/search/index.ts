export { compareEntries, ENTRY_KINDS, type EntryKind, type PlaceKey, type SearchDocument } from './document';
export { SearchIndex, type Hit, type SearchOptions } from './search-index';
export type { Segment } from './segment';
export { SegmentBuilder, type PlaceTexts } from './segment-builder';
export { imageOf, segmentOf, type ImageHead, type SegmentImage } from './segment-image';
