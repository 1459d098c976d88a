/**
 * Character classes of RFC 3261 section 25.1 and the two forms of text. Inside a message every string holds one octet a
 * character (latin1), so that octets survive untouched whatever they are; callers see and give Unicode.
 */

const NON_ASCII = /[\u0080-\uffff]/;

/** Unicode to octet string (UTF-8 octets, one a character). */
export function toOctets(text: string): string {
  return NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** Octet string to Unicode; octets that are not UTF-8 become U+FFFD. */
export function fromOctets(octets: string): string {
  let at = octets.search(NON_ASCII);
  if (at === -1) return octets;
  // Two-octet sequences (Latin, Cyrillic, Arabic ...) are put together here: a call into the runtime costs more than all the rest.
  let text = '';
  let from = 0;
  for (; at < octets.length; at++) {
    const lead = octets.charCodeAt(at);
    if (lead < 0x80) continue;
    const trail = octets.charCodeAt(at + 1);
    if (lead < 0xc2 || lead > 0xdf || (trail & 0xc0) !== 0x80) return Buffer.from(octets, 'latin1').toString('utf8');
    text += octets.slice(from, at) + String.fromCharCode(((lead & 0x1f) << 6) | (trail & 0x3f));
    from = ++at + 1;
  }
  return text + octets.slice(from);
}

const TOKEN = 1;
const HOST = 2;
const DIGIT = 4;
const HEX = 8;

const CLASSES = new Uint8Array(256);
const mark = (characters: string, bit: number): void => {
  for (const character of characters) CLASSES[character.charCodeAt(0)]! |= bit;
};
const DIGITS = '0123456789';
const ALPHANUM = `${DIGITS}abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ`;
mark(`${ALPHANUM}-.!%*_+\`'~`, TOKEN);
// "_" is no part of RFC 3261's hostname, but real hosts are called so.
mark(`${ALPHANUM}-._`, HOST);
mark(DIGITS, DIGIT);
mark(`${DIGITS}abcdefABCDEF`, HEX);

const consistsOf = (text: string, bit: number): boolean => {
  for (let i = 0; i < text.length; i++) if ((CLASSES[text.charCodeAt(i)]! & bit) === 0) return false;
  return text.length > 0;
};

export const isTokenCode = (code: number): boolean => (CLASSES[code]! & TOKEN) !== 0;
export const isToken = (text: string): boolean => consistsOf(text, TOKEN);
export const isHostText = (text: string): boolean => consistsOf(text, HOST);
export const isDigits = (text: string): boolean => consistsOf(text, DIGIT);

/** Everything a URI may hold unescaped; "#" too, because phones send dialled strings such as *21# as they are. */
const URI_TEXT = /^[\w\-.!~*'()&=+$,;?/:@%[\]#]+$/;

/** Only characters of a URI, and every "%" begins an escape (RFC 3261 section 25.1, `escaped`). */
export function isUriText(text: string): boolean {
  if (!URI_TEXT.test(text)) return false;
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 3)) {
    if (at + 2 >= text.length) return false;
    if ((CLASSES[text.charCodeAt(at + 1)]! & CLASSES[text.charCodeAt(at + 2)]! & HEX) === 0) return false;
  }
  return true;
}

/** A number of decimal digits only, 0 to `max`; undefined for anything else (signs, overflow, other characters). */
export function parseNumber(text: string, max: number): number | undefined {
  if (!isDigits(text)) return undefined;
  const number = Number(text);
  return number <= max ? number : undefined;
}

export const isSpace = (code: number): boolean => code === 32 || code === 9;

/** Index of the first character at or after `at` that is neither space nor tab. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Without spaces and tabs at the ends. Not String.trim, which would take the last octet of "à" for a no-break space. */
export function trimSpace(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  const start = skipSpace(text, 0);
  return start >= end ? '' : text.slice(start, end);
}
