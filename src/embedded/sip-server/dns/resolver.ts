import { Resolver as DnsResolver, lookup } from 'node:dns/promises';

export interface NaptrRecord {
  order: number;
  preference: number;
  /** `s`, `a`, `u` or ''. */
  flags: string;
  /** `SIP+D2U`, `SIPS+D2T` ... */
  service: string;
  replacement: string;
}

export interface SrvRecord {
  priority: number;
  weight: number;
  port: number;
  name: string;
}

export interface AddressRecord {
  address: string;
  /** Seconds. */
  ttl: number;
}

/** DNS as RFC 3263 needs it. Every method rejects when the name has no such record. */
export interface Resolver {
  naptr(name: string): Promise<NaptrRecord[]>;
  srv(name: string): Promise<SrvRecord[]>;
  a(name: string): Promise<AddressRecord[]>;
  aaaa(name: string): Promise<AddressRecord[]>;
}

/** What the system's own look-up (hosts file) is believed for; it names no lifetime. */
const LOOKUP_TTL = 60;
const QUERY = { timeout: 2_000, tries: 2 };

/** Resolves through the system's DNS servers, or `servers`; names without A or AAAA record are looked for in the hosts file. */
export function systemResolver(servers?: string[]): Resolver {
  const dns = new DnsResolver(QUERY);
  if (servers !== undefined) dns.setServers(servers);
  const orHosts = (family: 4 | 6) => async (error: unknown, name: string): Promise<AddressRecord[]> => {
    const found = await lookup(name, { family, all: true });
    if (found.length === 0) throw error;
    return found.map(({ address }) => ({ address, ttl: LOOKUP_TTL }));
  };
  return {
    naptr: (name) => dns.resolveNaptr(name),
    srv: (name) => dns.resolveSrv(name),
    a: (name) => dns.resolve4(name, { ttl: true }).catch((error: unknown) => orHosts(4)(error, name)),
    aaaa: (name) => dns.resolve6(name, { ttl: true }).catch((error: unknown) => orHosts(6)(error, name)),
  };
}
