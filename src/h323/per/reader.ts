import { Fault } from './fault';
import type { Schema } from './schema';

/** What one decode may cost its caller, whatever the octets say. */
export interface DecodeLimits {
  /** Octets of the whole encoding. */
  maxOctets: number;
  /** Elements of all lists together. */
  maxElements: number;
  /** Nesting of recursive types. */
  maxDepth: number;
}

export const DEFAULT_LIMITS: Readonly<DecodeLimits> = { maxOctets: 262_144, maxElements: 32_768, maxDepth: 32 };

/** No version of a standard comes near so many extension additions; more are a hostile peer's. */
export const MAX_ADDITIONS = 1024;

/** 16K, the unit of fragmentation (X.691 section 11.9.3.8). */
export const FRAGMENT = 16_384;

/** Reads the fields of an aligned PER encoding (X.691 section 11) in order. Positions count bits. */
export class PerReader {
  private position = 0;
  private end: number;
  /** What is left of the limits; shared with the readers of reassembled fragments by being handed on. */
  elementsLeft: number;
  depthLeft: number;

  constructor(private readonly octets: Buffer, limits: Readonly<DecodeLimits>) {
    if (octets.length > limits.maxOctets) throw new Fault('per-limit', `${octets.length} octets, the limit is ${limits.maxOctets}`);
    this.end = octets.length * 8;
    this.elementsLeft = limits.maxElements;
    this.depthLeft = limits.maxDepth;
  }

  bit(): boolean {
    const at = this.position;
    if (at >= this.end) throw truncated();
    this.position = at + 1;
    return (this.octets[at >> 3]! & (0x80 >> (at & 7))) !== 0;
  }

  /** The next 1 to 32 bits as an unsigned number. */
  bits(count: number): number {
    let at = this.position;
    if (at + count > this.end) throw truncated();
    this.position = at + count;
    if (count <= 8 - (at & 7)) return (this.octets[at >> 3]! >> (8 - (at & 7) - count)) & ((1 << count) - 1);
    let value = 0;
    while (count > 0) {
      const room = 8 - (at & 7);
      const take = count < room ? count : room;
      value = (value << take) | ((this.octets[at >> 3]! >> (room - take)) & ((1 << take) - 1));
      at += take;
      count -= take;
    }
    return value >>> 0;
  }

  align(): void {
    this.position = (this.position + 7) & ~7;
  }

  /** Throws unless so many bits are there to be read. */
  require(bits: number): void {
    if (this.position + bits > this.end) throw truncated();
  }

  /** An unsigned number of 1 to 6 whole octets, aligned. */
  unsigned(count: number): number {
    const at = this.takeOctets(count);
    return count === 1 ? this.octets[at]! : this.octets.readUIntBE(at, count);
  }

  /** Whole octets, aligned; a view of the input, not a copy. */
  slice(count: number): Buffer {
    const at = this.takeOctets(count);
    return this.octets.subarray(at, at + count);
  }

  /** Whole octets, aligned, each one character. */
  latin1(count: number): string {
    const at = this.takeOctets(count);
    return this.octets.toString('latin1', at, at + count);
  }

  /** Whole octets, aligned, two of them one character. */
  ucs2(count: number): string {
    let at = this.takeOctets(count * 2);
    let text = '';
    for (; count > 0; count--, at += 2) text += String.fromCharCode((this.octets[at]! << 8) | this.octets[at + 1]!);
    return text;
  }

  private takeOctets(count: number): number {
    const start = (this.position + 7) & ~7;
    if (start + count * 8 > this.end) throw truncated();
    this.position = start + count * 8;
    return start >> 3;
  }

  /** A whole number in `min..min + range - 1` (X.691 section 11.5, aligned variant), for ranges up to 64K. */
  constrained(min: number, range: number): number {
    if (range <= 255) {
      if (range === 1) return min;
      const value = this.bits(32 - Math.clz32(range - 1));
      if (value >= range) throw new Fault('per-invalid', `${min + value} is over ${min + range - 1}`);
      return min + value;
    }
    const value = this.unsigned(range === 256 ? 1 : 2);
    if (value >= range) throw new Fault('per-invalid', `${min + value} is over ${min + range - 1}`);
    return min + value;
  }

  /** A normally small non-negative whole number (X.691 section 11.6). */
  small(): number {
    if (!this.bit()) return this.bits(6);
    const octets = this.length();
    if (octets < 1 || octets > 4) throw new Fault('per-invalid', 'an index of more than 32 bits');
    return this.unsigned(octets);
  }

  /** A normally small length (X.691 section 11.9.3.4). */
  smallLength(): number {
    return this.bit() ? this.length() : this.bits(6) + 1;
  }

  /**
   * A length determinant without an upper bound (X.691 section 11.9.3.5 to 8). A negative result is a fragment of so many units:
   * more follow, until a length that is not negative.
   */
  length(): number {
    const first = this.unsigned(1);
    if (first < 0x80) return first;
    if (first < 0xc0) return ((first & 0x3f) << 8) | this.unsigned(1);
    const multiplier = first & 0x3f;
    if (multiplier < 1 || multiplier > 4) throw new Fault('per-invalid', `a fragment of ${multiplier} times 16K`);
    return -multiplier * FRAGMENT;
  }

  /** Octets after a length determinant without an upper bound, fragments joined. */
  sized(): Buffer {
    let length = this.length();
    if (length >= 0) return this.slice(length);
    const fragments: Buffer[] = [];
    for (; length < 0; length = this.length()) fragments.push(this.slice(-length));
    fragments.push(this.slice(length));
    return Buffer.concat(fragments);
  }

  /** An open type field (X.691 section 11.2) holding a value of the schema; octets of it that the schema does not know are passed. */
  open<T>(schema: Schema<T>): T {
    const length = this.length();
    if (length < 0) return this.openFragments(schema, length);
    const outer = this.end;
    const end = this.position + length * 8;
    if (end > outer) throw truncated();
    this.end = end;
    const value = schema.read(this);
    this.end = outer;
    this.position = end;
    return value;
  }

  /** Additions from `known` on as they came, those whose bits are set among the `count` low bits of `bits`. */
  unknownAdditions(bits: number, count: number, known: number): Record<number, Buffer> {
    const unknown: Record<number, Buffer> = {};
    for (let i = known; i < count; i++) if (bits & (1 << (count - 1 - i))) unknown[i] = this.sized();
    return unknown;
  }

  private openFragments<T>(schema: Schema<T>, first: number): T {
    const fragments: Buffer[] = [];
    let length = first;
    for (; length < 0; length = this.length()) fragments.push(this.slice(-length));
    fragments.push(this.slice(length));
    const joined = Buffer.concat(fragments);
    const inner = new PerReader(joined, { maxOctets: joined.length, maxElements: this.elementsLeft, maxDepth: this.depthLeft });
    const value = schema.read(inner);
    this.elementsLeft = inner.elementsLeft;
    return value;
  }

  /** Counts elements of lists against the limit, before they are read. */
  spendElements(count: number): void {
    if (count > this.elementsLeft) throw new Fault('per-limit', `more than the allowed number of list elements (${count} more)`);
    this.elementsLeft -= count;
  }
}

const truncated = (): Fault => new Fault('per-truncated', 'the encoding ends here');
