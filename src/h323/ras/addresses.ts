import { isIPv4 } from 'node:net';
import type { h225 } from '../schemas';

export interface HostPort {
  host: string;
  port: number;
}

/** An IP address and port as H.225.0 writes them. IPv4 addresses in IPv6 ones (::ffff:…) are IPv4 addresses. */
export function toTransportAddress({ host, port }: HostPort): h225.TransportAddress {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(plain)) return { ipAddress: { ip: Buffer.from(plain.split('.').map(Number)), port } };
  const [head = '', tail] = plain.split('::');
  const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => parseInt(word, 16)));
  const front = words(head);
  const back = tail === undefined ? [] : words(tail);
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return { ip6Address: { ip: Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff])), port } };
}

/** The IP address and port of a transport address; undefined for other networks. */
export function toHostPort(address: h225.TransportAddress): HostPort | undefined {
  if ('ipAddress' in address) return { host: [...address.ipAddress.ip].join('.'), port: address.ipAddress.port };
  if ('ip6Address' in address) {
    const { ip, port } = address.ip6Address;
    return { host: [...Array(8).keys()].map((i) => ip.readUInt16BE(i * 2).toString(16)).join(':'), port };
  }
  return undefined;
}

export const sameAddress = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.host === b.host;

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
