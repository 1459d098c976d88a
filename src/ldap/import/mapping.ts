import { readFile } from 'node:fs/promises';
import { parseFilter } from 'ldapjs';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Column, columnNames, findColumn, type KindName, kindOf } from '../../directory';
import { DEFAULT_DEPARTURE_POLICY, type DeparturePolicy, PTV_SOURCE } from '../../directory/exchange';
import { LdapError } from '../errors';
import { RESULT } from '../protocol';
import { type Template, template } from './template';

/** Kinds that are imported; who answers for a service is decided here, not elsewhere. */
export const IMPORTED_KINDS = ['organisation', 'site', 'device', 'service', 'person'] as const satisfies readonly KindName[];
export type ImportedKind = (typeof IMPORTED_KINDS)[number];

const kindMapping = z.strictObject({
  base: z.string().optional(),
  filter: z.string().default('(objectClass=*)'),
  columns: z.record(z.string(), z.string()),
});

const mappingFile = z.strictObject({
  source: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of [a-z0-9-]').refine((name) => name !== PTV_SOURCE, 'is the name of the service catalogue'),
  base: z.string().default(''),
  bind: z.string().optional(),
  passwordFile: z.string().optional(),
  startTls: z.boolean().default(false),
  caFile: z.string().optional(),
  identity: z.string().default('entryUUID'),
  changes: z.enum(['modifyTimestamp', 'uSNChanged', 'none']).default('none'),
  pageSize: z.int().min(1).max(5_000).default(500),
  removeAfterDays: z.number().min(0).max(3_650).default(DEFAULT_DEPARTURE_POLICY.removeAfterDays),
  maxLostShare: z.number().min(0).max(1).default(DEFAULT_DEPARTURE_POLICY.maxLostShare),
  kinds: z.partialRecord(z.enum(IMPORTED_KINDS), kindMapping),
});

export interface KindMapping {
  kind: ImportedKind;
  /** Where the entries are searched, and which. */
  base: string;
  filter: string;
  columns: { column: Column; template: Template }[];
  /** Attributes that the templates need. */
  attributes: string[];
}

/** How entries of another directory become records of this one. */
export interface Mapping {
  source: string;
  connection: { bind?: string; passwordFile?: string; startTls: boolean; caFile?: string };
  /** Attribute that stays the same for an entry whatever becomes of its name. */
  identity: string;
  changes: 'modifyTimestamp' | 'uSNChanged' | 'none';
  pageSize: number;
  departures: DeparturePolicy;
  kinds: KindMapping[];
}

/** A mapping file that cannot be used, with every reason. */
export class MappingError extends LdapError {
  constructor(file: string, reasons: readonly string[]) {
    super(RESULT.other, reasons.map((reason) => `${file}: ${reason}`).join('\n'), { hint: 'See directory-data/ldap/README.md for what a mapping file holds.' });
  }
}

/** Reads a mapping file (YAML). Throws MappingError. */
export async function readMapping(file: string): Promise<Mapping> {
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'), { maxAliasCount: 20 });
  } catch (error) {
    throw new MappingError(file, [(error as Error).message.split('\n')[0] as string]);
  }
  const result = mappingFile.safeParse(value);
  if (!result.success) throw new MappingError(file, result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  const { source, base, bind, passwordFile, startTls, caFile, identity, changes, pageSize, removeAfterDays, maxLostShare, kinds } = result.data;
  const reasons: string[] = [];
  const mapped = IMPORTED_KINDS.flatMap((kind) => {
    const one = kinds[kind];
    return one === undefined ? [] : [readKind(kind, one, base, (reason) => reasons.push(`kinds.${kind}: ${reason}`))];
  });
  if (mapped.length === 0) reasons.push('kinds: nothing is imported');
  if (reasons.length > 0) throw new MappingError(file, reasons);
  return { source, connection: { bind, passwordFile, startTls, caFile }, identity, changes, pageSize, departures: { removeAfterDays, maxLostShare }, kinds: mapped };
}

function readKind(kind: ImportedKind, { base, filter, columns }: z.output<typeof kindMapping>, common: string, report: (reason: string) => void): KindMapping {
  const known = kindOf(kind);
  const mapped = Object.entries(columns).flatMap(([name, text]) => {
    const column = findColumn(known, name);
    if (column === undefined || column.field === 'credentials' || column.field === 'password') {
      report(`columns.${name}: ${column === undefined ? `unknown; known are ${columnNames(known).join(', ')}` : 'passwords are not imported'}`);
      return [];
    }
    try {
      return [{ column, template: template(text) }];
    } catch (error) {
      report(`columns.${name}: ${(error as Error).message}`);
      return [];
    }
  });
  try {
    parseFilter(filter);
  } catch (error) {
    report(`filter: ${filter}: ${(error as Error).message}`);
  }
  if (!mapped.some(({ column }) => column.field === known.keyField)) report(`columns: ${known.keyField} is missing, which names the record`);
  const attributes = [...new Set(Object.values(columns).flatMap((text) => [...text.matchAll(/\{([^{}|]+)/g)].map(([, name = '']) => name.trim())).filter((name) => !name.toLowerCase().startsWith('dn.')))];
  return { kind, base: base ?? common, filter, columns: mapped, attributes };
}
