import { isIPv6 } from 'node:net';
import { SipServerError } from '../server-error';

export const PROTOCOLS = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One socket to listen on. */
export interface ListenPoint {
  protocol: Protocol;
  /** A name or an address, IPv6 without brackets. */
  host: string;
  port: number;
  /** What Contact, Via and Record-Route say instead of the bound address, for a host behind NAT. */
  externalHost?: string;
}

export const isSecure = (protocol: Protocol): boolean => protocol === 'tls' || protocol === 'wss';
export const isReliable = (protocol: Protocol): boolean => protocol !== 'udp';

/** RFC 3261 section 19.1.2; WebSocket takes HTTP's ports (RFC 7118 section 5.2). */
export function defaultPort(protocol: Protocol): number {
  if (protocol === 'tls') return 5061;
  if (protocol === 'ws') return 80;
  return protocol === 'wss' ? 443 : 5060;
}

/** The address as a URI or a Via shows it (RFC 3261 section 25.1, `host`). */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const CONTACT = /^(sips?):(?:[^@\s;]*@)?(\[[0-9a-fA-F:.]+\]|[^:;\s[\]]+)(?::(\d{1,5}))?((?:;[^;\s]+)*)$/;

/**
 * Reads a listen specification such as `sip:127.0.0.1:5060;transport=udp,tcp`. Without `transport`, `sip:` means UDP and TCP
 * and `sips:` means TLS. Port 0 asks for any free port.
 * Throws SipServerError `contact-invalid`.
 */
export function parseContact(specification: string): ListenPoint[] {
  const match = CONTACT.exec(specification);
  const invalid = (why: string): SipServerError => new SipServerError('contact-invalid', `Contact "${specification}": ${why}`, {
    hint: "Write it like 'sip:127.0.0.1:5060;transport=udp,tcp' or 'sip:[::1]:5061;transport=tls'.",
  });
  if (match === null) throw invalid('is not sip:HOST:PORT;transport=LIST');
  const [, scheme, rawHost = '', rawPort, parameters = ''] = match;
  const host = rawHost.replace(/^\[|\]$/g, '');
  if (rawHost.startsWith('[') && !isIPv6(host)) throw invalid(`${rawHost} is not an IPv6 address`);
  let names = scheme === 'sips' ? ['tls'] : ['udp', 'tcp'];
  let externalHost: string | undefined;
  for (const parameter of parameters.split(';').slice(1)) {
    const [name, value = ''] = parameter.split('=');
    if (name === 'transport') names = value.toLowerCase().split(',');
    else if (name === 'external-ip') externalHost = value.replace(/^\[|\]$/g, '');
    else throw invalid(`parameter "${name}" is not known; there are transport and external-ip`);
  }
  return names.map((name) => {
    const protocol = PROTOCOLS.find((candidate) => candidate === name);
    if (protocol === undefined) throw invalid(`transport "${name}" is none of ${PROTOCOLS.join(', ')}`);
    const port = rawPort === undefined ? defaultPort(protocol) : Number(rawPort);
    if (port > 65_535) throw invalid(`port ${port} is above 65535`);
    return { protocol, host, port, ...(externalHost ? { externalHost } : {}) };
  });
}
