import type { Kysely } from 'kysely';

/** Addresses that a service had before it was renamed, each until a date. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('services').addColumn('former_addresses', 'text').execute();
}
