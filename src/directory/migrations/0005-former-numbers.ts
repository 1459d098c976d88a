import type { Kysely } from 'kysely';

/** Numbers that a service had before its municipality's code changed, each until a date. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('services').addColumn('former_numbers', 'text').execute();
}
