import { isIP } from 'node:net';
import { toHostPort, toTransportAddress, type HostPort } from '../ras';
import type { h245 } from '../schemas';

/** An IP address and port as H.245 writes them. */
export function toH245Address(address: HostPort): h245.TransportAddress {
  if (isIP(address.host) === 0) throw new TypeError(`${address.host} is no IP address`);
  const written = toTransportAddress(address);
  if ('ipAddress' in written) return { unicastAddress: { iPAddress: { network: written.ipAddress.ip, tsapIdentifier: written.ipAddress.port } } };
  if ('ip6Address' in written) return { unicastAddress: { iP6Address: { network: written.ip6Address.ip, tsapIdentifier: written.ip6Address.port } } };
  throw new TypeError('an IP address is IPv4 or IPv6');
}

/** The IP address and port of a unicast address; undefined for multicast and other networks. */
export function fromH245Address(address: h245.TransportAddress | undefined): HostPort | undefined {
  if (!address || !('unicastAddress' in address)) return undefined;
  const { unicastAddress } = address;
  if ('iPAddress' in unicastAddress) return toHostPort({ ipAddress: { ip: unicastAddress.iPAddress.network, port: unicastAddress.iPAddress.tsapIdentifier } });
  if ('iP6Address' in unicastAddress) return toHostPort({ ip6Address: { ip: unicastAddress.iP6Address.network, port: unicastAddress.iP6Address.tsapIdentifier } });
  return undefined;
}
