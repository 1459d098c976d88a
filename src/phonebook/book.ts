import { setImmediate } from 'node:timers/promises';
import { fold } from '../addressing';
import type { Device, DirectoryEntry, DirectoryView, Service } from '../directory';
import type { LiveDirectory, SearchHit } from '../directory/live';
import type { Entry, EntryMaker } from './entry';
import { Folders, isShownDevice, isShownService, ROOT, type FolderRef } from './folders';
import type { Reader, Standpoint } from './reader';
import { textIn } from './texts';

export interface Folder {
  id: string;
  name: string;
  parent: string;
}

/** A piece of a list: folders come before entries. */
export interface Page {
  folders: Folder[];
  entries: Entry[];
  isFirst: boolean;
  isLast: boolean;
}

/** Where a piece of a list begins and how long it may be. */
export interface PageOptions {
  /** The identifier after which the piece begins (`inclusive`: with which). */
  after?: string;
  inclusive?: boolean;
  /** Or how many items come before it. */
  offset?: number;
  /** 1 to MAX_PAGE. */
  limit: number;
}

export interface ListOptions extends PageOptions {
  /** Leaves out the folders. */
  only?: 'entries';
}

export interface SearchOptions extends PageOptions {
  /** Below this folder only. */
  folder?: string;
  /** `false`: directly in the folder only. */
  recursive?: boolean;
}

export const MAX_PAGE = 1000;
/** Hits of a search that can be paged through. */
const MAX_HITS = 1000;
/** Hits that are asked for beyond what the answer holds, as some may not be dialled by the reader. */
const SPARE_HITS = 14;
const MORE_HITS = 4;
/** Persons that are read from the database for one search; most of a country's have no device to call. */
const MAX_PERSONS = 200;
/** Entries that are looked at to find one that the reader may dial, before a folder is shown unseen. */
const PROBES = 64;
/** Records that are made entries before others have their turn. */
const SLICE = 200;
/** Sorted folders that are kept for one state of the directory. */
const KEPT_FOLDERS = 2_000;

/** One item of a folder before it is known whether the reader may dial it. */
type Item = { id: string; name: string } & ({ folder: FolderRef } | { service: Service } | { device: Device });

/** The phone book of one reader, at one moment, in one language. */
export class Book {
  private readonly folders: Folders;

  constructor(
    private readonly view: DirectoryView,
    private readonly directory: Pick<LiveDirectory, 'search' | 'persons'>,
    private readonly reader: Reader,
    private readonly standpoint: Standpoint,
    private readonly maker: EntryMaker,
  ) {
    this.folders = new Folders(view);
  }

  get language(): string {
    return this.maker.language;
  }

  /** Grows with every change of the directory. */
  get revision(): number {
    return this.view.revision;
  }

  folder(id: string): Folder | undefined {
    const found = this.folders.find(id);
    return found && this.named(found);
  }

  /** The entry of an identifier, also when its address is an alias by now. */
  async entry(id: string): Promise<Entry | undefined> {
    const key = id.slice(2);
    if (id.startsWith('p_')) return this.person(key);
    const found = id.startsWith('e_') ? this.view.find(key) : undefined;
    return found && this.shown(found);
  }

  /** The entry that is dialled by an address or a number. */
  reachedBy(dialled: string): Entry | undefined {
    const address = fold(dialled);
    const found = this.view.find(address) ?? this.view.findByNumber(dialled)[0];
    return found && this.shown(found);
  }

  /** What stands directly in a folder: folders, services, devices, each by name. A root with one folder alone is that folder. */
  list(id: string, options: ListOptions): Page {
    const items = options.only === undefined ? this.items(id) : this.items(id).filter((item) => !('folder' in item));
    if (id === ROOT) {
      const shown = items.filter((item) => 'folder' in item && this.hasEntries(item.folder.id));
      return shown.length === 1 ? this.list(shown[0]?.id ?? '', options) : this.page(shown, options);
    }
    return this.page(items, options);
  }

