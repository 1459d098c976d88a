import { TAG } from './reader';

/** Octets of a length in the long form that containers get: it is filled in when they are complete. */
const CONTAINER_HEADER = 5;
const NONE = Buffer.alloc(0);
/** Octets that a writer begins with. */
const LEAST = 4_096;
/** What a container may hold at most: its length has three octets. */
const MAX_CONTAINER = 0xffffff;

/**
 * Writes BER forwards into one growing buffer. Containers get a long length of fixed size, which is allowed and saves
 * measuring everything twice; short strings of ASCII, nearly all of a directory, are written without leaving JavaScript.
 */
export class BerWriter {
  private bytes: Buffer;
  length = 0;

  /** @param size octets for a start; without it memory is taken when something is written */
  constructor(size = 0) {
    this.bytes = size === 0 ? NONE : Buffer.allocUnsafeSlow(size);
  }

  /** Opens a container; its content follows until `end`. */
  begin(tag: number): number {
    this.reserve(CONTAINER_HEADER);
    this.bytes[this.length] = tag;
    this.bytes[this.length + 1] = 0x83;
    this.length += CONTAINER_HEADER;
    return this.length;
  }

  /** Closes the container that `begin` opened. */
  end(start: number): void {
    const length = this.length - start;
    if (length > MAX_CONTAINER) throw new RangeError(`an element of ${length} octets is too large to be sent`);
    this.bytes.writeUIntBE(length, start - 3, 3);
  }

  text(text: string, tag: number = TAG.octetString): void {
    const { length } = text;
    if (length < 0x80) {
      this.reserve(length + 2);
      const { bytes } = this;
      let at = this.length + 2;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        bytes[at++] = code;
      }
      if (i === length) {
        bytes[this.length] = tag;
        bytes[this.length + 1] = length;
        this.length = at;
        return;
      }
    }
    const size = Buffer.byteLength(text);
    this.header(tag, size);
    this.length += this.bytes.write(text, this.length);
  }

  octets(octets: Uint8Array, tag: number = TAG.octetString): void {
    this.header(tag, octets.length);
    this.bytes.set(octets, this.length);
    this.length += octets.length;
  }

  /** Whole elements that were encoded before. */
  raw(octets: Uint8Array): void {
    this.reserve(octets.length);
    this.bytes.set(octets, this.length);
    this.length += octets.length;
  }

  /** A number from -2^31 to 2^31 - 1. */
  integer(value: number, tag: number = TAG.integer): void {
    const size = value >= -0x80 && value < 0x80 ? 1 : value >= -0x8000 && value < 0x8000 ? 2 : value >= -0x800000 && value < 0x800000 ? 3 : 4;
    this.header(tag, size);
    this.bytes.writeIntBE(value, this.length, size);
    this.length += size;
  }

  boolean(value: boolean, tag: number = TAG.boolean): void {
    this.header(tag, 1);
    this.bytes[this.length++] = value ? 0xff : 0;
  }

  null(tag: number): void {
    this.header(tag, 0);
  }

  /** What was written, as memory of its own; the writer is empty again. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.length));
    this.length = 0;
    return taken;
  }

  /** Gives the memory back of a writer that is empty: whose connection has been still may stay so. */
  release(): void {
    if (this.length === 0) this.bytes = NONE;
  }

  private header(tag: number, length: number): void {
    this.reserve(length + 6);
    const { bytes } = this;
    bytes[this.length++] = tag;
    if (length < 0x80) {
      bytes[this.length++] = length;
    } else {
      const octets = length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
      bytes[this.length++] = 0x80 | octets;
      bytes.writeUIntBE(length, this.length, octets);
      this.length += octets;
    }
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + more, LEAST));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
