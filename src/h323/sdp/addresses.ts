import { toHostPort, toTransportAddress, type HostPort } from '../ras';
import type { h245 } from '../schemas';

/** An IP address and port as H.245 writes them. */
export function toMediaAddress(address: HostPort): h245.TransportAddress {
  const written = toTransportAddress(address);
  if ('ipAddress' in written) return { unicastAddress: { iPAddress: { network: written.ipAddress.ip, tsapIdentifier: written.ipAddress.port } } };
  if ('ip6Address' in written) return { unicastAddress: { iP6Address: { network: written.ip6Address.ip, tsapIdentifier: written.ip6Address.port } } };
  throw new TypeError('an address is IPv4 or IPv6');
}

/** The IP address and port of a unicast address; undefined for other networks, and where there is none. */
export function fromMediaAddress(address: h245.TransportAddress | undefined): HostPort | undefined {
  if (address === undefined || !('unicastAddress' in address)) return undefined;
  const unicast = address.unicastAddress;
  if ('iPAddress' in unicast) return toHostPort({ ipAddress: { ip: unicast.iPAddress.network, port: unicast.iPAddress.tsapIdentifier } });
  if ('iP6Address' in unicast) return toHostPort({ ip6Address: { ip: unicast.iP6Address.network, port: unicast.iP6Address.tsapIdentifier } });
  return undefined;
}
