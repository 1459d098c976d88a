import { Fault } from './fault';
import { FRAGMENT, type PerReader } from './reader';
import { unfit, type Bounds, type Schema, type StringType } from './schema';
import type { PerWriter } from './writer';

/** From this size on, bounds are not visible to PER (X.691 section 11.9.4). */
const SIZE_64K = 65_536;

/** A BIT STRING: its bits from the most significant of the first octet on; `length` counts bits. The shape of JER (X.697). */
export interface BitString {
  readonly value: Buffer;
  readonly length: number;
}

function bounds(min = 0, max?: number): Bounds {
  return { min, max };
}

/** `()` any size, `(4)` exactly four, `(1, 20)` one to twenty. */
function sizeOf(args: [] | [number] | [number, number]): Bounds {
  return bounds(args[0], args.length === 1 ? args[0] : args[1]);
}

const describe = (size: Bounds): string =>
  size.max === undefined ? `${size.min} or more` : size.min === size.max ? String(size.min) : `${size.min} to ${size.max}`;

const fits = (length: number, size: Bounds): boolean => length >= size.min && (size.max === undefined || length <= size.max);

/** The range of a size that PER encodes as a constrained length; undefined where the length is unconstrained. */
export const lengthRange = ({ min, max }: Bounds): number | undefined => (max !== undefined && max < SIZE_64K ? max - min + 1 : undefined);

/** OCTET STRING, with SIZE bounds: `()` any, `(4)` exactly four octets, `(1, 20)` one to twenty. */
export function octetString(...args: [] | [number] | [number, number]): Schema<Buffer> {
  const size = sizeOf(args);
  const range = lengthRange(size);
  const short = size.min === size.max && size.min <= 2;
  return {
    form: { kind: 'OCTET STRING', size },
    read(reader) {
      if (range === undefined) return within(reader.sized(), size);
      if (short) return Buffer.from(Array.from({ length: size.min }, () => reader.bits(8)));
      return reader.slice(reader.constrained(size.min, range));
    },
    write(writer, value) {
      if (!(value instanceof Uint8Array)) throw unfit('octets', value);
      if (!fits(value.length, size)) throw unfit(`${describe(size)} octets`, value.length);
      if (range === undefined) {
        writer.sized(value);
      } else if (short) {
        for (const octet of value) writer.bits(octet, 8);
      } else {
        writer.constrained(value.length, size.min, range);
        writer.slice(value);
      }
    },
  };
}

function within<T extends { length: number }>(value: T, size: Bounds): T {
  if (!fits(value.length, size)) throw new Fault('per-invalid', `a length of ${value.length}, allowed are ${describe(size)}`);
  return value;
}

/** BIT STRING, with SIZE bounds in bits. */
export function bitString(...args: [] | [number] | [number, number]): Schema<BitString> {
  const size = sizeOf(args);
  const range = lengthRange(size);
  const short = size.min === size.max && size.min <= 16;
  return {
    form: { kind: 'BIT STRING', size },
    read(reader) {
      if (range === undefined) return within(readFragmentedBits(reader), size);
      const length = reader.constrained(size.min, range);
      if (!short) reader.align();
      return readBits(reader, length, !short);
    },
    write(writer, value) {
      if (!(value?.value instanceof Uint8Array) || !Number.isInteger(value.length) || value.length < 0 || value.length > value.value.length * 8) {
        throw unfit('a bit string {value, length}', value);
      }
      if (!fits(value.length, size)) throw unfit(`${describe(size)} bits`, value.length);
      if (range === undefined) {
        writer.fragments(value.length, (from, to) => writeBits(writer, value.value, from, to, true));
      } else {
        writer.constrained(value.length, size.min, range);
        if (!short) writer.align();
        writeBits(writer, value.value, 0, value.length, !short);
      }
    },
  };
}

