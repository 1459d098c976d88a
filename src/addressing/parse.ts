import { fold } from './fold';
import { firstForbidden, MAX_DIGITS, MAX_LOCAL, readNumericAlias, readServiceName } from './grammar';
import { readHost } from './host';
import { fault, isFault, type AddressFault, type DeviceName, type ParsedAddress, type Scheme } from './types';

/** Longest string that is looked at at all, in UTF-16 units. */
const MAX_LENGTH = 512;
const MAX_H323_ID = 256; // H.225.0: h323-ID is BMPString (SIZE (1..256))
const SCHEMES: readonly string[] = ['sip', 'sips', 'h323', 'tel'];
/** RFC 3261 unreserved and user-unreserved without what H.323 gatekeepers split on (; ? / ,). */
const LOCAL_CHARACTER = /[a-z0-9._~!*'()&=+$\s-]/;
const PLAIN = /^[a-z0-9.-]+$/;

/**
 * Reads what somebody dialled: `name`, `name@domain`, digits, E.164 with "+", an IP literal, or a `sip:` `sips:` `h323:`
 * `tel:` URL of one of these. URL parameters and headers are dropped. Never throws; time is linear in the text.
 * @param options.h323 accept any other string as an H.323 ID (what an H.323 endpoint may dial)
 */
export function parseAddress(text: string, options: { h323?: boolean } = {}): ParsedAddress | AddressFault {
  if (text.length > MAX_LENGTH) return fault('too-long', 0, `an address of more than ${MAX_LENGTH} characters`);
  const written = text.trim();
  if (written === '') return fault('empty', 0, 'nothing was dialled');
  const offset = text.indexOf(written);
  const scheme = readScheme(written);
  const result = scheme === undefined
    ? readBare(written, offset)
    : readUrl(written.slice(scheme.length + 1), offset + scheme.length + 1, scheme);
  if (!isFault(result)) return scheme === undefined ? result : { ...result, scheme: scheme as Scheme };
  if (options.h323 && (scheme === undefined || scheme === 'h323')) return readH323Id(written, scheme) ?? result;
  return result;
}

/** The scheme in lower case; undefined when the colon belongs to an IPv6 address or a port. */
function readScheme(text: string): string | undefined {
  const match = /^([a-z][a-z0-9+-]{0,15}):(?!\d{1,5}$|:)/i.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  return scheme === undefined || readsAsIp(text) ? undefined : scheme;
}

const readsAsIp = (text: string): boolean => {
  const host = readHost(text, 0);
  return !('kind' in host) && host.version !== undefined;
};

function readUrl(rest: string, offset: number, scheme: string): ParsedAddress | AddressFault {
  if (!SCHEMES.includes(scheme)) return fault('scheme', 1, `'${scheme}:' is not a scheme known here (sip:, sips:, h323:, tel:)`);
  const bare = (/^[^;?]*/.exec(rest)?.[0] ?? '').trimEnd();
  if (bare === '') return fault('no-name', offset + 1, `nothing after '${scheme}:'`);
  if (scheme === 'tel') return readNumber(bare, offset);
  // RFC 3261 allows ";" and "?" in the user part; parameters and headers begin after the host.
  const at = rest.indexOf('@');
  const hostPart = at < 0 ? '' : (/^[^;?]*/.exec(rest.slice(at + 1))?.[0] ?? '').trimEnd();
  return readBare(unescape(at < 0 ? bare : `${rest.slice(0, at)}@${hostPart}`), offset);
}

/** Undoes %-escapes (RFC 3261 section 19.1.2) that are UTF-8; what is none stays and is refused as a character. */
function unescape(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readBare(text: string, offset: number): ParsedAddress | AddressFault {
  const at = text.indexOf('@');
  if (at >= 0) return readUserAtHost(text, at, offset);
  const plain = fold(text);
  if (/^\+|^[\d*#][\d*#()-]*$/.test(plain)) return readNumber(text, offset);
  const ip = readHost(text, offset);
  if (!('kind' in ip) && ip.version !== undefined) {
    return { kind: 'ip', host: ip.host, version: ip.version, ...(ip.port === undefined ? {} : { port: ip.port }) };
  }
  if (/^[\d.:[\]]+$/.test(plain)) return fault('ip', offset + 1, `'${text.slice(0, MAX_LOCAL)}' is neither a number nor an IP address`);
  const name = readLocal(text, offset, 'a name');
  if (typeof name !== 'string') return name;
  const service = readServiceName(name);
  return isFault(service) ? { kind: 'name', name } : { kind: 'name', name, service };
}

function readUserAtHost(text: string, at: number, offset: number): ParsedAddress | AddressFault {
  const second = text.indexOf('@', at + 1);
  if (second >= 0) return fault('second-at', offset + second + 1, `a second '@' at character ${offset + second + 1}`);
  const user = text.slice(0, at);
  const colon = user.indexOf(':');
  if (colon >= 0) return fault('password', offset + colon + 1, `':' before the '@' (character ${offset + colon + 1}): addresses carry no passwords`);
  const local = readLocal(user, offset, 'a name');
  if (typeof local !== 'string') return local;
  const host = readHost(text.slice(at + 1), offset + at + 1);
  if ('kind' in host) return host;
  const domain = host.version === 6 ? `[${host.host}]` : host.host;
  const service = readServiceName(local);
  const device = host.version === undefined ? readDeviceName(local, domain) : undefined;
  return {
    kind: 'address', local, domain,
    ...(isFault(service) ? {} : { service }),
    ...(device === undefined ? {} : { device }),
    ...(host.port === undefined ? {} : { port: host.port }),
  };
}

/** The folded name, or why it is none. */
function readLocal(text: string, offset: number, what: string): string | AddressFault {
  const trimmed = text.trim();
  const local = fold(trimmed);
  if (local === '') return fault('no-name', offset + 1, `no name before the '@' (character ${offset + 1})`);
  if (local.length > MAX_LOCAL) return fault('local-too-long', offset + MAX_LOCAL + 1, `more than ${MAX_LOCAL} characters before the '@'`);
  if (PLAIN.test(local)) return local;
  return firstForbidden(trimmed, LOCAL_CHARACTER, what, offset + text.indexOf(trimmed)) ?? local;
}

function readDeviceName(name: string, host: string): DeviceName | undefined {
  const dot = host.indexOf('.');
  return dot < 0 ? undefined : { name, site: host.slice(0, dot), domain: host.slice(dot + 1) };
}

/** Digits, with the visual separators of RFC 3966 section 3 and blanks dropped. */
function readNumber(text: string, offset: number): ParsedAddress | AddressFault {
  const plain = fold(text);
  const international = plain.startsWith('+');
  const digits = plain.slice(international ? 1 : 0).replace(/[\s()./-]/g, '');
  const forbidden = firstForbidden(text, international ? /[+\d\s()./-]/ : /[\d*#\s()./-]/, 'a number', offset);
  if (forbidden !== undefined) return forbidden;
  if (!/^[\d*#]+$/.test(digits)) return fault('number', offset + 1, digits === '' ? 'a number without digits' : "a number with a second '+'");
  // E.164 has at most 15 digits after the "+" (ITU-T E.164 section 6.2.1).
  const most = international ? 15 : MAX_DIGITS;
  if (digits.length > most) return fault('number', 0, `a number of ${digits.length} digits (at most ${most})`);
  const alias = international ? undefined : readNumericAlias(digits);
  return { kind: 'number', digits, international, ...(alias === undefined ? {} : { alias }) };
}

function readH323Id(written: string, scheme?: string): ParsedAddress | undefined {
  const id = (scheme === undefined ? written : unescape(/^[^;?]*/.exec(written.slice(scheme.length + 1))?.[0] ?? '')).trim().normalize('NFC');
  if (id === '' || id.length > MAX_H323_ID || /[\p{Cc}\p{Cs}]/u.test(id)) return undefined;
  // What reads as an address by itself, or as a URL, would change its meaning when it is read again.
  if (readScheme(id) !== undefined || !isFault(readBare(id, 0))) return undefined;
  return { kind: 'h323-id', id, ...(scheme === undefined ? {} : { scheme: 'h323' }) };
}

/** The canonical spelling, without scheme and port: what the directory is asked for. */
export function formatAddress(address: ParsedAddress): string {
  switch (address.kind) {
    case 'address': return `${address.local}@${address.domain}`;
    case 'name': return address.name;
    case 'number': return (address.international ? '+' : '') + address.digits;
    case 'h323-id': return address.id;
    case 'ip': return address.host;
  }
}
