import { attributeType, type AttributeType } from '../schema';

/** One part of a relative name; types that the schema does not have match nothing. */
export interface Ava {
  type: AttributeType | undefined;
  /** As it was written. */
  typeName: string;
  value: string;
}

/** Relative names from the entry's own to the topmost one (RFC 4514). */
export type Dn = readonly (readonly Ava[])[];

const MAX_RDNS = 64;
const TYPE = /^(?:[A-Za-z][A-Za-z0-9-]*|[0-2](?:\.[0-9]+)+)$/;
/** A value without escapes and blanks, up to what separates it from the next: most are so. */
const PLAIN = /[^\\,;+"<>\0 ]+(?=[,;+]|$)/y;
const ESCAPED = new Set([...' "#+,;<=>\\']);

/** Reads a DN (RFC 4514 section 3, with spaces around separators as RFC 2253 had them); undefined: it is none. */
export function parseDn(text: string): Dn | undefined {
  const parser = new DnParser(text);
  return parser.dn();
}

class DnParser {
  private at = 0;

  constructor(private readonly text: string) {}

  dn(): Dn | undefined {
    const rdns: Ava[][] = [];
    this.spaces();
    if (this.at >= this.text.length) return rdns;
    for (;;) {
      const rdn = this.rdn();
      if (rdn === undefined || rdns.push(rdn) > MAX_RDNS) return undefined;
      if (this.at >= this.text.length) return rdns;
      const separator = this.text[this.at++];
      if (separator !== ',' && separator !== ';') return undefined;
    }
  }

  private rdn(): Ava[] | undefined {
    const avas: Ava[] = [];
    for (;;) {
      const equals = this.text.indexOf('=', this.at);
      if (equals < 0) return undefined;
      const typeName = this.text.slice(this.at, equals).trim().replace(/^oid\./i, '');
      if (!TYPE.test(typeName)) return undefined;
      this.at = equals + 1;
      this.spaces();
      const value = this.text[this.at] === '#' ? this.hexValue() : this.text[this.at] === '"' ? this.quotedValue() : this.value();
      if (value === undefined) return undefined;
      avas.push({ type: attributeType(typeName), typeName, value });
      this.spaces();
      if (this.text[this.at] !== '+') return avas;
      this.at++;
    }
  }

  private value(): string | undefined {
    PLAIN.lastIndex = this.at;
    const plain = PLAIN.exec(this.text);
    if (plain !== null) {
      this.at = PLAIN.lastIndex;
      return plain[0];
    }
    const bytes: number[] = [];
    let text = '';
    let kept = 0;
    const flush = (): boolean => {
      if (bytes.length === 0) return true;
      const decoded = utf8(bytes);
      bytes.length = 0;
      if (decoded === undefined) return false;
      text += decoded;
      kept = text.length;
      return true;
    };
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] as string;
      if (char === '\\') {
        const pair = /^[0-9a-fA-F]{2}/.exec(this.text.slice(this.at + 1, this.at + 3))?.[0];
        const next = this.text[this.at + 1];
        if (pair !== undefined) {
          bytes.push(parseInt(pair, 16));
          this.at += 2;
          continue;
        }
        if (next === undefined || !ESCAPED.has(next) || !flush()) return undefined;
        text += next;
        kept = text.length;
        this.at++;
        continue;
      }
      if (!flush()) return undefined;
      if (char === ',' || char === ';' || char === '+') break;
      if (char === '"' || char === '<' || char === '>' || char === '\0') return undefined;
      text += char;
      if (char !== ' ') kept = text.length;
    }
    // Blanks before the separator are no part of the value unless they are escaped.
    return flush() ? text.slice(0, kept) : undefined;
  }

  /** RFC 2253's quoted form, which old clients still send. */
  private quotedValue(): string | undefined {
    let text = '';
    for (this.at++; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] as string;
      if (char === '"') {
        this.at++;
        this.spaces();
        return text;
      }
      if (char === '\\') this.at++;
      text += this.text[this.at] ?? '';
    }
    return undefined;
  }

  /** `#` and BER in hexadecimal: taken for strings of up to 127 octets, as names are. */
  private hexValue(): string | undefined {
    const hex = /^#((?:[0-9a-fA-F]{2})+)/.exec(this.text.slice(this.at))?.[1];
    if (hex === undefined) return undefined;
    this.at += hex.length + 1;
    const bytes = [...Buffer.from(hex, 'hex')];
    return bytes.length >= 2 && bytes[1] === bytes.length - 2 ? utf8(bytes.slice(2)) : undefined;
  }

  private spaces(): void {
    while (this.text[this.at] === ' ') this.at++;
  }
}

function utf8(bytes: readonly number[]): string | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('�') ? undefined : text;
}

/** A value as a DN writes it (RFC 4514 section 2.4). */
export function escapeDnValue(value: string): string {
  return value.replace(/[\\"+,;<>=]/g, '\\$&').replace(/^[ #]/, '\\$&').replace(/ $/, '\\ ').replace(/\0/g, '\\00');
}
