import { Fault } from './fault';
import type { PerReader } from './reader';
import { unfit, type Schema } from './schema';
import type { PerWriter } from './writer';

export const UINT32_MAX = 0xffff_ffff;
const RANGE_64K = 65_536;
/** More than any H.323 type carries; longer ones are a hostile peer's. */
const MAX_INTEGER_OCTETS = 256;

/** INTEGER without bounds. Values that JavaScript numbers cannot hold exactly are bigints. */
export function integer(): Schema<number | bigint>;
/** INTEGER (min..MAX), or INTEGER (min..max) with bounds within 2^48. */
export function integer(min: number, max?: number): Schema<number>;
export function integer(min?: number, max?: number): Schema<number> | Schema<number | bigint> {
  if (min === undefined) return UNBOUNDED;
  return max === undefined ? semiConstrained(min) : constrained(min, max);
}

/** INTEGER (min..max, ...): values outside the range are allowed and encoded as unbounded ones. */
export function extensibleInteger(min: number, max: number): Schema<number | bigint> {
  const root = constrained(min, max);
  return {
    form: { kind: 'INTEGER', min, max, extensible: true },
    read: (reader) => (reader.bit() ? UNBOUNDED.read(reader) : root.read(reader)),
    write(writer, value) {
      const inside = typeof value === 'number' && value >= min && value <= max;
      writer.bit(!inside);
      if (inside) root.write(writer, value);
      else UNBOUNDED.write(writer, value);
    },
  };
}

function constrained(min: number, max: number): Schema<number> {
  const range = max - min + 1;
  const check = (value: number): void => {
    if (!(value >= min && value <= max) || !Number.isInteger(value)) throw unfit(`an integer of ${min} to ${max}`, value);
  };
  const form = { kind: 'INTEGER', min, max, extensible: false } as const;
  if (range <= RANGE_64K) {
    return {
      form,
      read: (reader) => reader.constrained(min, range),
      write(writer, value) {
        check(value);
        writer.constrained(value, min, range);
      },
    };
  }
  // The indefinite length case (X.691 section 11.5.7.4): as few octets as the value needs, their number in front.
  const most = octetsOf(range - 1);
  return {
    form,
    read(reader) {
      const value = min + reader.unsigned(reader.constrained(1, most));
      if (value > max) throw new Fault('per-invalid', `${value} is over ${max}`);
      return value;
    },
    write(writer, value) {
      check(value);
      const octets = octetsOf(value - min);
      writer.constrained(octets, 1, most);
      writer.unsigned(value - min, octets);
    },
  };
}

function semiConstrained(min: number): Schema<number> {
  return {
    form: { kind: 'INTEGER', min, extensible: false },
    read(reader) {
      const octets = reader.length();
      if (octets < 1 || octets > 6) throw new Fault('per-limit', `an integer of ${octets} octets`);
      return min + reader.unsigned(octets);
    },
    write(writer, value) {
      if (!Number.isSafeInteger(value) || value < min || value - min >= 2 ** 48) throw unfit(`an integer of ${min} or more`, value);
      const octets = octetsOf(value - min);
      writer.length(octets);
      writer.unsigned(value - min, octets);
    },
  };
}

/** Two's complement in as few octets as hold the value (X.691 section 11.4, 11.8). */
const UNBOUNDED: Schema<number | bigint> = { form: { kind: 'INTEGER', extensible: false }, read: readUnbounded, write: writeUnbounded };

function readUnbounded(reader: PerReader): number | bigint {
  const length = reader.length();
  if (length < 1 || length > MAX_INTEGER_OCTETS) throw new Fault('per-limit', `an integer of ${length} octets`);
  const octets = reader.slice(length);
  if (length <= 6) return octets.readIntBE(0, length);
  const value = BigInt.asIntN(length * 8, BigInt(`0x${octets.toString('hex')}`));
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function writeUnbounded(writer: PerWriter, value: number | bigint): void {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw unfit('an integer', value);
  const exact = BigInt(value);
  let length = 1;
  while (BigInt.asIntN(length * 8, exact) !== exact) {
    if (++length > MAX_INTEGER_OCTETS) throw unfit(`an integer of at most ${MAX_INTEGER_OCTETS} octets`, value);
  }
  writer.sized(Buffer.from(BigInt.asUintN(length * 8, exact).toString(16).padStart(length * 2, '0'), 'hex'));
}

function octetsOf(value: number): number {
  let octets = 1;
  for (let limit = 256; value >= limit; limit *= 256) octets++;
  return octets;
}
