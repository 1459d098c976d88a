import { type Kysely, sql } from 'kysely';

/** What tells a change from that of the same number in another directory, or in this one before a back-up was restored. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('changes').addColumn('stamp', 'text').execute();
  // The next change gets a stamp of its own; until then the last one stands for the whole directory.
  await sql`update changes set stamp = lower(hex(randomblob(16))) where revision = (select max(revision) from changes)`.execute(db);
}
