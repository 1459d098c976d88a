import type { Kysely } from 'kysely';

/** Meeting rooms with a PIN. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('services').addColumn('pin', 'text').execute();
}
