import { type Kysely, sql } from 'kysely';
import { batches, insertRows } from '../bulk';
import { DirectoryError, type KindName } from '../errors';
import { kindOf } from '../kinds';
import { getRecords } from '../reader';
import { removeRecord } from '../repository';
import type { DirectoryDatabase } from '../schema';
import type { DirectoryWriter } from '../writer';
import { type DeparturePolicy, findDepartures } from './departures';
import type { DifferenceReport } from './difference';

/** Up to where a source of changes was read, and of which server. */
export interface SourcePosition {
  server?: string;
  cursor?: string;
}

/** A source that is read again and again: what it once brought and no longer has is marked, and removed after a delay. */
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
  /** The source's own names of what it still has but was not read, as it has not changed. */
  unread?(kind: KindName): Promise<ReadonlySet<string>>;
  /** Whether records that were there before become the source's own, as if it had added them. */
  adopts?: boolean;
  /** Whether a record that goes takes along what cannot be without it, or stays while others refer to it; default: it does. */
  takesAlong?(kind: KindName): boolean;
  /** Up to where the source was read, once all was. */
  position?(): SourcePosition;
}

/** The keys of what a source brought, by its own name for them. */
export async function keysByIdentity(db: Kysely<DirectoryDatabase>, source: string, kind: KindName): Promise<Map<string, string>> {
  return new Map((await recordsOf(db, source, kind)).map(({ identity, key }) => [identity, key]));
}

/** Up to where a source was read in its last run. */
export async function positionOf(db: Kysely<DirectoryDatabase>, source: string): Promise<SourcePosition> {
  const row = await db.selectFrom('import_positions').selectAll().where('source', '=', source).executeTakeFirst();
  return { server: row?.server ?? undefined, cursor: row?.cursor ?? undefined };
}

export async function savePosition(db: Kysely<DirectoryDatabase>, source: string, { server = null, cursor = null }: { [part in keyof SourcePosition]?: string | null }): Promise<void> {
  await insertRows(db, 'import_positions', [{ source, server, cursor }], 'source');
}

interface SourceRecord {
  key: string;
  identity: string;
  /** Whether it is the source's to remove. */
  own: boolean;
  missingSince?: number;
}

/** What a source brought; as one JSON text, which is several times as fast as in rows. */
async function recordsOf(db: Kysely<DirectoryDatabase>, source: string, kind: KindName): Promise<SourceRecord[]> {
  const { all } = await db.selectFrom('imported_records').select(sql<string>`json_group_array(json_array(key, identity, added, missing_since))`.as('all'))
    .where('source', '=', source).where('kind', '=', kind).executeTakeFirstOrThrow();
  return (JSON.parse(all) as [string, string, 0 | 1, number | null][]).map(([key, identity, added, since]) => ({ key, identity, own: added === 1, missingSince: since ?? undefined }));
}

/**
 * Remembers what a source has now and settles what it no longer has. A record is removed only where the source added it (or adopted
 * it): what was there before the source, or what others made of it, is nobody's to take. Throws SuddenLossError.
 * @param present keys of what the source has now
 * @param before keys of what was in the directory before
 */
export async function settleSource(
  db: Kysely<DirectoryDatabase>, writer: DirectoryWriter, sync: Synchronisation, kind: KindName,
  present: ReadonlyMap<string, unknown>, before: ReadonlySet<string>, report: DifferenceReport,
): Promise<void> {
  const { source, policy, now, adopts = false } = sync;
  const unread = await sync.unread?.(kind);
  const known = new Map((await recordsOf(db, source, kind)).filter(({ key }) => present.has(key) || (sync.covers?.(kind, key) ?? true)).map((record) => [record.key, record]));
  const there = { has: (key: string): boolean => present.has(key) || unread?.has(known.get(key)?.identity as string) === true };
  const { missing, returned, overdue } = findDepartures(`${source} (${kind}s)`, missingSince(known.values()), there, policy, now);

  await mark(db, sync, kind, missing, now);
  await mark(db, sync, kind, returned, null);
  for (const rows of batches(rowsToWrite(sync, kind, present.keys(), known, (key) => adopts || !before.has(key)))) {
    await forget(db, sync, kind, rows.flatMap(({ key }) => (known.has(key) ? [key] : [])));
    await insertRows(db, 'imported_records', rows);
  }

  const gone = new Set(overdue);
  for (const key of overdue) {
    if (known.get(key)?.own !== true || await remove(db, writer, sync, kind, key, report)) continue;
    gone.delete(key);
    report.departures.kept.push({ kind, key });
  }
  await forget(db, sync, kind, [...gone]);
  for (const key of missing) report.departures.missing.push({ kind, key });
  for (const key of returned) report.departures.returned.push({ kind, key });
  for (const { key, missingSince: since = now, own } of known.values()) {
    if (!there.has(key) && !gone.has(key)) report.missing.push({ kind, key, since, ...(own && { removedAfter: since + policy.removeAfterDays * DAY_MS }) });
  }
}

const DAY_MS = 86_400_000;

function* missingSince(records: Iterable<SourceRecord>): Generator<[string, number | undefined]> {
  for (const { key, missingSince: since } of records) yield [key, since];
}

/** Rows of what is new, and of what the source has another name for. */
function* rowsToWrite({ source, identityOf }: Synchronisation, kind: KindName, present: Iterable<string>, known: ReadonlyMap<string, SourceRecord>, own: (key: string) => boolean): Generator<DirectoryDatabase['imported_records']> {
  for (const key of present) {
    const identity = identityOf?.(kind, key);
    const old = known.get(key);
    if (old !== undefined && (identity === undefined || identity === old.identity)) continue;
    yield { source, kind, key, identity: identity ?? key, added: old?.own ?? own(key) ? 1 : 0, missing_since: null };
  }
}

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

/** Removes a record and what cannot be without it; nothing where somebody has removed it already. False: it stays, as others refer to it. */
async function remove(db: Kysely<DirectoryDatabase>, writer: DirectoryWriter, sync: Synchronisation, name: KindName, key: string, report: DifferenceReport): Promise<boolean> {
  const kind = kindOf(name);
  const record = (await getRecords(db, kind, [key])).get(key);
  if (!record) return true;
  try {
    for (const gone of await removeRecord(db, writer, kind, key, sync.takesAlong?.(name) ?? true)) report.note(kindOf(gone.kind), gone.key, record, undefined);
  } catch (error) {
    if (error instanceof DirectoryError && error.code === 'directory-referred') return false;
    throw error;
  }
  report.departures.removed.push({ kind: name, key });
  return true;
}
