import { type AnyRecord, type DifferenceReport, DirectoryError, DirectoryRepository, type DirectoryStore, fieldsOf, kindOf } from '../../directory';
import { findDepartures, ImportError, importSources, type InputRecord, type InputSource } from '../../directory/exchange';
import { readRecord } from '../../directory/record';
import { LdapError } from '../errors';
import type { SourceEntry } from '../ldif';
import { RESULT } from '../protocol';
import { DirectoryFeed, type Feed, LdifFeed } from './feed';
import type { ImportedKind, KindMapping, Mapping } from './mapping';
import type { ImportState } from './state';

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
export async function importLdap(store: DirectoryStore, state: ImportState, source: string, mapping: Mapping, options: LdapImportOptions = {}): Promise<LdapImportReport> {
  const feed = /^ldaps?:\/\//i.test(source) ? await DirectoryFeed.open(source, mapping, await state.position(mapping.source), options.full === true) : await LdifFeed.open(source, mapping);
  const run = (sift: boolean): Promise<LdapImportReport> => new ImportRun(store, state, source, mapping, feed, sift, options).run();
  // Most sources are sound, and their entries need not be read twice; only where one is refused are the faulty sifted out.
  return run(false).catch((error: unknown) => {
    if (error instanceof ImportError) return run(true);
    throw error;
  });
}

class ImportRun {
  private readonly skipped: SkippedEntry[] = [];
  private skippedCount = 0;
  private readCount = 0;

  constructor(
    private readonly store: DirectoryStore,
    private readonly state: ImportState,
    private readonly name: string,
    private readonly mapping: Mapping,
    private readonly feed: Feed,
    /** Leaves out entries that make no record, instead of letting the import refuse them all. */
    private readonly sift: boolean,
    private readonly options: LdapImportOptions,
  ) {}

  async run(): Promise<LdapImportReport> {
    const now = (this.options.now ?? Date.now)();
    const found = new Map(this.mapping.kinds.map(({ kind }) => [kind, new Map<string, string>()]));
    const departed = new Map<ImportedKind, Awaited<ReturnType<ImportRun['departures']>>>();
    const sources = this.mapping.kinds.map((kind): InputSource => ({ file: this.name, kind: kind.kind, records: () => this.records(kind, found.get(kind.kind) as Map<string, string>) }));
    const differences = await importSources(this.store, this.checkedAtTheEnd(sources, async () => {
      // Still inside the import's transaction: a sudden loss undoes it.
      for (const kind of this.mapping.kinds) departed.set(kind.kind, await this.departures(kind, found.get(kind.kind) as Map<string, string>, now));
      if (this.skippedCount > Math.max(MAX_TOLD, this.readCount * MAX_SKIPPED_SHARE)) throw this.tooManySkipped();
    }), { mode: 'merge', dryRun: this.options.dryRun, onProgress: this.options.onProgress });

    const [removed, kept] = this.options.dryRun ? [[], []] : await this.removeOverdue(departed);
    if (!this.options.dryRun) {
      await this.state.save(this.mapping.source, this.feed.position(), new Map([...departed].map(([kind, { missing, present }]) =>
        [kind, { present, missing, gone: removed.filter((one) => one.kind === kind).map(({ key }) => key) }])), now);
    }
    const all = (part: 'missing' | 'returned'): string[] => [...departed].flatMap(([kind, one]) => one[part].map((key) => `${kind} ${key}`));
    return {
      differences, incremental: this.feed.incremental, skipped: this.skipped, skippedCount: this.skippedCount, missing: all('missing'), returned: all('returned'),
      removed: removed.map(({ kind, key }) => `${kind} ${key}`), kept: kept.map(({ kind, key }) => `${kind} ${key}`),
    };
  }

