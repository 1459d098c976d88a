import { type Kysely, sql } from 'kysely';
import { StoreError } from './errors';

/** One step of a schema. `id` counts from 1 without gaps; a released migration never changes. */
export interface Migration {
  id: number;
  name: string;
  up(db: Kysely<unknown>): Promise<void>;
}

interface MigrationTable {
  migrations: { id: number; name: string; applied_at: string };
}

/**
 * Brings a database to the last of `migrations`, each step in a write transaction of its own, so that of two processes that
 * open at once one does each step and the other finds it done. Throws StoreError `store-newer` where the database has steps
 * that this program does not know.
 */
export async function migrate(db: Kysely<unknown>, file: string, migrations: readonly Migration[]): Promise<void> {
  await transaction(db, (trx) =>
    trx.schema.createTable('migrations').ifNotExists()
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('applied_at', 'text', (c) => c.notNull().defaultTo(sql`current_timestamp`))
      .execute());
  for (;;) {
    const done = await transaction(db, async (trx) => {
      const applied = await trx.selectFrom('migrations').select(['id', 'name']).orderBy('id').execute();
      for (const { id, name } of applied) {
        const known = migrations[id - 1];
        if (known?.name !== name) {
          throw new StoreError('store-newer', `database ${file} was written by a newer version: it has step ${id} "${name}"${known ? `, not "${known.name}"` : ''}`, 'Upgrade this program, or restore a back-up made by this version.');
        }
      }
      const next = migrations[applied.length];
      if (!next) return true;
      if (next.id !== applied.length + 1) throw new StoreError('store-failed', `migration "${next.name}" has number ${next.id}, not ${applied.length + 1}`);
      await next.up(trx as unknown as Kysely<unknown>);
      await trx.insertInto('migrations').values({ id: next.id, name: next.name } as MigrationTable['migrations']).execute();
      return false;
    });
    if (done) return;
  }
}

const transaction = <T>(db: Kysely<unknown>, work: (trx: Kysely<MigrationTable>) => Promise<T>): Promise<T> =>
  (db as Kysely<MigrationTable>).transaction().execute(work);
