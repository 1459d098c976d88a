import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DirectoryRepository, importDirectory, openDirectoryStore, type DirectoryDocument, type DirectoryStore } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';
import { writeImage } from '../../src/directory/live/image-file';
import { randomFrom } from '../../src/directory/sample';
import { randomDirectory } from '../directory/random-directory';
import { smallDirectory } from '../directory/sample';
import { answersOf, commandsFor, queriesFor, warmed, type Warmed } from './answers';

jest.setTimeout(60_000);

const TYPESCRIPT = join(__dirname, '../support/typescript.js');
const run = (program: string, ...args: string[]): string[] => ['-r', TYPESCRIPT, join(__dirname, program), ...args];

let root: string;
let stores: DirectoryStore[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'etasilta-kept-'));
  stores = [];
});

afterEach(async () => {
  await closeAll();
  rmSync(root, { recursive: true });
});

const closeAll = async (): Promise<void> => { await Promise.all(stores.splice(0).map((store) => store.close())); };
const open = async (folder: string): Promise<DirectoryStore> => {
  const store = await openDirectoryStore(folder);
  stores.push(store);
  return store;
};
const start = async (folder: string): Promise<Warmed> => warmed(await open(folder));
const database = (folder: string): string => join(folder, 'directory.sqlite');
const kept = (folder: string): string => join(folder, 'directory.search');
/** A written file is always another one. */
const identity = (folder: string): number => statSync(kept(folder)).ino;

/** A folder with the database of a document. */
async function filled(name: string, document: DirectoryDocument): Promise<string> {
  const folder = join(root, name);
  const file = join(root, `${name}.yaml`);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(document));
  await importDirectory(await open(folder), file);
  await closeAll();
  return folder;
}

/** What the directory of a folder answers when its index is built anew. */
async function builtAnswers(folder: string, queries: readonly string[]): Promise<unknown> {
  await closeAll();
  const copy = mkdtempSync(join(root, 'built-'));
  copyFileSync(database(folder), database(copy));
  const { live, faults } = await start(copy);
  const answers = await answersOf(live, queries);
  expect(faults).toEqual([]);
  await closeAll();
  return answers;
}

/** Another process that changes a directory by commands. */
function writerElsewhere(folder: string): { tell(commands: readonly object[]): Promise<void>; end(): Promise<void> } {
  const writer = spawn(process.execPath, run('writer-process.ts', folder), { stdio: ['pipe', 'pipe', 'inherit'] });
  const done = createInterface(writer.stdout)[Symbol.asyncIterator]();
  return {
    async tell(commands) {
      for (const command of commands) {
        writer.stdin.write(`${JSON.stringify(command)}\n`);
        expect(await done.next()).toEqual({ done: false, value: 'done' });
      }
    },
    async end() {
      writer.stdin.end();
      await once(writer, 'exit');
    },
  };
}

describe.each([1, 2, 3])('the search index of a random directory (seed %i) that is kept on disk', (seed) => {
  const before = randomDirectory(seed, 25);
  const after = randomDirectory(seed + 100, 25);
  const queries = [...queriesFor(before, seed, 25), ...queriesFor(after, seed, 15)];

  it('answers as the one that was built', async () => {
    const folder = await filled('directory', before);
    const answers = await answersOf((await start(folder)).live, queries);
    const file = identity(folder);
    await closeAll();

    const { live, faults } = await start(folder);
    expect(await answersOf(live, queries)).toEqual(answers);
    expect([faults, identity(folder)]).toEqual([[], file]);
  });

  it('answers as one that is built after changes by another process, whether those came before the start or after it', async () => {
    const folder = await filled('directory', before);
    await start(folder);
    const file = identity(folder);
    await closeAll();
    const random = randomFrom(seed);
    const [early = [], late = []] = [0, 1].map((part) => [
      ...commandsFor({ organisations: after.organisations, sites: after.sites, services: after.services.filter((_, i) => i % 2 === part), persons: after.persons.filter((_, i) => i % 2 === part) })
        .filter(() => random() < 0.5),
      ...before.persons.filter((_, i) => i % 7 === part).map(({ key }) => ({ remove: ['person', key] })),
    ]);
    const writer = writerElsewhere(folder);
    await writer.tell(early);
    const { live } = await start(folder);
    const betweenAnswers = await answersOf(live, queries);
    await writer.tell([...late, { remove: ['device', before.devices[0]?.address] }]);
    const lateAnswers = await answersOf(live, queries);
    await writer.end();
    expect(identity(folder)).toBe(file);
    expect(lateAnswers).toEqual(await builtAnswers(folder, queries));
    expect(betweenAnswers).not.toEqual(lateAnswers);
  });
});

