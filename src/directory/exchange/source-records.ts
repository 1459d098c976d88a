import type { Kysely } from 'kysely';
import { batches, insertRows } from '../bulk';
import type { KindName } from '../errors';
import { kindOf } from '../kinds';
import { getRecords } from '../reader';
import { removeRecord } from '../repository';
import type { DirectoryDatabase } from '../schema';
import type { DirectoryWriter } from '../writer';
import { type DeparturePolicy, findDepartures } from './departures';
import type { DifferenceReport } from './difference';

/** A source that is read whole each time: what it once brought and no longer has is marked, and removed after a delay. */
export interface Synchronisation {
  /** Name of the source; what it brought is remembered under it. */
  source: string;
  policy: DeparturePolicy;
  /** Milliseconds since the epoch. */
  now: number;
  /** What the source itself calls a record, where that is not its key. */
  identityOf?(kind: KindName, key: string): string | undefined;
  /** Whether the source, as it is read this time, would have the record if it still had it; default: it would. */
  covers?(kind: KindName, key: string): boolean;
}

/** The keys of what a source brought, by its own name for them. */
export async function keysByIdentity(db: Kysely<DirectoryDatabase>, source: string, kind: KindName): Promise<Map<string, string>> {
  const rows = await db.selectFrom('imported_records').select(['identity', 'key']).where('source', '=', source).where('kind', '=', kind).execute();
  return new Map(rows.map(({ identity, key }) => [identity, key]));
}

/**
 * Remembers what a source has now and settles what it no longer has. A record is removed only where the source added it: what was
 * there before the source, or what others made of it, is nobody's to take. Throws SuddenLossError.
 * @param present keys of what the source has now
 * @param added those of them that were not in the directory before
 */
export async function settleSource(
  db: Kysely<DirectoryDatabase>, writer: DirectoryWriter, sync: Synchronisation, kind: KindName,
  present: ReadonlyMap<string, unknown>, added: ReadonlySet<string>, report: DifferenceReport,
): Promise<void> {
  const { source, policy, now } = sync;
  const rows = (await db.selectFrom('imported_records').selectAll().where('source', '=', source).where('kind', '=', kind).execute())
    .filter(({ key }) => present.has(key) || (sync.covers?.(kind, key) ?? true));
  const known = new Map(rows.map((row) => [row.key, row]));
  const { missing, returned, overdue } = findDepartures(`${source} (${kind}s)`, new Map(rows.map(({ key, missing_since: since }) => [key, since ?? undefined])), present, policy, now);

  await mark(db, sync, kind, missing, now);
  await mark(db, sync, kind, returned, null);
  await insertRows(db, 'imported_records', [...present.keys()].filter((key) => !known.has(key)).map((key) => (
    { source, kind, key, identity: sync.identityOf?.(kind, key) ?? key, added: added.has(key) ? 1 : 0, missing_since: null })));

  for (const key of overdue) if (known.get(key)?.added === 1) await remove(db, writer, kind, key, report);
  await forget(db, sync, kind, overdue);
  const gone = new Set(overdue);
  for (const { key, missing_since: since, added: own } of rows) {
    if (!present.has(key) && !gone.has(key)) report.missing.push({ kind, key, since: since ?? now, ...(own === 1 && { removedAfter: (since ?? now) + policy.removeAfterDays * DAY_MS }) });
  }
}

const DAY_MS = 86_400_000;

async function mark(db: Kysely<DirectoryDatabase>, { source }: Synchronisation, kind: KindName, keys: readonly string[], since: number | null): Promise<void> {
  for (const part of batches(keys)) {
    await db.updateTable('imported_records').set({ missing_since: since }).where('source', '=', source).where('kind', '=', kind).where('key', 'in', part).execute();
  }
}

async function forget(db: Kysely<DirectoryDatabase>, { source }: Synchronisation, kind: KindName, keys: readonly string[]): Promise<void> {
  for (const part of batches(keys)) {
    await db.deleteFrom('imported_records').where('source', '=', source).where('kind', '=', kind).where('key', 'in', part).execute();
  }
}

/** Removes a record and what cannot be without it; nothing where somebody has removed it already. */
async function remove(db: Kysely<DirectoryDatabase>, writer: DirectoryWriter, name: KindName, key: string, report: DifferenceReport): Promise<void> {
  const kind = kindOf(name);
  const record = (await getRecords(db, kind, [key])).get(key);
  if (!record) return;
  for (const gone of await removeRecord(db, writer, kind, key, true)) report.note(kindOf(gone.kind), gone.key, record, undefined);
}
