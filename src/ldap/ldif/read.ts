import { isUtf8 } from 'node:buffer';
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
  const name = wanted?.toLowerCase();
  for await (const blocks of blocksOf(file)) {
    const entries: SourceEntry[] = [];
    for (const { octets, line } of blocks) {
      if (name !== undefined && !mayHaveClass(octets, name)) continue;
      if (!isUtf8(octets)) throw new LdifError(file, line, 'the entry is no UTF-8');
      // A string of its own: a piece of a larger one would keep all of that in memory.
      const entry = readEntry(file, octets.toString('utf8'), line);
      if (entry !== undefined && (name === undefined || entry.attributes.get('objectclass')?.some((one) => one.toLowerCase() === name))) entries.push(entry);
    }
    if (entries.length > 0) yield entries;
  }
}

interface Block { octets: Buffer; line: number }

const NEWLINE = 0x0a;
const EMPTY_LINE = Buffer.from('\n\n');

/** What stands between empty lines, with the number of its first line. */
async function* blocksOf(file: string): AsyncGenerator<Block[]> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  for await (const chunk of createReadStream(file, { highWaterMark: 512 * 1024 }) as AsyncIterable<Buffer>) {
    const octets = chunk.includes(0x0d) ? Buffer.from(chunk.toString('latin1').replace(/\r/g, ''), 'latin1') : chunk;
    rest = rest.length === 0 ? octets : Buffer.concat([rest, octets]);
    const blocks: Block[] = [];
    let start = 0;
    for (let end = rest.indexOf(EMPTY_LINE); end >= 0; end = rest.indexOf(EMPTY_LINE, start)) {
      const block = rest.subarray(start, end);
      blocks.push({ octets: block, line });
      for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) line++;
      line += 2;
      start = end + 2;
    }
    yield blocks;
    rest = rest.subarray(start);
    if (rest.length > MAX_ENTRY) throw new LdifError(file, line, `an entry is longer than ${MAX_ENTRY} octets`);
  }
  if (rest.length > 0) yield [{ octets: rest, line }];
}

/** `objectClass` behind its first letter, in which clients differ. */
const BJECT = Buffer.from('bject');
const CLASS = 'class:';

/** Whether an entry may be of a class, told without taking it apart; of one in capitals, in base64 or on two lines it is not known. */
function mayHaveClass(octets: Buffer, name: string): boolean {
  const is = (at: number, text: string): boolean => octets.length >= at + text.length && octets.toString('latin1', at, at + text.length).toLowerCase() === text;
  const first = octets.indexOf(BJECT);
  if (first < 0) return true;
  for (let at = first; at >= 0; at = octets.indexOf(BJECT, at + 1)) {
    if (((octets[at - 1] ?? 0) | 0x20) !== 0x6f) continue;
    if ((at > 1 && octets[at - 2] !== NEWLINE) || !is(at + BJECT.length, CLASS)) continue;
    let value = at + BJECT.length + CLASS.length;
    if (octets[value] === 0x3a) return true;
    while (octets[value] === 0x20) value++;
    const end = octets.indexOf(NEWLINE, value);
    if (end >= 0 && octets[end + 1] === 0x20) return true;
    if ((end < 0 ? octets.length : end) - value === name.length && is(value, name)) return true;
  }
  return false;
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
