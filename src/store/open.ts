import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Dialect, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Transaction } from 'kysely';
import { SqliteConnection } from './connection';
import { SqliteDriver } from './driver';
import { StoreError } from './errors';
import { LogWatch } from './log-watch';
import { type Migration, migrate } from './migrations';

export interface StoreOptions {
  /** `normal`: a power cut may lose the last commits, never the file's soundness; `full`: a commit is on the disk. */
  durability?: 'normal' | 'full';
  /** How long to wait for another process's writer, ms. */
  busyTimeoutMs?: number;
}

/** A database file with its schema. */
export interface Store<DB> {
  readonly file: string;
  readonly db: Kysely<DB>;
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. `read` gives a consistent
   * snapshot that no writer disturbs; `bulk` is a write with memory for the indexes of millions of rows. Inside, use only the
   * handle given: `db` throws StoreError `store-nested` there.
   */
  transaction<T>(work: (trx: Transaction<DB>) => Promise<T>, mode?: 'write' | 'read' | 'bulk'): Promise<T>;
  /** A number that grows whenever this or another process may have changed the database; cheap to ask. */
  dataVersion(): Promise<number>;
  /** Waits for the query or transaction under way, then closes; later queries throw StoreError `store-closed`. */
  close(): Promise<void>;
}

/**
 * Opens (and makes) an SQLite file in WAL mode with foreign keys enforced and brings its schema up to date. `:memory:` is a
 * database of its own that ends with `close`. Throws StoreError.
 */
export async function openStore<DB>(file: string, migrations: readonly Migration[], options: StoreOptions = {}): Promise<Store<DB>> {
  const { durability = 'normal', busyTimeoutMs = 10_000 } = options;
  const path = file === ':memory:' ? file : resolve(file);
  if (path !== ':memory:') await makeFolder(path);
  const connection = await SqliteConnection.open(path);
  const driver = new SqliteDriver(connection, path);
  try {
    await connection.execute(`pragma busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
    await connection.execute('pragma foreign_keys = on');
    if (path !== ':memory:') await writeAheadLog(connection, busyTimeoutMs);
    await connection.execute(`pragma synchronous = ${durability}`);
    await connection.execute(cacheSize(CACHE_MIB));
    // After a large write the log shrinks again instead of keeping its greatest size for ever.
    await connection.execute(`pragma journal_size_limit = ${64 * 1024 * 1024}`);
    const db = new Kysely<DB>({ dialect: dialect(driver) });
    const log = new LogWatch(path);
    let asked: { state: string | undefined; version: number } | undefined;
    await migrate(db as unknown as Kysely<unknown>, path, migrations);
    return {
      file: path,
      db,
      transaction: (work, mode = 'write') =>
        db.transaction().setAccessMode(mode === 'read' ? 'read only' : 'read write').execute(async (trx) => {
          if (mode !== 'bulk') return driver.guarded(() => work(trx));
          await connection.execute(cacheSize(BULK_CACHE_MIB));
          return driver.guarded(() => work(trx)).finally(() => connection.execute(cacheSize(CACHE_MIB)));
        }),
      dataVersion: async () => {
        const state = driver.isClosed ? undefined : log.state();
        if (asked?.state === undefined || asked.state !== state) {
          // What is written from now on changes the state, whether this answer has it or not.
          asked = { state, version: await db.connection().execute(async () => Number((await connection.rows('pragma data_version'))[0]?.data_version)) };
        }
        return asked.version + connection.writes;
      },
      // Not Kysely's own destroy: after it, queries would fail with an error of its own.
      close: () => driver.destroy(),
    };
  } catch (error) {
    await driver.destroy();
    throw error;
  }
}

/** Page cache, filled as pages are used. */
const CACHE_MIB = 16;
const BULK_CACHE_MIB = 384;
const cacheSize = (mebibytes: number): string => `pragma cache_size = -${mebibytes * 1024}`;

const dialect = (driver: SqliteDriver): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => driver,
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

async function makeFolder(file: string): Promise<void> {
  const folder = dirname(file);
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
  } catch (cause) {
    throw new StoreError('store-open', `folder ${folder} for the database cannot be made (${(cause as Error).message})`, 'Name a data folder that the user that runs this program may write to.', cause);
  }
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new StoreError('store-readonly', `folder ${folder} cannot be written, and a database needs more than its own file there`, 'Give the user that runs this program write permission to the folder.', cause);
  }
}

/** Changing to WAL wants the file alone for a moment and does not wait by itself, so two processes opening at once retry. */
async function writeAheadLog(connection: SqliteConnection, budgetMs: number): Promise<void> {
  const pauseMs = 20;
  for (let left = budgetMs; ; left -= pauseMs) {
    try {
      await connection.execute('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'store-busy') || left <= 0) throw error;
      await delay(pauseMs);
    }
  }
}
