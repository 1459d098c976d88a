import { foldLetters, isLanguage } from '../../addressing';
import type { KindName } from '../errors';
import type { AnyRecord } from '../kind';
import type { LocalizedText, Organisation, OrganisationType, Service } from '../model';
import type { DirectoryStore } from '../open';
import { DirectoryReader } from '../reader';
import type { DeparturePolicy } from './departures';
import type { DifferenceReport } from './difference';
import { importSources } from './import';
import { type PtvItem, readPtvFiles } from './ptv-files';
import { readPtvHours } from './ptv-hours';
import { ImportError, type InputFault, type InputRecord, type InputSource } from './source';
import { keysByIdentity } from './source-records';

export interface PtvOptions {
  /** Domain of new services and, below it, of new organisations: the system's own. */
  domain: string;
  /** Also adds services that the directory does not have: disabled and without a plan, for their organisation to complete. */
  addServices?: boolean;
  dryRun?: boolean;
  departures: DeparturePolicy;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Name under which is remembered what the catalogue brought. */
export const PTV_SOURCE = 'ptv';
const TYPES: Record<string, OrganisationType> = {
  State: 'state', Municipality: 'municipality', RegionalOrganization: 'region', Region: 'region', SotePublic: 'wellbeing', SotePrivate: 'company', Company: 'company', Organization: 'other',
};
const MAX_NAME = 200;
const MAX_DESCRIPTION = 2_500;
const MAX_KEY = 40;

/**
 * Imports organisations, service names and opening hours from JSON files of the national service catalogue (PTV v11), as
 * {@link importSources} does: all or nothing. Organisations are known by Y-tunnus, services by GUID, and before that by their
 * organisation and Finnish name. Of what is there already only names, descriptions and hours change; what the catalogue no
 * longer has is marked, and removed after a delay where it came from there: services of the organisations that are in the files,
 * and organisations that are there as deleted. Throws ImportError, SuddenLossError.
 */
export async function importPtv(store: DirectoryStore, path: string, options: PtvOptions): Promise<DifferenceReport> {
  const faults: InputFault[] = [];
  const items = await readPtvFiles(path, (fault) => faults.push(fault));
  const known = await store.transaction(async (trx) => {
    const reader = new DirectoryReader(trx);
    return {
      organisations: await reader.list('organisation'), services: await reader.list('service'),
      keys: { organisation: await keysByIdentity(trx, PTV_SOURCE, 'organisation'), service: await keysByIdentity(trx, PTV_SOURCE, 'service') },
    };
  }, 'read');
  const mapping = new PtvMapping(known, options, (fault) => faults.push(fault));
  const sources = [
    ...mapping.sources('organisation', items.organisations, (item) => mapping.organisation(item)),
    ...mapping.sources('service', items.services, (item) => mapping.service(item, items.channels)),
  ];
  if (faults.length > 0) throw new ImportError(faults);
  return importSources(store, sources, { dryRun: options.dryRun, sync: {
    source: PTV_SOURCE, policy: options.departures, now: options.now, identityOf: (kind, key) => mapping.identityOf(kind, key), covers: (kind, key) => mapping.covers(kind, key),
  } });
}

interface Known {
  organisations: Organisation[];
  services: Service[];
  keys: { organisation: Map<string, string>; service: Map<string, string> };
}

/** What an item becomes: the record's fields over what is there. */
type Over = (base: AnyRecord) => AnyRecord;

/** Finds for items of the catalogue which records they are, and what they say of them. */
class PtvMapping {
  private readonly organisationKeys = new Set<string>();
  private readonly byBusinessId: Map<string, string>;
  private readonly services = new Map<string, Service>();
  private readonly byName: Map<string, string>;
  private readonly identities = new Map<string, string>();
  /** Keys of organisations by GUID: known ones, and those of this input. */
  private readonly organisationOf: Map<string, string>;
  /** Keys of the organisations whose services are all in this input, and of those that the catalogue has deleted. */
  private readonly given = new Set<string>();
  private readonly deleted = new Set<string>();
  private readonly today: string;

