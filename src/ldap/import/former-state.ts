import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DirectoryDatabase, DirectoryStore } from '../../directory';
import { batches, insertRows } from '../../directory/bulk';
import { savePosition } from '../../directory/exchange';
import { type Migration, openStore } from '../../store';

const FILE = 'ldap-imports.sqlite';

interface FormerDatabase {
  imported: { id: string; source: string; kind: string; key: string; identity: string; missing_since: number | null };
  sources: { source: string; server: string | null; cursor: string | null };
}

const MIGRATIONS: readonly Migration[] = [{
  id: 1, name: 'imports',
  async up(db) {
    await db.schema.createTable('imported')
      .addColumn('id', 'text', (c) => c.primaryKey()).addColumn('source', 'text', (c) => c.notNull()).addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull()).addColumn('identity', 'text', (c) => c.notNull()).addColumn('missing_since', 'integer').execute();
    await db.schema.createIndex('imported_by_source').on('imported').columns(['source', 'kind']).execute();
    await db.schema.createTable('sources').addColumn('source', 'text', (c) => c.primaryKey()).addColumn('server', 'text').addColumn('cursor', 'text').execute();
  },
}];

/**
 * Takes what earlier versions kept of imports in a file of its own beside the directory's into the directory's; the file goes when all of
 * it is there. Of a source that has been imported since, nothing is taken. Throws StoreError.
 */
export async function adoptFormerState(store: DirectoryStore): Promise<void> {
  const file = join(dirname(store.file), FILE);
  if (store.file === ':memory:' || !existsSync(file)) return;
  const former = await openStore<FormerDatabase>(file, MIGRATIONS);
  try {
    const sources = await former.db.selectFrom('sources').selectAll().execute();
    await store.transaction(async (trx) => {
      for (const { source, ...position } of sources) {
        const known = await trx.selectFrom('import_positions').select('source').where('source', '=', source).executeTakeFirst();
        if (known !== undefined) continue;
        const imported = await former.db.selectFrom('imported').select(['source', 'kind', 'key', 'identity', 'missing_since']).where('source', '=', source).execute();
        for (const rows of batches(imported)) await insertRows<DirectoryDatabase>(trx, 'imported_records', rows.map((row) => ({ ...row, added: 1 })));
        await savePosition(trx, source, position);
      }
    }, 'bulk');
  } finally {
    await former.close();
  }
  for (const part of ['', '-wal', '-shm']) await rm(file + part, { force: true });
}
