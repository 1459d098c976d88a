import { isUtf8 } from 'node:buffer';
import { LdifError } from './error';
import { COLON, contentEnd, isName, LESS_THAN, lineEnd, NUMBER_SIGN, SPACE } from './octets';
import { type SourceEntry, valueText } from './source-entry';

/** Takes entries apart: of their attributes only those that are wanted. */
export class EntryReader {
  /** Names in lower case by their hash. */
  private readonly names = new Map<number, string[]>();
  /** Number of the line under way. */
  private line = 0;

  /** @param wanted attribute descriptions */
  constructor(private readonly file: string, wanted: Iterable<string>) {
    for (const name of new Set([...wanted, 'dn', 'version', 'changetype'].map((one) => one.toLowerCase()))) {
      const octets = Buffer.from(name, 'latin1');
      const hash = hashOf(octets, 0, octets.length);
      this.names.set(hash, [...this.names.get(hash) ?? [], name]);
    }
  }

  /** The entry between two empty lines; undefined: there are only comments. Throws LdifError. @param line number of its first line */
  read(octets: Buffer, start: number, end: number, line: number): SourceEntry | undefined {
    const attributes = new Map<string, string[]>();
    let dn: string | undefined;
    let next = line;
    for (let at = start; at < end;) {
      this.line = next++;
      let bytes = octets;
      let from = at;
      const stop = lineEnd(octets, at, end);
      let to = contentEnd(octets, at, stop);
      at = stop + 1;
      if (at < end && octets[at] === SPACE) {
        const pieces = [octets.subarray(from, to)];
        for (; at < end && octets[at] === SPACE; next++) {
          const last = lineEnd(octets, at, end);
          pieces.push(octets.subarray(at + 1, contentEnd(octets, at, last)));
          at = last + 1;
        }
        bytes = Buffer.concat(pieces);
        from = 0;
        to = bytes.length;
      }
      if (from === to || bytes[from] === NUMBER_SIGN) continue;

      const colon = colonOf(bytes, from, to);
      if (colon === from || colon === to) throw this.fault('a line without "name:"');
      if (bytes[colon + 1] === LESS_THAN) throw this.fault('a value from a URL is not read');
      const name = this.nameOf(bytes, from, colon);
      if (dn === undefined) {
        if (name === 'dn') dn = this.value(bytes, colon, to);
        else if (name !== 'version') throw this.fault('an entry that does not begin with its dn');
      } else if (name === 'changetype') {
        const change = this.value(bytes, colon, to);
        if (change !== 'add') throw this.fault(`changetype ${change}; only entries are read`);
      } else if (name !== undefined) {
        const values = attributes.get(name);
        if (values === undefined) attributes.set(name, [this.value(bytes, colon, to)]);
        else values.push(this.value(bytes, colon, to));
      }
    }
    return dn === undefined ? undefined : { dn, attributes, line };
  }

  private nameOf(octets: Buffer, start: number, end: number): string | undefined {
    const names = this.names.get(hashOf(octets, start, end)) ?? [];
    for (const name of names) if (isName(octets, start, end, name)) return name;
    return undefined;
  }

  /** The value behind the colon of a line. */
  private value(octets: Buffer, colon: number, end: number): string {
    const base64 = octets[colon + 1] === COLON;
    let start = colon + (base64 ? 2 : 1);
    while (start < end && octets[start] === SPACE) start++;
    if (base64) return valueText(Buffer.from(octets.toString('latin1', start, end), 'base64'));
    let all = 0;
    for (let at = start; at < end; at++) all |= octets[at] as number;
    if (all < 0x80) return octets.toString('latin1', start, end);
    if (!isUtf8(octets.subarray(start, end))) throw this.fault('the value is no UTF-8');
    return octets.toString('utf8', start, end);
  }

  private fault(reason: string): LdifError {
    return new LdifError(this.file, this.line, reason);
  }
}

/** Equal for names that differ in case only. */
function hashOf(octets: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + ((octets[at] as number) | 0x20)) | 0;
  return hash;
}

function colonOf(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] !== COLON) at++;
  return at;
}
