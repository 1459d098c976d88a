import { Fault } from './fault';
import { FRAGMENT } from './reader';
import type { Schema } from './schema';

const FIRST_SIZE = 4096;
/** A buffer that grew over this is given back after its message. */
const KEPT_SIZE = 65_536;
/** No H.323 message comes near; a value that does is a fault of its maker. */
const MAX_OCTETS = 16 * 1024 * 1024;
const MAX_DEPTH = 64;

/** Writes the fields of an aligned PER encoding (X.691 section 11) in order. Positions count bits. */
export class PerWriter {
  private octets = Buffer.allocUnsafe(FIRST_SIZE);
  private position = 0;
  /** What is left of the nesting that a value may have; a value that contains itself would never end. */
  depthLeft = MAX_DEPTH;

  /** Begins a new encoding in the same buffer. */
  reset(): void {
    this.position = 0;
    this.depthLeft = MAX_DEPTH;
    if (this.octets.length > KEPT_SIZE) this.octets = Buffer.allocUnsafe(FIRST_SIZE);
  }

  /** A copy of the finished encoding: whole octets, at least one (X.691 section 11.1). */
  finish(): Buffer {
    if (this.position === 0) this.bits(0, 8);
    const length = (this.position + 7) >> 3;
    const encoding = Buffer.allocUnsafe(length);
    this.octets.copy(encoding, 0, 0, length);
    return encoding;
  }

  private reserve(bits: number): void {
    const needed = (this.position + bits + 7) >> 3;
    if (needed <= this.octets.length) return;
    if (needed > MAX_OCTETS) throw new Fault('per-limit', `an encoding over ${MAX_OCTETS} octets`);
    const grown = Buffer.allocUnsafe(Math.max(needed, this.octets.length * 2));
    this.octets.copy(grown, 0, 0, (this.position + 7) >> 3);
    this.octets = grown;
  }

  bit(value: boolean): void {
    this.bits(value ? 1 : 0, 1);
  }

  /** The low 1 to 32 bits of `value`. */
  bits(value: number, count: number): void {
    this.reserve(count);
    let at = this.position;
    this.position = at + count;
    const room = 8 - (at & 7);
    if (count <= room) {
      const chunk = (value & ((1 << count) - 1)) << (room - count);
      this.octets[at >> 3] = room === 8 ? chunk : this.octets[at >> 3]! | chunk;
      return;
    }
    while (count > 0) {
      const offset = at & 7;
      const take = count < 8 - offset ? count : 8 - offset;
      const chunk = ((value >>> (count - take)) & ((1 << take) - 1)) << (8 - offset - take);
      // The first bits of an octet overwrite what an earlier message left there.
      if (offset === 0) this.octets[at >> 3] = chunk;
      else this.octets[at >> 3] = this.octets[at >> 3]! | chunk;
      at += take;
      count -= take;
    }
  }

  align(): void {
    this.position = (this.position + 7) & ~7;
  }

  /** An unsigned number of 1 to 6 whole octets, aligned. */
  unsigned(value: number, count: number): void {
    const at = this.takeOctets(count);
    if (count === 1) this.octets[at] = value;
    else this.octets.writeUIntBE(value, at, count);
  }

  /** Whole octets, aligned. */
  slice(octets: Uint8Array): void {
    const at = this.takeOctets(octets.length);
    this.octets.set(octets, at);
  }

  /** Whole octets, aligned, each one character. */
  latin1(text: string): void {
    let at = this.takeOctets(text.length);
    for (let i = 0; i < text.length; i++) this.octets[at++] = text.charCodeAt(i);
  }

  /** Whole octets, aligned, two for each character. */
  ucs2(text: string): void {
    let at = this.takeOctets(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i);
      this.octets[at++] = character >> 8;
      this.octets[at++] = character & 0xff;
    }
  }

  private takeOctets(count: number): number {
    this.align();
    this.reserve(count * 8);
    const at = this.position >> 3;
    this.position += count * 8;
    return at;
  }

  /** A whole number in `min..min + range - 1` (X.691 section 11.5, aligned variant), for ranges up to 64K. The caller has checked it. */
  constrained(value: number, min: number, range: number): void {
    if (range <= 255) {
      if (range > 1) this.bits(value - min, 32 - Math.clz32(range - 1));
    } else {
      this.unsigned(value - min, range === 256 ? 1 : 2);
    }
  }

  /** A normally small non-negative whole number (X.691 section 11.6). */
  small(value: number): void {
    if (value < 64) {
      this.bits(value, 7);
      return;
    }
    this.bits(1, 1);
    const octets = value < 0x100 ? 1 : value < 0x10000 ? 2 : 4;
    this.length(octets);
    this.unsigned(value, octets);
  }

  /** A normally small length (X.691 section 11.9.3.4), below 16K. */
  smallLength(count: number): void {
    if (count <= 64) {
      this.bits(count - 1, 7);
    } else {
      this.bits(1, 1);
      this.length(count);
    }
  }

  /** A length determinant below 16K without an upper bound (X.691 section 11.9.3.5 to 7). */
  length(count: number): void {
    if (count < 0x80) this.unsigned(count, 1);
    else this.unsigned(0x8000 | count, 2);
  }

  /**
   * Units after a length determinant without an upper bound, in fragments where they are 16K or more (X.691 section 11.9.3.8).
   * `write` puts units `from` to `to` down.
   */
  fragments(count: number, write: (from: number, to: number) => void): void {
    let from = 0;
    while (count - from >= FRAGMENT) {
      const multiplier = Math.min(4, Math.floor((count - from) / FRAGMENT));
      this.unsigned(0xc0 | multiplier, 1);
      write(from, from + multiplier * FRAGMENT);
      from += multiplier * FRAGMENT;
    }
    this.length(count - from);
    write(from, count);
  }

  /** Octets after a length determinant without an upper bound. */
  sized(octets: Uint8Array): void {
    if (octets.length < FRAGMENT) {
      this.length(octets.length);
      this.slice(octets);
    } else {
      this.fragments(octets.length, (from, to) => this.slice(octets.subarray(from, to)));
    }
  }

  /** An open type field (X.691 section 11.2) holding a value of the schema. */
  open<T>(schema: Schema<T>, value: T): void {
    // Written where it will mostly stay: after a length of one octet. A longer one moves it.
    const at = this.takeOctets(1);
    const start = this.position;
    schema.write(this, value);
    if (this.position === start) this.bits(0, 8);
    this.align();
    const length = (this.position - start) >> 3;
    if (length < 0x80) {
      this.octets[at] = length;
    } else if (length < FRAGMENT) {
      this.reserve(8);
      this.octets.copyWithin(at + 2, at + 1, at + 1 + length);
      this.octets.writeUInt16BE(0x8000 | length, at);
      this.position += 8;
    } else {
      const content = Buffer.from(this.octets.subarray(at + 1, at + 1 + length));
      this.position = at * 8;
      this.sized(content);
    }
  }
}
