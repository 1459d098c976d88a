/** URIs (RFC 3261 sections 19.1 and 25.1; IPv6 references RFC 5118). */
import { isIPv4, isIPv6 } from 'node:net';
import { isHostText, isUriText, parseNumber } from './text';
import type { SipUri } from './types';

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const MAX_PORT = 65_535;

export interface HostPort {
  host: string;
  port?: number;
}

/**
 * `host`, `host:port`, `[IPv6]`, `[IPv6]:port`; undefined when malformed. A bare IPv6 address is malformed: nobody could
 * tell its last group from a port (RFC 5118 section 4.2).
 */
export function parseHostPort(text: string): HostPort | undefined {
  let host = text;
  let rest = '';
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close === -1) return undefined;
    // RFC 3261's grammar allows three colons before an embedded IPv4 address by mistake: to be tolerated (RFC 5118 section 4.10).
    host = text.slice(1, close).replace(':::', '::');
    rest = text.slice(close + 1);
    if (!isIPv6(host) || host.includes('%')) return undefined;
  } else {
    const colon = text.indexOf(':');
    if (colon !== -1) {
      host = text.slice(0, colon);
      rest = text.slice(colon);
    }
    if (!isHostText(host) || !isPossibleHost(host)) return undefined;
  }
  if (rest === '') return { host };
  if (!rest.startsWith(':')) return undefined;
  const port = parseNumber(rest.slice(1), MAX_PORT);
  return port ? { host, port } : undefined;
}

/** Digits and dots only must be an IPv4 address; a name has no empty label (but may end in a dot). */
function isPossibleHost(host: string): boolean {
  if (isDigitCode(host.charCodeAt(host.length - 1)) && isDigitCode(host.charCodeAt(0)) && /^[\d.]+$/.test(host)) return isIPv4(host);
  return host.charCodeAt(0) !== DOT && !host.includes('..');
}

const DOT = 46;
const isDigitCode = (code: number): boolean => code >= 48 && code <= 57;

/** `host` or `[IPv6]`, with the port where there is one. */
export function formatHostPort(host: string, port?: number): string {
  const text = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? text : `${text}:${port}`;
}

/** Names without regard to case, IPv6 addresses by value (RFC 5954 section 4.2). */
export function hostEquals(a: string, b: string): boolean {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  return one === two || (isIPv6(one) && isIPv6(two) && new URL(`http://[${one}]`).host === new URL(`http://[${two}]`).host);
}

/** The scheme in lower case; undefined when the text does not begin with one. */
export function uriScheme(text: string): string | undefined {
  if (text.startsWith('sip:')) return 'sip';
  const colon = text.indexOf(':');
  if (colon <= 0) return undefined;
  const scheme = text.slice(0, colon);
  return SCHEME.test(scheme) ? scheme.toLowerCase() : undefined;
}

/**
 * A URI without its angle brackets; undefined when malformed (unescaped characters, spaces, bad host, port or escape).
 * sip and sips are taken apart, tel into number (`host`) and parameters, every other scheme is left opaque in `host`.
 */
export function parseUri(text: string): SipUri | undefined {
  const scheme = uriScheme(text);
  if (scheme === undefined || !isUriText(text)) return undefined;
  const start = scheme.length + 1;
  if (scheme === 'tel') return parseTel(text, start);
  if (scheme !== 'sip' && scheme !== 'sips') return start === text.length ? undefined : { scheme, host: text.slice(start), params: new Map() };
  // The user part may hold ";" and "?", so it comes first; an "@" anywhere else must be escaped.
  const at = text.indexOf('@', start);
  if (at === start || (at !== -1 && text.indexOf('@', at + 1) !== -1)) return undefined;
  const hostStart = at === -1 ? start : at + 1;
  const question = text.indexOf('?', hostStart);
  const end = question === -1 ? text.length : question;
  let hostEnd = text.indexOf(';', hostStart);
  if (hostEnd === -1 || hostEnd > end) hostEnd = end;
  const hostPort = parseHostPort(text.slice(hostStart, hostEnd));
  if (!hostPort) return undefined;
  const uri: SipUri = { scheme, host: hostPort.host, params: new Map() };
  if (hostPort.port !== undefined) uri.port = hostPort.port;
  if (at !== -1) {
    const colon = text.indexOf(':', start);
    if (colon === start) return undefined;
    const hasPassword = colon !== -1 && colon < at;
    uri.user = text.slice(start, hasPassword ? colon : at);
    if (hasPassword) uri.password = text.slice(colon + 1, at);
  }
  if (question !== -1) uri.headers = text.slice(question + 1);
  return readUriParams(text, hostEnd, end, uri.params) ? uri : undefined;
}

