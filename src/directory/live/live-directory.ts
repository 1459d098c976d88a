import type { Person } from '../model';
import type { DirectoryStore } from '../open';
import { DirectoryReader } from '../reader';
import type { Directory, DirectoryEntry, DirectoryView } from '../view';
import { coalesced } from './coalesced';
import { KeptSearch, type KeptSearchOptions } from './kept-search';
import { loadChanges, loadSnapshot } from './loader';
import type { EntryKind, Hit, SearchOptions } from './search';
import { buildSearch, updateSearch, type SearchState } from './search-state';
import { SharedParts } from './shared-parts';
import type { Snapshot } from './snapshot';
import { textIn } from './texts';

export interface SearchHit {
  kind: EntryKind;
  /** Address of a service or device, key of a person. */
  key: string;
  /** In the language asked for. */
  name: string;
  organisation: string;
  site?: string;
  /** Found only by allowing one wrong letter a word. */
  typo: boolean;
  /** The record, of services and devices. */
  entry?: DirectoryEntry;
}

export interface LiveSearchOptions extends SearchOptions {
  /** Language of the names in the answer, default `fi`. */
  language?: string;
  /** How many of the best hits are left out of the answer: the caller has them already. */
  skip?: number;
  /** A state of at least this revision will do, that of a view in use; default: every change committed before the call is in it. */
  revision?: number;
}

/** The directory in memory, kept equal to its database whoever changes that. */
export interface LiveDirectory extends Directory {
  /** As {@link SearchIndex.search}; includes every change committed before the call. */
  search(text: string, options?: LiveSearchOptions): Promise<SearchHit[]>;
  /** Any person; a view has only those who answer for a service. */
  person(key: string): Promise<Person | undefined>;
  /** Any persons, by key; keys that nobody has are left out. */
  persons(keys: readonly string[]): Promise<Map<string, Person>>;
  /** Makes the indexes for search and suggestions ready now, so that no later call has to wait for them; resolves when the kept one is written. */
  warm(): Promise<void>;
}

/**
 * Reads the directory into memory. Services, devices, organisations, sites and those persons who answer for a service are kept
 * as records; all other persons only in the search index, of which a copy is kept beside the database. Errors of the database
 * are StoreError. Nothing has to be closed but the store.
 */
export async function openLiveDirectory(store: DirectoryStore, options: KeptSearchOptions = {}): Promise<LiveDirectory> {
  let version = await store.dataVersion();
  const shared = new SharedParts();
  let snapshot = await readConsistently(store, (reader) => loadSnapshot(reader, shared));
  const kept = new KeptSearch(store, options);
  let searchState: SearchState | undefined;
  let looked = false;

  const view = coalesced(async (): Promise<Snapshot> => {
    const current = await store.dataVersion();
    if (current === version) return snapshot;
    snapshot = await readConsistently(store, async (reader) => {
      const changes = await reader.changesSince(snapshot.revision);
      if (changes.all) return loadSnapshot(reader, shared);
      return changes.changes.length === 0 ? snapshot : loadChanges(reader, snapshot, changes.revision, changes.changes, shared);
    });
    version = current;
    return snapshot;
  });

  const upToDate = coalesced(async (): Promise<SearchState> => {
    for (;;) {
      if (searchState === undefined) {
        searchState = looked ? undefined : await kept.load(new DirectoryReader(store.db), await view());
        looked = true;
        searchState ??= await buildSearch(store, await view(), kept);
      } else if (searchState.revision === (await view()).revision) {
        return searchState;
      } else {
        const changes = await new DirectoryReader(store.db).changesSince(searchState.revision);
        // Asked for after the changes were read, so that it has them all.
        searchState = changes.all ? undefined : await updateSearch(store, searchState, await view(), changes.revision, changes.changes);
      }
    }
  });

  return {
    view,
    async search(text, options = {}) {
      const { index, view: searched } = options.revision !== undefined && searchState !== undefined && searchState.revision >= options.revision ? searchState : await upToDate();
      return index.search(text, options).slice(options.skip ?? 0).map((hit) => named(hit, searched, options.language ?? 'fi'));
    },
    person: (key) => new DirectoryReader(store.db).get('person', key),
    persons: (keys) => new DirectoryReader(store.db).many('person', keys),
    async warm() {
      (await view()).warm();
      await upToDate();
      await kept.settled();
    },
  };
}

const readConsistently = <T>(store: DirectoryStore, read: (reader: DirectoryReader) => Promise<T>): Promise<T> =>
  store.transaction((trx) => read(new DirectoryReader(trx)), 'read');

function named({ kind, key, label, place, typo }: Hit, view: DirectoryView, language: string): SearchHit {
  const blank = place.indexOf(' ');
  const organisation = blank < 0 ? place : place.slice(0, blank);
  const entry = entryOf(view, kind, key);
  const names = entry?.kind === 'service' ? entry.service.names : entry?.device.names;
  const name = kind === 'person' ? label : names === undefined ? key : textIn(names, language);
  return { kind, key, name, organisation, typo, ...(blank >= 0 && { site: place.slice(blank + 1) }), ...(entry && { entry }) };
}

function entryOf(view: DirectoryView, kind: EntryKind, key: string): DirectoryEntry | undefined {
  const service = kind === 'service' ? view.service(key) : undefined;
  const device = kind === 'device' ? view.device(key) : undefined;
  return service !== undefined ? { kind: 'service', service } : device && { kind: 'device', device };
}
