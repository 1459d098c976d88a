import { isIP } from 'node:net';
import type { SipUri } from '../message';
import { requestedProtocol } from '../dns/locate';
import { bracketed, defaultPort } from '../transport/contact';
import type { LocalPoint } from '../transport/flow';

/** Our `host:port` as a peer reaches it; always with the port, as drachtio-server writes it. */
export const authorityOf = (local: LocalPoint, remoteAddress: string): string =>
  `${bracketed(local.hostTowards(remoteAddress))}:${local.port}`;

/** `;transport=` for everything but UDP (RFC 3261 section 19.1.1; RFC 7118 section 5.2.3). */
export const transportParameter = (local: LocalPoint): string => (local.protocol === 'udp' ? '' : `;transport=${local.protocol}`);

/** Our Contact, also the From of requests whose application names none. */
export const contactOf = (local: LocalPoint, remoteAddress: string): string =>
  `<sip:${authorityOf(local, remoteAddress)}${transportParameter(local)}>`;

/** Whether a URI leads back to one of our own sockets. */
export function isOurs(uri: SipUri, points: readonly LocalPoint[]): boolean {
  const host = uri.host === 'localhost' ? '127.0.0.1' : uri.host;
  if (isIP(host) === 0) return false;
  const protocol = requestedProtocol(uri) ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
  const port = uri.port ?? defaultPort(protocol);
  return points.some((point) => point.protocol === protocol && point.port === port && point.hostTowards(host) === host);
}
