import net from 'node:net';
import { decodeCallSignalling } from '../../src/h323/q931';
import { addressText, Gatekeeper, serveRas, type RasServer } from '../../src/h323/ras';
import { until } from '../peers/harness';
import { ownAddress } from '../support/own-address';
import { GnuGk, gnuGkMissing } from './support/gnugk';
import { RasEndpoint } from './support/ras-endpoint';

/** On loopback, GnuGk speaks to a parent at its own address only. */
const GNUGK = { host: ownAddress(5), port: 1719 };
const OWN = { host: ownAddress(5), port: 2719 };
const OWN_SIGNALLING = { host: ownAddress(5), port: 2720 };
const NAME = (name: string): { 'h323-ID': string } => ({ 'h323-ID': name });

/** What the whole TPKT packets hold; those that only keep the way open hold nothing. */
function packets(octets: Buffer): Buffer[] {
  const length = octets.length < 4 ? Infinity : octets.readUInt16BE(2);
  return octets.length < length ? [] : [octets.subarray(4, length), ...packets(octets.subarray(length))];
}

const missing = gnuGkMissing();

(missing === undefined ? describe : describe.skip)(`GnuGk and the gatekeeper${missing === undefined ? '' : ` (${missing})`}`, () => {
  const refused: string[] = [];
  let gatekeeper: Gatekeeper;
  let server: RasServer;
  let gnuGk: GnuGk;

  beforeAll(async () => {
    gatekeeper = new Gatekeeper({
      gatekeeperIdentifier: 'etasilta', rasAddress: OWN, traversalKeepAlive: 20,
      directory: { endpoint: (_aliases, { host }) => (host === GNUGK.host ? { name: 'child', aliases: [NAME('child')], password: 'lapsi' } : undefined) },
      locate: ({ request }) => (request.destinationInfo.some((alias) => 'h323-ID' in alias && alias['h323-ID'] === 'kela') ? OWN_SIGNALLING : undefined),
      neighbours: [{ name: 'gnugk', address: GNUGK, prefixes: [], domains: [], password: 'naapuri' }],
      observer: { refused: ({ request, why, detail }) => refused.push(`${request} ${why} ${detail}`) },
    });
    server = await serveRas(gatekeeper, OWN, (error) => { throw error; });
    gnuGk = await GnuGk.start({
      address: GNUGK.host, identifier: 'gnugk', has: { [`${ownAddress(7)}:1720`]: 'gnu-room;9990' }, neighbour: { address: addressText(OWN), password: 'naapuri' },
      parent: { address: addressText(OWN), h323Id: 'child', password: 'lapsi', authentication: 'CAT', traversal: true },
    });
  }, 60_000);

  afterAll(async () => {
    await gnuGk?.stop();
    await server?.close();
  }, 30_000);

  test('as a neighbour says where its endpoints are, by name and by number, and that it has no others', async () => {
    expect(await gatekeeper.locations.find({ aliases: [NAME('gnu-room')] })).toMatchObject({ address: { ...GNUGK, port: 1720 }, neighbour: { name: 'gnugk' } });
    expect(await gatekeeper.locations.find({ aliases: [{ dialledDigits: '9990' }] })).toMatchObject({ address: { ...GNUGK, port: 1720 } });
    expect(await gatekeeper.locations.find({ aliases: [NAME('nobody')] })).toBeUndefined();
    expect(gatekeeper.neighbours.named('gnugk')).toMatchObject({ state: 'reachable', counters: { confirmed: 2 } });
  }, 30_000);

  test('as a neighbour asks for what its endpoints call, and sends them there', async () => {
    const endpoint = await RasEndpoint.open(`udp/${addressText(GNUGK)}`, ownAddress(8));
    expect(await endpoint.register(NAME('guest'))).toHaveProperty('registrationConfirm');
    expect(await endpoint.admission([NAME('kela')])).toHaveProperty('admissionConfirm');
    expect(await endpoint.admission([NAME('nobody')])).toHaveProperty('admissionReject');
    expect(gatekeeper.neighbours.named('gnugk')!.counters.received).toBeGreaterThanOrEqual(2);
    expect(refused.filter((text) => text.startsWith('locationRequest'))).toEqual([]);
    await endpoint.close();
  }, 30_000);

  test('registers as an endpoint with its password, through its firewall', async () => {
    const registration = await until('it is registered', () => gatekeeper.registrations.withAlias(NAME('child')), 30_000);
    expect(registration).toMatchObject({ name: 'child', kind: 'gateway', traversal: true, timeToLive: 20 });
  }, 40_000);

  test('connects when it is told of a call for it behind its firewall, and says which call it comes for', async () => {
    const registration = await until('it is registered', () => gatekeeper.registrations.withAlias(NAME('child')), 30_000);
    const guid = Buffer.alloc(16, 7);
    let received = Buffer.alloc(0);
    const signalling = net.createServer((socket) => socket.on('data', (octets) => { received = Buffer.concat([received, octets]); }));
    await new Promise<void>((resolve) => signalling.listen(OWN_SIGNALLING.port, OWN_SIGNALLING.host, resolve));
    const sockets: net.Socket[] = [];
    signalling.on('connection', (socket) => sockets.push(socket));
    expect(await gatekeeper.announceCall(registration, guid, OWN_SIGNALLING)).toBe(true);
    const facility = await until('it says for which call it comes', () => packets(received).find((packet) => packet.length > 0), 10_000);
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => signalling.close(resolve));
    const { q931, userInformation } = decodeCallSignalling(facility);
    expect(q931.type).toBe('facility');
    expect(userInformation['h323-uu-pdu']['h323-message-body']).toMatchObject({ facility: { callIdentifier: { guid } } });
  }, 60_000);
});
