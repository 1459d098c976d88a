import { isUtf8 } from 'node:buffer';
import { base64Text } from './base64';
import { LdifError } from './error';
import { COLON, contentEnd, isName, LESS_THAN, lineEnd, NUMBER_SIGN, SPACE } from './octets';
import type { AttributeValues, SourceEntry } from './source-entry';

/** What stands before the attributes of an entry, or tells what is done with it. */
const DN = 0;
const VERSION = 1;
const CHANGE_TYPE = 2;
const NAMES = ['dn', 'version', 'changetype'];

/** Values of the attributes that are wanted, each at its place. */
class WantedValues implements AttributeValues {
  private readonly values: (string[] | undefined)[] = [];

  constructor(private readonly places: ReadonlyMap<string, number>) {}

  get(description: string): readonly string[] | undefined {
    const place = this.places.get(description);
    return place === undefined ? undefined : this.values[place];
  }

  add(place: number, value: string): void {
    const values = this.values[place];
    if (values === undefined) this.values[place] = [value];
    else values.push(value);
  }
}

/** Takes entries apart: of their attributes only those that are wanted. */
export class EntryReader {
  /** Names in lower case, and the place of each in `WantedValues`. */
  private readonly names: readonly string[];
  private readonly places: ReadonlyMap<string, number>;
  /** Places by the hash of their name. */
  private readonly byHash = new Map<number, number[]>();
  /** Number of the line under way. */
  private line = 0;

  /** @param wanted attribute descriptions */
  constructor(private readonly file: string, wanted: Iterable<string>) {
    this.names = [...new Set([...NAMES, ...[...wanted].map((one) => one.toLowerCase())])];
    this.places = new Map(this.names.map((name, place) => [name, place]));
    for (const [place, name] of this.names.entries()) {
      const octets = Buffer.from(name, 'latin1');
      const hash = hashOf(octets, 0, octets.length);
      this.byHash.set(hash, [...this.byHash.get(hash) ?? [], place]);
    }
  }

  /** The entry between two empty lines; undefined: there are only comments. Throws LdifError. @param line number of its first line */
  read(octets: Buffer, start: number, end: number, line: number): SourceEntry | undefined {
    const attributes = new WantedValues(this.places);
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
      const place = this.placeOf(bytes, from, colon);
      if (dn === undefined) {
        if (place === DN) dn = this.value(bytes, colon, to);
        else if (place !== VERSION) throw this.fault('an entry that does not begin with its dn');
      } else if (place === CHANGE_TYPE) {
        const change = this.value(bytes, colon, to);
        if (change !== 'add') throw this.fault(`changetype ${change}; only entries are read`);
      } else if (place !== undefined) {
        attributes.add(place, this.value(bytes, colon, to));
      }
    }
    return dn === undefined ? undefined : { dn, attributes, line };
  }

  private placeOf(octets: Buffer, start: number, end: number): number | undefined {
    const places = this.byHash.get(hashOf(octets, start, end));
    if (places !== undefined) for (const place of places) if (isName(octets, start, end, this.names[place] as string)) return place;
    return undefined;
  }

  /** The value behind the colon of a line. */
  private value(octets: Buffer, colon: number, end: number): string {
    const base64 = octets[colon + 1] === COLON;
    let start = colon + (base64 ? 2 : 1);
    while (start < end && octets[start] === SPACE) start++;
    if (base64) return base64Text(octets, start, end);
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
