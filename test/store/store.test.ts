import { chmodSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork } from 'node:child_process';
import { type Kysely, sql } from 'kysely';
import { type Migration, openStore, type Store, StoreError } from '../../src/store';
import { SqliteConnection } from '../../src/store/connection';

interface Db { items: { id: number; name: string } }

const first: Migration = {
  id: 1,
  name: 'items',
  up: (db) => db.schema.createTable('items').addColumn('id', 'integer', (c) => c.primaryKey()).addColumn('name', 'text', (c) => c.notNull().unique()).execute(),
};

let folder: string;
const opened: Store<Db>[] = [];
const open = async (file = join(folder, 'test.sqlite'), migrations = [first], options = {}): Promise<Store<Db>> => {
  const store = await openStore<Db>(file, migrations, options);
  opened.push(store);
  return store;
};
const names = async (db: Kysely<Db>): Promise<string[]> => (await db.selectFrom('items').select('name').orderBy('id').execute()).map((row) => row.name);

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'store-')); });
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe('a store', () => {
  it('keeps rows over closing and opening, in WAL mode with foreign keys on', async () => {
    const store = await open();
    const inserted = await store.db.insertInto('items').values({ id: 7, name: 'a' }).executeTakeFirst();
    expect(inserted.insertId).toBe(7n);
    await store.close();
    const again = await open();
    expect(await names(again.db)).toEqual(['a']);
    expect((await sql<{ journal_mode: string }>`pragma journal_mode`.execute(again.db)).rows).toEqual([{ journal_mode: 'wal' }]);
    expect((await sql<{ foreign_keys: number }>`pragma foreign_keys`.execute(again.db)).rows).toEqual([{ foreign_keys: 1 }]);
  });

  it.each([['normal', 1], ['full', 2]])('syncs as asked: %s', async (durability, level) => {
    const store = await open(undefined, undefined, { durability });
    expect((await sql<{ synchronous: number }>`pragma synchronous`.execute(store.db)).rows[0]?.synchronous).toBe(level);
  });

  it('counts changed rows with and without RETURNING', async () => {
    const { db } = await open(':memory:');
    await db.insertInto('items').values([{ id: 1, name: 'a' }, { id: 2, name: 'b' }]).execute();
    expect((await db.updateTable('items').set({ name: sql`name || '!'` }).executeTakeFirst()).numUpdatedRows).toBe(2n);
    expect(await db.deleteFrom('items').where('id', '=', 2).returning('name').execute()).toEqual([{ name: 'b!' }]);
    expect(await names(db)).toEqual(['a!']);
  });

  it('reuses more different statements than it caches', async () => {
    const { db } = await open(':memory:');
    for (const round of [1, 2]) {
      for (let i = 0; i < 300; i++) {
        expect((await sql<{ n: number }>`select ${sql.lit(i)} + ${round} as n`.execute(db)).rows).toEqual([{ n: i + round }]);
      }
    }
  });

  it('keeps others out of a transaction that is under way', async () => {
    const store = await open();
    const outsider = store.transaction(async (trx) => {
      await trx.insertInto('items').values({ id: 1, name: 'inside' }).execute();
      await trx.insertInto('items').values({ id: 2, name: 'also inside' }).execute();
      throw new Error('undone');
    });
    const written = store.db.insertInto('items').values({ id: 1, name: 'outside' }).execute();
    await expect(outsider).rejects.toThrow('undone');
    await written;
    expect(await names(store.db)).toEqual(['outside']);
  });

  it('serialises a hundred read-modify-write transactions of one process', async () => {
    const store = await open();
    await store.db.insertInto('items').values({ id: 1, name: '0' }).execute();
    await Promise.all(Array.from({ length: 100 }, () => store.transaction(async (trx) => {
      const { name } = await trx.selectFrom('items').select('name').executeTakeFirstOrThrow();
      await trx.updateTable('items').set({ name: String(Number(name) + 1) }).execute();
    })));
    expect(await names(store.db)).toEqual(['100']);
  });

  it('fails at once where a query inside a transaction bypasses its handle, and stays usable', async () => {
    const store = await open();
    await expect(store.transaction(() => names(store.db))).rejects.toMatchObject({ code: 'store-nested' });
    expect(await names(store.db)).toEqual([]);
  });

  it('lets work started inside a transaction use the store after the transaction', async () => {
    const store = await open();
    let later: Promise<string[]> | undefined;
    let start: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { start = resolve; });
    await store.transaction(async (trx) => {
      later = gate.then(() => names(store.db));
      await trx.insertInto('items').values({ id: 1, name: 'a' }).execute();
    });
    start();
    expect(await later).toEqual(['a']);
  });

  it('gives a read transaction one snapshot while another connection writes', async () => {
    const [reader, writer] = [await open(), await open()];
    await reader.transaction(async (trx) => {
      expect(await names(trx)).toEqual([]);
      await writer.db.insertInto('items').values({ id: 1, name: 'a' }).execute();
      expect(await names(trx)).toEqual([]);
    }, 'read');
    expect(await names(reader.db)).toEqual(['a']);
  });

  it('grows its data version on its own and on others\' changes, and not on reads', async () => {
    const [one, other] = [await open(), await open()];
    const start = await one.dataVersion();
    await names(one.db);
    expect(await one.dataVersion()).toBe(start);
    await other.db.insertInto('items').values({ id: 1, name: 'a' }).execute();
    const foreign = await one.dataVersion();
    expect(foreign).toBeGreaterThan(start);
    await one.db.insertInto('items').values({ id: 2, name: 'b' }).execute();
    expect(await one.dataVersion()).toBeGreaterThan(foreign);
  });

  it('sees at once what another wrote, though it does not ask the database while its log stays the same', async () => {
    const [one, other] = [await open(), await open()];
    const asked = jest.spyOn(SqliteConnection.prototype, 'rows');
    let version = await one.dataVersion();
    for (let id = 1; id <= 20; id++) {
      await other.db.insertInto('items').values({ id, name: `name ${id}` }).execute();
      const next = await one.dataVersion();
      expect(next).toBeGreaterThan(version);
      version = next;
      // As if nobody had written for a while.
      utimesSync(`${one.file}-wal`, id, id);
      expect(await one.dataVersion()).toBe(version);
      asked.mockClear();
      expect(await one.dataVersion()).toBe(version);
      expect(asked).not.toHaveBeenCalled();
    }
    asked.mockRestore();
  });

  it('rolls back to a savepoint', async () => {
    const store = await open();
    const trx = await store.db.startTransaction().execute();
    await trx.insertInto('items').values({ id: 1, name: 'a' }).execute();
    const after = await trx.savepoint('half').execute();
    await after.insertInto('items').values({ id: 2, name: 'b' }).execute();
    await (await after.rollbackToSavepoint('half').execute()).releaseSavepoint('half').execute();
    await trx.commit().execute();
    expect(await names(store.db)).toEqual(['a']);
  });
});

