import type { Kysely } from 'kysely';

/** What each source that is read again and again has brought, and since when it no longer has it. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.createTable('imported_records')
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('identity', 'text', (c) => c.notNull())
    .addColumn('added', 'integer', (c) => c.notNull())
    .addColumn('missing_since', 'integer')
    .addPrimaryKeyConstraint('imported_records_once', ['source', 'kind', 'key'])
    .execute();
  await schema.createIndex('imported_records_by_identity').on('imported_records').columns(['source', 'kind', 'identity']).execute();
}