/** `aligned`: the reader is at the start of an octet. */
function readBits(reader: PerReader, length: number, aligned: boolean): BitString {
  if (aligned && length % 8 === 0) return { value: Buffer.from(reader.slice(length >> 3)), length };
  // Checked before memory is set aside for what the sender only claims.
  reader.require(length);
  const value = Buffer.alloc((length + 7) >> 3);
  for (let i = 0; i < value.length; i++) {
    const count = Math.min(8, length - i * 8);
    value[i] = reader.bits(count) << (8 - count);
  }
  return { value, length };
}

function readFragmentedBits(reader: PerReader): BitString {
  const parts: BitString[] = [];
  let length = reader.length();
  for (; length < 0; length = reader.length()) parts.push(readBits(reader, -length, true));
  parts.push(readBits(reader, length, true));
  return { value: Buffer.concat(parts.map((part) => part.value)), length: parts.reduce((sum, part) => sum + part.length, 0) };
}

/** Bits `from` to `to`; `from` is at the start of an octet. `aligned`: the writer is, too, and whole octets go at once: keys have hundreds. */
function writeBits(writer: PerWriter, octets: Uint8Array, from: number, to: number, aligned: boolean): void {
  if (aligned) writer.slice(octets.subarray(from >> 3, to >> 3));
  for (let at = aligned ? to & ~7 : from; at < to; at += 8) {
    const count = Math.min(8, to - at);
    writer.bits(octets[at >> 3]! >> (8 - count), count);
  }
}

interface CharacterSet {
  readonly type: StringType;
  /** Bits of a character in the aligned variant when there is no permitted alphabet. */
  readonly bits: 4 | 8 | 16;
  /** Every character, where they are numbered in this order instead of by their code. */
  readonly numbered?: string;
  /** What a character may be, where not every code of `bits` bits is one. */
  readonly allowed?: RegExp;
}

