/** Quoted strings, parameters and comma lists (RFC 3261 sections 7.3.1 and 25.1). */
import { isToken, isTokenCode, skipSpace, trimSpace } from './text';

const COMMA = 44;
const SEMICOLON = 59;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;
const LESS = 60;
const GREATER = 62;

/** Index after the closing quote of the quoted string that opens at `at`; -1 when it never closes. */
export function endOfQuoted(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
}

/** The content of a quoted string without its quotes, quoted pairs resolved. */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  let text = '';
  for (let i = 0; i < inner.length; i++) {
    if (inner.charCodeAt(i) === BACKSLASH) i++;
    text += inner.charAt(i);
  }
  return text;
}

/** Text as a quoted string. */
export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** Index after a parameter's unquoted value: token, host or IPv6 reference (RFC 5118 section 4.5 also wants bare IPv6). */
function endOfValue(text: string, at: number): number {
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === SEMICOLON || code === COMMA || code === QUOTE || code === LESS || code === GREATER || code === 127) break;
    at++;
  }
  return at;
}

/**
 * `;name=value;flag` from `at` to the end of `text`. Names lower case, values without quotes, flags ''.
 * undefined when malformed: an empty or repeated name, an unterminated quote, anything else between parameters.
 */
export function parseParams(text: string, at: number): Map<string, string> | undefined {
  const params = new Map<string, string>();
  return readParams(text, at, params) ? params : undefined;
}

/** As `parseParams`, into `params`; false when malformed, `params` then has what came before. */
export function readParams(text: string, at: number, params: Map<string, string>): boolean {
  for (;;) {
    at = skipSpace(text, at);
    if (at === text.length) return true;
    if (text.charCodeAt(at) !== SEMICOLON) return false;
    const start = skipSpace(text, at + 1);
    at = start;
    while (at < text.length && isTokenCode(text.charCodeAt(at))) at++;
    if (at === start) return false;
    const name = text.slice(start, at).toLowerCase();
    if (params.has(name)) return false;
    const after = skipSpace(text, at);
    if (text.charCodeAt(after) !== EQUALS) {
      params.set(name, '');
      continue;
    }
    const valueAt = skipSpace(text, after + 1);
    if (text.charCodeAt(valueAt) === QUOTE) {
      at = endOfQuoted(text, valueAt);
      if (at === -1) return false;
      params.set(name, unquote(text.slice(valueAt, at)));
    } else {
      at = endOfValue(text, valueAt);
      params.set(name, text.slice(valueAt, at));
    }
  }
}

/** Parameters as `;name=value;flag`, values quoted where they are neither token nor host. */
export function formatParams(params: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [name, value] of params) {
    text += value === '' ? `;${name}` : `;${name}=${isToken(value) || /^[\w.:[\]-]+$/.test(value) ? value : quote(value)}`;
  }
  return text;
}

/** Index of the first comma outside quotes and angle brackets at or after `at`; -1 when there is none. */
function nextComma(text: string, at: number): number {
  let inBrackets = false;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE && !inBrackets) {
      const end = endOfQuoted(text, i);
      if (end === -1) return -1;
      i = end - 1;
    } else if (code === LESS) inBrackets = true;
    else if (code === GREATER) inBrackets = false;
    else if (code === COMMA && !inBrackets) return i;
  }
  return -1;
}

/** The first value of a comma list, and the rest after its comma (undefined when there is no comma). */
export function splitFirst(text: string): { first: string; rest?: string } {
  const comma = text.includes(',') ? nextComma(text, 0) : -1;
  return comma === -1 ? { first: text } : { first: trimSpace(text.slice(0, comma)), rest: trimSpace(text.slice(comma + 1)) };
}

/** The values of a comma list, without surrounding white space; empty ones stay (a parser refuses them). */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return [text];
  const values: string[] = [];
  let start = 0;
  for (;;) {
    const comma = nextComma(text, start);
    values.push(trimSpace(text.slice(start, comma === -1 ? text.length : comma)));
    if (comma === -1) return values;
    start = comma + 1;
  }
}
