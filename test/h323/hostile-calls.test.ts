import dgram from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { alternative } from '../../src/h323/per';
import type { h225 } from '../../src/h323/schemas';
import { decodeCallSignalling, encodeQ931, encodeTpkt, type MessageType } from '../../src/h323/q931';
import { toHostPort, toTransportAddress, type HostPort } from '../../src/h323/ras';
import { acceptFastStart, capabilitiesOf } from '../../src/h323/sdp';
import { H245Session } from '../../src/h323/h245';
import { placeCall, serveSignalling, SPEECH, type IncomingCall, type SignallingServer } from '../../src/h323/signalling';
import { writeFastStart } from '../../src/h323/signalling/fast-start';
import type { GatewayStatus } from '../../src/server';
import { until } from '../peers/harness';
import { Operator } from '../support/control';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../support/test-gateway';
import { proposeAudio, endpoint } from './signalling/support';
import { RawPeer } from './signalling/raw-peer';
import { CORPUS, type RecordedPdu } from './support/corpus';
import { mutate } from './support/mutate';
import { Random } from './support/random';
import { RasEndpoint } from './support/ras-endpoint';

/** Of each recorded PDU, so that there are 100,000 in all. */
const MUTATIONS = Math.ceil(100_000 / CORPUS.length);
/** A connection that nothing can be read from is closed after 16 messages: more than a few in one would not arrive. */
const PER_CONNECTION = 40;
const AT_ONCE = 8;
const GROWTH_MIB = 64;
/** Loopback addresses of this process alone. */
const address = (host: number): string => `127.${192 + (process.pid >> 8) % 32}.${process.pid % 256}.${host}`;
const [GATEWAY, HOSTILE_NEIGHBOUR, STRANGER] = [address(1), address(2), address(3)];
const SIGNALLING_PORT = 1_720;
const ROOM = 'huone@talo.kunta.example';
const PHONE = 'puhelin@talo.kunta.example';
const SERVICE = `huone.fi@${DOMAIN}`;
/** What the room says of itself: nothing is sent there. */
const ROOM_MEDIA = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};
const usedMiB = (): number => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};

