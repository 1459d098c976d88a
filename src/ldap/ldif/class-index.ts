import { createReadStream } from 'node:fs';
import { LdifError } from './error';
import { COLON, contentEnd, isName, lineEnd, SPACE } from './octets';

/** Longest entry, octets. */
export const MAX_ENTRY = 4 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** Where the entries of a class stand in a file: of each its first octet, its length and the number of its first line, one after another. */
export type Places = readonly number[];

/** Which of the classes an entry may have, as bits. */
const NONE = 0;

/**
 * Finds the entries of some classes in one reading of a file. Of an entry whose classes are not plain to see (in base64, on two lines, or
 * none) it is taken that it may be of each.
 * @param classes their names in lower case, at most 30; `*` stands for every entry
 * @throws LdifError
 */
export async function placesByClass(file: string, classes: readonly string[]): Promise<Map<string, Places>> {
  const places = classes.map((): number[] => []);
  const any = classes.reduce((bits, name, i) => (name === '*' ? bits | (1 << i) : bits), NONE);
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let line = 1;
  const note = (start: number, end: number, bits: number): void => {
    for (let i = 0; i < places.length; i++) if (bits === NONE || ((bits | any) & (1 << i)) !== 0) places[i]?.push(offset + start, end - start, line);
  };
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    const octets = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    let lines = 0;
    let bits = NONE;
    for (let at = 0; at < octets.length;) {
      const end = lineEnd(octets, at, octets.length);
      if (end === octets.length) break;
      lines++;
      if (contentEnd(octets, at, end) === at) {
        if (at > start) note(start, at, bits);
        line += lines;
        lines = 0;
        start = end + 1;
        bits = NONE;
      } else if (((octets[at] as number) | 0x20) === 0x6f) {
        bits |= classesIn(octets, at, end, classes);
      }
      at = end + 1;
    }
    rest = octets.subarray(start);
    offset += start;
    if (rest.length > MAX_ENTRY) throw new LdifError(file, line, `an entry is longer than ${MAX_ENTRY} octets`);
  }
  if (rest.length > 0) note(0, rest.length, NONE);
  return new Map(classes.map((name, i) => [name, places[i] as number[]]));
}

const OBJECT_CLASS = 'objectclass';
/** A class that is none of those asked for. */
const OTHER = 1 << 30;
const ALL = OTHER - 1;

/** Which classes a line gives to its entry. */
function classesIn(octets: Buffer, start: number, end: number, classes: readonly string[]): number {
  const colon = start + OBJECT_CLASS.length;
  if (octets[colon] !== COLON || !isName(octets, start, colon, OBJECT_CLASS)) return NONE;
  if (octets[colon + 1] === COLON || octets[end + 1] === SPACE) return ALL;
  let value = colon + 1;
  while (octets[value] === SPACE) value++;
  const stop = contentEnd(octets, value, end);
  for (let i = 0; i < classes.length; i++) if (isName(octets, value, stop, classes[i] as string)) return 1 << i;
  return OTHER;
}
