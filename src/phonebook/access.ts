import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { RateLimit } from './rate-limit';
import type { Reader } from './reader';

/** A reader and what lets it in. */
export interface Grant {
  reader: Reader;
  /** Part of the URL, as endpoints can answer no authentication. */
  secret: string;
  /** Addresses and networks (CIDR) that the secret is taken from; none: from everywhere. */
  networks?: readonly string[];
}

export interface AccessLimits {
  /** Requests a second of one reader from one address, ten times as many at once. */
  requestsPerSecond: number;
}

export type Admission = { reader: Reader } | { refused: 'unknown' | 'too-many' };

const BURST_SECONDS = 10;

/**
 * Lets readers in by the secret in their URL. Secrets are kept and compared as digests, so that neither a dump nor the time of an
 * answer tells them. Wrong ones are not counted: nobody guesses 16 letters, and behind one address may stand a whole town with
 * one forgotten device.
 */
export class Access {
  private readonly grants: Map<string, { digest: Buffer; reader: Reader; allows: (address: string) => boolean }>;
  private readonly requests: RateLimit;

  /** @param now milliseconds */
  constructor(grants: readonly Grant[], { requestsPerSecond }: AccessLimits, now: () => number) {
    this.grants = new Map(grants.map(({ reader, secret, networks = [] }) => {
      const digest = digestOf(secret);
      return [digest.toString('hex'), { digest, reader, allows: networks.length === 0 ? () => true : inNetworks(networks) }];
    }));
    this.requests = new RateLimit(requestsPerSecond, requestsPerSecond * BURST_SECONDS, now);
  }

  /** @param address of the connection, never what a header claims */
  admit(secret: string, address: string): Admission {
    const digest = digestOf(secret);
    const grant = this.grants.get(digest.toString('hex'));
    if (grant === undefined || !timingSafeEqual(grant.digest, digest) || !grant.allows(address)) return { refused: 'unknown' };
    return this.limited(grant.reader, address);
  }

  /** For a reader that is known by other means than a secret. */
  limited(reader: Reader, address: string): Admission {
    return this.requests.allows(`${reader.name} ${address}`) ? { reader } : { refused: 'too-many' };
  }
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Whether an address belongs to one of the networks. Throws RangeError where one of these is none. */
export function inNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

/** An IPv4 address mapped into IPv6 as IPv4. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
