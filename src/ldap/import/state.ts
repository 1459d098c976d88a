import { join } from 'node:path';
import { insertRows } from '../../directory/bulk';
import { openStore, type Migration, type Store } from '../../store';
import type { ImportedKind } from './mapping';

interface ImportDatabase {
  /** What each source brought: the record, the entry that it came from, and since when that is missing (ms). */
  imported: { id: string; source: string; kind: string; key: string; identity: string; missing_since: number | null };
  /** Up to where changes of a source were read, and of which server. */
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

export interface Imported {
  key: string;
  identity: string;
  missingSince?: number;
}

/** Up to where a source was read. */
export interface Position {
  server?: string;
  cursor?: string;
}

/** What is known of the sources of earlier imports; a database of its own beside the directory's. */
export class ImportState {
  private constructor(private readonly store: Store<ImportDatabase>) {}

  /** Throws StoreError. `:memory:` begins with nothing. */
  static async open(dataDir: string): Promise<ImportState> {
    return new ImportState(await openStore<ImportDatabase>(dataDir === ':memory:' ? dataDir : join(dataDir, 'ldap-imports.sqlite'), MIGRATIONS));
  }

  async known(source: string, kind: ImportedKind): Promise<Imported[]> {
    const rows = await this.store.db.selectFrom('imported').select(['key', 'identity', 'missing_since']).where('source', '=', source).where('kind', '=', kind).execute();
    return rows.map(({ key, identity, missing_since: missing }) => ({ key, identity, missingSince: missing ?? undefined }));
  }

  async position(source: string): Promise<Position> {
    const row = await this.store.db.selectFrom('sources').selectAll().where('source', '=', source).executeTakeFirst();
    return { server: row?.server ?? undefined, cursor: row?.cursor ?? undefined };
  }

  /** Writes what one run found out, all or nothing. */
  save(source: string, position: Position, kinds: ReadonlyMap<ImportedKind, { present: ReadonlyMap<string, string>; missing: readonly string[]; gone: readonly string[] }>, now: number): Promise<void> {
    return this.store.transaction(async (trx) => {
      const idOf = (kind: string, key: string): string => `${source} ${kind} ${key}`;
      for (const [kind, { present, missing, gone }] of kinds) {
        await insertRows<ImportDatabase>(trx, 'imported', [...present].map(([key, identity]) => ({ id: idOf(kind, key), source, kind, key, identity, missing_since: null })), 'id');
        for (const key of missing) await trx.updateTable('imported').set({ missing_since: now }).where('id', '=', idOf(kind, key)).execute();
        for (const key of gone) await trx.deleteFrom('imported').where('id', '=', idOf(kind, key)).execute();
      }
      await insertRows<ImportDatabase>(trx, 'sources', [{ source, server: position.server ?? null, cursor: position.cursor ?? null }], 'source');
    });
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
