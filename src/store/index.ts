export { StoreError, type StoreErrorCode } from './errors';
export type { Migration } from './migrations';
export { openStore, type Store, type StoreOptions } from './open';
