import type { Kysely } from 'kysely';

/** Up to where each source of changes was read. What sources brought is looked up by its key alone. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.createTable('import_positions').addColumn('source', 'text', (c) => c.primaryKey()).addColumn('server', 'text').addColumn('cursor', 'text').execute();
  await schema.dropIndex('imported_records_by_identity').execute();
}
