import type { NewRow } from './bulk';
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

/** The columns of a kind's records. */
export const columnsOfRows = (kind: AnyKind): string[] => MAPPINGS[kind.name].map(({ column }) => column);

/** The column that holds a kind's key. */
export const keyColumnOf = (kind: AnyKind): string => kind.keyField ?? 'key';

/** A record as a row to be written. */
export function toRow(kind: AnyKind, record: AnyRecord): NewRow {
  const row: Record<string, unknown> = kind.keyField === undefined ? { key: kind.keyOf(record) } : {};
  for (const { field, column } of MAPPINGS[kind.name]) row[column] = record[field];
  if (kind.name === 'service') row.overflow = (record.plan as ServicePlan).overflow;
  return row;
}

export function fromRow(kind: AnyKind, row: Record<string, unknown>): AnyRecord {
  return fromValues(kind, MAPPINGS[kind.name].map(({ column }) => row[column]));
}

/** A record from the values of its columns, in the order of {@link columnsOfRows}. */
export function fromValues(kind: AnyKind, values: readonly unknown[]): AnyRecord {
  const record: AnyRecord = {};
  for (const [i, { field, storage }] of MAPPINGS[kind.name].entries()) {
    const value = values[i];
    if (value === null || value === undefined) continue;
    if (storage === 'json') record[field] = JSON.parse(value as string) as unknown;
    else record[field] = storage === 'flag' ? value === 1 : value;
  }
  return record;
}
