import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { MediaServerError } from '../../media-server-error';

/** `::ffff:10.0.0.1` is 10.0.0.1. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Who may use the event socket and place calls: loopback, and what the operator adds. */
export class AccessList {
  private readonly allowed = new BlockList();
  /** What was found last: few ask, each again and again. */
  private last: { address: string; isAllowed: boolean } | undefined;

  /** `networks` are addresses and networks such as `10.0.0.0/8`. Throws MediaServerError `allow-invalid`. */
  constructor(networks: readonly string[]) {
    for (const network of ['127.0.0.0/8', '::1/128', ...networks]) {
      const [address = '', bits] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      const prefix = bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits);
      if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 'ipv6' ? 128 : 32)) {
        throw new MediaServerError('allow-invalid', `"${network}" is no address or network`, 'Write it like 10.1.2.3 or 10.1.0.0/16.');
      }
      this.allowed.addSubnet(address, prefix, family);
    }
  }

  allows(address: string | undefined): boolean {
    const text = plain(address ?? '');
    if (this.last?.address !== text) this.last = { address: text, isAllowed: isIP(text) !== 0 && this.allowed.check(text, isIPv6(text) ? 'ipv6' : 'ipv4') };
    return this.last.isAllowed;
  }

  /** The address of a host, when it is one of those allowed; undefined otherwise. */
  async resolve(host: string): Promise<string | undefined> {
    if (isIP(host) !== 0) return this.allows(host) ? host : undefined;
    const found = await lookup(host, { all: true }).catch(() => []);
    return found.find(({ address }) => this.allows(address))?.address;
  }
}
