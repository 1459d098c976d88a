import { CompiledQuery, type Kysely } from 'kysely';

/** Rows in one statement, and keys in one `in (...)`. */
const MAX_BATCH = 500;

/** A row to be written; lists and structures are kept as their JSON text, flags as 0 and 1. */
export type NewRow = Readonly<Record<string, unknown>>;

/** Rows as they cross into SQLite, so that what they were made of need not be held until they are written. */
export interface PackedRows {
  readonly sql: string;
  readonly parts: readonly Buffer[];
}

/**
 * Packs rows that all have the same columns, many a statement; with `key`, a row whose key is there replaces the old one.
 * The rows go as one JSON text that SQLite takes apart: binding millions of values one by one would cost more than storing them. It
 * goes as octets, which cross over several times as fast as a string.
 */
export function packRows(table: string, rows: readonly NewRow[], key?: string): PackedRows | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const columns = Object.keys(first);
  const names = columns.map(quoted);
  const values = columns.map((_, i) => `value ->> ${i}`);
  const replaced = columns.filter((column) => column !== key).map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  // Without "where true" the parser would take "on conflict" for the condition of a join.
  const conflict = key === undefined ? '' : ` where true on conflict (${quoted(key)}) do update set ${replaced.join(', ')}`;
  return {
    sql: `insert into ${quoted(table)} (${names.join(', ')}) select ${values.join(', ')} from json_each(cast(? as text))${conflict}`,
    parts: [...batches(rows)].map((part) => Buffer.from(JSON.stringify(part.map((row) => columns.map((column) => row[column] ?? null))))),
  };
}

export async function insertPacked<DB>(db: Kysely<DB>, packed: PackedRows | undefined): Promise<void> {
  for (const part of packed?.parts ?? []) await db.executeQuery(CompiledQuery.raw(packed?.sql as string, [part]));
}

/** Inserts rows as {@link packRows} takes them. */
export const insertRows = <DB>(db: Kysely<DB>, table: string, rows: readonly NewRow[], key?: string): Promise<void> => insertPacked(db, packRows(table, rows, key));

/** A name of a table or column, as SQL takes it. */
const quoted = (name: string): string => `"${name}"`;

/** Pieces of a list. */
export function* batches<T>(items: Iterable<T>, size = MAX_BATCH): Generator<T[]> {
  let part: T[] = [];
  for (const item of items) {
    if (part.push(item) < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
