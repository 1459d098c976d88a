import { type Kysely, sql } from 'kysely';
import type { Row } from './rows';

/** Rows in one statement, and keys in one `in (...)`. */
const MAX_BATCH = 500;

/**
 * Inserts rows that all have the same columns, many a statement; with `key`, a row whose key is there replaces the old one.
 * The rows go as one JSON text that SQLite takes apart: binding millions of values one by one would cost more than storing them. It
 * goes as octets, which cross over several times as fast as a string.
 */
export async function insertRows<DB>(db: Kysely<DB>, table: string, rows: readonly Row[], key?: string): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join(columns.map((_, i) => sql`value ->> ${sql.lit(i)}`));
  const replaced = sql.join(columns.filter((column) => column !== key).map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`));
  // Without "where true" the parser would take "on conflict" for the condition of a join.
  const conflict = key === undefined ? sql`` : sql`where true on conflict (${sql.ref(key)}) do update set ${replaced}`;
  for (const part of batches(rows)) {
    const json = Buffer.from(JSON.stringify(part.map((row) => columns.map((column) => row[column] ?? null))));
    await sql`insert into ${sql.table(table)} (${names}) select ${values} from json_each(cast(${json} as text)) ${conflict}`.execute(db);
  }
}

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
