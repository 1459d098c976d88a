import { chosen, decode, encode } from '../../src/h323/per';
import { addressText, Gatekeeper, toTransportAddress, type GatekeeperOptions, type HostPort, type Neighbour } from '../../src/h323/ras';
import { h225 } from '../../src/h323/schemas';

const NAME = (name: string): h225.AliasAddress => ({ 'h323-ID': name });
const DIGITS = (digits: string): h225.AliasAddress => ({ dialledDigits: digits });
const at = (host: number): HostPort => ({ host: `192.0.2.${host}`, port: 1719 });
const CALL = { guid: Buffer.alloc(16, 5) };

/** Gatekeepers of several zones under one clock, joined by a network in memory. */
class Zones {
  now = Date.UTC(2026, 0, 1);
  readonly gatekeepers = new Map<string, Gatekeeper>();
  /** Every message between them: `1>2 locationRequest`. */
  readonly wire: string[] = [];
  /** Hosts that nothing reaches. */
  readonly dead = new Set<string>();

  /** @param has names and numbers that are in the zone, at port 1720 of the host */
  add(host: number, neighbours: (Partial<Neighbour> & { host: number })[], has: string[] = [], options: Partial<GatekeeperOptions> = {}): Gatekeeper {
    const gatekeeper = new Gatekeeper({
      gatekeeperIdentifier: `gk${host}`, rasAddress: at(host), now: () => this.now, directory: { endpoint: () => undefined },
      neighbours: neighbours.map(({ host: other, ...more }) => ({ name: `zone${other}`, address: at(other), prefixes: [], domains: [], ...more })),
      locate: ({ request }) => (request.destinationInfo.some((alias) => has.includes(String(Object.values(alias)[0]))) ? { ...at(host), port: 1720 } : undefined),
      ...options,
    });
    gatekeeper.attach(({ octets, to }) => this.deliver(octets, at(host), to));
    this.gatekeepers.set(addressText(at(host)), gatekeeper);
    return gatekeeper;
  }

  /** Lets what was said be heard, and then time pass, a second a step. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await settled();
      this.now += 1_000;
      for (const gatekeeper of this.gatekeepers.values()) gatekeeper.tick();
    }
    await settled();
  }

  /** What is answered, and to whom. */
  async say(message: h225.RasMessage, from: HostPort, to: HostPort): Promise<{ message: h225.RasMessage; to: HostPort } | undefined> {
    const answer = await this.gatekeepers.get(addressText(to))!.handle(encode(h225.RasMessage, message), from);
    return answer && { message: decode(h225.RasMessage, answer.octets), to: answer.to };
  }

