/** One header field line, kept as the octets that arrived. */
import { knownName } from './header-names';
import { fromOctets, isToken, toOctets, trimSpace } from './text';
import type { HeaderField } from './types';

/** One header field: its octets without the final CRLF, and its value once asked for. */
export class HeaderLine implements HeaderField {
  private text: string | undefined;

  /** @param octets `name: value` as received, `colon` the index of its colon; unknown names keep their spelling. */
  constructor(
    readonly name: string,
    /** Equal for every spelling of the name. */
    readonly key: string,
    readonly octets: string,
    private readonly colon: number,
  ) {}

  /** A new field, its name as the canonical one where it is known. A TypeError for what cannot be sent as one line. */
  static of(name: string, value: string): HeaderLine {
    if (!isToken(name)) throw new TypeError(`"${name}" is no header name`);
    refuseLineBreak(value, name);
    const known = knownName(name);
    const spelt = known ?? name;
    return new HeaderLine(spelt, known ?? name.toLowerCase(), `${spelt}: ${toOctets(value)}`, spelt.length);
  }

  /** Unicode, unfolded, trimmed. */
  get value(): string {
    return (this.text ??= fromOctets(unfold(this.octets, this.colon + 1)));
  }
}

/** Line folding is one space (RFC 3261 section 7.3.1). */
function unfold(octets: string, from: number): string {
  if (octets.indexOf('\r\n', from) === -1) return trimSpace(octets.slice(from));
  return trimSpace(octets.slice(from).split('\r\n').map(trimSpace).join(' '));
}

/** A line break in a value would let its author write header fields of his own. */
export function refuseLineBreak(text: string, what: string): void {
  if (text.includes('\r') || text.includes('\n')) throw new TypeError(`The text for ${what} holds a line break`);
}