  /** Everything below a folder, entries only, each once, at most `limit`. Others have their turn in between. */
  async allBelow(id: string, limit: number): Promise<Entry[]> {
    const entries = new Map<string, Entry>();
    let looked = 0;
    for (const record of this.folders.below(id)) {
      if (entries.size >= limit) break;
      const entry = entries.has(`e_${record.address}`) ? undefined : this.made(record);
      if (entry !== undefined) entries.set(entry.id, entry);
      if (++looked % SLICE === 0) await setImmediate();
    }
    return [...entries.values()];
  }

  /** Entries found by the beginnings of words, best first. Of many hits the first 1000 can be paged through. */
  async search(text: string, options: SearchOptions): Promise<Page> {
    const entries: Entry[] = [];
    const persons = { left: MAX_PERSONS };
    const page = (): Page => {
      const start = startOf(entries, options);
      const end = Math.min(start + limited(options.limit), entries.length);
      return { folders: [], entries: entries.slice(start, end), isFirst: start === 0, isLast: end >= entries.length };
    };
    const first = (options.offset ?? 0) + limited(options.limit) + SPARE_HITS;
    for await (const hits of this.hits(text, options, first)) {
      entries.push(...await this.entriesOf(hits, persons));
      const found = page();
      if (!found.isLast) return found;
    }
    return page();
  }

  /** The hits below a folder, or directly in it, piece by piece. */
  private async *hits(text: string, { folder = ROOT, recursive = true }: SearchOptions, first: number): AsyncGenerator<SearchHit[]> {
    const direct = recursive ? undefined : new Set(this.items(folder).map(({ id }) => id));
    const persons = hasLongWord(text) ? this.reader.persons : 'none';
    const searches: { kinds: SearchHit['kind'][]; owner?: string }[] = [
      { kinds: persons === 'all' ? ['service', 'device', 'person'] : ['service', 'device'] },
      ...(persons === 'organisation' ? [{ kinds: ['person' as const], owner: this.standpoint.organisation ?? '' }] : []),
    ];
    for (const { kinds, owner } of searches) {
      const { place: where, service } = this.folders.scopeOf(folder, owner);
      // Better hits come first, so more of them begin with those that are known.
      for (let count = Math.min(first, MAX_HITS), seen = 0; ; count = Math.min(count * MORE_HITS, MAX_HITS)) {
        const hits = await this.directory.search(text, { kinds, dialable: true, limit: count, skip: seen, revision: this.view.revision, language: this.maker.language, where });
        yield hits.filter(({ key, entry }) => (direct === undefined || direct.has(`e_${key}`))
          && (service === undefined || (entry?.kind === 'service' && service(entry.service))));
        seen += hits.length;
        if (seen < count || count >= MAX_HITS) break;
      }
    }
  }

  private async entriesOf(hits: readonly SearchHit[], budget: { left: number }): Promise<Entry[]> {
    const keys = hits.flatMap(({ kind, key }) => (kind === 'person' ? [key] : [])).slice(0, budget.left);
    budget.left -= keys.length;
    const persons = keys.length === 0 ? undefined : await this.directory.persons(keys);
    return hits.flatMap(({ kind, key, entry }) => {
      const person = kind === 'person' ? persons?.get(key) : undefined;
      if (person !== undefined) return this.maker.ofPerson(person) ?? [];
      return entry === undefined ? [] : this.shown(entry) ?? [];
    });
  }

  private shown(entry: DirectoryEntry): Entry | undefined {
    if (entry.kind === 'service') return isShownService(entry.service) ? this.maker.ofService(entry.service) : undefined;
    return isShownDevice(entry.device) ? this.maker.ofDevice(entry.device) : undefined;
  }