  /** The sources, with a check after the last record of the last one. */
  private checkedAtTheEnd(sources: readonly InputSource[], check: () => Promise<void>): InputSource[] {
    return sources.map((source, i) => (i < sources.length - 1 ? source : {
      ...source,
      async *records(report) {
        yield* source.records(report);
        await check();
      },
    }));
  }

  private async *records({ kind, columns }: KindMapping, found: Map<string, string>): AsyncGenerator<InputRecord[]> {
    const mapping = this.mapping.kinds.find((one) => one.kind === kind) as KindMapping;
    const known = kindOf(kind);
    const keyColumn = columns.findIndex(({ column }) => column.field === known.keyField);
    const keyType = fieldsOf(known).find(([field]) => field === known.keyField)?.[1].type;
    for await (const entries of this.feed.entries(mapping)) {
      const records: InputRecord[] = [];
      for (const entry of entries) {
        this.readCount++;
        const reasons: string[] = [];
        const texts = columns.map(({ template }) => template(entry)?.trim());
        const over = (base: AnyRecord, report: (field: string, reason: string) => void): AnyRecord => {
          const record = { ...base };
          let field = '';
          const reportOf = (path: string, reason: string): void => report(field + path, reason);
          for (let i = 0; i < columns.length; i++) {
            const { column } = columns[i] as (typeof columns)[number];
            field = column.field;
            column.assign(record, texts[i] === '' ? undefined : texts[i], reportOf);
          }
          return record;
        };
        if (this.sift) {
          const { faults } = readRecord(known, over({}, (field, reason) => reasons.push(`${field}: ${reason}`)));
          reasons.push(...faults.map(({ field, reason }) => `${field}: ${reason}`));
          if (reasons.length > 0) {
            this.skip({ kind, dn: entry.dn, reason: reasons.join('; ') });
            continue;
          }
        }
        const key = keyType?.read(texts[keyColumn] ?? '', () => undefined);
        if (typeof key === 'string') found.set(key, this.identityOf(entry));
        records.push({ line: entry.line, over, lineOf: () => entry.line });
      }
      yield records;
    }
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

  /** What the source no longer has. Throws SuddenLossError. */
  private async departures(mapping: KindMapping, found: ReadonlyMap<string, string>, now: number): Promise<{ missing: string[]; returned: string[]; overdue: string[]; present: Map<string, string> }> {
    const known = await this.state.known(this.mapping.source, mapping.kind);
    const present = new Map(found);
    if (this.feed.incremental) {
      const byIdentity = new Map(known.map(({ key, identity }) => [identity, key]));
      const changed = new Set(found.values());
      for await (const page of this.feed.identities(mapping)) {
        for (const entry of page) {
          const identity = this.identityOf(entry);
          const key = byIdentity.get(identity);
          if (key !== undefined && !changed.has(identity)) present.set(key, identity);
        }
      }
    }
    const departures = findDepartures(this.mapping.source, new Map(known.map(({ key, missingSince }) => [key, missingSince])), present, this.mapping.departures, now);
    return { ...departures, present };
  }

  /** Removes what was missing for too long. What others cannot do without stays and is told. */
  private async removeOverdue(departed: ReadonlyMap<ImportedKind, { overdue: readonly string[] }>): Promise<[{ kind: ImportedKind; key: string }[], { kind: ImportedKind; key: string }[]]> {
    const repository = new DirectoryRepository(this.store);
    const removed: { kind: ImportedKind; key: string }[] = [];
    const kept: { kind: ImportedKind; key: string }[] = [];
    for (const [kind, { overdue }] of [...departed].reverse()) {
      for (const key of overdue) {
        try {
          // A person or a device takes along only what it answered for.
          await repository.remove(kind, key, { cascade: kind === 'person' || kind === 'device' });
          removed.push({ kind, key });
        } catch (error) {
          if (!(error instanceof DirectoryError)) throw error;
          (error.code === 'directory-unknown' ? removed : kept).push({ kind, key });
        }
      }
    }
    return [removed, kept];
  }
}
