import type { Kysely } from 'kysely';
import { batches } from './bulk';
import type { KindName } from './errors';
import type { AnyRecord, OnRemove } from './kind';
import { fieldsOf, KINDS } from './kinds';
import type { ServicePlan } from './model';
import { columnOf, keyColumnOf, type Row } from './rows';
import type { DirectoryDatabase } from './schema';

/** A record that refers to another by one of its fields. */
export interface Referrer {
  kind: KindName;
  key: string;
  field: string;
  onRemove: OnRemove;
  /** Key of the record referred to. */
  to: string;
}

interface Source { kind: KindName; field: string; onRemove: OnRemove; table: string; keyColumn: string; column: string }

/** Columns that refer to a kind. A person's devices have a table of their own, an overflow is inside the plan. */
const SOURCES = new Map<KindName, Source[]>(KINDS.map((target) => [target.name, [
  ...KINDS.flatMap((kind) => fieldsOf(kind)
    .filter(([, { refersTo }]) => refersTo === target.name)
    .map(([field, { onRemove = 'remove' }]): Source => ({
      kind: kind.name, field, onRemove,
      ...(field === 'devices'
        ? { table: 'person_devices', keyColumn: 'person', column: 'device' }
        : { table: kind.plural, keyColumn: keyColumnOf(kind), column: columnOf(field) }),
    }))),
  ...(target.name === 'service'
    ? [{ kind: 'service', field: 'plan.overflow', onRemove: 'clear', table: 'services', keyColumn: 'address', column: 'overflow' } as const]
    : []),
]]));

/** Everything that refers to the records of these keys, except those records themselves. */
export async function findReferrers(db: Kysely<DirectoryDatabase>, kind: KindName, keys: readonly string[]): Promise<Referrer[]> {
  const own = new Set(keys);
  const found: Referrer[] = [];
  for (const { table, keyColumn, column, ...source } of SOURCES.get(kind) ?? []) {
    for (const part of batches(keys)) {
      const rows = await (db as unknown as Kysely<Record<string, Row>>).selectFrom(table)
        .select([`${keyColumn} as referrer`, `${column} as referred`]).where(column, 'in', part).orderBy(keyColumn).execute();
      for (const { referrer, referred } of rows as unknown as { referrer: string; referred: string }[]) {
        if (source.kind !== kind || !own.has(referrer)) found.push({ ...source, key: referrer, to: referred });
      }
    }
  }
  return found;
}

/** The record without its references to `gone` in a field. */
export function withoutReference(record: AnyRecord, field: string, gone: ReadonlySet<string>): AnyRecord {
  const next = { ...record };
  if (field === 'plan.overflow') {
    const plan: ServicePlan = { ...(record.plan as ServicePlan) };
    delete plan.overflow;
    next.plan = plan;
  } else if (Array.isArray(record[field])) {
    next[field] = (record[field] as string[]).filter((key) => !gone.has(key));
  } else {
    delete next[field];
  }
  return next;
}
