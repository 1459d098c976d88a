import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { h225 } from '../schemas';

export interface HostPort {
  host: string;
  port: number;
}

/** Octets of the hosts that were written last: messages name the same few again and again. */
const recent = new Map<string, Buffer>();
const MAX_RECENT = 256;

/** An IP address and port as H.225.0 writes them. IPv4 addresses in IPv6 ones (::ffff:…) are IPv4 addresses. */
export function toTransportAddress({ host, port }: HostPort): h225.TransportAddress {
  let ip = recent.get(host);
  if (!ip) {
    ip = octetsOf(plainHost(host));
    if (recent.size >= MAX_RECENT) recent.clear();
    recent.set(host, ip);
  }
  return ip.length === 4 ? { ipAddress: { ip, port } } : { ip6Address: { ip, port } };
}

/** 4 or 16 octets. */
function octetsOf(plain: string): Buffer {
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  const [head = '', tail] = plain.split('::');
  const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => parseInt(word, 16)));
  const front = words(head);
  const back = tail === undefined ? [] : words(tail);
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

/** The IP address and port of a transport address; undefined for other networks. */
export function toHostPort(address: h225.TransportAddress): HostPort | undefined {
  if ('ipAddress' in address) return { host: address.ipAddress.ip.join('.'), port: address.ipAddress.port };
  if ('ip6Address' in address) {
    const { ip, port } = address.ip6Address;
    return { host: [...Array(8).keys()].map((i) => ip.readUInt16BE(i * 2).toString(16)).join(':'), port };
  }
  return undefined;
}

/** All IP addresses among transport addresses, in their order. */
export const toHostPorts = (addresses: readonly h225.TransportAddress[]): HostPort[] => addresses.map(toHostPort).filter((address) => address !== undefined);

const plainHost = (host: string): string => host.replace(/^::ffff:(?=\d+\.)/i, '');

/** A host as it is compared: IPv6 addresses have many spellings. */
function comparable(host: string): string {
  const plain = plainHost(host);
  return isIPv6(plain) ? toHostPort(toTransportAddress({ host: plain, port: 0 }))!.host : plain;
}

export const sameHost = (a: string, b: string): boolean => a === b || comparable(a) === comparable(b);
export const sameAddress = (a: HostPort, b: HostPort): boolean => a.port === b.port && sameHost(a.host, b.host);

/** `192.0.2.1:1719`, `[2001:db8::1]:1719`. */
export const addressText = ({ host, port }: HostPort): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** Reads what `addressText` writes; `port` is taken where none is given. */
export function parseAddressText(text: string, port: number): HostPort {
  const [, bracketed, bare, after] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? bare ?? text, port: after === undefined ? port : Number(after) };
}

const PRIVATE = new BlockList();
for (const [network, bits] of [['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16]] as const) PRIVATE.addSubnet(network, bits);
for (const [network, bits] of [['::', 127], ['fc00::', 7], ['fe80::', 10]] as const) PRIVATE.addSubnet(network, bits, 'ipv6');

/** An address that means something in its own network only (RFC 1918, 4193, 6598; loopback and link-local; unspecified). */
export function isPrivate(host: string): boolean {
  const plain = plainHost(host);
  return PRIVATE.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/**
 * An alias as one string by which aliases are compared, `dialledDigits:9890101`, `h323-ID:ex90-1`: names without regard to case.
 * Undefined for kinds that cannot be dialled here.
 */
export function aliasKey(alias: h225.AliasAddress): string | undefined {
  if ('dialledDigits' in alias) return `dialledDigits:${alias.dialledDigits}`;
  if ('h323-ID' in alias) return `h323-ID:${fold(alias['h323-ID'])}`;
  if ('url-ID' in alias) return `url-ID:${fold(alias['url-ID'])}`;
  if ('email-ID' in alias) return `email-ID:${fold(alias['email-ID'])}`;
  if ('transportID' in alias) {
    const address = toHostPort(alias.transportID);
    return address && `transportID:${address.host}:${address.port}`;
  }
  if ('partyNumber' in alias && 'e164Number' in alias.partyNumber) return `dialledDigits:${alias.partyNumber.e164Number.publicNumberDigits}`;
  return undefined;
}

const fold = (name: string): string => name.normalize('NFC').toLowerCase();

/** What an alias says, as people write it: `9890101`, `ex90-1`, `h323:kela.fi@palvelu.example`; undefined where it cannot be dialled here. */
export function aliasText(alias: h225.AliasAddress): string | undefined {
  if ('dialledDigits' in alias) return alias.dialledDigits;
  if ('h323-ID' in alias) return alias['h323-ID'];
  if ('url-ID' in alias) return alias['url-ID'];
  if ('email-ID' in alias) return alias['email-ID'];
  if ('transportID' in alias) {
    const address = toHostPort(alias.transportID);
    return address && addressText(address);
  }
  if ('partyNumber' in alias && 'e164Number' in alias.partyNumber) {
    const { publicTypeOfNumber, publicNumberDigits } = alias.partyNumber.e164Number;
    return 'internationalNumber' in publicTypeOfNumber ? `+${publicNumberDigits}` : publicNumberDigits;
  }
  return undefined;
}
