import type { Transaction } from 'kysely';
import { type Fault, KIND_NAMES, type KindName } from '../errors';
import type { AnyKind, AnyRecord } from '../kind';
import { kindOf, referencesOf, refersTo } from '../kinds';
import type { DirectoryStore } from '../open';
import { getRecords } from '../reader';
import { readRecord } from '../record';
import { findReferrers } from '../referrers';
import type { DirectoryDatabase } from '../schema';
import { DirectoryWriter } from '../writer';
import { DifferenceReport, isSame } from './difference';
import { findSources } from './inputs';
import { keyOf, keyOfInput, KnownKeys } from './keys';
import { Claims } from './owners';
import { takePassword } from './password';
import { savePosition, settleSource, type Synchronisation } from './source-records';
import { ImportError, type InputFault, type InputRecord, type InputSource, MAX_FAULTS } from './source';

export interface ImportOptions {
  /**
   * `merge` (default) leaves records that the input does not mention, and fields that a record does not mention, as they are.
   * `replace` makes the kinds that the input holds equal to the input, except for credentials that it does not mention.
   */
  mode?: 'merge' | 'replace';
  /** Tells the difference and changes nothing. */
  dryRun?: boolean;
  /** Digest realm of passwords in the input. */
  realm?: string;
  /** The sources are all that one system has (or what changed of it): what it no longer has is marked, and removed after a delay. */
  sync?: Synchronisation;
  onProgress?(progress: { kind: KindName; done: number }): void;
}

/**
 * Imports a YAML or CSV file, or a folder of such files, in one transaction: all or nothing. Importing the same again changes
 * nothing. Throws ImportError with every fault of the input (at most 100), each with file, line, field and reason.
 */
export async function importDirectory(store: DirectoryStore, path: string, options: ImportOptions = {}): Promise<DifferenceReport> {
  const faults: InputFault[] = [];
  return importSources(store, await findSources(path, (fault) => faults.push(fault)), options, faults);
}

