import type { Kysely } from 'kysely';
import type { KindName } from '../errors';
import type { AnyKind, AnyRecord } from '../kind';
import { fieldsOf, kindOf } from '../kinds';
import { keyColumnOf, type Row } from '../rows';
import type { DirectoryDatabase } from '../schema';
import type { InputRecord } from './source';

/** Fields that make a record's key. */
const keyFields = (kind: AnyKind): string[] => (kind.keyField === undefined ? ['service', 'device', 'person', 'group'] : [kind.keyField]);

/** The key of a record before it is checked; undefined where it cannot be told. */
export function keyOfInput(kind: AnyKind, given: AnyRecord): string | undefined {
  const parts: AnyRecord = {};
  for (const [field, { type, initial }] of fieldsOf(kind)) {
    if (!keyFields(kind).includes(field)) continue;
    let good = true;
    const value = given[field] ?? undefined;
    const read = value === undefined ? initial : type.read(value, () => { good = false; });
    if (!good) return undefined;
    if (read !== undefined) parts[field] = read;
  }
  if (kind.keyField !== undefined) return parts[kind.keyField] as string | undefined;
  return parts.service === undefined || (parts.device ?? parts.person) === undefined ? undefined : kind.keyOf(parts);
}

/** The key of a record of an input; undefined where it cannot be told. */
export function keyOf(kind: AnyKind, input: InputRecord): string | undefined {
  if (input.key === undefined || kind.keyField === undefined) return keyOfInput(kind, input.over({}, () => undefined));
  return kind.fields[kind.keyField]?.type.read(input.key, () => undefined) as string | undefined;
}

/** Which keys there were before the import, by kind. */
export class KnownKeys {
  private readonly byKind = new Map<KindName, ReadonlySet<string>>();

  constructor(private readonly db: Kysely<DirectoryDatabase>) {}

  async load(name: KindName): Promise<void> {
    if (this.byKind.has(name)) return;
    const kind = kindOf(name);
    const column = keyColumnOf(kind);
    const rows = await (this.db as unknown as Kysely<Record<string, Row>>).selectFrom(kind.plural).select(column).execute();
    this.byKind.set(name, new Set(rows.map((row) => row[column] as string)));
  }

  /** Of a kind that was loaded. */
  of(name: KindName): ReadonlySet<string> {
    return this.byKind.get(name) ?? NONE;
  }
}

const NONE: ReadonlySet<string> = new Set();
