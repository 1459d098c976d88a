/** A row of cells, or why there is none; the line where it begins counts from 1. */
export type CsvRow = { line: number; cells: string[] } | { line: number; fault: string };

const MAX_ROW = 256 * 1024;
const NOT_CLOSED = 'a quote is not closed';

/**
 * Takes pieces of CSV text (RFC 4180) apart into rows. Lines without a quote, nearly all of a large file, take a short way;
 * empty lines are skipped; a faulty row costs itself only, except for a quote that never ends.
 */
export class CsvRows {
  private rest = '';
  private line = 1;
  /** Where in `rest` to look for a line end: what is before was seen. */
  private seen = 0;

  constructor(private readonly separator: string) {}

  /** The rows that this piece completes. */
  *push(text: string): Generator<CsvRow> {
    this.rest += text;
    let start = 0;
    for (let end = this.rest.indexOf('\n', this.seen); end >= 0; end = this.rest.indexOf('\n', end + 1)) {
      const row = this.rest.slice(start, end);
      if (row.includes('"') && !quotesClosed(row) && this.goesOn(row)) {
        if (end - start <= MAX_ROW) continue;
        // Read on after the line that the quote began in.
        end = this.rest.indexOf('\n', start);
        yield { line: this.line, fault: NOT_CLOSED };
        this.line++;
      } else {
        yield* this.take(row);
      }
      start = end + 1;
    }
    this.rest = this.rest.slice(start);
    this.seen = this.rest.includes('"') ? 0 : this.rest.length;
    if (this.rest.length > 2 * MAX_ROW) {
      yield { line: this.line, fault: `a row is longer than ${MAX_ROW} characters` };
      this.rest = '';
      this.seen = 0;
    }
  }

  /** The row that ends with the text instead of a line end. */
  *end(): Generator<CsvRow> {
    if (this.rest === '') return;
    yield* this.take(this.rest);
  }

  /** A row with an odd number of quotes goes on behind its line end, unless its first line shows it to be faulty. */
  private goesOn(row: string): boolean {
    return row.includes('\n') || 'open' in quotedCells(row, this.separator, this.line);
  }

  private *take(text: string): Generator<CsvRow> {
    const line = this.line++;
    const row = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (row === '') return;
    if (!row.includes('"')) {
      yield { line, cells: row.split(this.separator) };
      return;
    }
    for (let at = row.indexOf('\n'); at >= 0; at = row.indexOf('\n', at + 1)) this.line++;
    const cells = quotedCells(row, this.separator, line);
    yield 'open' in cells ? { line, fault: NOT_CLOSED } : cells;
  }
}

/** An even number of quotes. */
function quotesClosed(text: string): boolean {
  let closed = true;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) closed = !closed;
  return closed;
}

function quotedCells(row: string, separator: string, line: number): CsvRow | { open: true } {
  const cells: string[] = [];
  for (let at = 0; at <= row.length; at++) {
    if (row[at] !== '"') {
      const end = row.indexOf(separator, at);
      const cell = row.slice(at, end < 0 ? undefined : end);
      if (cell.includes('"')) return { line, fault: `cell ${cells.length + 1} has a quote inside; put the cell in quotes and write the quote twice` };
      cells.push(cell);
      at += cell.length;
      continue;
    }
    let cell = '';
    for (;;) {
      const quote = row.indexOf('"', at + 1);
      if (quote < 0) return { open: true };
      cell += row.slice(at + 1, quote);
      at = quote + 1;
      if (row[at] !== '"') break;
      cell += '"';
    }
    if (at < row.length && row[at] !== separator) return { line, fault: `cell ${cells.length + 1} goes on after its closing quote` };
    cells.push(cell);
  }
  return { line, cells };
}