/** The same for records from anywhere. @param faults those that were found before; with any, nothing is changed */
export async function importSources(store: DirectoryStore, sources: readonly InputSource[], options: ImportOptions = {}, faults: InputFault[] = []): Promise<DifferenceReport> {
  const report = new DifferenceReport();
  try {
    await store.transaction(async (trx) => {
      await new ImportRun(trx, sources, faults, report, options).run();
      if (options.dryRun) throw new DryRun();
    }, 'bulk');
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return report;
}

const placeIn = ({ file }: InputSource, input: InputRecord, field: string): { file: string; line: number } =>
  ({ file: input.path === undefined ? file : `${file}: ${input.path}`, line: input.lineOf(field) });

/** Records of one kind in one import; their keys are held in memory. */
const MAX_RECORDS = 5_000_000;
/** More lines than any file has. */
const MAX_LINES = 1e9;

/** Ends the transaction of a dry run without a trace. */
class DryRun extends Error {}

class ImportRun {
  private readonly writer: DirectoryWriter;
  private readonly known: KnownKeys;
  private readonly claims = new Claims((fault) => this.fault(fault));
  /** By kind of the input: key -> where it was first given, source * MAX_LINES + line. */
  private readonly seen = new Map<KindName, Map<string, number>>();
  private writing: Promise<void> = Promise.resolve();
  /** Kinds of which some record could not be read: that others refer to it is then no second fault. */
  private readonly unsure: Set<KindName>;

  constructor(
    private readonly db: Transaction<DirectoryDatabase>,
    private readonly sources: readonly InputSource[],
    private readonly faults: InputFault[],
    private readonly report: DifferenceReport,
    private readonly options: ImportOptions,
  ) {
    this.writer = new DirectoryWriter(db);
    this.known = new KnownKeys(db);
    this.unsure = new Set(faults.length > 0 ? KIND_NAMES : []);
  }

  async run(): Promise<void> {
    for (const { kind } of this.sources) this.seen.set(kind, new Map());
    try {
      for (const name of KIND_NAMES) await this.importKind(kindOf(name));
    } finally {
      // Nothing may be written any more when the transaction is rolled back.
      await this.writing.catch(() => undefined);
    }
    if (this.options.mode === 'replace') await this.removeAbsent();
    if (this.options.sync && this.faults.length === 0) await this.settle(this.options.sync);
    await this.claims.settle(this.db, this.writer);
    if (this.faults.length > 0) throw new ImportError(this.faults);
    await this.writer.finish();
  }

  private async importKind(kind: AnyKind): Promise<void> {
    const sources = this.sources.filter((one) => one.kind === kind.name);
    if (sources.length === 0) return;
    for (const target of [kind.name, ...refersTo(kind)]) await this.known.load(target);
    const later: (() => void)[] = [];
    let done = 0;
    for (const source of sources) {
      const formFault = (fault: InputFault): void => {
        this.unsure.add(kind.name);
        this.fault(fault);
      };
      for await (const chunk of source.records(formFault)) {
        await this.importChunk(kind, source, chunk, later);
        done += chunk.length;
        this.options.onProgress?.({ kind: kind.name, done });
      }
    }
    await this.writing;
    for (const check of later) check();
    if (kind.name === 'organisation' && this.faults.length === 0) await this.checkAncestors();
  }

  private async importChunk(kind: AnyKind, source: InputSource, chunk: readonly InputRecord[], later: (() => void)[]): Promise<void> {
    const known = this.known.of(kind.name);
    const keys = chunk.map((input) => keyOf(kind, input));
    const there = keys.filter((key) => key !== undefined && known.has(key)) as string[];
    const existing = there.length > 0 ? await getRecords(this.db, kind, there) : undefined;
    const pack = this.writer.pack(kind);
    for (const [i, input] of chunk.entries()) {
      const key = keys[i];
      if (key === undefined) this.unsure.add(kind.name);
      else if (!this.register(kind, source, input, key)) continue;
      const fault = (field: string, reason: string): void =>
        this.fault({ ...placeIn(source, input, field), record: `${kind.name} ${key ?? ''}`.trim(), field, reason });
      const before = key === undefined ? undefined : existing?.get(key);
      const { record, faults } = this.readOver(kind, input, before ?? {});
      for (const { field, reason } of faults) fault(field, reason);
      if (!record || key === undefined) continue;
      this.checkReferences(kind, record, fault, later);
      this.claims.add(kind, record, (field) => placeIn(source, input, field));
      if (before && isSame(before, record)) {
        this.report.noteUnchanged(kind);
      } else {
        if (before) pack.replace(record);
        else pack.add(record);
        this.report.note(kind, key, before, record);
      }
    }
    if (this.faults.length > 0) return;
    // The next piece is read while this one is written.
    await this.writing;
    this.writing = pack.write();
    // A failure is thrown where the write is waited for.
    this.writing.catch(() => undefined);
  }

  /** Notes that the input has a key; false, and told, where it had it before. */
  private register(kind: AnyKind, source: InputSource, input: InputRecord, key: string): boolean {
    const seen = this.seen.get(kind.name);
    const first = seen?.get(key);
    if (first === undefined) {
      if (seen && seen.size >= MAX_RECORDS) throw new ImportError([...this.faults, { file: source.file, line: input.line, field: '', reason: `there are more than ${MAX_RECORDS} ${kind.plural}` }]);
      seen?.set(key, this.sources.indexOf(source) * MAX_LINES + input.line);
      return true;
    }
    const { file, line } = this.place(first);
    this.fault({ file: source.file, line: input.line, record: `${kind.name} ${key}`, field: '', reason: `is there twice, first at ${file}:${line}` });
    return false;
  }

  /** Where a key was first given, from what `seen` keeps. */
  private place(at: number): { file: string; line: number } {
    return { file: this.sources[Math.floor(at / MAX_LINES)]?.file ?? '', line: at % MAX_LINES };
  }

  /** What the input says over the record as it is (`replace`: over nothing but its credentials), read and checked. */
  private readOver(kind: AnyKind, input: InputRecord, before: AnyRecord): { record?: AnyRecord; faults: Fault[] } {
    const faults: Fault[] = [];
    const report = (field: string, reason: string): void => void faults.push({ field, reason });
    const base = this.options.mode !== 'replace' ? before : before.credentials === undefined ? {} : { credentials: before.credentials };
    let given = input.over(base, report);
    if (given.password != null && kind.name === 'device') {
      // A new password goes with the user name and realm of the input, not with those of the old one.
      const { credentials } = input.over({}, () => undefined);
      given = takePassword({ ...given, credentials }, keyOfInput(kind, given) ?? '', this.options.realm, report);
    }
    return faults.length > 0 ? { faults } : readRecord(kind, given);
  }

  private checkReferences(kind: AnyKind, record: AnyRecord, fault: (field: string, reason: string) => void, later: (() => void)[]): void {
    for (const { field, kind: target, key } of referencesOf(kind, record)) {
      const check = (): void => {
        if (!this.unsure.has(target) && !this.willExist(target, key)) fault(field, `there is no ${target} ${key}`);
      };
      // A record may refer to one of its own kind that comes after it.
      if (target === kind.name) later.push(check);
      else check();
    }
  }

  private willExist(kind: KindName, key: string): boolean {
    const seen = this.seen.get(kind);
    return seen?.has(key) === true || (!(seen && this.options.mode === 'replace') && this.known.of(kind).has(key));
  }

  private async checkAncestors(): Promise<void> {
    const parents = new Map((await this.db.selectFrom('organisations').select(['key', 'parent']).where('parent', 'is not', null).execute())
      .map(({ key, parent }) => [key, parent] as const));
    for (const [key, at] of this.seen.get('organisation') ?? []) {
      let [ancestor, steps] = [parents.get(key), 0];
      while (ancestor != null && ancestor !== key && steps++ <= parents.size) ancestor = parents.get(ancestor);
      if (ancestor === key) this.fault({ ...this.place(at), record: `organisation ${key}`, field: 'parent', reason: 'would be its own ancestor' });
    }
  }

  /** Referrers go before those that they refer to. */
  private async settle(sync: Synchronisation): Promise<void> {
    for (const kind of [...KIND_NAMES].reverse()) {
      const seen = this.seen.get(kind);
      if (seen) await settleSource(this.db, this.writer, sync, kind, seen, this.known.of(kind), this.report);
    }
    if (sync.position) await savePosition(this.db, sync.source, sync.position());
  }

  /** Removes what the input leaves out of its kinds, referrers before those that they refer to. */
  private async removeAbsent(): Promise<void> {
    for (const name of [...KIND_NAMES].reverse()) {
      const seen = this.seen.get(name);
      if (!seen || this.faults.length > 0) continue;
      const kind = kindOf(name);
      const absent = [...this.known.of(name)].filter((key) => !seen.has(key));
      if (absent.length === 0) continue;
      const records = await getRecords(this.db, kind, absent);
      for (const { kind: referrer, key, field, to } of await findReferrers(this.db, name, absent)) {
        // An overflow may also lead to a partner's service, so nothing but `check` asks whether it exists.
        if (field === 'plan.overflow') continue;
        this.fault({ file: this.sources.find((one) => one.kind === name)?.file ?? '', line: 0, record: `${name} ${to}`, field: '', reason: `is left out, but ${referrer} ${key} refers to it (${field})` });
      }
      if (this.faults.length > 0) return;
      for (const [key, record] of records) this.report.note(kind, key, record, undefined);
      await this.writer.remove(kind, [...records.values()]);
    }
  }

  private fault(fault: InputFault): void {
    this.faults.push(fault);
    if (this.faults.length >= MAX_FAULTS) throw new ImportError(this.faults);
  }
}
