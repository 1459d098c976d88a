import type { SourcePosition } from '../../directory/exchange';
import { LdapError } from '../errors';
import { LdifFile, type SourceEntry } from '../ldif';
import { RESULT } from '../protocol';
import { LdapSource } from './client';
import type { ImportedKind, KindMapping, Mapping } from './mapping';

/** Where entries come from. */
export interface Feed {
  /** Only what changed since the last run is read by `entries`; `identities` says what there is. */
  readonly incremental: boolean;
  /** A later run may read only what changed, and needs to know then which record each entry is. */
  readonly tellsChanges: boolean;
  /** Some at a time, to be taken before the next are asked for. */
  entries(mapping: KindMapping): AsyncIterable<Iterable<SourceEntry>>;
  identities(mapping: KindMapping): AsyncIterable<Iterable<SourceEntry>>;
  /** Up to where it was read, once all was read. */
  position(): SourcePosition;
}

/** Entries of a file; always all of them. Of an LDIF file the entries of a kind are told by their class, which the filter names: `(objectClass=NAME)`. */
export class LdifFeed implements Feed {
  readonly incremental = false;
  readonly tellsChanges = false;

  private constructor(private readonly file: LdifFile, private readonly identity: string) {}

  /** Throws LdifError. */
  static async open(file: string, { kinds, identity }: Mapping): Promise<LdifFeed> {
    return new LdifFeed(await LdifFile.open(file, kinds.map(classOf)), identity);
  }

  entries(mapping: KindMapping): AsyncIterable<Iterable<SourceEntry>> {
    return this.file.entries(classOf(mapping), [...mapping.attributes, this.identity]);
  }

  identities(mapping: KindMapping): AsyncIterable<Iterable<SourceEntry>> {
    return this.entries(mapping);
  }

  position(): SourcePosition {
    return {};
  }
}

function classOf({ filter }: KindMapping): string {
  const wanted = /^\(objectClass=([A-Za-z0-9.-]+|\*)\)$/i.exec(filter)?.[1];
  if (wanted === undefined) throw new LdapError(RESULT.other, `the filter ${filter} cannot be used with a file`, { hint: 'Of a file entries are chosen by one class: (objectClass=inetOrgPerson).' });
  return wanted;
}

/** What Active Directory and others tell of their state. */
const SERVER_STATE = ['highestCommittedUSN', 'dsServiceName'];

/** Entries of one directory that are read at most; they are held in memory until they are imported. */
const MAX_ENTRIES = 2_000_000;

/** Entries of another directory: all, or what changed since the last run. */
export class DirectoryFeed implements Feed {
  private readonly pages = new Map<ImportedKind, SourceEntry[][]>();
  private readonly listed = new Map<ImportedKind, SourceEntry[][]>();
  private newest: string | undefined;
  private count = 0;

  private constructor(private readonly source: LdapSource, private readonly mapping: Mapping, private readonly since: string | undefined, private readonly server: string | undefined, private readonly usn: string | undefined) {}

  /** Reads all that is needed, so that the directory is not held while another server takes its time. */
  static async open(url: string, mapping: Mapping, { server, cursor }: SourcePosition, full: boolean): Promise<DirectoryFeed> {
    const source = await LdapSource.connect(url, mapping.connection);
    try {
      const rootDse = mapping.changes === 'uSNChanged' ? await source.rootDse(SERVER_STATE) : new Map<string, readonly string[]>();
      const serverNow = rootDse.get('dsservicename')?.[0] ?? url;
      // Numbers of changes mean nothing on another server.
      const since = full || mapping.changes === 'none' || server !== serverNow ? undefined : cursor;
      const feed = new DirectoryFeed(source, mapping, since, serverNow, rootDse.get('highestcommittedusn')?.[0]);
      for (const kind of mapping.kinds) await feed.read(kind);
      return feed;
    } finally {
      await source.close();
    }
  }

  get incremental(): boolean {
    return this.since !== undefined;
  }

  get tellsChanges(): boolean {
    return this.mapping.changes !== 'none';
  }

  async *entries({ kind }: KindMapping): AsyncGenerator<SourceEntry[]> {
    yield* this.pages.get(kind) ?? [];
  }

  async *identities({ kind }: KindMapping): AsyncGenerator<SourceEntry[]> {
    yield* this.listed.get(kind) ?? [];
  }

  position(): SourcePosition {
    const { changes } = this.mapping;
    if (changes === 'none') return {};
    // Times may be equal, so that the last second is read again; numbers of changes are not.
    const cursor = changes === 'uSNChanged' ? (this.usn === undefined ? undefined : String(BigInt(this.usn) + 1n)) : (this.newest ?? this.since);
    return { server: this.server, cursor };
  }

  private async read({ kind, base, filter, attributes }: KindMapping): Promise<void> {
    const { changes, identity, pageSize } = this.mapping;
    const wanted = this.since === undefined ? filter : `(&${filter}(${changes}>=${this.since}))`;
    const asked = [...attributes, identity, ...(changes === 'none' ? [] : [changes])];
    this.pages.set(kind, await this.all(this.source.search(base, wanted, asked, pageSize), (entry) => {
      const [change] = entry.attributes.get(changes.toLowerCase()) ?? [];
      if (change !== undefined && (this.newest === undefined || change > this.newest)) this.newest = change;
    }));
    if (this.incremental) this.listed.set(kind, await this.all(this.source.search(base, filter, [identity], pageSize)));
  }

  private async all(pages: AsyncIterable<SourceEntry[]>, visit: (entry: SourceEntry) => void = () => undefined): Promise<SourceEntry[][]> {
    const read: SourceEntry[][] = [];
    for await (const page of pages) {
      this.count += page.length;
      if (this.count > MAX_ENTRIES) throw new LdapError(RESULT.other, `more than ${MAX_ENTRIES} entries`, { hint: 'Narrow the base or the filters of the mapping, or import from LDIF.' });
      for (const entry of page) visit(entry);
      read.push(page);
    }
    return read;
  }
}
