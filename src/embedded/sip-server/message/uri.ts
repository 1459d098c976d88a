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
  const last = host.charCodeAt(host.length - 1);
  if (last >= 48 && last <= 57 && /^[\d.]+$/.test(host)) return isIPv4(host);
  return !host.startsWith('.') && !host.includes('..');
}

/** `host` or `[IPv6]`, with the port where there is one. */
export function formatHostPort(host: string, port?: number): string {
  const text = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? text : `${text}:${port}`;
}

/** The scheme in lower case; undefined when the text does not begin with one. */
export function uriScheme(text: string): string | undefined {
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
  let rest = text.slice(scheme.length + 1);
  const uri: SipUri = { scheme, host: rest, params: new Map() };
  const isSip = scheme === 'sip' || scheme === 'sips';
  if (!isSip && scheme !== 'tel') return rest === '' ? undefined : uri;
  if (isSip) {
    // The user part may hold ";" and "?", so it is cut off first; an "@" anywhere else must be escaped.
    const at = rest.indexOf('@');
    if (at !== rest.lastIndexOf('@')) return undefined;
    if (at !== -1) {
      const userInfo = rest.slice(0, at);
      const colon = userInfo.indexOf(':');
      uri.user = colon === -1 ? userInfo : userInfo.slice(0, colon);
      if (uri.user === '') return undefined;
      if (colon !== -1) uri.password = userInfo.slice(colon + 1);
      rest = rest.slice(at + 1);
    }
    const question = rest.indexOf('?');
    if (question !== -1) {
      uri.headers = rest.slice(question + 1);
      rest = rest.slice(0, question);
    }
  }
  const semicolon = rest.indexOf(';');
  const address = semicolon === -1 ? rest : rest.slice(0, semicolon);
  if (semicolon !== -1 && !readUriParams(rest.slice(semicolon + 1), uri.params)) return undefined;
  if (!isSip) {
    uri.host = address;
    return address === '' ? undefined : uri;
  }
  const hostPort = parseHostPort(address);
  if (!hostPort) return undefined;
  uri.host = hostPort.host;
  if (hostPort.port !== undefined) uri.port = hostPort.port;
  return uri;
}

function readUriParams(text: string, params: Map<string, string>): boolean {
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).toLowerCase();
    if (name === '' || params.has(name)) return false;
    params.set(name, equals === -1 ? '' : part.slice(equals + 1));
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
  if (one.host.toLowerCase() !== two.host.toLowerCase() || one.port !== two.port) return false;
  for (const [name, value] of one.params) {
    const other = two.params.get(name);
    if (other === undefined ? SIGNIFICANT.includes(name) : folded(value) !== folded(other)) return false;
  }
  for (const name of two.params.keys()) if (!one.params.has(name) && SIGNIFICANT.includes(name)) return false;
  const headers = (uri: SipUri): string => (uri.headers ?? '').split('&').map(folded).sort().join('&');
  return headers(one) === headers(two);
}