  constructor(private readonly known: Known, private readonly options: PtvOptions, private readonly report: (fault: InputFault) => void) {
    for (const { key } of known.organisations) this.organisationKeys.add(key);
    for (const service of known.services) this.services.set(service.address, service);
    this.byBusinessId = new Map(known.organisations.flatMap(({ key, businessId }) => (businessId === undefined ? [] : [[businessId, key]])));
    this.byName = new Map(known.services.flatMap(({ address, organisation, names }) => (names.fi === undefined ? [] : [[nameKey(organisation, names.fi), address]])));
    this.organisationOf = new Map(known.keys.organisation);
    this.today = new Date(options.now).toISOString().slice(0, 10);
  }

  identityOf(kind: KindName, key: string): string | undefined {
    return this.identities.get(`${kind} ${key}`);
  }

  /** A service is gone when its organisation is given without it, an organisation when it is given as deleted. */
  covers(kind: KindName, key: string): boolean {
    return kind === 'service' ? this.given.has(this.services.get(key)?.organisation ?? '') : this.deleted.has(key);
  }

  /** One source a file, so that faults name it. Deleted items are as good as absent. */
  sources(kind: 'organisation' | 'service', items: readonly PtvItem[], read: (item: PtvItem) => Over | undefined): InputSource[] {
    const files = new Map<string, InputRecord[]>();
    for (const item of items) {
      if (!files.has(item.file)) files.set(item.file, []);
      if (item.value.publishingStatus === 'Deleted') {
        this.deleted.add(this.organisationOf.get(String(item.value.id)) ?? '');
        continue;
      }
      const over = read(item);
      if (over !== undefined) files.get(item.file)?.push({ line: 0, path: item.path, over, lineOf: () => 0 });
    }
    // A source of its kind stands for those too that are all gone.
    if (files.size === 0) files.set('', []);
    return [...files].map(([file, records]) => ({ file, kind, async *records() { yield records; } }));
  }

  organisation(item: PtvItem): Over | undefined {
    const { value } = item;
    const id = String(value.id);
    const businessId = typeof value.businessCode === 'string' && value.businessCode !== '' ? value.businessCode : undefined;
    const names = this.texts(item, 'organizationNames', 'Name', MAX_NAME);
    if (names === undefined) return undefined;
    const type = TYPES[String(value.organizationType)];
    if (type === undefined) return this.fault(item, 'organizationType', `"${String(value.organizationType).slice(0, 40)}" is none of ${Object.keys(TYPES).join(', ')}`);
    const existing = this.organisationOf.get(id) ?? (businessId === undefined ? undefined : this.byBusinessId.get(businessId));
    const key = existing ?? this.newKey(names, this.organisationKeys);
    this.organisationKeys.add(key);
    this.organisationOf.set(id, key);
    this.given.add(key);
    this.identities.set(`organisation ${key}`, id);
    const municipality = type === 'municipality' ? codeOf(value.municipality) : undefined;
    return (base) => ({
      key, type, domain: `${key}.${this.options.domain}`, ...(businessId !== undefined && { businessId }), ...(municipality !== undefined && { municipality }),
      ...base, names: { ...base.names as LocalizedText | undefined, ...names },
    });
  }

  service(item: PtvItem, channels: ReadonlyMap<string, PtvItem>): Over | undefined {
    const { value } = item;
    const id = String(value.id);
    const names = this.texts(item, 'serviceNames', 'Name', MAX_NAME);
    const owner = this.owner(item);
    if (names === undefined || owner === undefined) return undefined;
    const existing = this.known.keys.service.get(id) ?? (names.fi === undefined ? undefined : this.byName.get(nameKey(owner, names.fi)));
    const current = existing === undefined ? undefined : this.services.get(existing);
    if (current === undefined && !this.options.addServices) return undefined;
    const address = current?.address ?? this.newAddress(names, owner);
    this.identities.set(`service ${address}`, id);
    const description = this.texts(item, 'serviceDescriptions', 'Summary', MAX_DESCRIPTION, false);
    const hours = this.hours(item, channels);
    const languages = (Array.isArray(value.languages) ? value.languages as unknown[] : []).filter((code): code is string => typeof code === 'string' && isLanguage(code));
    return (base) => ({
      address, organisation: owner, languages, plan: { stages: [] }, enabled: false, ...base,
      names: { ...base.names as LocalizedText | undefined, ...names },
      ...(description && { description: { ...base.description as LocalizedText | undefined, ...description } }), ...(hours && { hours }),
    });
  }