function parseTel(text: string, start: number): SipUri | undefined {
  const semicolon = text.indexOf(';', start);
  const end = semicolon === -1 ? text.length : semicolon;
  const uri: SipUri = { scheme: 'tel', host: text.slice(start, end), params: new Map() };
  return end > start && readUriParams(text, end, text.length, uri.params) ? uri : undefined;
}

/** `;name=value;flag` between `at` and `end`; false when a name is empty or repeated. */
function readUriParams(text: string, at: number, end: number, params: Map<string, string>): boolean {
  while (at < end) {
    let next = text.indexOf(';', at + 1);
    if (next === -1 || next > end) next = end;
    const part = text.slice(at + 1, next);
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).toLowerCase();
    if (name === '' || params.has(name)) return false;
    params.set(name, equals === -1 ? '' : part.slice(equals + 1));
    at = next;
  }
  return true;
}

/** The URI as text, parameters in their order. */
export function formatUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.user !== undefined) text += `${uri.user}${uri.password === undefined ? '' : `:${uri.password}`}@`;
  text += uri.scheme === 'sip' || uri.scheme === 'sips' ? formatHostPort(uri.host, uri.port) : uri.host;
  for (const [name, value] of uri.params) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}

const UNESCAPED = /[A-Za-z0-9\-_.!~*'()&=+$,;?/]/;
/** One spelling of a URI's part: escapes of characters that need none are resolved, the others in upper case. */
const normaliseEscapes = (text: string): string =>
  text.includes('%')
    ? text.replace(/%([0-9A-Fa-f]{2})/g, (escape, hex: string) => {
        const character = String.fromCharCode(parseInt(hex, 16));
        return UNESCAPED.test(character) ? character : escape.toUpperCase();
      })
    : text;

/** Parameters that must be equal even where only one of two URIs has them (RFC 3261 section 19.1.4). */
const SIGNIFICANT = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Whether two URIs are equivalent (RFC 3261 section 19.1.4); malformed ones only equal themselves. */
export function uriEquals(a: string, b: string): boolean {
  if (a === b) return true;
  const one = parseUri(a);
  const two = parseUri(b);
  if (!one || !two || one.scheme !== two.scheme) return false;
  const text = (value: string | undefined): string => (value === undefined ? '' : normaliseEscapes(value));
  const folded = (value: string | undefined): string => text(value).toLowerCase();
  if (text(one.user) !== text(two.user) || text(one.password) !== text(two.password)) return false;
  if ((one.user === undefined) !== (two.user === undefined)) return false;
  if (!hostEquals(one.host, two.host) || one.port !== two.port) return false;
  for (const [name, value] of one.params) {
    const other = two.params.get(name);
    if (other === undefined ? SIGNIFICANT.includes(name) : folded(value) !== folded(other)) return false;
  }
  for (const name of two.params.keys()) if (!one.params.has(name) && SIGNIFICANT.includes(name)) return false;
  const headers = (uri: SipUri): string => (uri.headers ?? '').split('&').map(folded).sort().join('&');
  return headers(one) === headers(two);
}
