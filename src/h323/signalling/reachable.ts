import { BlockList, isIP } from 'node:net';
import type { HostPort } from '../ras';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
/** This network, multicast and broadcast: no endpoint's address. */
const NOBODY = new BlockList();
NOBODY.addSubnet('0.0.0.0', 8, 'ipv4');
NOBODY.addSubnet('224.0.0.0', 3, 'ipv4');
NOBODY.addAddress('::', 'ipv6');
NOBODY.addSubnet('ff00::', 8, 'ipv6');

const isIn = (list: BlockList, host: string): boolean => list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');

/** Whether to connect to an address that a peer names: no peer of the network gets a connection to services of this machine. */
export function mayBeReached(address: HostPort, peer: HostPort): boolean {
  if (isIP(address.host) === 0 || address.port === 0 || isIn(NOBODY, address.host)) return false;
  return !isIn(LOOPBACK, address.host) || (isIP(peer.host) !== 0 && isIn(LOOPBACK, peer.host));
}
