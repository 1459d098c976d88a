import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryRepository, openDirectoryStore, type DirectoryStore } from '../../src/directory';
import { importDirectory } from '../../src/directory/exchange';
import { openLiveDirectory } from '../../src/directory/live';
import { createRouter, type Router } from '../../src/routing';
import { MemoryDirectory, PILOT_FOLDER, pilot } from './memory-view';
import { defaultPlan, MONDAY, noState, rings } from './support';

/** The same calls over the database's directory and over the files' records. */
describe('routing over the real directory', () => {
  const source = { kind: 'registered', device: 'ex90-1@ahtari.etela-pohjanmaa.example' } as const;
  let folder: string;
  let store: DirectoryStore;
  let real: Router;
  let plain: Router;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'routing-'));
    store = await openDirectoryStore(folder);
    await importDirectory(store, PILOT_FOLDER);
    const options = { dialPlan: await defaultPlan(), clock: () => MONDAY.getTime(), targetState: noState };
    real = createRouter({ ...options, directory: await openLiveDirectory(store) });
    plain = createRouter({ ...options, directory: new MemoryDirectory(pilot()) });
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  test('every service, alias, number and device of the pilot rings the same devices', async () => {
    const { services, devices } = pilot();
    const dialled = [...services.flatMap(({ address, aliases = [], numericAlias }) => [address, address.split('@')[0] ?? '', numericAlias ?? '', ...aliases]),
      ...devices.flatMap(({ address, e164 }) => [address, e164 ?? ''])].filter((text) => text !== '');
    expect(dialled.length).toBeGreaterThan(400);
    const differences = [];
    for (const text of dialled) {
      const [one, other] = [rings(await real.route({ dialled: text, source })), rings(await plain.route({ dialled: text, source }))];
      if (one !== other) differences.push([text, one, other]);
    }
    expect(differences).toEqual([]);
  });

  test('a mistyped name gets suggestions from the directory\'s own index', async () => {
    expect(await real.route({ dialled: 'keela', source })).toMatchObject({ status: 404, suggestions: expect.arrayContaining(['kela@palvelu.example']) });
  });

  test('a number that is cut short is incomplete', async () => {
    expect(rings(await real.route({ dialled: '0000101', source }))).toBe('484 incomplete');
  });

  test('a change through another connection is routed by at once', async () => {
    const other = await openDirectoryStore(folder);
    try {
      expect(rings(await real.route({ dialled: 'itsetesti.fi', source }))).toBe('simulaattori-2@itsetesti.palvelu.example');
      await new DirectoryRepository(other).update('service', 'itsetesti.fi@palvelu.example', (record) => ({ ...record, enabled: false }));
      expect(rings(await real.route({ dialled: 'itsetesti.fi', source }))).toBe('410 disabled');
      await new DirectoryRepository(other).update('service', 'itsetesti.fi@palvelu.example', (record) => ({ ...record, enabled: true, aliases: ['koe@palvelu.example'] }));
      expect(rings(await real.route({ dialled: 'koe', source }))).toBe('simulaattori-2@itsetesti.palvelu.example');
    } finally {
      await other.close();
    }
  });
});