  private deliver(octets: Buffer, from: HostPort, to: HostPort): void {
    this.wire.push(`${from.host.slice(8)}>${to.host.slice(8)} ${chosen(decode(h225.RasMessage, octets))}`);
    const gatekeeper = this.gatekeepers.get(addressText(to));
    if (!gatekeeper || this.dead.has(to.host)) return;
    void gatekeeper.handle(octets, from).then((answer) => answer && this.deliver(answer.octets, to, answer.to));
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const REQUEST = (aliases: h225.AliasAddress[], more: Partial<h225.LocationRequest> = {}): h225.RasMessage => ({ locationRequest: {
  requestSeqNum: 77, destinationInfo: aliases, replyAddress: toTransportAddress(at(9)), canMapAlias: false, canMapSrcAlias: false, ...more,
} });

describe('what is in other zones', () => {
  test('is asked for at all neighbours at once; the one that has it says where it is', async () => {
    const zones = new Zones();
    const home = zones.add(1, [{ host: 2 }, { host: 3 }]);
    zones.add(2, [{ host: 1 }]);
    zones.add(3, [{ host: 1 }], ['kela']);
    const found = await home.locations.find({ aliases: [NAME('kela')], callIdentifier: CALL });
    expect(found).toMatchObject({ address: { host: '192.0.2.3', port: 1720 }, neighbour: { name: 'zone3' } });
    expect(zones.wire.slice(0, 2)).toEqual(['1>2 locationRequest', '1>3 locationRequest']);
    expect(zones.gatekeepers.get(addressText(at(3)))!.locations.askedBy(CALL.guid)).toMatchObject({ name: 'zone1' });
    expect(await home.locations.find({ aliases: [NAME('nobody')] })).toBeUndefined();
  });

  test('is asked for only where its prefix or domain is, the longest first', async () => {
    const zones = new Zones();
    const home = zones.add(1, [{ host: 2, prefixes: ['98'] }, { host: 3, prefixes: ['989'] }, { host: 4, domains: ['vero.example'] }, { host: 5 }]);
    for (const host of [2, 3, 4, 5]) zones.add(host, [{ host: 1 }], ['9890101', 'neuvonta@asiakas.vero.example', 'kela']);
    const asked = async (alias: h225.AliasAddress): Promise<string | undefined> => (await home.locations.find({ aliases: [alias] }))?.neighbour.name;
    expect(await asked(DIGITS('9890101'))).toBe('zone3');
    expect(await asked(NAME('neuvonta@asiakas.vero.example'))).toBe('zone4');
    expect(await asked(NAME('kela'))).toBe('zone5');
    expect(zones.wire.filter((line) => line.startsWith('1>'))).toHaveLength(3);
  });

  test('a neighbour that does not answer is asked three times, is then known not to answer, and to answer again when it does', async () => {
    const zones = new Zones();
    const home = zones.add(1, [{ host: 2 }]);
    zones.add(2, [{ host: 1 }], ['kela']);
    zones.dead.add('192.0.2.2');
    const [state] = home.neighbours.states;
    const search = home.locations.find({ aliases: [NAME('kela')] });
    await zones.pass(6);
    expect(await search).toBeUndefined();
    expect(zones.wire.filter((line) => line === '1>2 locationRequest').length).toBeGreaterThanOrEqual(3);
    expect(state).toMatchObject({ state: 'unreachable' });
    expect(state!.lastAnswer).toBeUndefined();
    zones.dead.clear();
    await zones.pass(60);
    expect(state).toMatchObject({ state: 'reachable' });
  });

  test('is asked for with a password where the neighbour has one', async () => {
    const zones = new Zones();
    const refused: string[] = [];
    const home = zones.add(1, [{ host: 2, password: 'naapuri' }]);
    zones.add(2, [{ host: 1, password: 'naapuri' }], ['kela'], { observer: { refused: ({ request, why }) => refused.push(`${request} ${why}`) } });
    expect(await home.locations.find({ aliases: [NAME('kela')] })).toBeDefined();
    const other = zones.add(1, [{ host: 2, password: 'toinen' }]);
    expect(await other.locations.find({ aliases: [NAME('kela')] })).toBeUndefined();
    expect(refused).toEqual(['locationRequest wrong']);
  });
});

describe('requests of other zones', () => {
  test('are answered to neighbours only', async () => {
    const zones = new Zones();
    const refused: (string | undefined)[] = [];
    zones.add(1, [{ host: 2 }], ['kela'], { observer: { refused: ({ why, detail }) => refused.push(why, detail) } });
    expect(await zones.say(REQUEST([NAME('kela')]), at(9), at(1))).toMatchObject({ message: { locationReject: { rejectReason: { invalidPermission: null } } } });
    expect(refused).toEqual(['neighbour', 'kela']);
    expect(await zones.say(REQUEST([NAME('kela')]), at(2), at(1))).toMatchObject({ message: { locationConfirm: { callSignalAddress: toTransportAddress({ ...at(1), port: 1720 }) } } });
    expect(await zones.say(REQUEST([NAME('nobody')], { requestSeqNum: 78 }), at(2), at(1))).toMatchObject({ message: { locationReject: { rejectReason: { requestDenied: null } } } });
  });

  test('are passed on with a hop less, and the answer is passed back', async () => {
    const zones = new Zones();
    const hops: (number | undefined)[] = [];
    zones.add(1, [{ host: 2 }, { host: 9 }]);
    zones.add(2, [{ host: 1 }, { host: 3 }], [], {});
    zones.add(3, [{ host: 2 }], [], { locate: ({ request }) => {
      hops.push(request.hopCount);
      return { ...at(3), port: 1720 };
    } });
    const request = REQUEST([NAME('kela')], { hopCount: 4, callIdentifier: CALL, replyAddress: toTransportAddress(at(1)) });
    expect(await zones.say(request, at(1), at(2))).toMatchObject({ to: at(1), message: { locationConfirm: { requestSeqNum: 77, callSignalAddress: toTransportAddress({ ...at(3), port: 1720 }) } } });
    expect(hops).toEqual([3]);
    expect(zones.wire).toEqual(['2>3 locationRequest', '3>2 locationConfirm']);
  });

  test('that neighbours passed on are answered to the neighbour who asked first', async () => {
    const zones = new Zones();
    zones.add(1, [{ host: 2 }, { host: 3 }], ['kela']);
    expect(await zones.say(REQUEST([NAME('kela')], { replyAddress: toTransportAddress(at(3)) }), at(2), at(1))).toMatchObject({ to: at(3) });
    expect(await zones.say(REQUEST([NAME('kela')], { requestSeqNum: 78, replyAddress: toTransportAddress({ host: '198.51.100.1', port: 53 }) }), at(2), at(1))).toMatchObject({ to: at(2) });
  });

  test('go no further than their hops', async () => {
    const zones = new Zones();
    zones.add(1, [{ host: 2 }, { host: 3 }]);
    zones.add(3, [{ host: 1 }], ['kela']);
    expect(await zones.say(REQUEST([NAME('kela')], { hopCount: 1 }), at(2), at(1))).toMatchObject({ message: { locationReject: { rejectReason: { hopCountExceeded: null } } } });
    expect(zones.wire).toEqual([]);
  });

  test('that come round again are not passed on, and end in the time of one search', async () => {
    const zones = new Zones();
    for (const host of [1, 2, 3]) zones.add(host, [1, 2, 3].filter((other) => other !== host).map((other) => ({ host: other })));
    const search = zones.gatekeepers.get(addressText(at(1)))!.locations.find({ aliases: [NAME('nobody')], callIdentifier: CALL });
    await zones.pass(2);
    expect(await search).toBeUndefined();
    expect(zones.wire.filter((line) => line.endsWith('Request')).length).toBeLessThanOrEqual(6);
  });
});
