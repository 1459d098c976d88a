import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { stringify as stringifyCsv } from 'csv-stringify/sync';
import { stringify as stringifyYaml } from 'yaml';
import { columnsOf } from '../columns';
import { writeFile } from '../exchange';
import { KINDS } from '../kinds';
import type { AnyKind, AnyRecord } from '../kind';
import type { SampleDirectory } from '.';

const CHUNK = 5000;

/** Writes a sample as files that can be imported, one a list. Returns their names. */
export async function writeSample(sample: SampleDirectory, folder: string, format: 'csv' | 'yaml', onFile: (file: string) => void = () => undefined): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const kind of KINDS) {
    const file = join(folder, `${kind.plural}.${format}`);
    onFile(file);
    await writeFile(file, (output) => writeRecords(kind, sample[kind.plural] as Iterable<AnyRecord>, format, output));
    files.push(file);
  }
  return files;
}

async function writeRecords(kind: AnyKind, records: Iterable<AnyRecord>, format: 'csv' | 'yaml', output: Writable): Promise<void> {
  const columns = columnsOf(kind);
  output.write(format === 'csv' ? stringifyCsv([columns.map(({ name }) => name)]) : `${kind.plural}:\n`);
  for (const chunk of chunks(records)) {
    const text = format === 'csv'
      ? stringifyCsv(chunk.map((record) => columns.map((column) => column.show(record) ?? '')))
      : stringifyYaml(chunk, { lineWidth: 0, aliasDuplicateObjects: false });
    if (!output.write(text)) await once(output, 'drain');
  }
}

function* chunks<T>(items: Iterable<T>): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
