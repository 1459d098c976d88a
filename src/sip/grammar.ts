/** The parts of the SIP grammar that the edge reads (RFC 3261 section 25). Every parser is linear in its input. */

export interface SipUri {
  scheme: 'sip' | 'sips';
  /** Unescaped. */
  user?: string;
  password?: string;
  /** Lower case; IPv6 without brackets. */
  host: string;
  port?: number;
  /** Names lower case; flags have the value ''. */
  params: ReadonlyMap<string, string>;
  /** The part after `?`. */
  headers?: string;
}

export interface NameAddr {
  displayName?: string;
  /** The URI as written, without angle brackets. */
  uri: string;
  /** Header parameters, names lower case, values unquoted. */
  params: ReadonlyMap<string, string>;
}

const TOKEN = /^[\w\-.!%*+`'~]+$/;
export const isToken = (text: string): boolean => TOKEN.test(text);

const [BACKSLASH, QUOTE, OPEN_ANGLE, CLOSE_ANGLE] = [0x5c, 0x22, 0x3c, 0x3e];

/** Splits at a separator that stands outside quoted strings and angle brackets. Undefined: a quote or bracket stays open. */
export function splitOutside(text: string, separator: ',' | ';'): string[] | undefined {
  const parts: string[] = [];
  const end = separator.charCodeAt(0);
  let start = 0;
  let quoted = false;
  let angle = false;
  for (let i = 0; i < text.length; i++) {
    // Compared as numbers: every request passes here several times.
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) quoted = false;
    } else if (c === QUOTE) quoted = true;
    else if (c === OPEN_ANGLE) angle = true;
    else if (c === CLOSE_ANGLE) angle = false;
    else if (c === end && !angle) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  if (quoted || angle) return undefined;
  parts.push(text.slice(start).trim());
  return parts;
}

/** A comma-separated header value as its elements, empty ones dropped. Undefined: malformed. */
export const splitList = (value: string): string[] | undefined => splitOutside(value, ',')?.filter((part) => part !== '');

/** Takes the quotes and escapes off a quoted string; other text is returned as it is. */
export function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
}

export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** `name[=value]` pairs. Undefined: a name that is no token, or nothing between two separators. */
export function parseParams(parts: readonly string[]): Map<string, string> | undefined {
  const params = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (!isToken(name)) return undefined;
    if (!params.has(name)) params.set(name, equals < 0 ? '' : unquote(part.slice(equals + 1).trim()));
  }
  return params;
}

/** Parses one `name-addr` or `addr-spec` with header parameters (From, To, Contact, Route, ...). Undefined: malformed. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const open = indexOfAngle(text);
  if (open < 0) {
    // Without brackets everything after ";" belongs to the header, and "?" and "," are not allowed (section 20).
    const parts = splitOutside(text.trim(), ';');
    const uri = parts?.[0];
    if (!parts || !uri || /[\s",?<>]/.test(uri)) return undefined;
    const params = parseParams(parts.slice(1));
    return params && { uri, params };
  }
  const close = text.indexOf('>', open);
  if (close < 0) return undefined;
  const uri = text.slice(open + 1, close);
  const tail = text.slice(close + 1).trim();
  if (uri === '' || /\s/.test(uri) || (tail !== '' && !tail.startsWith(';'))) return undefined;
  const parts = splitOutside(tail, ';');
  const params = parts && parseParams(parts.slice(1));
  const name = text.slice(0, open).trim();
  if (!params || !isDisplayName(name)) return undefined;
  return name === '' ? { uri, params } : { displayName: unquote(name), uri, params };
}

/** Index of the first `<` outside a quoted string. */
function indexOfAngle(text: string): number {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted && c === '\\') i++;
    else if (c === '"') quoted = !quoted;
    else if (c === '<' && !quoted) return i;
  }
  return -1;
}

/** A quoted string, or words; many endpoints put letters beyond ASCII there unquoted, which harms nobody. */
const isDisplayName = (name: string): boolean => /^(?:"(?:[^"\\]|\\.)*"|[^"<>@,;:]*)$/s.test(name);

/** Parses a `sip:` or `sips:` URI (section 19.1). Undefined: another scheme or malformed. */
export function parseSipUri(text: string): SipUri | undefined {
  const scheme = /^(sips?):/i.exec(text)?.[1]?.toLowerCase();
  // eslint-disable-next-line no-control-regex
  if (!scheme || /[\u0000-\u0020\u007f<>"]/.test(text)) return undefined;
  const rest = text.slice(scheme.length + 1);
  const at = rest.indexOf('@');
  const [user, password] = at < 0 ? [] : split(rest.slice(0, at), ':');
  const hostAndMore = rest.slice(at + 1);
  const [beforeHeaders, headers] = split(hostAndMore, '?');
  const [hostPort, ...params] = beforeHeaders.split(';');
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(hostPort ?? '');
  const parsed = parseParams(params.map(unescaped));
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (!match || !parsed || at === 0 || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  const plainUser = user === undefined ? undefined : tryDecode(user);
  if (user !== undefined && plainUser === undefined) return undefined;
  return {
    scheme: scheme as 'sip' | 'sips',
    user: plainUser,
    password,
    host: (match[1] ?? match[2])!.toLowerCase(),
    port,
    params: parsed,
    headers,
  };
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

const unescaped = (text: string): string => tryDecode(text) ?? text;

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What decides whether two contact URIs are the same (section 19.1.4), as one string. */
export function uriKey(uri: SipUri): string {
  const params = ['transport', 'user', 'maddr', 'ttl', 'method']
    .filter((name) => uri.params.has(name))
    .map((name) => `;${name}=${uri.params.get(name)!.toLowerCase()}`);
  return `${uri.scheme}:${uri.user ?? ''}:${uri.password ?? ''}@${uri.host}:${uri.port ?? ''}${params.join('')}`;
}

/** A host in a URI: IPv6 in brackets. */
export const uriHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** A decimal number of at most ten digits and at most `max`. Undefined: anything else. */
export function parseCount(text: string | undefined, max = 0xffff_ffff): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text.trim())) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