describe('migrations', () => {
  const second: Migration = { id: 2, name: 'colour', up: (db) => db.schema.alterTable('items').addColumn('colour', 'text').execute() };

  it('run once each and in order, over several openings', async () => {
    await (await open()).close();
    const store = await open(undefined, [first, second]);
    expect((await sql<{ name: string }>`select name from migrations order by id`.execute(store.db)).rows).toEqual([{ name: 'items' }, { name: 'colour' }]);
  });

  it('leave nothing of a step that fails', async () => {
    const broken: Migration = { id: 2, name: 'broken', up: async (db) => { await second.up(db); throw new Error('power cut'); } };
    await expect(open(undefined, [first, broken])).rejects.toThrow('power cut');
    const store = await open(undefined, [first, second]);
    expect((await sql<{ n: number }>`select count(*) as n from migrations`.execute(store.db)).rows).toEqual([{ n: 2 }]);
  });

  it('refuse a database of a newer version, naming the unknown step', async () => {
    await (await open(undefined, [first, second])).close();
    await expect(open(undefined, [first])).rejects.toMatchObject({ code: 'store-newer', message: expect.stringContaining('step 2 "colour"'), hint: expect.stringContaining('Upgrade') });
  });

  it('are done once when several processes open at the same time', async () => {
    const file = join(folder, 'shared.sqlite');
    const codes = await Promise.all(Array.from({ length: 4 }, () => new Promise((resolve) =>
      fork(join(__dirname, 'open-and-write.ts'), [file, '25'], { execArgv: ['-r', join(__dirname, '../support/typescript.js')] }).on('exit', resolve))));
    expect(codes).toEqual([0, 0, 0, 0]);
    const store = await open(file);
    expect(await names(store.db)).toHaveLength(100);
  }, 60_000);
});

