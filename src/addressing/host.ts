import { isIPv4, isIPv6 } from 'node:net';
import { foldLetters } from './fold';
import { firstForbidden } from './grammar';
import { fault, type AddressFault } from './types';

export interface Host {
  host: string;
  version?: 4 | 6;
  port?: number;
}

const MAX_DOMAIN = 253; // RFC 1035 section 2.3.4, without the root's dot
const MAX_LABEL = 63;

/** The shortest form of an IPv6 address (RFC 5952), lower case. */
const shortIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

/**
 * Reads `host [ ":" port ]` (RFC 3261 section 25.1, hostport); `offset` is where it begins in the whole string. A domain comes
 * out folded to lower-case ASCII without a final dot: the network's own domains are written that way (an internationalised
 * domain of a partner is dialled by its xn-- form).
 */
export function readHost(text: string, offset: number): Host | AddressFault {
  if (isIPv6(text)) return { host: shortIpv6(text.replace(/%.*$/, '')), version: 6 };
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    const address = text.slice(1, end < 0 ? undefined : end);
    if (end < 0 || !isIPv6(address) || address.includes('%')) {
      return fault('ip', offset + 1, `no IPv6 address between '[' at character ${offset + 1} and ']'`);
    }
    return withPort({ host: shortIpv6(address), version: 6 }, text.slice(end + 1), offset + end + 1);
  }
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const host = readName(name, offset);
  if ('kind' in host || colon < 0) return host;
  return withPort(host, text.slice(colon), offset + name.length);
}

function readName(written: string, offset: number): Host | AddressFault {
  const domain = foldLetters(written).replace(/\.$/, '');
  if (isIPv4(domain)) return { host: domain, version: 4 };
  if (domain === '') return fault('no-domain', offset + 1, `no domain at character ${offset + 1}`);
  if (domain.length > MAX_DOMAIN) return fault('domain-too-long', offset + 1, `the domain has more than ${MAX_DOMAIN} characters`);
  const forbidden = firstForbidden(written, /[a-z0-9.-]/, 'a domain', offset);
  if (forbidden !== undefined) return forbidden;
  let position = offset + 1;
  for (const label of domain.split('.')) {
    const quoted = `the domain's part '${label.slice(0, MAX_LABEL)}' at character ${position}`;
    if (label === '') return fault('label', position, `the domain has an empty part at character ${position}`);
    if (label.length > MAX_LABEL) return fault('label', position, `${quoted} is longer than ${MAX_LABEL} characters`);
    if (label.startsWith('-') || label.endsWith('-')) return fault('label', position, `${quoted} begins or ends with '-'`);
    position += label.length + 1;
  }
  // A last label of digits alone makes it an address by intention (RFC 3696 section 2), and isIPv4 said that it is none.
  if (/(?:^|\.)\d+$/.test(domain)) return fault('ip', offset + 1, `'${domain.slice(0, MAX_LABEL)}' is neither a domain nor an IPv4 address`);
  return { host: domain };
}

function withPort(host: Host, rest: string, offset: number): Host | AddressFault {
  if (rest === '') return host;
  const port = /^:(\d{1,5})$/.exec(rest)?.[1];
  if (port === undefined || Number(port) < 1 || Number(port) > 65535) {
    return fault('port', offset + 2, `after the host only ':' and a port from 1 to 65535 may follow (character ${offset + 2})`);
  }
  return { ...host, port: Number(port) };
}
