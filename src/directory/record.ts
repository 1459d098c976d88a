import type { Fault } from './errors';
import { fieldsOf } from './kinds';
import type { AnyKind, AnyRecord } from './kind';

/**
 * Reads a record as YAML, JSON or CSV gives it into its canonical form: known fields only, checked values, absent fields
 * left out (optional flags that are false and optional lists that are empty too), initial values filled in. All faults are
 * reported; `record` is set when there are none. A field that is null counts as absent.
 */
export function readRecord(kind: AnyKind, given: AnyRecord): { record?: AnyRecord; faults: Fault[] } {
  const faults: Fault[] = [];
  const record: AnyRecord = {};
  let current = '';
  const report = (path: string, reason: string): void => void faults.push({ field: current + path, reason });
  for (const [field, { type, required, initial }] of fieldsOf(kind)) {
    current = field;
    const value = given[field];
    if (value == null) {
      if (required) faults.push({ field, reason: 'is missing' });
      else if (initial !== undefined) record[field] = fresh(initial);
      continue;
    }
    const before = faults.length;
    const read = type.read(value, report);
    if (read === undefined && required && faults.length === before) faults.push({ field, reason: 'is missing' });
    const empty = read === undefined || (initial === undefined && !required && (read === false || (Array.isArray(read) && read.length === 0)));
    if (!empty) record[field] = read;
    else if (initial !== undefined) record[field] = fresh(initial);
  }
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(kind.fields, field)) faults.push({ field, reason: `unknown; known are ${Object.keys(kind.fields).join(', ')}` });
  }
  if (faults.length === 0) kind.check?.(record, (field, reason) => faults.push({ field, reason }));
  return faults.length === 0 ? { record, faults } : { faults };
}

const fresh = (initial: unknown): unknown => (Array.isArray(initial) ? [...(initial as unknown[])] : initial);
