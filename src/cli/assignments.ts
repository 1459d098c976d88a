import { type AnyKind, type AnyRecord, columnNames, DirectoryError, type Fault, fieldsOf, findColumn } from '../directory';
import { UsageError } from './usage-error';

const SECRET = ['password', 'ha1_md5', 'ha1_sha256'];

/** Columns that may be given as `column=value`. */
export const settable = (kind: AnyKind): string[] => columnNames(kind).filter((name) => !SECRET.includes(name));

/** Splits `column=value`. Throws UsageError for anything else and for columns that do not exist or are secret. */
function split(kind: AnyKind, argument: string): { name: string; value: string } {
  const at = argument.indexOf('=');
  if (at < 1) throw new UsageError(`"${argument}" is not COLUMN=VALUE`, `Columns are ${settable(kind).join(', ')}.`);
  const name = argument.slice(0, at).trim().toLowerCase();
  if (SECRET.includes(name)) throw new UsageError(`${name} cannot be given as an argument, which others can read`, 'Use --password, or --password-file FILE.');
  if (!findColumn(kind, name)) throw new UsageError(`${kind.name} has no column "${name}"`, `Columns are ${settable(kind).join(', ')}.`);
  return { name, value: argument.slice(at + 1).trim() };
}

/** Lays `column=value` arguments over a record; an empty value clears the column. The record is checked when it is saved. */
export function assign(kind: AnyKind, record: AnyRecord, args: readonly string[]): AnyRecord {
  const next = { ...record };
  const faults: Fault[] = [];
  for (const argument of args) {
    const { name, value } = split(kind, argument);
    const column = findColumn(kind, name);
    column?.assign(next, value === '' ? undefined : value, (path, reason) => faults.push({ field: column.name + path, reason }));
  }
  if (faults.length > 0) throw new DirectoryError('directory-invalid', kind.name, kind.keyField === undefined ? '' : String(record[kind.keyField]), faults);
  return next;
}

/** `column=value` arguments as conditions of a list. */
export function conditions(kind: AnyKind, args: readonly string[]): AnyRecord {
  const where: AnyRecord = {};
  for (const argument of args) {
    const { name, value } = split(kind, argument);
    const column = findColumn(kind, name);
    const type = fieldsOf(kind).find(([field]) => field === column?.field)?.[1].type;
    if (!column || !type || type.storage === 'json') throw new UsageError(`a list cannot be narrowed by ${name}`, 'Use "etasilta directory search" for names.');
    where[column.field] = type.read(type.parse(value, () => undefined), (_, reason) => { throw new UsageError(`${name}: ${reason}`); });
  }
  return where;
}
