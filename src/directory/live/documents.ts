import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Device, LocalizedText, Service } from '../model';
import type { DirectoryDatabase } from '../schema';
import type { PlaceTexts, SearchDocument } from './search';
import type { Snapshot } from './snapshot';

export const serviceDocument = ({ address, organisation, names, aliases = [], formerAddresses = [], numericAlias, formerNumbers = [], enabled, hidden }: Service): SearchDocument => ({
  kind: 'service', key: address, label: '', place: organisation, shown: enabled && hidden !== true, dialable: true, names: texts(names),
  others: [address, ...aliases, ...formerAddresses.map((former) => former.address), ...(numericAlias === undefined ? [] : [numericAlias]), ...formerNumbers.map((former) => former.number)],
});

export const deviceDocument = (view: Snapshot, { address, site, names = {}, h323Id, e164, enabled }: Device): SearchDocument => ({
  kind: 'device', key: address, label: '', place: `${view.site(site)?.organisation ?? ''} ${site}`, shown: enabled, dialable: true, names: texts(names),
  others: [address, h323Id, e164].filter((text) => text !== undefined),
});

/** Separates values and records; no text of the directory may have control characters. */
const VALUE = '\x1f';
const RECORD = '\x1e';

/** What the index needs of persons, joined into one text. */
const PERSONS_JOINED = sql<string | null>`group_concat(key || char(31) || name || char(31) || organisation || coalesce(' ' || site, '') || char(31) || enabled || (devices <> '[]') || coalesce(title, ''), char(30))`;

type Persons = SelectQueryBuilder<DirectoryDatabase, 'persons', object>;

/**
 * Persons that `choose` selects, by key, each as one text for {@link personDocument}. One text holds them all on the way: as
 * rows, the persons of a country would take longer to cross from SQLite into JavaScript than to be indexed.
 */
export async function personRecords(db: Kysely<DirectoryDatabase>, choose: (persons: Persons) => Persons): Promise<string[]> {
  const chosen = choose(db.selectFrom('persons')).selectAll().orderBy('key').as('chosen');
  const { joined } = await db.selectFrom(chosen).select(PERSONS_JOINED.as('joined')).executeTakeFirstOrThrow();
  return joined === null ? [] : joined.split(RECORD);
}

export const personKey = (record: string): string => record.slice(0, record.indexOf(VALUE));

export function personDocument(record: string, titles: TitleTexts): SearchDocument {
  const [key = '', name = '', place = '', flagsAndTitle = ''] = record.split(VALUE);
  return { kind: 'person', key, label: name, place, shown: flagsAndTitle[0] === '1', dialable: flagsAndTitle[1] === '1', names: [name], sharedNames: titles(flagsAndTitle.slice(2)), others: NONE };
}

const NONE: readonly string[] = [];

export type TitleTexts = (title: string) => readonly string[];

const MAX_TITLES = 10_000;

/** Reads titles out of their JSON, each only once: many persons share few titles. */
export function titleReader(): TitleTexts {
  const known = new Map<string, readonly string[]>();
  return (title) => {
    let read = known.get(title);
    if (read === undefined) {
      read = title === '' ? NONE : texts(JSON.parse(title) as LocalizedText);
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
  return (place) => {
    const [organisationKey = '', siteKey] = place.split(' ');
    const organisation = view.organisation(organisationKey);
    const site = siteKey === undefined ? undefined : view.site(siteKey);
    const code = site?.municipality ?? organisation?.municipality;
    return [...texts(organisation?.names ?? {}), ...texts(site?.names ?? {}), ...(code === undefined ? [] : [code, ...(municipalities.get(code) ?? [])])];
  };
}

const texts = (text: LocalizedText): string[] => Object.values(text).filter((one) => one !== undefined);
