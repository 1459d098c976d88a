/** The directory in memory: views for routing, search, and suggestions for mistyped addresses. */
export { openLiveDirectory, type LiveDirectory, type LiveSearchOptions, type SearchHit } from './live-directory';
export { ImageFileError, type ImageFileErrorCode } from './image-file';
export type { KeptSearchOptions } from './kept-search';
