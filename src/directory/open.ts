import { join } from 'node:path';
import { openStore, type Store } from '../store';
import { MIGRATIONS } from './migrations';
import type { DirectoryDatabase } from './schema';

export type DirectoryStore = Store<DirectoryDatabase>;

/** Opens the directory's database in a data folder; `:memory:` gives an empty one for the process alone. Throws StoreError. */
export function openDirectoryStore(dataDir: string): Promise<DirectoryStore> {
  return openStore<DirectoryDatabase>(dataDir === ':memory:' ? dataDir : join(dataDir, 'directory.sqlite'), MIGRATIONS, { durability: 'full' });
}
