import { CachingResolver, locate, type Resolver } from '../../src/embedded/sip-server/dns';
import { parseUri, type SipUri } from '../../src/embedded/sip-server/message';
import { engineAt, FakeNetwork } from './support/engine-bench';
import { wanted } from './support/messages';

interface Zone {
  naptr?: Record<string, [order: number, preference: number, service: string, replacement: string][]>;
  srv?: Record<string, [priority: number, weight: number, port: number, name: string][]>;
  a?: Record<string, string[]>;
  aaaa?: Record<string, string[]>;
}

/** DNS with these records and no others; `asked` tells what for. */
function zone(records: Zone): Resolver & { asked: string[] } {
  const asked: string[] = [];
  const find = <T, R>(kind: keyof Zone, name: string, map: (entry: T) => R): Promise<R[]> => {
    asked.push(`${kind} ${name}`);
    const found = (records[kind] as Record<string, T[]> | undefined)?.[name];
    return found === undefined ? Promise.reject(new Error(`ENOTFOUND ${name}`)) : Promise.resolve(found.map(map));
  };
  return {
    asked,
    naptr: (name) => find('naptr', name, ([order, preference, service, replacement]: [number, number, string, string]) =>
      ({ order, preference, flags: 's', service, replacement })),
    srv: (name) => find('srv', name, ([priority, weight, port, target]: [number, number, number, string]) => ({ priority, weight, port, name: target })),
    a: (name) => find('a', name, (address: string) => ({ address, ttl: 60 })),
    aaaa: (name) => find('aaaa', name, (address: string) => ({ address, ttl: 60 })),
  };
}

const ALL = new Set(['udp', 'tcp', 'tls'] as const);
const uri = (text: string): SipUri => parseUri(text) as SipUri;
const short = async (text: string, records: Zone, random = () => 0): Promise<string[]> =>
  (await locate(uri(text), zone(records), ALL, random)).map(({ protocol, address, port }) => `${protocol} ${address}:${port}`);

describe('where a request goes (RFC 3263 section 4)', () => {
  test.each([
    ['sip:192.0.2.1', 'udp 192.0.2.1:5060'],
    ['sip:192.0.2.1:5070', 'udp 192.0.2.1:5070'],
    ['sip:[2001:db8::1]', 'udp 2001:db8::1:5060'],
    ['sips:192.0.2.1', 'tls 192.0.2.1:5061'],
    ['sip:192.0.2.1;transport=tcp', 'tcp 192.0.2.1:5060'],
    ['sip:192.0.2.1;transport=TLS', 'tls 192.0.2.1:5061'],
    ['sips:192.0.2.1;transport=tcp', 'tls 192.0.2.1:5061'],
    ['sip:example.com;maddr=192.0.2.9', 'udp 192.0.2.9:5060'],
  ])('an address needs no DNS: %s', async (text, target) => {
    expect(await short(text, {})).toEqual([target]);
  });

  test('a port asks for addresses only', async () => {
    expect(await short('sip:example.com:5080', { a: { 'example.com': ['192.0.2.1', '192.0.2.2'] }, aaaa: { 'example.com': ['2001:db8::1'] } }))
      .toEqual(['udp 192.0.2.1:5080', 'udp 192.0.2.2:5080', 'udp 2001:db8::1:5080']);
  });

  test('NAPTR chooses the transport, by order and preference, among those that we speak', async () => {
    expect(await short('sip:example.com', {
      naptr: { 'example.com': [[20, 1, 'SIP+D2U', '_u.example.com'], [10, 2, 'SIP+D2T', '_t.example.com'], [10, 1, 'SIP+D2S', '_s.example.com']] },
      srv: { '_t.example.com': [[0, 0, 5070, 'a.example.com']], '_u.example.com': [[0, 0, 5080, 'a.example.com']] },
      a: { 'a.example.com': ['192.0.2.1'] },
    })).toEqual(['tcp 192.0.2.1:5070', 'udp 192.0.2.1:5080']);
  });

  test('sips takes only secure services', async () => {
    expect(await short('sips:example.com', {
      naptr: { 'example.com': [[1, 1, 'SIP+D2T', '_t.example.com'], [2, 1, 'SIPS+D2T', '_ts.example.com']] },
      srv: { '_ts.example.com': [[0, 0, 5061, 'a.example.com']], '_t.example.com': [[0, 0, 5060, 'a.example.com']] },
      a: { 'a.example.com': ['192.0.2.1'] },
    })).toEqual(['tls 192.0.2.1:5061']);
  });

  test('without NAPTR the SRV records of our transports are asked for', async () => {
    expect(await short('sip:example.com', {
      srv: { '_sip._tcp.example.com': [[0, 0, 5070, 'a.example.com']] }, a: { 'a.example.com': ['192.0.2.1'] },
    })).toEqual(['tcp 192.0.2.1:5070']);
  });

  test('SRV goes by priority, and within one by weight as drawn', async () => {
    const records: Zone = {
      srv: { '_sip._udp.example.com': [[10, 1, 1, 'a'], [10, 9, 2, 'b'], [5, 0, 3, 'c']] },
      a: { a: ['192.0.2.1'], b: ['192.0.2.2'], c: ['192.0.2.3'] },
    };
    expect(await short('sip:example.com;transport=udp', records, () => 0.05)).toEqual(['udp 192.0.2.3:3', 'udp 192.0.2.1:1', 'udp 192.0.2.2:2']);
    expect(await short('sip:example.com;transport=udp', records, () => 0.5)).toEqual(['udp 192.0.2.3:3', 'udp 192.0.2.2:2', 'udp 192.0.2.1:1']);
  });

  test('without SRV the name is an address', async () => {
    expect(await short('sip:example.com', { a: { 'example.com': ['192.0.2.1'] } })).toEqual(['udp 192.0.2.1:5060']);
    expect(await short('sips:example.com', { a: { 'example.com': ['192.0.2.1'] } })).toEqual(['tls 192.0.2.1:5061']);
  });

  test('a name that leads nowhere is an error', async () => {
    await expect(short('sip:example.com', {})).rejects.toThrow('example.com has no address');
  });

  test('no more than eight targets are ever tried', async () => {
    const addresses = Array.from({ length: 40 }, (_, i) => `192.0.2.${i}`);
    expect(await short('sip:example.com;transport=udp', { srv: { '_sip._udp.example.com': [[0, 0, 5060, 'a']] }, a: { a: addresses } })).toHaveLength(8);
  });
});

