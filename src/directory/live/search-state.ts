import type { Change } from '../changes';
import { batches } from '../bulk';
import type { DirectoryStore } from '../open';
import { DirectoryReader } from '../reader';
import { deviceDocument, personDocument, personKey, personRecords, placeTexts, serviceDocument, titleReader } from './documents';
import type { KeptSearch } from './kept-search';
import { SearchIndex, SegmentBuilder, type EntryKind, type SearchDocument } from './search';
import { inSlices } from './slices';
import type { Snapshot } from './snapshot';

/** Persons read at a time. */
const PAGE = 2000;
/** Documents changed since the index was built, at most; with more it is built again. */
const MAX_CHANGED = 4096;
/** Organisations and sites whose entries are looked for one query a time. */
const MAX_PLACES = 500;

/** The search index and the state of the directory that it shows. */
export interface SearchState {
  index: SearchIndex;
  /** State from which the index was made or last changed. */
  view: Snapshot;
  /** All changes up to this one are in the index. */
  revision: number;
  /** Codes of those organisations that give a municipality its name, as the index has them. */
  municipalities: ReadonlyMap<string, string>;
}

/**
 * Builds the index. Persons are read page by page outside any transaction, so that routing never waits for a country to be
 * read; what changes meanwhile is read again as a change after `view.revision`. `kept` gets what was built.
 */
export async function buildSearch(store: DirectoryStore, view: Snapshot, kept: KeptSearch): Promise<SearchState> {
  const stamp = await new DirectoryReader(store.db).stampOf(view.revision);
  const builder = new SegmentBuilder(placeTexts(view));
  const titles = titleReader();
  // Each page is read while the one before is worked on; what goes wrong meanwhile is told where the page is waited for.
  const page = (after: string): Promise<string[]> => {
    const persons = personRecords(store.db, (all) => all.where('key', '>', after).limit(PAGE));
    persons.catch(() => undefined);
    return persons;
  };
  let next = page('');
  await inSlices(addAll(builder, byAddress(view.all('services')), serviceDocument));
  await inSlices(addAll(builder, byAddress(view.all('devices')), (device) => deviceDocument(view, device)));
  for (let persons = await next; persons.length > 0; persons = await next) {
    next = page(personKey(persons.at(-1) ?? ''));
    await inSlices(addAll(builder, persons, (record) => personDocument(record, titles)));
  }
  const segment = await inSlices(builder.build());
  await inSlices(segment.warm());
  const state = { index: new SearchIndex(segment), view, revision: view.revision, municipalities: municipalityCodes(view) };
  kept.save(segment, state, stamp);
  return state;
}

/** Brings the index up to `changes`, which end at `revision` and of which `view` has all; undefined: it has to be built again. */
export async function updateSearch(store: DirectoryStore, state: SearchState, view: Snapshot, revision: number, changes: readonly Change[]): Promise<SearchState | undefined> {
  const municipalities = changes.some(({ kind }) => kind === 'organisation') ? municipalityCodes(view) : state.municipalities;
  const places = changedPlaces([state.municipalities, municipalities], view, changes);
  if (places.organisations.size + places.sites.size > MAX_PLACES) return undefined;
  const documents = new Map<string, { kind: EntryKind; key: string; document: SearchDocument | undefined }>();
  const put = (kind: EntryKind, key: string, document: SearchDocument | undefined): void => { documents.set(`${kind} ${key}`, { kind, key, document }); };
  const putService = (key: string): void => {
    const service = view.service(key);
    put('service', key, service && serviceDocument(service));
  };
  const putDevice = (key: string): void => {
    const device = view.device(key);
    put('device', key, device && deviceDocument(view, device));
  };
  const titles = titleReader();
  const putPersons = (records: readonly string[]): void => {
    for (const record of records) put('person', personKey(record), personDocument(record, titles));
  };

  const persons = changes.filter(({ kind }) => kind === 'person').map(({ key }) => key);
  for (const key of persons) put('person', key, undefined);
  for (const part of batches(persons)) {
    putPersons(await personRecords(store.db, (all) => all.where('key', 'in', part)));
  }
  if (places.organisations.size + places.sites.size > 0) {
    for (const { address, organisation } of view.all('services')) if (places.organisations.has(organisation)) putService(address);
    for (const { address, site } of view.all('devices')) if (places.sites.has(site)) putDevice(address);
    putPersons(await personRecords(store.db, (all) =>
      all.where((eb) => eb.or([eb('organisation', 'in', [...places.organisations]), eb('site', 'in', [...places.sites])])).limit(MAX_CHANGED + 1)));
  }
  for (const { kind, key } of changes) {
    if (kind === 'service') putService(key);
    else if (kind === 'device') putDevice(key);
  }
  if (state.index.recentlyChanged + documents.size > MAX_CHANGED) return undefined;
  if (documents.size > 0) state.index.update(documents.values(), placeTexts(view));
  return { index: state.index, view, revision, municipalities };
}

/** Organisations and sites whose entries are found by other words than before. */
function changedPlaces(municipalities: readonly ReadonlyMap<string, string>[], after: Snapshot, changes: readonly Change[]): { organisations: Set<string>; sites: Set<string> } {
  const organisations = new Set(changes.filter(({ kind }) => kind === 'organisation').map(({ key }) => key));
  const sites = new Set(changes.filter(({ kind }) => kind === 'site').map(({ key }) => key));
  if (organisations.size === 0) return { organisations, sites };
  const renamed = new Set([...organisations].flatMap((key) => municipalities.flatMap((codes) => codes.get(key) ?? [])));
  for (const { key, municipality } of after.all('organisations')) if (municipality !== undefined && renamed.has(municipality)) organisations.add(key);
  for (const { key, organisation, municipality } of after.all('sites')) {
    if (organisations.has(organisation) || (municipality !== undefined && renamed.has(municipality))) sites.add(key);
  }
  return { organisations, sites };
}

const municipalityCodes = (view: Snapshot): Map<string, string> =>
  new Map([...view.all('organisations')].flatMap(({ key, type, municipality }) => (type === 'municipality' && municipality !== undefined ? [[key, municipality]] : [])));

function* addAll<T>(builder: SegmentBuilder, records: readonly T[], documentOf: (record: T) => SearchDocument): Generator<void, void> {
  for (const [i, record] of records.entries()) {
    builder.add(documentOf(record));
    if (i % 256 === 255) yield;
  }
}

const byAddress = <T extends { address: string }>(records: Iterable<T>): T[] => [...records].sort((a, b) => (a.address < b.address ? -1 : 1));
