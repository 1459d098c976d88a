import { Fault } from './fault';
import type { PerReader } from './reader';
import { unfit, type Schema } from './schema';
import type { PerWriter } from './writer';

export const BOOLEAN: Schema<boolean> = {
  form: { kind: 'BOOLEAN' },
  read: (reader) => reader.bit(),
  write(writer, value) {
    if (typeof value !== 'boolean') throw unfit('true or false', value);
    writer.bit(value);
  },
};

export const NULL: Schema<null> = {
  form: { kind: 'NULL' },
  read: () => null,
  write(_writer, value) {
    if (value !== null) throw unfit('null', value);
  },
};

/** What the additions of an ENUMERATED that this version does not know are called: `#` and their index. */
export type UnknownEnumeration = `#${number}`;

/** An ENUMERATED type; `additions` makes it extensible, even when there are none yet. */
export function enumerated<const R extends readonly string[], const A extends readonly string[] = never>(
  root: R, additions?: A,
): Schema<R[number] | ([A] extends [never] ? never : A[number] | UnknownEnumeration)> {
  const known = new Map<string, number>([...root, ...(additions ?? [])].map((name, index) => [name, index]));
  const read = (reader: PerReader): string => {
    if (additions && reader.bit()) {
      const index = reader.small();
      return additions[index] ?? `#${index}`;
    }
    return root[reader.constrained(0, root.length)]!;
  };
  const write = (writer: PerWriter, value: string): void => {
    const index = known.get(value);
    if (index !== undefined && index < root.length) {
      if (additions) writer.bit(false);
      writer.constrained(index, 0, root.length);
      return;
    }
    const addition = index !== undefined ? index - root.length : unknownIndex(value);
    if (!additions || addition < 0) throw unfit(`one of ${[...known.keys()].join(', ')}`, value);
    writer.bit(true);
    writer.small(addition);
  };
  return { form: { kind: 'ENUMERATED', root, additions }, read, write } as unknown as Schema<never>;
}

function unknownIndex(value: unknown): number {
  return typeof value === 'string' && /^#\d{1,9}$/.test(value) ? Number(value.slice(1)) : -1;
}

/** Object identifiers that were used last, both ways: peers and this program use a few dozen. */
const ENCODED = new Map<string, Buffer>();
const DECODED = new Map<string, string>();
const KEPT = 512;

function remember<T>(memory: Map<string, T>, key: string, value: T): T {
  if (memory.size >= KEPT) memory.clear();
  memory.set(key, value);
  return value;
}

const MAX_IDENTIFIER_OCTETS = 256;

/** An object identifier in dotted notation: `0.0.8.2250.0.7`. */
export const OBJECT_IDENTIFIER: Schema<string> = {
  form: { kind: 'OBJECT IDENTIFIER' },
  read(reader) {
    const length = reader.length();
    if (length < 1 || length > MAX_IDENTIFIER_OCTETS) throw new Fault('per-invalid', `an object identifier of ${length} octets`);
    const octets = reader.latin1(length);
    return DECODED.get(octets) ?? remember(DECODED, octets, arcsOf(octets));
  },
  write(writer, value) {
    writer.sized(ENCODED.get(value) ?? remember(ENCODED, value, octetsOf(value)));
  },
};

/** X.690 section 8.19: seven bits an octet, the first two arcs in one number. */
function arcsOf(octets: string): string {
  let dotted = '';
  let arc = 0;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets.charCodeAt(i);
    if (arc > (Number.MAX_SAFE_INTEGER - 127) / 128) throw new Fault('per-invalid', 'an object identifier with an arc over 2^53');
    arc = arc * 128 + (octet & 0x7f);
    if (octet & 0x80) continue;
    if (dotted === '') {
      const top = arc < 80 ? Math.floor(arc / 40) : 2;
      dotted = `${top}.${arc - top * 40}`;
    } else {
      dotted += `.${arc}`;
    }
    arc = 0;
  }
  if (octets.charCodeAt(octets.length - 1) & 0x80) throw new Fault('per-invalid', 'an object identifier that ends within an arc');
  return dotted;
}

function octetsOf(value: unknown): Buffer {
  if (typeof value !== 'string' || !/^[0-2](\.\d{1,15})+$/.test(value)) throw unfit('an object identifier such as 0.0.8.2250.0.7', value);
  const [top, second, ...rest] = value.split('.').map(Number) as [number, number, ...number[]];
  if (top < 2 && second > 39) throw unfit('an object identifier whose second arc is at most 39', value);
  const octets: number[] = [];
  for (const arc of [top * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    octets.push(...digits);
  }
  if (octets.length > MAX_IDENTIFIER_OCTETS) throw unfit(`an object identifier of at most ${MAX_IDENTIFIER_OCTETS} octets`, value);
  return Buffer.from(octets);
}
