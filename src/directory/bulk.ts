import { CompiledQuery, type Kysely } from 'kysely';

/** Rows in one statement, and keys in one `in (...)`. */
const MAX_BATCH = 500;

/** Rows as they cross into SQLite, so that what they were made of need not be held until they are written. */
export interface PackedRows {
  readonly sql: string;
  readonly parts: readonly Buffer[];
}

/**
 * Packs rows for one table, many a statement; with `key`, a row whose key is there replaces the old one.
 * The rows go as one JSON text that SQLite takes apart: binding millions of values one by one would cost more than storing them. It
 * goes as octets, which cross over several times as fast as a string.
 * @param rows of each the JSON text of its values in the order of `columns`: lists and structures are kept as JSON text, flags as 0 and 1
 */
export function packRows(table: string, columns: readonly string[], rows: readonly string[], key?: string): PackedRows | undefined {
  if (rows.length === 0) return undefined;
  const names = columns.map(quoted).join(', ');
  const values = columns.map((_, i) => `value ->> ${i}`).join(', ');
  const replaced = columns.filter((column) => column !== key).map((column) => `${quoted(column)} = excluded.${quoted(column)}`).join(', ');
  // Without "where true" the parser would take "on conflict" for the condition of a join.
  const conflict = key === undefined ? '' : ` where true on conflict (${quoted(key)}) do update set ${replaced}`;
  return {
    sql: `insert into ${quoted(table)} (${names}) select ${values} from jsonb_each(cast(? as text))${conflict}`,
    parts: [...batches(rows)].map((part) => Buffer.from(`[${part.join(',')}]`)),
  };
}

export async function insertPacked<DB>(db: Kysely<DB>, packed: PackedRows | undefined): Promise<void> {
  for (const part of packed?.parts ?? []) await db.executeQuery(CompiledQuery.raw(packed?.sql as string, [part]));
}

/** Inserts rows that all have the same columns, as {@link packRows} takes them. */
export function insertRows<DB>(db: Kysely<DB>, table: string, rows: readonly Readonly<Record<string, unknown>>[], key?: string): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  return insertPacked(db, packRows(table, columns, rows.map((row) => JSON.stringify(columns.map((column) => row[column]))), key));
}

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