describe('the cache', () => {
  test('asks again only when an answer has expired, and soon after a failure', async () => {
    let now = 0;
    const source = zone({ a: { 'a.example.com': ['192.0.2.1'] } });
    const cache = new CachingResolver(source, () => now);
    await Promise.all([cache.a('a.example.com'), cache.a('a.example.com')]);
    await expect(cache.a('none.example.com')).rejects.toThrow('ENOTFOUND');
    expect(source.asked).toEqual(['a a.example.com', 'a none.example.com']);
    now = 20_000;
    await cache.a('a.example.com');
    await expect(cache.a('none.example.com')).rejects.toThrow('ENOTFOUND');
    expect(source.asked).toHaveLength(3);
    now = 61_000;
    await cache.a('a.example.com');
    expect(source.asked).toHaveLength(4);
  });
});

describe('a request to a name', () => {
  const records: Zone = { srv: { '_sip._udp.example.com': [[1, 0, 5060, 'a'], [2, 0, 5060, 'b']] }, a: { a: ['192.0.2.11'], b: ['192.0.2.12'] } };

  async function calling() {
    const network = new FakeNetwork();
    const alice = engineAt(network, '192.0.2.1', { resolver: zone(records) });
    const second = engineAt(network, '192.0.2.12');
    alice.engine.client.request('c', wanted('OPTIONS sip:example.com'), '', alice.application);
    while (alice.application.sentMessages.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return { network, alice, second };
  }

  test('goes to the next target when the first stays silent, with a branch of its own, and the application sees one request', async () => {
    const { network, alice, second } = await calling();
    network.clock.advance(32_100);
    expect(second.application.last('OPTIONS')).toBeDefined();
    second.engine.server.respond('r', second.application.last('OPTIONS').transactionId, wanted('SIP/2.0 200 OK'), second.application);
    network.settle();
    expect(alice.application.sentMessages).toHaveLength(1);
    expect(alice.application.delivered.map(({ message }) => message.status)).toEqual([200]);
    const branches = new Set(network.sent('OPTIONS').map(({ message }) => message.topVia?.branch));
    expect(branches.size).toBe(2);
  });

  test('goes to the next target when the first answers 503', async () => {
    const { network, alice, second } = await calling();
    const first = engineAt(network, '192.0.2.11');
    first.application.connected = false;
    network.clock.advance(600);
    expect(second.application.last('OPTIONS')).toBeDefined();
    expect(alice.application.delivered).toEqual([]);
  });

  test('that leads nowhere is answered 503', async () => {
    const network = new FakeNetwork();
    const alice = engineAt(network, '192.0.2.1');
    alice.engine.client.request('c', wanted('OPTIONS sip:nowhere.example'), '', alice.application);
    while (alice.application.delivered.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(alice.application.sentMessages).toHaveLength(1);
    expect(alice.application.last(503).transactionId).toBe(alice.application.sentMessages[0]?.ids);
  });
});
