import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore, type DirectoryStore } from '../../src/directory';
import { checkDirectory } from '../../src/directory/check';
import { importDirectory } from '../../src/directory/exchange';
import { openLiveDirectory } from '../../src/directory/live';
import { sampleDirectory } from '../../src/directory/sample';
import { writeSample } from '../../src/directory/sample/write';

const SIZE = { municipalities: 7, services: 900, devices: 300, persons: 2000, seed: 5 };

let folder: string;
let store: DirectoryStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etasilta-sample-'));
  store = await openDirectoryStore(folder);
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('a sample directory', () => {
  it('has the size asked for, is imported without a fault and passes the check', async () => {
    await writeSample(sampleDirectory(SIZE), join(folder, 'csv'), 'csv');
    await importDirectory(store, join(folder, 'csv'));
    const count = async (table: 'organisations' | 'services' | 'devices' | 'persons'): Promise<number> =>
      (await store.db.selectFrom(table).select((eb) => eb.fn.countAll<number>().as('rows')).executeTakeFirstOrThrow()).rows;
    expect(await Promise.all([count('organisations'), count('services'), count('devices'), count('persons')])).toEqual([7, 900, 300, 2000]);
    expect((await checkDirectory(store)).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('is answered for by devices and persons of the service\'s own municipality', async () => {
    await writeSample(sampleDirectory(SIZE), join(folder, 'csv'), 'csv');
    await importDirectory(store, join(folder, 'csv'));
    const view = await (await openLiveDirectory(store)).view();
    for (const { address, organisation } of sampleDirectory(SIZE).services) {
      const members = view.membersOf(address);
      expect(members.length).toBeGreaterThan(0);
      for (const { device, person } of members) {
        const place = person === undefined ? view.site(view.device(device ?? '')?.site ?? '') : view.person(person);
        expect(place?.organisation).toBe(organisation);
      }
    }
  });

  it('is the same for the same seed, in YAML as in CSV, and another for another', async () => {
    const folders = ['one', 'two', 'other', 'yaml'].map((name) => join(folder, name));
    const small = { ...SIZE, services: 60, devices: 40, persons: 100 };
    await writeSample(sampleDirectory(small), folders[0] ?? '', 'csv');
    await writeSample(sampleDirectory(small), folders[1] ?? '', 'csv');
    await writeSample(sampleDirectory({ ...small, seed: 6 }), folders[2] ?? '', 'csv');
    await writeSample(sampleDirectory(small), folders[3] ?? '', 'yaml');
    const [one, two, other] = await Promise.all(folders.slice(0, 3).map((name) => readFile(join(name, 'services.csv'), 'utf8')));
    expect(two).toBe(one);
    expect(other).not.toBe(one);
    await importDirectory(store, folders[0] ?? '');
    const before = await store.db.selectFrom('changes').select((eb) => eb.fn.max('revision').as('last')).executeTakeFirst();
    await importDirectory(store, folders[3] ?? '');
    expect(await store.db.selectFrom('changes').select((eb) => eb.fn.max('revision').as('last')).executeTakeFirst()).toEqual(before);
  });

  it.each([['--municipalities', '1000'], ['--persons', 'many'], ['--format', 'xml'], ['--size', '1']])('is refused with %s %s', (option, value) => {
    const { status, stderr } = spawnSync(process.execPath, ['-r', join(__dirname, '../support/typescript.js'), join(__dirname, '../../scripts/generate-directory.js'), '--out', join(folder, 'x'), option, value], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain(option.slice(2));
  });
});
