import { sql, type Kysely } from 'kysely';
import { DirectoryError, type Fault, type KindName } from './errors';
import type { AnyKind, AnyRecord } from './kind';
import { kindOf, referencesOf } from './kinds';
import type { Membership } from './model';
import type { DirectoryStore } from './open';
import { DirectoryReader, getRecords, type RecordOf } from './reader';
import { readRecord } from './record';
import { findReferrers, withoutReference } from './referrers';
import type { DirectoryDatabase } from './schema';
import { DirectoryWriter } from './writer';

export type PutResult = 'added' | 'changed' | 'unchanged';

/** Changes the directory record by record. Every change is one transaction and is checked as a whole; faults throw DirectoryError. */
export class DirectoryRepository extends DirectoryReader {
  constructor(private readonly store: DirectoryStore) {
    super(store.db);
  }

  /** Runs `work` on one consistent state of the directory. */
  snapshot<T>(work: (reader: DirectoryReader) => Promise<T>): Promise<T> {
    return this.store.transaction((trx) => work(new DirectoryReader(trx)), 'read');
  }

  /**
   * Writes a record whole: the one of the same key is replaced. Throws `directory-invalid`, `directory-dangling` (a reference
   * to nobody) or `directory-conflict` (an address, alias or number of somebody else).
   */
  put<K extends KindName>(kind: K, record: RecordOf[K]): Promise<PutResult> {
    return this.store.transaction((trx) => putRecord(trx, kindOf(kind), record as unknown as AnyRecord));
  }

  /**
   * Reads a record and writes what `change` makes of it, and its memberships, in one transaction. Throws `directory-unknown` where
   * there is none.
   */
  update<K extends KindName>(kind: K, key: string, change: (record: RecordOf[K]) => RecordOf[K], memberships: readonly Membership[] = []): Promise<PutResult> {
    return this.store.transaction(async (trx) => {
      const record = (await getRecords(trx, kindOf(kind), [key])).get(key);
      if (!record) throw unknown(kind, key);
      const result = await putRecord(trx, kindOf(kind), change(record as unknown as RecordOf[K]) as unknown as AnyRecord, key);
      const others = await putMemberships(trx, memberships);
      return others.every((other) => other === 'unchanged') ? result : 'changed';
    });
  }

  /** Writes a new record and its memberships. Throws `directory-conflict` where its key is taken. */
  add<K extends KindName>(name: K, record: RecordOf[K], memberships: readonly Membership[] = []): Promise<void> {
    return this.store.transaction(async (trx) => {
      const kind = kindOf(name);
      const key = keyOf(kind, record as unknown as AnyRecord);
      if ((await getRecords(trx, kind, [key])).size > 0) {
        throw new DirectoryError('directory-conflict', name, key, [{ field: kind.keyField ?? '', reason: 'is there already' }], 'Change it with "set", or choose another key.');
      }
      await putRecord(trx, kind, record as unknown as AnyRecord);
      await putMemberships(trx, memberships);
    });
  }

  /**
   * Removes a record. Where others refer to it, throws `directory-referred` naming them; with `cascade`, what cannot be
   * without it is removed too and other references to it are cleared. Returns what was removed, this record first.
   */
  remove(kind: KindName, key: string, options: { cascade?: boolean } = {}): Promise<{ kind: KindName; key: string }[]> {
    return this.store.transaction(async (trx) => {
      const writer = new DirectoryWriter(trx);
      const removed = await removeRecord(trx, writer, kindOf(kind), key, options.cascade ?? false);
      await writer.finish();
      return removed;
    });
  }
}

const unknown = (kind: KindName, key: string): DirectoryError =>
  new DirectoryError('directory-unknown', kind, key, [{ field: '', reason: 'there is none of this key' }], `See what there is with "list".`);

/** The key of a record that is not read yet; for naming it in an error. */
const keyOf = (kind: AnyKind, given: AnyRecord): string => {
  const { record } = readRecord(kind, given);
  return record ? kind.keyOf(record) : kind.keyField === undefined ? kind.keyOf(given) : String(given[kind.keyField] ?? '(no key)');
};

