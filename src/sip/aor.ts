import { type NameAddr, parseNameAddr, parseSipUri } from './grammar';

export interface OwnNames {
  /** The configured domain, lower case. */
  domain: string;
  /** Whether a host in a URI is this system itself: its addresses and names, and the domain. Given in lower case. */
  isOurHost(host: string): boolean;
}

/** Own names from the domain and what the SIP server says it listens on. */
export function ownNames(domain: string, hosts: Iterable<string>): OwnNames {
  const ours = new Set([domain, ...hosts].map((host) => host.toLowerCase().replace(/^\[|\]$/g, '')));
  return { domain: domain.toLowerCase(), isOurHost: (host) => ours.has(host) };
}

/**
 * The AOR in a From or To value as the directory writes it: `user@domain`, lower case. An endpoint that was given this
 * system's address instead of the domain means the domain. Undefined: no SIP address with a user.
 */
export function aorOf(header: string | NameAddr | undefined, names: OwnNames): string | undefined {
  const nameAddr = typeof header === 'string' ? parseNameAddr(header) : header;
  const uri = nameAddr && parseSipUri(nameAddr.uri);
  if (!uri?.user) return undefined;
  return `${uri.user.toLowerCase()}@${names.isOurHost(uri.host) ? names.domain : uri.host}`;
}
