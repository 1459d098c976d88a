import { isIP } from 'node:net';
import type { SipUri } from '../message';
import { defaultPort, isSecure, PROTOCOLS, type Protocol } from '../transport/contact';
import type { Target } from '../transport/flow';
import type { NaptrRecord, Resolver, SrvRecord } from './resolver';

/** More targets than a request can try before its caller gives up. */
const MAXIMUM_TARGETS = 8;

/** NAPTR services (RFC 3263 section 4.1; RFC 7118 section 8 for WebSocket) and the names of their SRV records. */
const SERVICES: Readonly<Record<string, Protocol>> = {
  'SIP+D2U': 'udp', 'SIP+D2T': 'tcp', 'SIPS+D2T': 'tls', 'SIP+D2W': 'ws', 'SIPS+D2W': 'wss',
};
const SRV_NAMES: Readonly<Record<Protocol, string>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp', ws: '_sip._ws', wss: '_sips._ws' };

/** The transport that a URI asks for; undefined when it leaves the choice. */
export function requestedProtocol(uri: SipUri): Protocol | undefined {
  const named = uri.params.get('transport')?.toLowerCase();
  const protocol = PROTOCOLS.find((candidate) => candidate === named);
  if (uri.scheme !== 'sips') return protocol;
  if (protocol === 'ws' || protocol === 'wss') return 'wss';
  return protocol === undefined && named === undefined ? undefined : 'tls';
}

/** Where a URI with an address for a host leads without asking anyone; undefined for names. */
export function locateAddress(uri: SipUri): Target | undefined {
  const host = uri.params.get('maddr') ?? uri.host;
  if (isIP(host) === 0) return undefined;
  const protocol = requestedProtocol(uri) ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
  return { protocol, address: host, port: uri.port ?? defaultPort(protocol) };
}

/**
 * Everywhere that a request to `uri` may go, in the order in which to try (RFC 3263 section 4); `supported` are the
 * transports that we listen on. Rejects when the name leads nowhere.
 */
export async function locate(uri: SipUri, resolver: Resolver, supported: ReadonlySet<Protocol>, random: () => number = Math.random): Promise<Target[]> {
  const direct = locateAddress(uri);
  if (direct !== undefined) return [direct];
  const asked = requestedProtocol(uri);
  const host = (uri.params.get('maddr') ?? uri.host).toLowerCase();
  const plain = asked ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
  if (uri.port !== undefined) return addresses(host, plain, uri.port, host, resolver);
  const services = await servicesOf(host, asked, uri.scheme === 'sips', resolver, supported);
  const targets: Target[] = [];
  for (const [protocol, srvName] of services) {
    const records = await resolver.srv(srvName).catch(() => []);
    for (const record of inOrder(records, random)) {
      if (record.name === '' || record.name === '.') continue; // "The service is decidedly not available" (RFC 2782).
      targets.push(...await addresses(record.name, protocol, record.port, host, resolver).catch(() => []));
      if (targets.length >= MAXIMUM_TARGETS) return targets.slice(0, MAXIMUM_TARGETS);
    }
  }
  return targets.length > 0 ? targets : addresses(host, plain, defaultPort(plain), host, resolver);
}

/** The transports to try and their SRV names: as NAPTR says, or those that we speak (RFC 3263 section 4.1). */
async function servicesOf(
  host: string, asked: Protocol | undefined, secureOnly: boolean, resolver: Resolver, supported: ReadonlySet<Protocol>,
): Promise<[Protocol, string][]> {
  if (asked !== undefined) return [[asked, `${SRV_NAMES[asked]}.${host}`]];
  const usable = (protocol: Protocol | undefined): protocol is Protocol =>
    protocol !== undefined && supported.has(protocol) && (!secureOnly || isSecure(protocol));
  const pointers = (await resolver.naptr(host).catch((): NaptrRecord[] => []))
    .filter((record) => record.flags.toLowerCase() === 's' && usable(SERVICES[record.service.toUpperCase()]))
    .sort((a, b) => a.order - b.order || a.preference - b.preference);
  if (pointers.length > 0) return pointers.map((record) => [SERVICES[record.service.toUpperCase()] as Protocol, record.replacement]);
  return (['udp', 'tcp', 'tls'] as const).filter(usable).map((protocol) => [protocol, `${SRV_NAMES[protocol]}.${host}`]);
}

/** By priority; within one, drawn by weight (RFC 2782). */
function inOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const ordered: SrvRecord[] = [];
  for (const priority of [...new Set(records.map((record) => record.priority))].sort((a, b) => a - b)) {
    const left = records.filter((record) => record.priority === priority).sort((a, b) => a.weight - b.weight);
    while (left.length > 0) {
      let draw = random() * left.reduce((sum, record) => sum + record.weight, 0);
      const at = left.findIndex((record) => (draw -= record.weight) <= 0);
      ordered.push(...left.splice(Math.max(0, at), 1));
    }
  }
  return ordered;
}

async function addresses(host: string, protocol: Protocol, port: number, serverName: string, resolver: Resolver): Promise<Target[]> {
  if (isIP(host) !== 0) return [{ protocol, address: host, port, serverName }];
  const [four, six] = await Promise.allSettled([resolver.a(host), resolver.aaaa(host)]);
  const found = [four, six].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  if (found.length === 0) throw new Error(`${host} has no address`);
  return found.map(({ address }) => ({ protocol, address, port, serverName }));
}