async function putRecord(db: Kysely<DirectoryDatabase>, kind: AnyKind, given: AnyRecord, expectedKey?: string): Promise<PutResult> {
  const { record, faults } = readRecord(kind, given);
  if (!record) throw new DirectoryError('directory-invalid', kind.name, keyOf(kind, given), faults);
  const key = kind.keyOf(record);
  if (expectedKey !== undefined && key !== expectedKey) {
    throw new DirectoryError('directory-invalid', kind.name, expectedKey, [{ field: kind.keyField ?? '', reason: 'a key cannot be changed' }], 'Add a record with the new key and remove this one.');
  }
  const dangling = await danglingReferences(db, kind, record);
  if (dangling.length > 0) throw new DirectoryError('directory-dangling', kind.name, key, dangling, 'Add what is referred to first.');
  const taken = await takenAddresses(db, kind, record);
  if (taken.length > 0) throw new DirectoryError('directory-conflict', kind.name, key, taken, 'An address, alias or number has one owner; choose another or free it first.');
  const old = (await getRecords(db, kind, [key])).get(key);
  if (old && JSON.stringify(old) === JSON.stringify(record)) return 'unchanged';
  const writer = new DirectoryWriter(db);
  if (old) await writer.replace(kind, [record]);
  else await writer.add(kind, [record]);
  await writer.release(kind, [key]);
  await writer.claim(kind, [record]);
  await writer.finish();
  return old ? 'changed' : 'added';
}

async function putMemberships(db: Kysely<DirectoryDatabase>, memberships: readonly Membership[]): Promise<PutResult[]> {
  const results: PutResult[] = [];
  for (const membership of memberships) results.push(await putRecord(db, kindOf('membership'), { ...membership }));
  return results;
}

async function danglingReferences(db: Kysely<DirectoryDatabase>, kind: AnyKind, record: AnyRecord): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const { field, kind: target, key } of referencesOf(kind, record)) {
    if (target === kind.name && key === kind.keyOf(record)) continue;
    if (!(await getRecords(db, kindOf(target), [key])).has(key)) faults.push({ field, reason: `there is no ${target} ${key}` });
  }
  if (kind.name === 'organisation' && faults.length === 0) faults.push(...await parentLoop(db, record));
  return faults;
}

async function parentLoop(db: Kysely<DirectoryDatabase>, record: AnyRecord): Promise<Fault[]> {
  const { rows } = await sql<{ key: string }>`
    with recursive ancestors(key) as (
      select ${record.parent ?? null} union select parent from organisations join ancestors using (key)
    ) select key from ancestors where key = ${record.key}`.execute(db);
  return rows.map(({ key }) => ({ field: 'parent', reason: `${key} would be its own ancestor` }));
}

async function takenAddresses(db: Kysely<DirectoryDatabase>, kind: AnyKind, record: AnyRecord): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const { space, address, field } of kind.claims?.(record) ?? []) {
    const owner = await db.selectFrom('addresses').selectAll().where('space', '=', space).where('address', '=', address).executeTakeFirst();
    if (owner && !(owner.owner_kind === kind.name && owner.owner === kind.keyOf(record))) {
      faults.push({ field, reason: `${address} belongs to ${owner.owner_kind} ${owner.owner}` });
    }
  }
  return faults;
}

const NAMED_REFERRERS = 10;

/** Removes a record inside a transaction; as {@link DirectoryRepository.remove}. */
export async function removeRecord(db: Kysely<DirectoryDatabase>, writer: DirectoryWriter, kind: AnyKind, key: string, cascade: boolean): Promise<{ kind: KindName; key: string }[]> {
  const record = (await getRecords(db, kind, [key])).get(key);
  if (!record) throw unknown(kind.name, key);
  const referrers = await findReferrers(db, kind.name, [key]);
  if (referrers.length > 0 && !cascade) {
    const named = referrers.slice(0, NAMED_REFERRERS).map((referrer) => `${referrer.kind} ${referrer.key}`);
    if (referrers.length > named.length) named.push(`${referrers.length - named.length} more`);
    throw new DirectoryError('directory-referred', kind.name, key, [{ field: '', reason: `still referred to by ${named.join(', ')}` }], 'Remove or change those first, or remove everything that depends on it with --cascade.');
  }
  const removed = [{ kind: kind.name, key }];
  for (const referrer of referrers) {
    const referring = kindOf(referrer.kind);
    const current = (await getRecords(db, referring, [referrer.key])).get(referrer.key);
    // Gone already where it referred to another record that was removed before it.
    if (!current) continue;
    if (referrer.onRemove === 'clear') await writer.replace(referring, [withoutReference(current, referrer.field, new Set([key]))]);
    else removed.push(...await removeRecord(db, writer, referring, referrer.key, true));
  }
  await writer.remove(kind, [record]);
  return removed;
}
