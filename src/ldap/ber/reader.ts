import { isUtf8 } from 'node:buffer';
import { LdapSyntaxError } from '../errors';

/** Universal tags that LDAP uses (X.690 section 8). */
export const TAG = { boolean: 0x01, integer: 0x02, octetString: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const;

/**
 * Reads the BER that LDAP allows (RFC 4511 section 5.1): definite lengths, one-octet tags, primitive strings. A length never
 * reaches beyond the element around it; every fault throws LdapSyntaxError. Nothing is copied: octets are views of `bytes`.
 */
export class BerReader {
  constructor(private readonly bytes: Buffer, private at = 0, private readonly end = bytes.length) {}

  /** The tag of the next element, -1 where there is none. */
  get tag(): number {
    return this.at < this.end ? (this.bytes[this.at] as number) : -1;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next element's content, for reading what is inside. */
  inside(tag: number): BerReader {
    const end = this.open(tag);
    const content = new BerReader(this.bytes, this.at, end);
    this.at = end;
    return content;
  }

  octets(tag: number = TAG.octetString): Buffer {
    const end = this.open(tag);
    const octets = this.bytes.subarray(this.at, end);
    this.at = end;
    return octets;
  }

  /** An LDAPString: valid UTF-8 (RFC 4511 section 4.1.2). */
  text(tag: number = TAG.octetString): string {
    const octets = this.octets(tag);
    if (!isUtf8(octets)) throw new LdapSyntaxError('a string is no UTF-8');
    return octets.toString('utf8');
  }

  /** A whole number of at most 32 bits, encoded as short as it can be (X.690 section 8.3.2). */
  integer(tag: number = TAG.integer): number {
    const octets = this.octets(tag);
    const [first = 0, second = 0] = octets;
    if (octets.length === 0 || octets.length > 4) throw new LdapSyntaxError(`an integer of ${octets.length} octets`);
    if (octets.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) throw new LdapSyntaxError('an integer with needless octets');
    return octets.readIntBE(0, octets.length);
  }

  boolean(tag: number = TAG.boolean): boolean {
    const octets = this.octets(tag);
    if (octets.length !== 1) throw new LdapSyntaxError(`a boolean of ${octets.length} octets`);
    return octets[0] !== 0;
  }

  null(tag: number): void {
    if (this.octets(tag).length !== 0) throw new LdapSyntaxError('a null with content');
  }

  /** Refuses anything left. */
  finish(): void {
    if (!this.done) throw new LdapSyntaxError(`${this.end - this.at} octets too many in an element`);
  }

  /** Steps over tag and length; returns where the content ends. */
  private open(tag: number): number {
    if (this.tag !== tag) throw new LdapSyntaxError(this.done ? `an element with tag ${hex(tag)} is missing` : `tag ${hex(this.tag)} where ${hex(tag)} belongs`);
    const header = readLength(this.bytes, this.at + 1, this.end);
    if (header === undefined) throw new LdapSyntaxError('an element without its length');
    if (header.length > this.end - header.at) throw new LdapSyntaxError('a length that reaches beyond the element around it');
    this.at = header.at;
    return header.at + header.length;
  }
}

const MAX_LENGTH_OCTETS = 4;

/**
 * A definite length and where the content begins; undefined: it is not all there. Shared with framing, which meets lengths
 * before their content.
 */
export function readLength(bytes: Buffer, at: number, end: number): { length: number; at: number } | undefined {
  if (at >= end) return undefined;
  const first = bytes[at] as number;
  if (first < 0x80) return { length: first, at: at + 1 };
  const octets = first & 0x7f;
  if (octets === 0) throw new LdapSyntaxError('an indefinite length');
  if (octets > MAX_LENGTH_OCTETS) throw new LdapSyntaxError(`a length of ${octets} octets`);
  if (end - at - 1 < octets) return undefined;
  return { length: bytes.readUIntBE(at + 1, octets), at: at + 1 + octets };
}

const hex = (tag: number): string => `0x${tag.toString(16).padStart(2, '0')}`;
