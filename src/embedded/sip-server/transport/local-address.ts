import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

interface Interface {
  address: string;
  internal: boolean;
  network: BlockList;
}

function interfacesOf(family: 'ipv4' | 'ipv6'): Interface[] {
  return Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    .filter((entry) => entry.family.toLowerCase() === family && !entry.address.startsWith('fe80'))
    .map((entry) => {
      const network = new BlockList();
      network.addSubnet(entry.address, Number(entry.cidr?.split('/')[1] ?? (family === 'ipv4' ? 32 : 128)), family);
      return { address: entry.address, internal: entry.internal, network };
    });
}

/** The host's own address in the network of `remoteAddress`; outside all of them, that of an interface which is not loopback. */
export function addressFacing(remoteAddress: string): string {
  const family = isIPv4(remoteAddress) ? 'ipv4' : 'ipv6';
  const candidates = interfacesOf(family);
  const best = candidates.find((candidate) => candidate.network.check(remoteAddress, family))
    ?? candidates.find((candidate) => !candidate.internal) ?? candidates[0];
  return best?.address ?? (family === 'ipv4' ? '127.0.0.1' : '::1');
}

const FACING_LIFE_MS = 30_000;
const FACING_LIMIT = 1_000;

/** Remembers `addressFacing` for a while: asking the system for its interfaces costs more than a call's other work. */
export class FacingAddresses {
  private readonly known = new Map<string, string>();
  private cleared = 0;

  constructor(private readonly now: () => number) {}

  towards(remoteAddress: string): string {
    if (this.now() - this.cleared > FACING_LIFE_MS || this.known.size >= FACING_LIMIT) {
      this.known.clear();
      this.cleared = this.now();
    }
    let address = this.known.get(remoteAddress);
    if (address === undefined) this.known.set(remoteAddress, (address = addressFacing(remoteAddress)));
    return address;
  }
}
