import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { stringify as stringifyCsv } from 'csv-stringify/sync';
import type { Kysely } from 'kysely';
import { stringify as stringifyYaml } from 'yaml';
import { EtasiltaError } from '../../errors';
import { columnsOf, credentialColumns, MAIN_LANGUAGES } from '../columns';
import type { AnyKind, AnyRecord } from '../kind';
import { KINDS } from '../kinds';
import type { DirectoryStore } from '../open';
import { listRecords } from '../reader';
import type { Row } from '../rows';
import type { DirectoryDatabase } from '../schema';

export interface ExportOptions {
  /** HA1 values too; whoever has them can register as the device. */
  withCredentials?: boolean;
  onProgress?(progress: { kind: string; done: number }): void;
}

const PAGE = 5000;

/** Writes the whole directory, one state of it, as one YAML document. */
export function exportYaml(store: DirectoryStore, output: Writable, options: ExportOptions = {}): Promise<void> {
  return store.transaction(async (trx) => {
    for (const kind of KINDS) await writeYaml(trx, kind, output, options);
  }, 'read');
}

/** Writes the whole directory, one state of it, into a folder: `organisations.csv`, `sites.csv`, ... Each file is exchanged at once. */
export async function exportFolder(store: DirectoryStore, folder: string, format: 'csv' | 'yaml', options: ExportOptions = {}): Promise<string[]> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => { throw fileError(folder, error); });
  return store.transaction(async (trx) => {
    const files: string[] = [];
    for (const kind of KINDS) {
      const file = join(folder, `${kind.plural}.${format}`);
      await writeFile(file, (output) => (format === 'csv' ? writeCsv : writeYaml)(trx, kind, output, options));
      files.push(file);
    }
    return files;
  }, 'read');
}

/** Writes a file beside its place and moves it there when it is whole; only its owner may read it. */
export async function writeFile(file: string, fill: (output: Writable) => Promise<void>): Promise<void> {
  const part = `${file}.part`;
  const output = createWriteStream(part, { mode: 0o600 });
  // A full disk may be told while nobody waits for the stream; what is done with it next fails then.
  output.on('error', () => undefined);
  try {
    await once(output, 'open');
    await fill(output);
    output.end();
    await finished(output);
    await rename(part, file);
  } catch (error) {
    output.destroy();
    await rm(part, { force: true });
    throw fileError(file, error);
  }
}

/** A file or folder of an export could not be written; what was there before is still there. */
export class ExportError extends EtasiltaError {}

/** What the system says about a file, with the file's own name; any other error as it is. */
function fileError(file: string, error: unknown): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException;
  return syscall === undefined ? error
    : new ExportError('export-failed', `${file} cannot be written (${message})`, { hint: 'Choose another place, or mend this one: space, permissions.', cause: error });
}

async function writeYaml(db: Kysely<DirectoryDatabase>, kind: AnyKind, output: Writable, options: ExportOptions): Promise<void> {
  let empty = true;
  for await (const records of pages(db, kind, options)) {
    await write(output, (empty ? `${kind.plural}:\n` : '') + stringifyYaml(records, { lineWidth: 0, aliasDuplicateObjects: false }));
    empty = false;
  }
  if (empty) await write(output, `${kind.plural}: []\n`);
}

async function writeCsv(db: Kysely<DirectoryDatabase>, kind: AnyKind, output: Writable, options: ExportOptions): Promise<void> {
  const columns = [
    ...columnsOf(kind, await languagesOf(db, kind)),
    ...(options.withCredentials && 'credentials' in kind.fields ? credentialColumns() : []),
  ];
  await write(output, stringifyCsv([columns.map(({ name }) => name)]));
  for await (const records of pages(db, kind, options)) {
    await write(output, stringifyCsv(records.map((record) => columns.map((column) => column.show(record) ?? ''))));
  }
}

/** Languages that a kind's texts use: each needs its columns. */
async function languagesOf(db: Kysely<DirectoryDatabase>, kind: AnyKind): Promise<string[]> {
  const languages = new Set<string>(MAIN_LANGUAGES);
  for (const column of ['names', 'description', 'title'].filter((field) => field in kind.fields)) {
    const rows = await (db as unknown as Kysely<Record<string, Row>>).selectFrom(kind.plural).select(column).where(column, 'is not', null).distinct().execute();
    for (const row of rows) for (const language of Object.keys(JSON.parse(row[column] as string) as object)) languages.add(language);
  }
  return [...languages];
}

async function* pages(db: Kysely<DirectoryDatabase>, kind: AnyKind, { withCredentials, onProgress }: ExportOptions): AsyncGenerator<AnyRecord[]> {
  let after: string | undefined;
  let done = 0;
  do {
    const records = await listRecords(db, kind.name, { after, limit: PAGE }) as unknown as AnyRecord[];
    const last = records.at(-1);
    after = records.length === PAGE && last ? kind.keyOf(last) : undefined;
    if (!withCredentials) for (const record of records) delete record.credentials;
    done += records.length;
    onProgress?.({ kind: kind.plural, done });
    if (records.length > 0) yield records;
  } while (after !== undefined);
}

async function write(output: Writable, text: string): Promise<void> {
  if (output.errored) throw output.errored;
  if (!output.write(text)) await once(output, 'drain');
}
