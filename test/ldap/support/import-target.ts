import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DirectoryRepository, type DirectoryStore, openDirectoryStore } from '../../../src/directory';

/** What an import goes into. */
export interface ImportTarget {
  /** Empty but for the database. */
  folder: string;
  store: DirectoryStore;
  directory: DirectoryRepository;
}

/** Gives each test of the block around a folder with a directory of its own, in which there is the municipality `kunta` alone. */
export function importTarget(): ImportTarget {
  const target = {} as ImportTarget;
  beforeEach(async () => {
    target.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-import-'));
    target.store = await openDirectoryStore(target.folder);
    target.directory = new DirectoryRepository(target.store);
    await target.directory.put('organisation', { key: 'kunta', type: 'municipality', names: { fi: 'Kunta' }, domain: 'kunta.example' });
  });
  afterEach(async () => {
    await target.store.close();
    fs.rmSync(target.folder, { recursive: true, force: true });
  });
  return target;
}
