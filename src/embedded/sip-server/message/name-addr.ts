/** `"Name" <uri>;params` and `uri;params` (RFC 3261 sections 20.10 and 25.1). */
import { endOfQuoted, formatParams, parseParams, quote, unquote } from './params';
import { isSpace, isTokenCode, skipSpace, trimSpace } from './text';
import type { NameAddr } from './types';

const QUOTE = 34;
const LESS = 60;

/** Tokens and white space; octets beyond ASCII are let through, as many devices send names such as Ähtäri unquoted. */
function isUnquotedName(text: string, end: number): boolean {
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!isTokenCode(code) && !isSpace(code) && code < 128) return false;
  }
  return true;
}

/** Index after a bare URI: there a ";" already begins the header's parameters and "?" may not stand (RFC 3261 section 20). */
function endOfBareUri(text: string, at: number): number {
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 59 || code === 44 || isSpace(code)) break;
    if (code === 63) return -1;
    at++;
  }
  return at;
}

/** One name-addr or addr-spec with its parameters; undefined when malformed. The URI is only seen to hold no space. */
export function parseNameAddr(text: string): NameAddr | undefined {
  let at = skipSpace(text, 0);
  let displayName: string | undefined;
  if (text.charCodeAt(at) === QUOTE) {
    const end = endOfQuoted(text, at);
    if (end === -1) return undefined;
    displayName = unquote(text.slice(at, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== LESS) return undefined;
  } else {
    const less = text.indexOf('<', at);
    if (less !== -1 && isUnquotedName(text, less)) {
      if (less > at) displayName = trimSpace(text.slice(at, less));
      at = less;
    }
  }
  let uri: string;
  if (text.charCodeAt(at) === LESS) {
    const greater = text.indexOf('>', at);
    if (greater === -1) return undefined;
    uri = text.slice(at + 1, greater);
    at = greater + 1;
  } else {
    const end = endOfBareUri(text, at);
    if (end === -1) return undefined;
    uri = text.slice(at, end);
    at = end;
  }
  if (uri === '' || uri.includes(' ') || uri.includes('\t')) return undefined;
  const params = parseParams(text, at);
  if (!params) return undefined;
  return displayName ? { displayName, uri, params } : { uri, params };
}

/** The URI always in angle brackets, so that no parameter changes sides. */
export function formatNameAddr(address: NameAddr): string {
  const name = address.displayName ? `${quote(address.displayName)} ` : '';
  return `${name}<${address.uri}>${formatParams(address.params)}`;
}