/** Octets over 127 in an IA5String are taken for Latin-1: devices send them in names, and one must not cost a call. */
const IA5: CharacterSet = { type: 'IA5String', bits: 8 };
const NUMERIC: CharacterSet = { type: 'NumericString', bits: 4, numbered: ' 0123456789' };
const PRINTABLE: CharacterSet = { type: 'PrintableString', bits: 8, allowed: /^[A-Za-z0-9 '()+,\-./:=?]*$/ };
const VISIBLE: CharacterSet = { type: 'VisibleString', bits: 8, allowed: /^[ -~]*$/ };
const BMP: CharacterSet = { type: 'BMPString', bits: 16 };

/** IA5String of any size. */
export const ia5String = (...args: [] | [number] | [number, number]): Schema<string> => knownMultiplier(IA5, sizeOf(args));
/** IA5String (FROM ("…")) of any or a bounded size. */
export const ia5StringFrom = (alphabet: string, ...args: [] | [number] | [number, number]): Schema<string> =>
  knownMultiplier(IA5, sizeOf(args), alphabet);
export const numericString = (...args: [] | [number] | [number, number]): Schema<string> => knownMultiplier(NUMERIC, sizeOf(args));
export const printableString = (...args: [] | [number] | [number, number]): Schema<string> => knownMultiplier(PRINTABLE, sizeOf(args));
export const visibleString = (...args: [] | [number] | [number, number]): Schema<string> => knownMultiplier(VISIBLE, sizeOf(args));
/** BMPString: UTF-16 code units, so that what devices send as surrogate pairs is kept. */
export const bmpString = (...args: [] | [number] | [number, number]): Schema<string> => knownMultiplier(BMP, sizeOf(args));

/** GeneralString: its octets as Latin-1 characters. Bounds on it are not visible to PER and are left to the caller. */
export const generalString = (): Schema<string> => ({
  form: { kind: 'string', type: 'GeneralString', size: bounds() },
  read: (reader) => reader.sized().toString('latin1'),
  write(writer, value) {
    if (typeof value !== 'string' || !LATIN1.test(value)) throw unfit('a string of Latin-1 characters', value);
    writer.sized(Buffer.from(value, 'latin1'));
  },
});

const LATIN1 = /^[\0-\xff]*$/;

/** Bits of one character of an alphabet: a power of two in the aligned variant (X.691 section 30.5.2). */
const bitsFor = (characters: number): number => (characters <= 2 ? 1 : characters <= 4 ? 2 : characters <= 16 ? 4 : 8);

/** The string types whose characters all take the same number of bits (X.691 section 30.5). */
function knownMultiplier(set: CharacterSet, size: Bounds, permitted?: string): Schema<string> {
  const sorted = permitted === undefined ? undefined : [...permitted].sort().join('');
  const bits = sorted === undefined ? set.bits : bitsFor(sorted.length);
  // Characters go by their codes where those fit in the bits (X.691 section 30.5.4).
  const numbered = sorted === undefined || sorted.charCodeAt(sorted.length - 1) < 2 ** bits ? set.numbered : sorted;
  const allowed = sorted === undefined ? set.allowed ?? (set.bits === 8 ? LATIN1 : undefined) : undefined;
  const indexes = numbered === undefined ? undefined : new Map([...numbered].map((character, index) => [character, index]));
  const range = lengthRange(size);
  // Short strings are not aligned (X.691 section 30.5.6 and 30.5.7). Others are even when they are empty: the text can be read either
  // way, and the coders in the field do it.
  const aligned = size.max === undefined || (size.min === size.max ? size.max * bits > 16 : size.max * bits >= 16);

  const check = (value: string): boolean => {
    if (sorted !== undefined) {
      for (let i = 0; i < value.length; i++) if (!sorted.includes(value[i]!)) return false;
      return true;
    }
    return allowed === undefined || allowed.test(value);
  };

  function readCharacters(reader: PerReader, count: number): string {
    if (aligned) reader.align();
    if (aligned && bits === 8) return reader.latin1(count);
    if (aligned && bits === 16) return reader.ucs2(count);
    reader.require(count * bits);
    let text = '';
    for (let i = 0; i < count; i++) {
      const code = reader.bits(bits);
      const character = numbered === undefined ? String.fromCharCode(code) : numbered[code];
      if (character === undefined) throw new Fault('per-invalid', `a character number ${code}, there are ${numbered!.length}`);
      text += character;
    }
    return text;
  }

  function writeCharacters(writer: PerWriter, value: string): void {
    if (aligned) writer.align();
    if (aligned && bits === 8) {
      writer.latin1(value);
    } else if (aligned && bits === 16) {
      writer.ucs2(value);
    } else {
      for (let i = 0; i < value.length; i++) writer.bits(indexes === undefined ? value.charCodeAt(i) : indexes.get(value[i]!)!, bits);
    }
  }

  return {
    form: { kind: 'string', type: set.type, size, alphabet: sorted },
    read(reader) {
      let text: string;
      if (range !== undefined) {
        text = readCharacters(reader, reader.constrained(size.min, range));
      } else {
        text = '';
        let length = reader.length();
        for (; length < 0; length = reader.length()) text += readCharacters(reader, -length);
        text = within(text + readCharacters(reader, length), size);
      }
      if (!check(text)) throw new Fault('per-invalid', `characters that a ${set.type} does not have here`);
      return text;
    },
    write(writer, value) {
      if (typeof value !== 'string') throw unfit('a string', value);
      if (!fits(value.length, size)) throw unfit(`${describe(size)} characters`, value.length);
      if (indexes !== undefined ? ![...value].every((character) => indexes.has(character)) : !check(value)) {
        throw unfit(sorted === undefined ? `a ${set.type}` : `characters of "${sorted}"`, value);
      }
      if (range !== undefined) {
        writer.constrained(value.length, size.min, range);
        writeCharacters(writer, value);
      } else if (value.length < FRAGMENT) {
        writer.length(value.length);
        writeCharacters(writer, value);
      } else {
        writer.fragments(value.length, (from, to) => writeCharacters(writer, value.slice(from, to)));
      }
    },
  };
}
