import { createReadStream } from 'node:fs';
import { LdapError } from '../errors';
import { RESULT } from '../protocol';

/** An entry as a source gives it: attribute descriptions in lower case. */
export interface SourceEntry {
  dn: string;
  attributes: ReadonlyMap<string, readonly string[]>;
  /** Line of the file, or number of the entry, from 1. */
  line: number;
}

const MAX_ENTRY = 4 * 1024 * 1024;
const CHUNK = 500;

/** What is no LDIF of entries, with its line. */
export class LdifError extends LdapError {
  constructor(file: string, line: number, reason: string) {
    super(RESULT.other, `${file}:${line}: ${reason}`, { hint: 'LDIF with whole entries is read (RFC 2849), as ldapsearch -LLL and slapcat write it.' });
  }
}

/**
 * Reads the entries of an LDIF file (RFC 2849), many at a time; a file of changes only where these add entries.
 * @param wanted class that entries must have: others are stepped over without being taken apart
 * @throws LdifError
 */
export async function* readLdif(file: string, wanted?: string): AsyncGenerator<SourceEntry[]> {
  // A class whose name stands in base64 or on two lines is not seen here, so such entries are taken apart.
  const perhaps = wanted === undefined ? undefined : new RegExp(`^objectclass:(?: *${wanted.replace(/\./g, '\\.')}$|:)`, 'im');
  let entries: SourceEntry[] = [];
  for await (const { text, line } of blocksOf(file)) {
    if (perhaps?.test(text) === false) continue;
    const entry = readEntry(file, text, line);
    if (entry === undefined || (wanted !== undefined && !entry.attributes.get('objectclass')?.some((name) => name.toLowerCase() === wanted.toLowerCase()))) continue;
    if (entries.push(entry) < CHUNK) continue;
    yield entries;
    entries = [];
  }
  if (entries.length > 0) yield entries;
}

interface Block { text: string; line: number }

/** What stands between empty lines, with the number of its first line. */
async function* blocksOf(file: string): AsyncGenerator<Block> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 1;
  const take = (end: number): Block => {
    const block = { text: rest.slice(0, end), line };
    for (let at = rest.indexOf('\n'); at >= 0 && at < end; at = rest.indexOf('\n', at + 1)) line++;
    return block;
  };
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: true });
    } catch {
      throw new LdifError(file, line, 'behind this line is something that is no UTF-8');
    }
    rest += text.includes('\r') ? text.replace(/\r/g, '') : text;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      yield take(end);
      line += 2;
      rest = rest.slice(end + 2);
    }
    if (rest.length > MAX_ENTRY) throw new LdifError(file, line, `an entry is longer than ${MAX_ENTRY} characters`);
  }
  if (rest !== '') yield take(rest.length);
}

function readEntry(file: string, text: string, first: number): SourceEntry | undefined {
  const attributes = new Map<string, string[]>();
  let dn: string | undefined;
  let number = first - 1;
  for (const line of unfolded(text)) {
    number++;
    if (line === '' || line.startsWith('#') || (dn === undefined && line.startsWith('version:'))) continue;
    const fault = (reason: string): LdifError => new LdifError(file, number, reason);
    const colon = line.indexOf(':');
    if (colon <= 0) throw fault('a line without "name:"');
    const name = line.slice(0, colon).toLowerCase();
    const next = line[colon + 1];
    if (next === '<') throw fault('a value from a URL is not read');
    const value = next === ':' ? Buffer.from(line.slice(colon + 2).trim(), 'base64').toString('utf8') : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1).trimStart();
    if (dn === undefined) {
      if (name !== 'dn') throw fault('an entry that does not begin with its dn');
      dn = value;
    } else if (name === 'changetype') {
      if (value !== 'add') throw fault(`changetype ${value}; only entries are read`);
    } else {
      const values = attributes.get(name);
      if (values === undefined) attributes.set(name, [value]);
      else values.push(value);
    }
  }
  return dn === undefined ? undefined : { dn, attributes, line: first };
}

/** Lines with those that continue them (and those of comments, which then are comments too). */
const unfolded = (text: string): string[] => (text.includes('\n ') ? text.replace(/\n /g, '') : text).split('\n');
