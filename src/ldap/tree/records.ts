import { type Expression, type Kysely, sql } from 'kysely';
import type { DirectoryDatabase, Organisation, OrganisationType, Person, Service, ServicePlan, Site, OpeningHours, LocalizedText, MediaMode, DeviceKind } from '../../directory';
import type { DeviceRecord, EntryKind, RecordOf } from './shapes';

/** Kinds of entry that are records of the database. */
export const STORED_KINDS = ['organisation', 'site', 'device', 'service', 'person'] as const satisfies readonly EntryKind[];
export type StoredKind = (typeof STORED_KINDS)[number];

interface Source<R> {
  table: keyof DirectoryDatabase & string;
  key: string;
  /** Columns as SQL: lists and structures are JSON, credentials are never read but for the user name. */
  columns: string;
  /** The record of a row of these columns. */
  read(row: never): R;
}

type Text = string | null;
const given = <T>(value: T | null): T | undefined => value ?? undefined;
const source = <Row extends unknown[], R>(table: keyof DirectoryDatabase & string, key: string, columns: string, read: (row: Row) => R): Source<R> => ({ table, key, columns, read });

const SOURCES: { [K in StoredKind]: Source<RecordOf[K]> } = {
  organisation: source('organisations', 'key', 'key, business_id, oid, type, json(names), domain, parent, municipality, sample',
    ([key, businessId, oid, type, names, domain, parent, municipality, sample]: [string, Text, Text, OrganisationType, LocalizedText, string, Text, Text, number | null]): Organisation =>
      ({ key, businessId: given(businessId), oid: given(oid), type, names, domain, parent: given(parent), municipality: given(municipality), sample: sample === 1 })),
  site: source('sites', 'key', 'key, organisation, json(names), municipality, address, media',
    ([key, organisation, names, municipality, address, media]: [string, string, LocalizedText, Text, Text, MediaMode | null]): Site =>
      ({ key, organisation, names, municipality: given(municipality), address: given(address), media: given(media) })),
  device: source('devices', 'address', "address, site, json(names), kind, model, h323_id, e164, json_extract(credentials, '$.username'), enabled",
    ([address, site, names, kind, model, h323Id, e164, username, enabled]: [string, string, LocalizedText | null, DeviceKind, Text, Text, Text, Text, number]): DeviceRecord =>
      ({ address, site, names: given(names), kind, model: given(model), h323Id: given(h323Id), e164: given(e164), username: given(username), enabled: enabled === 1 })),
  service: source('services', 'address', 'address, organisation, json(languages), json(names), json(description), kind, numeric_alias, json(aliases), json(plan), json(hours), joins, hidden, enabled',
    ([address, organisation, languages, names, description, kind, numericAlias, aliases, plan, hours, joins, hidden, enabled]: [string, string, string[], LocalizedText, LocalizedText | null, Text, Text, string[] | null, ServicePlan, OpeningHours | null, number | null, number | null, number]): Service => ({
      address, organisation, languages, names, description: given(description), kind: given(kind), numericAlias: given(numericAlias), aliases: given(aliases), plan, hours: given(hours),
      joins: joins === 1, hidden: hidden === 1, enabled: enabled === 1,
    })),
  person: source('persons', 'key', 'key, organisation, site, name, email, json(title), json(roles), json(languages), json(skills), json(devices), enabled',
    ([key, organisation, site, name, email, title, roles, languages, skills, devices, enabled]: [string, string, Text, string, Text, LocalizedText | null, string[], string[], string[], string[], number]): Person =>
      ({ key, organisation, site: given(site), name, email: given(email), title: given(title), roles, languages, skills, devices, enabled: enabled === 1 })),
};

/** A record as the text that the tree keeps of it. */
export function readPacked<K extends StoredKind>(kind: K, packed: string): RecordOf[K] {
  return SOURCES[kind].read(JSON.parse(packed) as never);
}

/** Separates records; JSON text has no control characters. */
const RECORD = '\x1e';

export type RecordChoice = { after: string; limit: number } | { keys: readonly string[] } | { where: 'site'; is: readonly string[] };

/**
 * Packed records of a kind by key. One text holds them all on the way: as rows, the persons of a country would take longer
 * to cross from SQLite into JavaScript than to be indexed.
 */
export async function packedRecords(db: Kysely<DirectoryDatabase>, kind: StoredKind, choice: RecordChoice): Promise<string[]> {
  const { table, key, columns } = SOURCES[kind];
  const { rows } = await sql<{ joined: string | null }>`
    select group_concat(packed, char(30)) as joined from (
      select json_array(${sql.raw(columns)}) as packed from ${sql.table(table)} where ${condition(key, choice)} order by ${sql.ref(key)}
      ${'limit' in choice ? sql`limit ${choice.limit}` : sql``}
    )`.execute(db);
  const joined = rows[0]?.joined ?? null;
  return joined === null ? [] : joined.split(RECORD);
}

function condition(key: string, choice: RecordChoice): Expression<unknown> {
  if ('after' in choice) return sql`${sql.ref(key)} > ${choice.after}`;
  return 'keys' in choice ? sql`${sql.ref(key)} in (${sql.join([...choice.keys])})` : sql`${sql.ref(choice.where)} in (${sql.join([...choice.is])})`;
}
