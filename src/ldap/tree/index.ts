/** The directory as a tree of LDAP entries: how records look as entries, their indexes, and what a reader may see of them. */
export { type Attribute, Entry, SUBSCHEMA_DN } from './entry';
export { type Place } from './place';
export { type Level, LEVELS, type Query, ReadableTree, type Step, type Visibility } from './readable';
export { allowedClasses, type EntryKind, ROOT_TYPES } from './shapes';
export { type TreeSource, treeSource } from './source';
export type { Tree } from './tree';
