import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Column, columnNames, findColumn } from '../columns';
import type { KindName } from '../errors';
import type { AnyRecord } from '../kind';
import { kindOf } from '../kinds';
import { type CsvRow, CsvRows } from './csv-rows';
import type { InputRecord, InputSource } from './source';

const CHUNK = 1000;

/**
 * Reads a CSV file (RFC 4180) with a header row: UTF-8 with or without a byte order mark, separated by `,` or `;` as the header
 * shows. Read as a stream. An empty cell is "no value"; a column that is not there leaves the field as it is.
 */
export function readCsv(file: string, kindName: KindName): InputSource {
  return {
    file,
    kind: kindName,
    async *records(report) {
      const fail = (line: number, reason: string, field = ''): void => report({ file, line, field, reason });
      let columns: RowColumns | undefined;
      let chunk: InputRecord[] = [];
      try {
        for await (const row of rowsOf(file)) {
          if ('fault' in row) fail(row.line, row.fault);
          if ('fault' in row || row.cells.every((cell) => cell === '')) continue;
          const { line, cells } = row;
          if (!columns) {
            columns = readHeader(kindName, cells, (field, reason) => fail(line, reason, field));
            if (!columns) return;
          } else if (cells.length !== columns.all.length) {
            fail(line, `has ${cells.length} cells where the header has ${columns.all.length}`);
          } else if (chunk.push(new CsvRecord(line, cells, columns)) === CHUNK) {
            yield chunk;
            chunk = [];
          }
        }
      } catch (error) {
        if (!(error instanceof EncodingFault)) throw error;
        fail(error.line, error.message);
        return;
      }
      if (!columns) fail(0, `has no header row; columns are ${columnNames(kindOf(kindName)).join(', ')}`);
      if (chunk.length > 0) yield chunk;
    },
  };
}

async function* rowsOf(file: string): AsyncGenerator<CsvRow> {
  const rows = new CsvRows(await separatorOf(file));
  for await (const text of decoded(file)) yield* rows.push(text);
  yield* rows.end();
}

/** The columns of a file, one a cell. */
interface RowColumns {
  all: readonly Column[];
  /** Which of them is the record's key; -1: none alone. */
  key: number;
  credentials: boolean;
}

function readHeader(kindName: KindName, cells: string[], report: (field: string, reason: string) => void): RowColumns | undefined {
  const kind = kindOf(kindName);
  const seen = new Set<string>();
  const all = cells.flatMap((cell) => {
    const name = cell.trim().toLowerCase();
    const column = findColumn(kind, name);
    if (!column) report(name.slice(0, 40), `unknown column; ${name.includes('\t') ? 'cells are separated by "," or ";", not by tabs' : `known are ${columnNames(kind).join(', ')}`}`);
    else if (seen.has(name)) report(name, 'column is there twice');
    const good = column !== undefined && !seen.has(name);
    seen.add(name);
    return good ? [column] : [];
  });
  if (all.length < cells.length) return undefined;
  return { all, key: all.findIndex(({ field }) => field === kind.keyField), credentials: all.some(({ field }) => field === 'credentials') };
}

class CsvRecord implements InputRecord {
  constructor(readonly line: number, private readonly cells: readonly string[], private readonly columns: RowColumns) {}

  get key(): string | undefined {
    return this.cells[this.columns.key];
  }

  over(base: AnyRecord, report: (field: string, reason: string) => void): AnyRecord {
    const { all, credentials } = this.columns;
    const record: AnyRecord = { ...base };
    // Credentials are one thing: cells that give them replace them whole, as a digest fits one name and realm only.
    if (credentials) record.credentials = undefined;
    let field = '';
    const reportOf = (path: string, reason: string): void => report(field + path, reason);
    for (let i = 0; i < all.length; i++) {
      const column = all[i] as Column;
      const text = this.cells[i]?.trim();
      field = column.field;
      column.assign(record, text === '' ? undefined : text, reportOf);
    }
    return record;
  }

  lineOf(): number {
    return this.line;
  }
}

/** The one of `,` and `;` that the header has more of. */
async function separatorOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
    const [header = ''] = buffer.toString('latin1', 0, bytesRead).split(/[\r\n]/, 1);
    return header.split(';').length > header.split(',').length ? ';' : ',';
  } finally {
    await handle.close();
  }
}

class EncodingFault extends Error {
  constructor(readonly line: number) {
    super('is not UTF-8; save the file as "CSV UTF-8"');
  }
}

/** The file's text; a byte sequence that is no UTF-8 is told with its line instead of being replaced silently. */
async function* decoded(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: true });
    } catch {
      throw new EncodingFault(line + linesBeforeFault(bytes));
    }
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++;
    yield text;
  }
  try {
    yield decoder.decode();
  } catch {
    throw new EncodingFault(line);
  }
}

function linesBeforeFault(bytes: Buffer): number {
  let start = 0;
  for (let count = 0; ; count++) {
    const end = bytes.indexOf(0x0a, start);
    // The first line may begin in the middle of a character that the piece before began.
    const line = bytes.subarray(count === 0 ? Math.max(0, bytes.findIndex((byte) => (byte & 0xc0) !== 0x80)) : start, end < 0 ? undefined : end);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(line);
    } catch {
      return count;
    }
    if (end < 0) return count;
    start = end + 1;
  }
}