describe('the kept search index', () => {
  const document = randomDirectory(9, 40);
  const queries = queriesFor(document, 9, 20);
  let folder: string;
  let answers: unknown[];

  beforeEach(async () => {
    folder = await filled('directory', document);
    answers = await answersOf((await start(folder)).live, queries);
    await closeAll();
  });

  /** Starts with whatever lies in the file's place: answers are right, the faults are told, and the next start finds a sound file. */
  async function expectBuiltAnew(faults: readonly string[]): Promise<void> {
    const first = await start(folder);
    expect(first.faults.map(({ code }) => code)).toEqual(faults);
    expect(await answersOf(first.live, queries)).toEqual(answers);
    await closeAll();
    await expectKept();
  }

  /** Starts with the index in the file. */
  async function expectKept(): Promise<void> {
    const file = identity(folder);
    const { live, faults } = await start(folder);
    expect(await answersOf(live, queries)).toEqual(answers);
    expect([faults, identity(folder)]).toEqual([[], file]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  }

  it.each([0, 1, 55, 56, 1000])('that was cut to %i octets is built anew', async (size) => {
    truncateSync(kept(folder), size);
    await expectBuiltAnew(['search-file-damaged']);
  });

  it('that lacks its last octet, or has one more, is built anew', async () => {
    truncateSync(kept(folder), statSync(kept(folder)).size - 1);
    await expectBuiltAnew(['search-file-damaged']);
    await closeAll();
    writeFileSync(kept(folder), '\0', { flag: 'a' });
    await expectBuiltAnew(['search-file-damaged']);
  });

  it('with one bit changed, wherever that is, is built anew', async () => {
    const store = await open(folder);
    const random = randomFrom(3);
    const { size } = statSync(kept(folder));
    for (const at of [0, 8, 40, 48, 52, 56, size - 1, ...Array.from({ length: 10 }, () => Math.floor(random() * size))]) {
      const octet = (readFileSync(kept(folder))[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      const file = openSync(kept(folder), 'r+');
      writeSync(file, Uint8Array.of(octet), 0, 1, at);
      closeSync(file);
      const { live, faults } = await warmed(store);
      expect({ at, faults: faults.map(({ code }) => code) }).toEqual({ at, faults: ['search-file-damaged'] });
      expect(await answersOf(live, queries.slice(0, 2))).toEqual(answers.slice(0, 6));
    }
  });

  it('in whose place there is something else is built anew', async () => {
    writeFileSync(kept(folder), 'search words of somebody else\n'.repeat(1000));
    await expectBuiltAnew(['search-file-damaged']);
    await closeAll();
    rmSync(kept(folder));
    expect(spawnSync('mkfifo', [kept(folder)]).status).toBe(0);
    await expectBuiltAnew(['search-file-damaged']);
  });

  it('is of no use and of no harm where it can be neither read nor written; that is told once', async () => {
    rmSync(kept(folder));
    mkdirSync(join(kept(folder), 'folder'), { recursive: true });
    const { live, faults } = await start(folder);
    expect(await answersOf(live, queries)).toEqual(answers);
    await stores[0]?.transaction((trx) => trx.insertInto('changes').values({ kind: 'all', key: '', stamp: 'new' }).execute());
    await live.warm();
    expect(await answersOf(live, queries)).toEqual(answers);
    expect(faults.map(({ code }) => code)).toEqual(['search-file-damaged', 'search-file-unwritable']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('of another directory is built anew', async () => {
    const other = await filled('other', randomDirectory(10, 40));
    await start(other);
    await closeAll();
    copyFileSync(kept(other), kept(folder));
    await expectBuiltAnew([]);
  });

  it('from before a back-up was restored is built anew, although as many changes came since', async () => {
    const person = document.persons[0];
    if (person === undefined) throw new Error('the directory has persons');
    await closeAll();
    copyFileSync(database(folder), join(root, 'back-up'));
    await new DirectoryRepository(await open(folder)).put('person', { ...person, name: 'Ennen' });
    rmSync(kept(folder));
    await start(folder);
    await closeAll();
    copyFileSync(join(root, 'back-up'), database(folder));
    await new DirectoryRepository(await open(folder)).put('person', { ...person, name: 'Jälkeen' });
    const { live } = await start(folder);
    expect(await live.search('ennen', { hidden: true })).toEqual([]);
    expect(await live.search('jälkeen', { hidden: true })).toMatchObject([{ key: person.key }]);
  });

  it('is built anew where the changes since are no longer kept, or are too many to tell', async () => {
    const store = await open(folder);
    await store.transaction((trx) => trx.insertInto('changes').values({ kind: 'all', key: '', stamp: 'all' }).execute());
    await store.db.updateTable('persons').set({ name: 'Uusinimi' }).execute();
    const file = identity(folder);
    const { live } = await start(folder);
    expect(await live.search('uusinimi', { limit: 100, hidden: true })).toHaveLength(document.persons.length);
    expect(identity(folder)).not.toBe(file);
  });

  it('is built anew from a database whose changes have no stamps', async () => {
    const store = await open(folder);
    await store.db.updateTable('changes').set({ stamp: null }).execute();
    const { live, faults } = await start(folder);
    expect(await answersOf(live, queries)).toEqual(answers);
    expect(faults).toEqual([]);
  });

  it('is what it was when a process is killed in the midst of writing the next one, of which nothing stays', async () => {
    const writer = spawn(process.execPath, run('half-written-process.ts', kept(folder), database(folder)), { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toHaveLength(1);
    await expectKept();
  });

  it('is given up when the disk refuses the next one half-way, of which nothing stays', async () => {
    const limited = spawnSync('bash', ['-c', 'ulimit -f 1000 && exec "$0" "$@"', process.execPath, ...run('half-written-process.ts', kept(folder), database(folder))], { encoding: 'utf8' });
    expect([limited.stdout, limited.stderr]).toEqual(['search-file-unwritable\n', '']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    await expectKept();
  });

  it('is not written where it would leave the databases too little of the disk', async () => {
    const image = { head: {}, blocks: [] };
    await expect(writeImage(kept(folder), database(folder), image, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({ code: 'search-file-unwritable', message: expect.stringContaining('too little space') as string });
    await expectKept();
  });

  it('is written by two processes at once without harm', async () => {
    rmSync(kept(folder));
    const one = (): Promise<{ stdout: string; stderr: string }> => promisify(execFile)(process.execPath, run('warm-process.ts', folder, 'palvelu'));
    const [a, b] = await Promise.all([one(), one()]);
    expect([a?.stderr, b?.stderr]).toEqual(['', '']);
    expect(a?.stdout).toBe(b?.stdout);
    await expectKept();
  });

  it.each([0o600, 0o640, 0o644])('is open to nobody to whom the database (mode %o) is not', async (mode) => {
    chmodSync(database(folder), mode);
    rmSync(kept(folder));
    await start(folder);
    expect(statSync(kept(folder)).mode & 0o777).toBe(mode);
  });

  it('is removed when the directory becomes so small that it is built sooner', async () => {
    const store = await open(folder);
    await store.db.updateTable('changes').set({ stamp: 'another' }).execute();
    const live = await openLiveDirectory(store);
    await live.warm();
    expect(existsSync(kept(folder))).toBe(false);
    expect(await answersOf(live, queries)).toEqual(answers);
  });
});

it('a kept search index changes only together with its format', async () => {
  const folder = await filled('small', smallDirectory());
  const store = await open(folder);
  await store.db.updateTable('changes').set({ stamp: 'stamp' }).execute();
  await warmed(store);
  const content = readFileSync(kept(folder)).subarray(56).toString('latin1');
  const [, format] = /"format":"([^ ]+) / .exec(content) ?? [];
  const digest = createHash('sha256').update(content.replace(/"format":"[^"]*","revision":\d+/, '')).digest('hex').slice(0, 16);
  // Where the same directory gives another file, FORMAT has to be raised: older files would not be what this program builds.
  expect([format, digest]).toEqual(['1', 'a1a562d71e51fc2f']);
});
