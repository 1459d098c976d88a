import type { Kysely } from 'kysely';
import type { Device, LocalizedText, Service } from '../model';
import type { DirectoryDatabase } from '../schema';
import type { PlaceTexts, SearchDocument } from './search';
import type { Snapshot } from './snapshot';

export const serviceDocument = ({ address, organisation, names, aliases = [], numericAlias, enabled, hidden }: Service): SearchDocument => ({
  kind: 'service', key: address, label: '', organisation, shown: enabled && hidden !== true, names: texts(names),
  others: [address, ...aliases, ...(numericAlias === undefined ? [] : [numericAlias])],
});

export const deviceDocument = (view: Snapshot, { address, site, names = {}, h323Id, e164, enabled }: Device): SearchDocument => ({
  kind: 'device', key: address, label: '', organisation: view.site(site)?.organisation ?? '', site, shown: enabled, names: texts(names),
  others: [address, h323Id, e164].filter((text) => text !== undefined),
});

const PERSON_COLUMNS = ['key', 'name', 'title', 'organisation', 'site', 'enabled'] as const;
type PersonRow = Pick<DirectoryDatabase['persons'], (typeof PERSON_COLUMNS)[number]>;

/** Only what the index needs: a country's persons are too many to be read whole. */
export const selectPersons = (db: Kysely<DirectoryDatabase>) => db.selectFrom('persons').select(PERSON_COLUMNS);

export function personDocument({ key, name, title, organisation, site, enabled }: PersonRow, titleTexts: TitleTexts): SearchDocument {
  const document: SearchDocument = { kind: 'person', key, label: name, organisation, shown: enabled === 1, names: [name, ...titleTexts(title)], others: [] };
  if (site !== null) document.site = site;
  return document;
}

export type TitleTexts = (title: string | null) => string[];

const MAX_TITLES = 10_000;

/** Reads titles out of their JSON, each only once: many persons share few titles. */
export function titleReader(): TitleTexts {
  const known = new Map<string, string[]>();
  return (title) => {
    if (title === null) return [];
    let read = known.get(title);
    if (read === undefined) {
      read = texts(JSON.parse(title) as LocalizedText);
      if (known.size < MAX_TITLES) known.set(title, read);
    }
    return read;
  };
}

/** Texts that all entries of a site, or of an organisation, are found by: their names and their municipality's name and code. */
export function placeTexts(view: Snapshot): PlaceTexts {
  const municipalities = new Map<string, string[]>();
  for (const { type, municipality, names } of view.all('organisations')) {
    if (type === 'municipality' && municipality !== undefined) municipalities.set(municipality, texts(names));
  }
  return (organisationKey, siteKey) => {
    const organisation = view.organisation(organisationKey);
    const site = siteKey === undefined ? undefined : view.site(siteKey);
    const code = site?.municipality ?? organisation?.municipality;
    return [...texts(organisation?.names ?? {}), ...texts(site?.names ?? {}), ...(code === undefined ? [] : [code, ...(municipalities.get(code) ?? [])])];
  };
}

const texts = (text: LocalizedText): string[] => Object.values(text).filter((one) => one !== undefined);
