import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import { batches } from './bulk';
import { type Changes, changesSince, revision, stampOf } from './changes';
import type { KindName } from './errors';
import type { AnyKind, AnyRecord } from './kind';
import { kindOf } from './kinds';
import type { Device, Membership, Organisation, Person, Service, Site } from './model';
import { columnOf, fromValues, keyColumnOf, type Row, valuesOfRow } from './rows';
import type { DirectoryDatabase } from './schema';

export interface RecordOf {
  organisation: Organisation;
  site: Site;
  device: Device;
  service: Service;
  person: Person;
  membership: Membership;
}

export interface ListOptions<R> {
  /** Fields that must have these values; only those kept as text, number or flag. */
  where?: Partial<R>;
  /** Only keys after this one, for reading by pages. */
  after?: string;
  limit?: number;
}

type Tables = Record<string, Row>;
const tables = (db: Kysely<DirectoryDatabase>): Kysely<Tables> => db as unknown as Kysely<Tables>;

/** The records of a kind, by key. */
export async function listRecords<K extends KindName>(db: Kysely<DirectoryDatabase>, name: K, options: ListOptions<RecordOf[K]> = {}): Promise<RecordOf[K][]> {
  const kind = kindOf(name);
  const key = keyColumnOf(kind);
  let query = tables(db).selectFrom(kind.plural).selectAll().orderBy(key);
  for (const [field, value] of Object.entries(options.where ?? {})) {
    if (value !== undefined) query = query.where(columnOf(field), '=', value === true ? 1 : value === false ? 0 : (value as string | number));
  }
  if (options.after !== undefined) query = query.where(key, '>', options.after);
  if (options.limit !== undefined) query = query.limit(options.limit);
  return await recordsOf(db, kind, query) as unknown as RecordOf[K][];
}

/**
 * What a query over a kind's table selects, in its order. It comes as one JSON text: that many values cross from SQLite into
 * JavaScript several times as fast as in rows.
 */
async function recordsOf(db: Kysely<DirectoryDatabase>, kind: AnyKind, query: SelectQueryBuilder<Tables, string, Row>): Promise<AnyRecord[]> {
  const { all } = await tables(db).selectFrom(query.as('chosen'))
    .select(sql<string>`json_group_array(${valuesOfRow(kind)})`.as('all')).executeTakeFirstOrThrow();
  return (JSON.parse(all) as unknown[][]).map((values) => fromValues(kind, values));
}

/** The records with these keys, as a map; unknown keys are not in it. */
export async function getRecords(db: Kysely<DirectoryDatabase>, kind: AnyKind, keys: readonly string[]): Promise<Map<string, AnyRecord>> {
  const found = new Map<string, AnyRecord>();
  for (const part of batches(keys)) {
    // One text for all keys: a statement with as many parameters as keys would be a new one for each number of them.
    const query = tables(db).selectFrom(kind.plural).selectAll().where(keyColumnOf(kind), 'in', sql<string>`(select value from json_each(${JSON.stringify(part)}))`);
    for (const record of await recordsOf(db, kind, query)) found.set(kind.keyOf(record), record);
  }
  return found;
}

/** Reads one state of the directory. */
export class DirectoryReader {
  constructor(protected readonly db: Kysely<DirectoryDatabase>) {}

  list<K extends KindName>(kind: K, options?: ListOptions<RecordOf[K]>): Promise<RecordOf[K][]> {
    return listRecords(this.db, kind, options);
  }

  async get<K extends KindName>(kind: K, key: string): Promise<RecordOf[K] | undefined> {
    return (await this.many(kind, [key])).get(key);
  }

  /** By key: those of `keys` that exist. */
  async many<K extends KindName>(kind: K, keys: readonly string[]): Promise<Map<string, RecordOf[K]>> {
    return await getRecords(this.db, kindOf(kind), keys) as unknown as Map<string, RecordOf[K]>;
  }

  /** Members of services, by group, position and member. */
  async membersOf(services: readonly string[]): Promise<Membership[]> {
    const kind = kindOf('membership');
    const members: Membership[] = [];
    for (const part of batches(services)) {
      const query = tables(this.db).selectFrom('memberships').selectAll().where('service', 'in', part)
        .orderBy('service').orderBy('group_name').orderBy('position').orderBy('key');
      for (const member of await recordsOf(this.db, kind, query)) members.push(member as unknown as Membership);
    }
    return members;
  }

  /** Number of the last change, also as a cheap sign that there was one. */
  revision(): Promise<number> {
    return revision(this.db);
  }

  /** Tells the change of this number from any other directory's, or this one's before a back-up was restored; undefined: no longer known. */
  stampOf(revision: number): Promise<string | undefined> {
    return stampOf(this.db, revision);
  }

  changesSince(known: number): Promise<Changes> {
    return changesSince(this.db, known);
  }
}
