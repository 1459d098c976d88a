import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { insertRows } from './bulk';
import type { KindName } from './errors';
import type { DirectoryDatabase } from './schema';

/** Changes kept for readers that lag behind. */
const KEPT = 20_000;
/** A transaction that changes more than this many records is one change of everything. */
const MAX_SINGLE = 5_000;

export interface Change {
  kind: KindName;
  /** Key of the record; for a membership that of its service. */
  key: string;
}

/** What changed since a revision: the records, or `all` where too much changed to tell. */
export type Changes = { revision: number; all: true } | { revision: number; all: false; changes: Change[] };

/** What one transaction changed. */
export class ChangeList {
  private readonly rows = new Map<string, { kind: KindName; key: string }>();

  add(kind: KindName, key: string): void {
    if (this.rows.size <= MAX_SINGLE) this.rows.set(`${kind} ${key}`, { kind, key });
  }

  /** Notes the changes; to be called in the transaction that made them. */
  async write(db: Kysely<DirectoryDatabase>): Promise<void> {
    if (this.rows.size === 0) return;
    const stamp = randomUUID();
    const changes = this.rows.size > MAX_SINGLE ? [{ kind: 'all', key: '' }] : [...this.rows.values()];
    await insertRows(db, 'changes', changes.map((change) => ({ ...change, stamp })));
    await db.deleteFrom('changes').where('revision', '<=', (await revision(db)) - KEPT).execute();
  }
}

/** Number of the last change; 0 in an empty directory. Never falls. */
export async function revision(db: Kysely<DirectoryDatabase>): Promise<number> {
  const { last } = await db.selectFrom('changes').select((eb) => eb.fn.max('revision').as('last')).executeTakeFirstOrThrow();
  return last ?? 0;
}

/** What only this change of this directory has; undefined where it is pruned, or older than stamps are. */
export async function stampOf(db: Kysely<DirectoryDatabase>, revision: number): Promise<string | undefined> {
  const change = await db.selectFrom('changes').select('stamp').where('revision', '=', revision).executeTakeFirst();
  return change?.stamp ?? undefined;
}

export async function changesSince(db: Kysely<DirectoryDatabase>, known: number): Promise<Changes> {
  const current = await revision(db);
  if (current === known) return { revision: current, all: false, changes: [] };
  const rows = await db.selectFrom('changes').selectAll().where('revision', '>', known).orderBy('revision').limit(KEPT).execute();
  // The first row must follow on what the reader knows, or rows between were pruned (or the database was exchanged).
  if (current < known || rows[0]?.revision !== known + 1 || rows.length >= KEPT || rows.some(({ kind }) => kind === 'all')) return { revision: current, all: true };
  return { revision: current, all: false, changes: rows.map(({ kind, key }) => ({ kind: kind as KindName, key })) };
}