describe('what goes wrong with a file', () => {
  it('a file that is no database', async () => {
    const file = join(folder, 'test.sqlite');
    writeFileSync(file, 'organisations:\n  - key: kela\n'.repeat(200));
    await expect(open(file)).rejects.toMatchObject({ code: 'store-corrupt', message: expect.stringContaining(file), hint: expect.stringContaining('back-up') });
  });

  it('a damaged database', async () => {
    const store = await open();
    await store.db.insertInto('items').values(Array.from({ length: 500 }, (_, i) => ({ id: i + 1, name: `name ${i}`.padEnd(60, '.') }))).execute();
    const { file } = store;
    await store.close();
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xa5)]));
    await expect(open(file).then((damaged) => names(damaged.db))).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('a full disk: the change is not kept, the store goes on', async () => {
    const store = await open();
    const [{ page_count: pages } = { page_count: 0 }] = (await sql<{ page_count: number }>`pragma page_count`.execute(store.db)).rows;
    await sql`pragma max_page_count = ${sql.lit(pages + 2)}`.execute(store.db);
    const rows = Array.from({ length: 1000 }, (_, i) => ({ id: i + 1, name: `name ${i}`.padEnd(60, '.') }));
    await expect(store.transaction(async (trx) => {
      await trx.insertInto('items').values({ id: 5000, name: 'first' }).execute();
      await trx.insertInto('items').values(rows).execute();
    })).rejects.toMatchObject({ code: 'store-full', hint: expect.stringContaining('Free space') });
    expect(await names(store.db)).toEqual([]);
    await store.db.insertInto('items').values({ id: 1, name: 'fits' }).execute();
    expect(await names(store.db)).toEqual(['fits']);
  });

  it('a folder that cannot be made or written', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(open(join(folder, 'file', 'test.sqlite'))).rejects.toMatchObject({ code: 'store-open', hint: expect.stringContaining('data folder') });
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500);
      await expect(open()).rejects.toMatchObject({ code: 'store-readonly' });
      chmodSync(folder, 0o700);
    }
  });

  it('a database that is a folder', async () => {
    await expect(open(folder)).rejects.toMatchObject({ code: 'store-open' });
  });

  it('a writer of another process that does not end in time', async () => {
    const [one, other] = [await open(), await open(undefined, undefined, { busyTimeoutMs: 50 })];
    await one.transaction(async () => {
      await expect(other.db.insertInto('items').values({ id: 1, name: 'a' }).execute()).rejects.toMatchObject({ code: 'store-busy', hint: expect.stringContaining('Try again') });
    });
    await other.db.insertInto('items').values({ id: 1, name: 'a' }).execute();
  });

  it('a database that may not be written', async () => {
    const { db } = await open();
    await sql`pragma query_only = on`.execute(db);
    await expect(db.insertInto('items').values({ id: 1, name: 'a' }).execute()).rejects.toMatchObject({ code: 'store-readonly', hint: expect.stringContaining('permission') });
  });

  it('a row that breaks a rule of the schema', async () => {
    const { db } = await open(':memory:');
    await db.insertInto('items').values({ id: 1, name: 'a' }).execute();
    await expect(db.insertInto('items').values({ id: 2, name: 'a' }).execute()).rejects.toMatchObject({ code: 'store-constraint', message: expect.stringContaining('items.name') });
  });

  it('a store that is closed', async () => {
    const store = await open();
    await store.close();
    await store.close();
    for (const use of [names(store.db), store.transaction(() => Promise.resolve()), store.dataVersion()]) {
      await expect(use).rejects.toMatchObject({ code: 'store-closed', message: expect.stringContaining(store.file) });
    }
  });

  it('too many waiting queries are refused instead of eating the memory', async () => {
    const store = await open();
    let end: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { end = resolve; });
    const holder = store.transaction(() => gate);
    const waiting = Array.from({ length: 10_050 }, () => names(store.db).then(() => 'done', (error: unknown) => (error instanceof StoreError ? error.code : error)));
    await new Promise((resolve) => setImmediate(resolve));
    end();
    await holder;
    const outcomes = await Promise.all(waiting);
    expect(new Set(outcomes)).toEqual(new Set(['done', 'store-busy']));
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBeGreaterThanOrEqual(9_990);
  }, 90_000);
});
