import { CompiledQuery, type Kysely } from 'kysely';
import type { Row } from './rows';

/** Rows in one statement: enough that the round trip costs little; all columns must stay below SQLite's 32,766 variables. */
const MAX_ROWS = 500;
const MAX_VARIABLES = 30_000;

type Tables = Record<string, Row>;

/**
 * Inserts rows that all have the same columns, many a statement; with `key`, a row whose key is there replaces the old one.
 * The statement for a full batch is compiled once, as compiling costs more than running it.
 */
export async function insertRows<DB>(db: Kysely<DB>, table: string, rows: readonly Row[], key?: string): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const batch = Math.min(MAX_ROWS, Math.floor(MAX_VARIABLES / columns.length));
  const statements = new Map<number, string>();
  for (let from = 0; from < rows.length; from += batch) {
    const part = rows.slice(from, from + batch);
    let sql = statements.get(part.length);
    if (sql === undefined) {
      sql = compile(db as unknown as Kysely<Tables>, table, columns, part.length, key);
      statements.set(part.length, sql);
    }
    const parameters: Row[string][] = [];
    for (const row of part) for (const column of columns) parameters.push(row[column] ?? null);
    await db.executeQuery(CompiledQuery.raw(sql, parameters));
  }
}

function compile(db: Kysely<Tables>, table: string, columns: string[], count: number, key?: string): string {
  // Any value that is no null makes a placeholder; only the text of the statement is kept.
  const row = Object.fromEntries(columns.map((column) => [column, 0]));
  const insert = db.insertInto(table).values(Array.from({ length: count }, () => row));
  if (key === undefined) return insert.compile().sql;
  return insert.onConflict((conflict) => conflict.column(key).doUpdateSet((eb) =>
    Object.fromEntries(columns.filter((column) => column !== key).map((column) => [column, eb.ref(`excluded.${column}`)])))).compile().sql;
}

/** Pieces of a list small enough for one `in (...)`. */
export function* batches<T>(items: readonly T[], size = MAX_ROWS): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
