import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryRepository, type DirectoryStore, KIND_NAMES, openDirectoryStore, type DirectoryDocument } from '../../src/directory';
import { exportFolder, exportYaml, importDirectory, writeFile } from '../../src/directory/exchange';
import { randomDirectory } from './random-directory';

let folder: string;
const stores: DirectoryStore[] = [];
const empty = async (): Promise<DirectoryStore> => {
  const store = await openDirectoryStore(':memory:');
  stores.push(store);
  return store;
};
const everything = async (store: DirectoryStore): Promise<unknown[]> => {
  const directory = new DirectoryRepository(store);
  return Promise.all(KIND_NAMES.map((kind) => directory.list(kind)));
};
const filled = async (document: DirectoryDocument): Promise<DirectoryStore> => {
  const store = await empty();
  const file = join(folder, 'filled.yaml');
  // JSON is YAML: nothing of our own writer is needed to fill a directory.
  writeFileSync(file, JSON.stringify(document));
  await importDirectory(store, file);
  return store;
};

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'directory-')); });
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

describe('an exported directory imported into an empty one is equal', () => {
  it.each(SEEDS)('as one YAML file, seed %i', async (seed) => {
    const store = await filled(randomDirectory(seed));
    const file = join(folder, 'all.yaml');
    await writeFile(file, (output) => exportYaml(store, output, { withCredentials: true }));
    const copy = await empty();
    await importDirectory(copy, file);
    expect(await everything(copy)).toEqual(await everything(store));
    expect((await importDirectory(copy, file)).total).toMatchObject({ added: 0, changed: 0, removed: 0 });
    expect((await importDirectory(copy, file, { mode: 'replace' })).total).toMatchObject({ added: 0, changed: 0, removed: 0 });
  });

  it.each(SEEDS)('as CSV files, seed %i', async (seed) => {
    const store = await filled(randomDirectory(seed));
    await exportFolder(store, join(folder, 'csv'), 'csv', { withCredentials: true });
    const copy = await empty();
    await importDirectory(copy, join(folder, 'csv'));
    expect(await everything(copy)).toEqual(await everything(store));
    expect((await importDirectory(copy, join(folder, 'csv'), { mode: 'replace' })).total).toMatchObject({ added: 0, changed: 0, removed: 0 });
  });

  it('as a folder of YAML files, empty lists included', async () => {
    const store = await filled({ ...randomDirectory(1), persons: [], memberships: [] });
    const files = await exportFolder(store, join(folder, 'yaml'), 'yaml', { withCredentials: true });
    expect(files).toHaveLength(6);
    const other = await filled(randomDirectory(1));
    await importDirectory(other, join(folder, 'yaml'), { mode: 'replace' });
    expect(await everything(other)).toEqual(await everything(store));
  });
});

describe('what a directory holds', () => {
  it('is what was given to it, field by field', async () => {
    const document = randomDirectory(3);
    const [organisations, sites, devices, services, persons] = await everything(await filled(document)) as object[][];
    const byKey = (records: object[]): object[] => [...records].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const keyOf = (record: object): string => ('key' in record ? String(record.key) : 'address' in record ? String(record.address) : '');
    expect(organisations).toEqual(byKey(document.organisations));
    expect(sites).toEqual(byKey(document.sites));
    expect(devices).toEqual(byKey(document.devices));
    expect(services).toEqual(byKey(document.services));
    expect(persons).toEqual(byKey(document.persons));
  });

  it('leaves no secret in an export unless asked, and then only digests', async () => {
    const store = await filled(randomDirectory(2));
    await exportFolder(store, join(folder, 'csv'), 'csv');
    const file = join(folder, 'all.yaml');
    await writeFile(file, (output) => exportYaml(store, output));
    for (const text of [readFileSync(join(folder, 'csv', 'devices.csv'), 'utf8'), readFileSync(file, 'utf8')]) {
      expect(text).toContain('ex90-1@site1.org.example');
      expect(text).not.toMatch(/ha1|realm|username|credentials|secret|\b[0-9a-f]{32}\b/i);
    }
    await exportFolder(store, join(folder, 'csv'), 'csv', { withCredentials: true });
    const open = readFileSync(join(folder, 'csv', 'devices.csv'), 'utf8');
    expect(open).toMatch(/\b[0-9a-f]{32}\b/);
    expect(open).not.toContain('secret 1');
    expect(statSync(join(folder, 'csv', 'devices.csv')).mode & 0o077).toBe(0);
  });

  it('an import of an export without credentials keeps the ones that are there, also in replace mode', async () => {
    const store = await filled(randomDirectory(2));
    const before = await everything(store);
    await exportFolder(store, join(folder, 'csv'), 'csv');
    expect((await importDirectory(store, join(folder, 'csv'), { mode: 'replace' })).total).toMatchObject({ added: 0, changed: 0, removed: 0 });
    expect(await everything(store)).toEqual(before);
  });

  it('stays in its file when writing the new one fails', async () => {
    const file = join(folder, 'all.yaml');
    writeFileSync(file, 'old');
    await expect(writeFile(file, () => Promise.reject(new Error('no more')))).rejects.toThrow('no more');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(() => statSync(`${file}.part`)).toThrow('ENOENT');
  });

  it('is refused where the disk is full, also when that is told while nothing is being written; the old file stays', async () => {
    const store = await filled(randomDirectory(2));
    const file = join(folder, 'all.yaml');
    writeFileSync(file, 'old');
    symlinkSync('/dev/full', `${file}.part`);
    await expect(writeFile(file, (output) => exportYaml(store, output))).rejects.toMatchObject({ code: 'export-failed', message: `${file} cannot be written (ENOSPC: no space left on device, write)` });
    await expect(writeFile(file, async (output) => {
      output.write('some');
      output.destroy(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }));
      await new Promise((resolve) => setImmediate(resolve));
      await exportYaml(store, output);
    })).rejects.toMatchObject({ code: 'export-failed', message: `${file} cannot be written (ENOSPC: no space left on device, write)` });
    expect(readFileSync(file, 'utf8')).toBe('old');
  });

  it('goes through a stream that takes little at a time', async () => {
    const store = await filled(randomDirectory(5, 60));
    const file = join(folder, 'slow.yaml');
    const output = createWriteStream(file, { highWaterMark: 16 });
    await exportYaml(store, output, { withCredentials: true });
    await new Promise((resolve) => output.end(resolve));
    const copy = await empty();
    await importDirectory(copy, file);
    expect(await everything(copy)).toEqual(await everything(store));
  });
});