  private async person(key: string): Promise<Entry | undefined> {
    if (this.reader.persons === 'none') return undefined;
    const person = (await this.directory.persons([key])).get(key);
    if (person === undefined || (this.reader.persons === 'organisation' && person.organisation !== this.standpoint.organisation)) return undefined;
    return this.maker.ofPerson(person);
  }

  private page(items: readonly Item[], options: PageOptions): Page {
    const start = startOf(items, options);
    const limit = limited(options.limit);
    const page: Page = { folders: [], entries: [], isFirst: start === 0, isLast: true };
    for (let i = start; i < items.length; i++) {
      const item = items[i] as Item;
      const full = page.folders.length + page.entries.length === limit;
      if ('folder' in item) {
        if (!this.hasEntries(item.folder.id)) continue;
        if (!full) page.folders.push(this.named(item.folder));
      } else {
        const entry = this.made('service' in item ? item.service : item.device);
        if (entry === undefined) continue;
        if (!full) page.entries.push(entry);
      }
      if (full) return { ...page, isLast: false };
    }
    return page;
  }

  /** The items of a folder in order; kept until the directory changes. */
  private items(id: string): readonly Item[] {
    const { language } = this.maker;
    const kept = keptFor(this.view);
    const name = `${id} ${language}`;
    let items = kept.get(name);
    if (items === undefined) {
      const { folders, services, devices } = this.folders.contentsOf(id);
      const ordered = <T extends Item>(list: T[]): T[] => list.sort((a, b) => collator(language).compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
      const folderItems = folders.map((folder) => ({ id: folder.id, name: this.named(folder).name, folder }));
      items = [
        // The root's folders stand in the order of their use.
        ...(id === ROOT ? folderItems : ordered(folderItems)),
        ...ordered(services.map((service) => ({ id: `e_${service.address}`, name: textIn(service.names, language), service }))),
        ...ordered(devices.map((device) => ({ id: `e_${device.address}`, name: device.names ? textIn(device.names, language) : device.address, device }))),
      ];
      if (kept.size >= KEPT_FOLDERS) kept.delete(kept.keys().next().value as string);
      kept.set(name, items);
    }
    return items;
  }

  private hasEntries(id: string): boolean {
    return this.maker.shelf.isFilled(id, () => {
      let probes = 0;
      for (const record of this.folders.below(id)) if (this.maker.reaches(record.address) || ++probes >= PROBES) return true;
      return false;
    });
  }

  private made(record: Service | Device): Entry | undefined {
    return 'plan' in record ? this.maker.ofService(record) : this.maker.ofDevice(record);
  }

  private named({ id, name, parent }: FolderRef): Folder {
    return { id, name: textIn(name(this.maker.language), this.maker.language), parent };
  }
}

/** Without a word of three letters no persons are found: nobody shall spell their way through a whole staff. */
export const hasLongWord = (text: string): boolean => /[\p{L}\p{N}]{3}/u.test(text);

const limited = (limit: number): number => Math.min(Math.max(limit, 1), MAX_PAGE);

/** What comes after an identifier that is no longer there is not known: nothing. */
function startOf(items: readonly { id: string }[], { after, inclusive, offset = 0 }: PageOptions): number {
  if (after === undefined) return offset;
  const at = items.findIndex(({ id }) => id === after);
  return at < 0 ? items.length : inclusive ? at : at + 1;
}

const kept = new WeakMap<DirectoryView, Map<string, readonly Item[]>>();

function keptFor(view: DirectoryView): Map<string, readonly Item[]> {
  let folders = kept.get(view);
  if (folders === undefined) kept.set(view, folders = new Map());
  return folders;
}

const collators = new Map<string, Intl.Collator>();
const MAX_COLLATORS = 50;

function collator(language: string): Intl.Collator {
  let found = collators.get(language);
  if (found === undefined) {
    if (collators.size >= MAX_COLLATORS) collators.clear();
    collators.set(language, found = new Intl.Collator([language, 'fi'], { numeric: true }));
  }
  return found;
}
