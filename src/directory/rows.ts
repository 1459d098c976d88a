import { type RawBuilder, sql } from 'kysely';
import { fieldsOf, KINDS } from './kinds';
import type { KindName } from './errors';
import type { AnyKind, AnyRecord } from './kind';
import type { ServicePlan } from './model';

/** A row as the database takes and gives it: text, numbers and null. */
export type Row = Record<string, string | number | null>;

/** `businessId` -> `business_id`; `group` is a word of SQL. */
export const columnOf = (field: string): string =>
  field === 'group' ? 'group_name' : field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Mapping { field: string; column: string; storage: 'text' | 'integer' | 'flag' | 'json' }

const MAPPINGS = Object.fromEntries(KINDS.map((kind) => [kind.name, fieldsOf(kind).map(([field, { type }]) =>
  ({ field, column: columnOf(field), storage: type.storage }))])) as Record<KindName, Mapping[]>;

/** The values of a row as one JSON array for {@link fromValues}, in which what is kept as JSON is itself. */
export const valuesOfRow = (kind: AnyKind): RawBuilder<string> =>
  sql<string>`json_array(${sql.join(MAPPINGS[kind.name].map(({ column, storage }) => (storage === 'json' ? sql`json(${sql.ref(column)})` : sql.ref(column))))})`;

/** The column that holds a kind's key. */
export const keyColumnOf = (kind: AnyKind): string => kind.keyField ?? 'key';

/** Columns of a row to be written: those of the record, and those that repeat what it says for those who look for it. */
export const columnsToWrite = (kind: AnyKind): string[] =>
  [...(kind.keyField === undefined ? ['key'] : []), ...MAPPINGS[kind.name].map(({ column }) => column), ...(kind.name === 'service' ? ['overflow'] : [])];

/** A record as a row to be written: values in the order of {@link columnsToWrite}. */
export function valuesToWrite(kind: AnyKind, record: AnyRecord): unknown[] {
  const values: unknown[] = kind.keyField === undefined ? [kind.keyOf(record)] : [];
  for (const { field } of MAPPINGS[kind.name]) values.push(record[field]);
  if (kind.name === 'service') values.push((record.plan as ServicePlan).overflow);
  return values;
}

/** A record from what {@link valuesOfRow} selects. */
export function fromValues(kind: AnyKind, values: readonly unknown[]): AnyRecord {
  const record: AnyRecord = {};
  const mappings = MAPPINGS[kind.name];
  for (let i = 0; i < mappings.length; i++) {
    const { field, storage } = mappings[i] as Mapping;
    const value = values[i];
    if (value !== null) record[field] = storage === 'flag' ? value === 1 : value;
  }
  return record;
}