describe('hostile octets at the ports of the gateway', () => {
  const random = new Random(100_000);
  const faults: Error[] = [];
  let gateway: TestGateway;
  let operator: Operator;
  let room: SignallingServer;
  let roomCalls = 0;
  let endpoints: RasEndpoint[];

  const mutations = (kind: RecordedPdu['kind']): { message: string; octets: Buffer }[] => {
    const all = CORPUS.filter((pdu) => pdu.kind === kind).flatMap(({ message, octets }) => Array.from({ length: MUTATIONS }, () => ({ message, octets: mutate(octets, random) })));
    // In no order, so that each call gets a bit of everything.
    return all.map((one) => [random.next(), one] as const).sort(([a], [b]) => a - b).map(([, one]) => one);
  };

  /** Answers at once, and talks H.245. */
  const answer = (call: IncomingCall): void => {
    roomCalls++;
    const session = new H245Session({ control: call.control, terminalType: 50, random: randomBytes, handlers: {
      ready: () => undefined, remoteCapabilities: () => undefined, channelRequested: () => ({ refuse: { unspecified: null } }), channelOpened: () => undefined,
      channelClosed: () => undefined, failed: () => call.release(), ended: () => undefined,
    } });
    call.attach({ released: () => void session.end() });
    const { fastStart } = call.setup;
    const fast = fastStart && acceptFastStart(fastStart, ROOM_MEDIA);
    call.connect({ fastStart: fast && fast.accepted.length > 0 ? fast.accepted : 'refused' });
    for (const channel of fast?.channels ?? []) session.adopt(channel);
    session.start(capabilitiesOf(ROOM_MEDIA));
  };

  /** A call of the hostile neighbour to the room, whose octets may be anything from then on. */
  const dial = async (): Promise<{ peer: RawPeer; connect: h225.ConnectUUIE }> => {
    const peer = await RawPeer.connect(SIGNALLING_PORT, GATEWAY, HOSTILE_NEIGHBOUR);
    peer.setup({ callIdentifier: { guid: randomBytes(16) }, destinationAddress: [{ 'h323-ID': SERVICE }], fastStart: writeFastStart(proposeAudio(HOSTILE_NEIGHBOUR, 9_200)) });
    const answer = await until('the call is answered or refused', () => peer.received.find(({ q931: { type } }) => type === 'connect' || type === 'releaseComplete'));
    const connect = alternative(answer.userInformation['h323-uu-pdu']['h323-message-body'], 'connect');
    if (!connect) throw new Error(`refused: ${JSON.stringify(answer.q931.cause)}`);
    return { peer, connect };
  };

  beforeAll(async () => {
    gateway = await startTestGateway({
      ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: GATEWAY, ETASILTA_H323_UNAUTHENTICATED: '127.0.0.1',
      ETASILTA_H323_NEIGHBOURS: JSON.stringify([{ name: 'hostile', address: HOSTILE_NEIGHBOUR }]),
    });
    operator = new Operator(gateway.dataDir);
    await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone', kind: 'gateway' }, { address: PHONE, h323Id: 'puhelin' }]);
    await addService(gateway.directory, SERVICE, [ROOM]);
    room = await serveSignalling({ ...endpoint(faults), host: '127.0.0.1', port: 0 }, answer);
    const { ras } = (await operator.status<GatewayStatus>()).h323!;
    endpoints = [await RasEndpoint.open(ras), await RasEndpoint.open(ras)];
    expect(await endpoints[0]!.register({ 'h323-ID': 'huone' }, { callSignalAddress: [toTransportAddress({ host: '127.0.0.1', port: room.port })] })).toHaveProperty('registrationConfirm');
    expect(await endpoints[1]!.register({ 'h323-ID': 'puhelin' })).toHaveProperty('registrationConfirm');
  });

  afterAll(async () => {
    await Promise.all(endpoints.map((one) => one.close()));
    await room.close();
    await gateway.stop();
  });

  async function bombardRas(): Promise<number> {
    const { host, port } = endpoints[0]!.gatekeeper;
    const socket = dgram.createSocket('udp4');
    socket.bind(0, STRANGER);
    await once(socket, 'listening');
    socket.on('message', () => undefined);
    const sent = mutations('ras');
    for (const batch of batches(sent)) {
      for (const { octets } of batch) socket.send(octets, port, host);
      // What is answered to another has come after them.
      expect(await endpoints[0]!.keepAlive()).toHaveProperty('registrationConfirm');
    }
    socket.close();
    return sent.length;
  }

  async function bombardSignalling(): Promise<number> {
    const sent = mutations('cs').filter(({ octets }) => !namesOthers(octets));
    await forEach(batches(sent), async (batch, index) => {
      // Every fourth is within a call that is answered.
      const peer = index % 4 === 0 ? (await dial()).peer : await RawPeer.connect(SIGNALLING_PORT, GATEWAY, HOSTILE_NEIGHBOUR);
      for (const { message, octets } of batch) {
        peer.write(encodeQ931({ callReference: 5, fromDestination: false, type: typeOf(message), userUser: { protocolDiscriminator: 5, octets } }));
      }
      await ended(peer.socket);
    });
    return sent.length;
  }

  async function bombardControl(): Promise<number> {
    const sent = mutations('h245');
    await forEach(batches(sent), async (batch) => {
      const { peer, connect } = await dial();
      const socket = await connectTo(toHostPort(connect.h245Address!)!);
      for (const { octets } of batch) socket.write(encodeTpkt(octets));
      await ended(socket);
      await ended(peer.socket);
    });
    return sent.length;
  }

  test('100,000 mutated PDUs over RAS, H.225.0 and H.245 cost the registered endpoints nothing, and leave nothing behind', async () => {
    const before = usedMiB();
    const sent = [await bombardRas(), await bombardSignalling(), await bombardControl()];
    expect(sent.reduce((sum, one) => sum + one)).toBeGreaterThan(99_000);
    expect(roomCalls).toBeGreaterThan(500);
    await until('no call is left', async () => (await operator.status<GatewayStatus>()).calls.running === 0, 20_000);
    await until('the room has none', () => room.connections === 0, 20_000);
    expect(await endpoints[0]!.keepAlive()).toHaveProperty('registrationConfirm');
    expect((await operator.status<GatewayStatus>()).h323).toMatchObject({ registrations: 2, calls: 0 });
    expect(usedMiB() - before).toBeLessThan(GROWTH_MIB);
  }, 240_000);

  test('afterwards a call goes through', async () => {
    const guid = randomBytes(16);
    const confirm = alternative(await endpoints[1]!.admission([{ 'h323-ID': SERVICE }], { callIdentifier: { guid } }), 'admissionConfirm');
    const before = roomCalls;
    const told: string[] = [];
    const call = placeCall({
      address: toHostPort(confirm!.destCallSignalAddress)!, callId: guid, bearer: SPEECH, source: { aliases: [{ 'h323-ID': 'puhelin' }] }, destination: { aliases: [{ 'h323-ID': SERVICE }] },
      fastStart: proposeAudio('127.0.0.1', 9_100),
    }, endpoint(faults), { connected: ({ fastStart }) => told.push(`connected, ${Array.isArray(fastStart) ? fastStart.length : 'no'} channels`), released: ({ q850 }) => told.push(`released ${q850}`) });
    await until('it is answered', () => told.length > 0, 10_000);
    expect(told).toEqual(['connected, 2 channels']);
    expect(roomCalls).toBe(before + 1);
    expect(await call.probe()).toBe(true);
    call.release();
    await until('the room is told', () => room.connections === 0, 10_000);
  });
});

const batches = <T>(all: readonly T[]): T[][] => Array.from({ length: Math.ceil(all.length / PER_CONNECTION) }, (_, index) => all.slice(index * PER_CONNECTION, (index + 1) * PER_CONNECTION));

/** Several at once, so that calls overlap. */
async function forEach<T>(all: readonly T[], act: (one: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let index = next++; index < all.length; index = next++) await act(all[index]!, index);
  }));
}

const typeOf = (message: string): MessageType => (message === 'empty' ? 'facility' : message) as MessageType;

/** Whether a message tells an address off this machine, to which the gateway would try to connect. */
function namesOthers(octets: Buffer): boolean {
  try {
    const { userInformation } = decodeCallSignalling(encodeQ931({ callReference: 1, fromDestination: false, type: 'facility', userUser: { protocolDiscriminator: 5, octets } }));
    const [body] = Object.values(userInformation['h323-uu-pdu']['h323-message-body']) as ({ h245Address?: Parameters<typeof toHostPort>[0] } | null)[];
    const told = body?.h245Address && toHostPort(body.h245Address);
    return told !== undefined && !told.host.startsWith('127.');
  } catch {
    return false;
  }
}

function connectTo({ host, port }: HostPort): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, localAddress: HOSTILE_NEIGHBOUR }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Resolves when both sides have ended. */
function ended(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.on('error', () => undefined).on('data', () => undefined).once('close', () => resolve());
    socket.end();
  });
}
