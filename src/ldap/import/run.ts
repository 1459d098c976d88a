import { type AnyKind, type AnyRecord, type DifferenceReport, type DirectoryStore, kindOf, type KindName } from '../../directory';
import { ImportError, importSources, type InputRecord, type InputSource, keyOf, positionOf } from '../../directory/exchange';
import { readRecord } from '../../directory/record';
import { LdapError } from '../errors';
import type { SourceEntry } from '../ldif';
import { RESULT } from '../protocol';
import { DirectoryFeed, type Feed, LdifFeed } from './feed';
import { adoptFormerState } from './former-state';
import type { ImportedKind, KindMapping, Mapping } from './mapping';

export interface LdapImportOptions {
  /** Tells what would change and changes nothing. */
  dryRun?: boolean;
  /** Reads everything even where only changes would do. */
  full?: boolean;
  onProgress?(progress: { kind: string; done: number }): void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** An entry of the source that became no record, and why. */
export interface SkippedEntry {
  kind: ImportedKind;
  dn: string;
  reason: string;
}

export interface LdapImportReport {
  differences: DifferenceReport;
  /** Whether only changes since the last run were read. */
  incremental: boolean;
  /** Entries that became no record: at most 100 are told, all are counted. */
  skipped: SkippedEntry[];
  skippedCount: number;
  /** Keys of records that the source no longer has: newly marked, there again, removed, and those that others refer to. */
  missing: string[];
  returned: string[];
  removed: string[];
  kept: string[];
}

const MAX_TOLD = 100;
/** More entries than this share that become no record make the mapping wrong rather than the entries. */
const MAX_SKIPPED_SHARE = 0.2;

/**
 * Imports from another directory, `ldap://` or `ldaps://`, or from an LDIF file: reads what the mapping names, brings it in through the
 * directory's own import, marks what the source no longer has and removes it after a delay. Throws LdapSourceError, LdifError, ImportError,
 * SuddenLossError, StoreError; what was thrown for changed nothing.
 */
export async function importLdap(store: DirectoryStore, source: string, mapping: Mapping, options: LdapImportOptions = {}): Promise<LdapImportReport> {
  await adoptFormerState(store);
  const feed = /^ldaps?:\/\//i.test(source) ? await DirectoryFeed.open(source, mapping, await positionOf(store.db, mapping.source), options.full === true) : await LdifFeed.open(source, mapping);
  const run = (sift: boolean): Promise<LdapImportReport> => new ImportRun(store, source, mapping, feed, sift, options).run();
  // Most sources are sound, and their entries need not be read twice; only where one is refused are the faulty sifted out.
  return run(false).catch((error: unknown) => {
    if (error instanceof ImportError) return run(true);
    throw error;
  });
}

/** What a mapping makes of an entry. */
class MappedEntry implements InputRecord {
  readonly line: number;
  /** By column; undefined: no value. */
  private readonly texts: readonly (string | undefined)[];

  constructor(entry: SourceEntry, private readonly columns: KindMapping['columns'], private readonly keyColumn: number) {
    this.line = entry.line;
    this.texts = columns.map(({ template }) => template(entry)?.trim() || undefined);
  }

  get key(): string {
    return this.texts[this.keyColumn] ?? '';
  }

  over(base: AnyRecord, report: (field: string, reason: string) => void): AnyRecord {
    const record = { ...base };
    let field = '';
    const reportOf = (path: string, reason: string): void => report(field + path, reason);
    for (let i = 0; i < this.columns.length; i++) {
      const { column } = this.columns[i] as KindMapping['columns'][number];
      field = column.field;
      column.assign(record, this.texts[i], reportOf);
    }
    return record;
  }

  lineOf(): number {
    return this.line;
  }
}

/** Why an entry makes no record. */
function faultsOf(kind: AnyKind, record: MappedEntry): string[] {
  const reasons: string[] = [];
  const { faults } = readRecord(kind, record.over({}, (field, reason) => reasons.push(`${field}: ${reason}`)));
  return [...reasons, ...faults.map(({ field, reason }) => `${field}: ${reason}`)];
}

class ImportRun {
  private readonly skipped: SkippedEntry[] = [];
  private skippedCount = 0;
  private readCount = 0;
  /** Where a later run may read changes only: key -> identity of the entry, by kind. */
  private readonly identities = new Map<KindName, Map<string, string>>();

