import type { Entry } from './entry';

const KINDS = { service: 'org', device: 'device', person: 'individual' };

/** RFC 6350 section 3.4: what ends a value or a line is escaped. */
const escaped = (text: string): string => text.replace(/[\\,;]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');

/**
 * An entry as vCard 4.0 (RFC 6350; devices: RFC 6869). Without its opening state: a card is kept for longer than that holds.
 * Calls go to `IMPP` (SIP or H.323 URI) and `TEL` (digits).
 */
export function vcard({ id, kind, name, description, organisation, methods, number, email }: Entry): string {
  return [
    'BEGIN:VCARD', 'VERSION:4.0', `UID;VALUE=text:${escaped(id)}`, `KIND:${KINDS[kind]}`, `FN:${escaped(name)}`,
    ...(organisation ? [`ORG:${escaped(organisation)}`] : []),
    ...methods.map(({ protocol, dial }) => `IMPP:${protocol}:${encodeURI(dial)}`),
    ...(number ? [`TEL:${number}`] : []),
    ...(email ? [`EMAIL:${escaped(email)}`] : []),
    ...(description ? [`NOTE:${escaped(description)}`] : []),
    'END:VCARD', '',
  ].map(folded).join('\r\n');
}

const MAX_OCTETS = 75;

/** RFC 6350 section 3.2: lines of at most 75 octets, never cut within a character. */
function folded(line: string): string {
  if (Buffer.byteLength(line) <= MAX_OCTETS) return line;
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    // The blank that a following line begins with counts.
    if (octets + size > MAX_OCTETS - (parts.length > 0 ? 1 : 0)) {
      parts.push(part);
      [part, octets] = ['', 0];
    }
    part += character;
    octets += size;
  }
  return [...parts, part].join('\r\n ');
}