  /** The organisation that answers for a service. */
  private owner(item: PtvItem): string | undefined {
    const list = (Array.isArray(item.value.organizations) ? item.value.organizations : []) as { roleType?: unknown; organization?: { id?: unknown } }[];
    const responsible = list.find(({ roleType }) => roleType === 'Responsible') ?? list[0];
    const key = this.organisationOf.get(String(responsible?.organization?.id));
    return key ?? this.fault(item, 'organizations', 'names no organisation that is in the directory or in these files');
  }

  /** Hours of the service's connection to a channel, else of the channel itself; the first that has any. */
  private hours(item: PtvItem, channels: ReadonlyMap<string, PtvItem>) {
    const list = (Array.isArray(item.value.serviceChannels) ? item.value.serviceChannels : []) as { serviceHours?: unknown; serviceChannel?: { id?: unknown } }[];
    for (const [i, connection] of list.entries()) {
      const channel = channels.get(String(connection?.serviceChannel?.id));
      const hours = readPtvHours(connection?.serviceHours, this.today, (path, reason) => this.fault(item, `serviceChannels[${i}].serviceHours${path}`, reason))
        ?? (channel && readPtvHours(channel.value.serviceHours, this.today, (path, reason) => this.fault(channel, `serviceHours${path}`, reason)));
      if (hours !== undefined) return hours;
    }
    return undefined;
  }

  /** Texts of one type by language; undefined after reporting that there are none. */
  private texts(item: PtvItem, field: string, type: string, max: number, required = true): LocalizedText | undefined {
    const list = (Array.isArray(item.value[field]) ? item.value[field] : []) as { language?: unknown; type?: unknown; value?: unknown }[];
    const texts: LocalizedText = {};
    for (const [i, one] of list.entries()) {
      if (one?.type !== type || typeof one.value !== 'string' || one.value.trim() === '') continue;
      if (typeof one.language !== 'string' || !isLanguage(one.language)) this.fault(item, `${field}[${i}].language`, `"${String(one.language).slice(0, 20)}" is no ISO 639 language code`);
      // The catalogue allows line breaks and longer texts.
      else texts[one.language] = one.value.replace(/\s+/g, ' ').trim().slice(0, max);
    }
    if (Object.keys(texts).length > 0) return texts;
    return required ? this.fault(item, field, `has no ${type}`) : undefined;
  }

  private newKey(names: LocalizedText, taken: ReadonlySet<string>): string {
    const base = slug(names) || 'organisaatio';
    for (let n = 1; ; n++) {
      const key = n === 1 ? base : `${base}-${n}`;
      if (!taken.has(key)) return key;
    }
  }

  private newAddress(names: LocalizedText, owner: string): string {
    const base = slug(names) || 'palvelu';
    for (let n = 1; ; n++) {
      const address = `${base}${n === 1 ? '' : `-${n}`}.${owner.slice(0, 64 - MAX_KEY - 6).replace(/-+$/, '')}@${this.options.domain}`;
      if (!this.services.has(address) && !this.identities.has(`service ${address}`)) return address;
    }
  }

  private fault({ file, path }: PtvItem, field: string, reason: string): undefined {
    this.report({ file: `${file}: ${path}`, line: 0, field, reason });
    return undefined;
  }
}

const nameKey = (organisation: string, name: string): string => `${organisation} ${foldLetters(name).replace(/\s+/g, ' ').trim()}`;

const slug = (names: LocalizedText): string => foldLetters(names.fi ?? names.sv ?? names.en ?? Object.values(names)[0] ?? '')
  .replace(/[^a-z0-9]+/g, '-').slice(0, MAX_KEY).replace(/^-+|-+$/g, '');

/** A municipality's three digits. */
function codeOf(municipality: unknown): string | undefined {
  const code = typeof municipality === 'object' && municipality !== null ? (municipality as { code?: unknown }).code : municipality;
  return typeof code === 'string' && /^\d{3}$/.test(code) ? code : undefined;
}