  constructor(
    private readonly store: DirectoryStore,
    private readonly name: string,
    private readonly mapping: Mapping,
    private readonly feed: Feed,
    /** Leaves out entries that make no record, instead of letting the import refuse them all. */
    private readonly sift: boolean,
    private readonly options: LdapImportOptions,
  ) {}

  async run(): Promise<LdapImportReport> {
    const sources = this.mapping.kinds.map((kind): InputSource => ({ file: this.name, kind: kind.kind, records: () => this.records(kind) }));
    const differences = await importSources(this.store, this.checkedAtTheEnd(sources), {
      mode: 'merge', dryRun: this.options.dryRun, onProgress: this.options.onProgress, sync: {
        source: this.mapping.source, policy: this.mapping.departures, now: (this.options.now ?? Date.now)(), adopts: true,
        identityOf: (kind, key) => this.identities.get(kind)?.get(key),
        ...(this.feed.incremental && { unread: (kind) => this.unread(kind) }),
        // A person or a device takes along only what it answered for.
        takesAlong: (kind) => kind === 'person' || kind === 'device',
        position: () => this.feed.position(),
      },
    });
    const { missing, returned, removed, kept } = differences.departures;
    const names = (records: readonly { kind: KindName; key: string }[]): string[] => records.map(({ kind, key }) => `${kind} ${key}`);
    return {
      differences, incremental: this.feed.incremental, skipped: this.skipped, skippedCount: this.skippedCount,
      missing: names(missing), returned: names(returned), removed: names(removed), kept: names(kept),
    };
  }

  /** The sources, with a check after the last record of the last one, still inside the import's transaction. */
  private checkedAtTheEnd(sources: readonly InputSource[]): InputSource[] {
    const tooMany = (): boolean => this.skippedCount > Math.max(MAX_TOLD, this.readCount * MAX_SKIPPED_SHARE);
    const fail = (): never => { throw this.tooManySkipped(); };
    return sources.map((source, i) => (i < sources.length - 1 ? source : {
      ...source,
      async *records(report) {
        yield* source.records(report);
        if (tooMany()) fail();
      },
    }));
  }

  private async *records(mapping: KindMapping): AsyncGenerator<InputRecord[]> {
    const { kind, columns } = mapping;
    const known = kindOf(kind);
    const keyColumn = columns.findIndex(({ column }) => column.field === known.keyField);
    const identities = this.feed.tellsChanges ? new Map<string, string>() : undefined;
    if (identities) this.identities.set(kind, identities);
    for await (const entries of this.feed.entries(mapping)) {
      const records: InputRecord[] = [];
      for (const entry of entries) {
        this.readCount++;
        const record = new MappedEntry(entry, columns, keyColumn);
        if (this.sift) {
          const reasons = faultsOf(known, record);
          if (reasons.length > 0) {
            this.skip({ kind, dn: entry.dn, reason: reasons.join('; ') });
            continue;
          }
        }
        const key = identities && keyOf(known, record);
        if (key !== undefined) identities?.set(key, this.identityOf(entry));
        records.push(record);
      }
      yield records;
    }
  }

  /** Identities of what the source still has beside what it told as changed. */
  private async unread(kind: KindName): Promise<Set<string>> {
    const mapping = this.mapping.kinds.find((one) => one.kind === kind) as KindMapping;
    const read = new Set(this.identities.get(kind)?.values());
    const unread = new Set<string>();
    for await (const entries of this.feed.identities(mapping)) {
      for (const entry of entries) {
        const identity = this.identityOf(entry);
        if (!read.has(identity)) unread.add(identity);
      }
    }
    return unread;
  }

  private identityOf({ dn, attributes }: SourceEntry): string {
    return attributes.get(this.mapping.identity.toLowerCase())?.[0] ?? dn.toLowerCase();
  }

  private skip(entry: SkippedEntry): void {
    this.skippedCount++;
    if (this.skipped.length < MAX_TOLD) this.skipped.push(entry);
  }

  private tooManySkipped(): LdapError {
    return new LdapError(RESULT.other, [`${this.skippedCount} of ${this.readCount} entries became no record; nothing was changed`, ...this.skipped.slice(0, 5).map(({ dn, reason }) => `${dn}: ${reason}`)].join('\n'), {
      hint: 'Mend the mapping file; --dry-run shows what it makes of the entries.',
    });
  }
}
