import net from 'node:net';
import { encodeQ931, encodeTpkt } from '../../../src/h323/q931';
import { isPeersFault, placeCall, serveSignalling, type IncomingCall, type SignallingServer } from '../../../src/h323/signalling';
import { until } from '../../peers/harness';
import { SimulatedTime } from '../h245/support/time';
import { CORPUS } from '../support/corpus';
import { mutate } from '../support/mutate';
import { Random } from '../support/random';
import { RawPeer } from './raw-peer';
import { callTo, endpoint, Listener, recorder, roundTrip } from './support';

const faults: Error[] = [];
const open: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).reverse().map((one) => one.close()));
  expect(faults.filter((fault) => !isPeersFault(fault))).toEqual([]);
  faults.length = 0;
});

async function serve(options: Partial<Parameters<typeof serveSignalling>[0]> = {}, respond: (call: IncomingCall) => void = (call) => call.connect()): Promise<SignallingServer> {
  const server = await serveSignalling({ host: '127.0.0.1', port: 0, ...endpoint(faults), ...options }, (call) => {
    call.control.attach(new Listener());
    call.attach(recorder().events);
    respond(call);
  });
  open.push(server);
  return server;
}

async function connect(server: SignallingServer): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.port);
  open.push({ close: () => peer.socket.destroy() });
  return peer;
}

const setup = (octets: Buffer, callReference: number): Buffer => encodeQ931({
  callReference, fromDestination: false, type: 'setup', bearerCapability: { codingStandard: 0, transferCapability: 8, transferMode: 0, transferRate: 0x13, layer1Protocol: 5 },
  calledPartyNumber: { type: 0, plan: 1, digits: '601' }, userUser: { protocolDiscriminator: 5, octets },
});

test('100,000 mutated messages in thousands of connections: no other call suffers, and nothing is left of them', async () => {
  const random = new Random(20);
  const recorded = CORPUS.filter(({ kind }) => kind === 'cs');
  const setups = recorded.filter(({ message }) => message === 'setup');
  const server = await serve({}, (call) => {
    if (random.chance(0.5)) call.alerting();
    else call.connect();
    call.control.send(roundTrip(1));
  });
  const { log, events } = recorder();
  const good = placeCall(callTo(server.port), endpoint(faults), events);
  const control = new Listener();
  good.control.attach(control);
  open.push({ close: () => good.release() });
  await until('the good call is in', () => log.length > 0);

  let sent = 0;
  while (sent < 100_000) {
    const payloads: Buffer[] = [setup(random.pick(setups).octets, 1)];
    for (let i = 0; i < 50; i++) {
      const { octets, message } = random.pick(recorded);
      const type = message === 'setup' ? 'setup' as const : message === 'empty' ? 'facility' as const : message as 'facility';
      payloads.push(mutate(encodeQ931({ callReference: random.integer(1, 3), fromDestination: random.chance(0.3), type, userUser: { protocolDiscriminator: 5, octets: random.chance(0.5) ? mutate(octets, random) : octets } }), random));
    }
    // Some broken in their framing, too.
    const stream = Buffer.concat(payloads.map((payload) => (random.chance(0.01) ? mutate(encodeTpkt(payload), random) : encodeTpkt(payload))));
    sent += payloads.length;
    await new Promise<void>((done) => {
      const socket = net.connect({ host: '127.0.0.1', port: server.port }, () => socket.end(stream));
      socket.on('data', () => undefined);
      socket.on('error', () => undefined);
      socket.on('close', () => done());
    });
  }
  await until('only the good call is left', () => server.connections === 1);
  expect(await good.probe()).toBe(true);
  expect(log.some((line) => line.startsWith('released'))).toBe(false);
}, 180_000);

describe('the cost of a connection', () => {
  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')], ['another protocol discriminator', encodeTpkt(Buffer.from('0302000105', 'hex'))],
    ['a truncated message', encodeTpkt(Buffer.from('08020001050405ff', 'hex'))], ['an oversized packet', Buffer.from('0300ffff', 'hex')],
    ['message after message that cannot be understood', Buffer.concat(Array.from({ length: 17 }, () => encodeTpkt(Buffer.from('0802000564', 'hex'))))],
  ])('is borne by who sends %s', async (_, octets) => {
    const server = await serve();
    const peer = await connect(server);
    peer.socket.write(octets);
    await until('it is closed', () => peer.closed);
    await until('it is forgotten', () => server.connections === 0);
    expect(faults.every(isPeersFault)).toBe(true);
  });

  test('is not borne for one that says nothing, or half of a packet', async () => {
    const clock = new SimulatedTime();
    const server = await serve({ clock });
    const [silent, slow] = [await connect(server), await connect(server)];
    slow.setup();
    await slow.heard('connect');
    slow.socket.write(Buffer.from('0300', 'hex'));
    await until('both are there, the half packet, too', () => server.connections === 2 && clock.waiting === 2);
    await clock.pass(9_999);
    expect(server.connections).toBe(2);
    await clock.pass(1);
    await until('the slow one is gone', () => slow.closed);
    await clock.pass(5_000);
    await until('the silent one is gone', () => silent.closed);
    await until('no timer is left', () => clock.waiting === 0);
  });

  test('is limited in number, in all and from one address', async () => {
    const server = await serve({ maxConnectionsOfAddress: 2 });
    const peers = [await connect(server), await connect(server)];
    const third = await connect(server);
    await until('the third is closed', () => third.closed);
    peers[0]!.socket.destroy();
    await until('one has gone', () => server.connections === 1);
    const fourth = await connect(server);
    fourth.setup();
    await fourth.heard('connect');
  });

  test('is limited in calls', async () => {
    const server = await serve({}, () => undefined);
    const peer = await connect(server);
    for (let callReference = 1; callReference <= 257; callReference++) peer.setup({}, { callReference });
    expect((await peer.heard('releaseComplete')).q931).toMatchObject({ callReference: 257, cause: { value: 42 } });
  });

  test('is limited in calls of all connections', async () => {
    const server = await serve({ maxCalls: 1 });
    const peers = [await connect(server), await connect(server), await connect(server)];
    peers[0]!.setup();
    await peers[0]!.heard('connect');
    peers[1]!.setup();
    expect((await peers[1]!.heard('releaseComplete')).q931.cause?.value).toBe(42);
    peers[0]!.socket.destroy();
    await until('its call is over', () => server.connections === 1);
    peers[2]!.setup();
    await peers[2]!.heard('connect');
  });

  test('is borne by who does not read what it asks for', async () => {
    const server = await serve();
    const peer = await connect(server);
    peer.setup();
    await peer.heard('connect');
    peer.socket.pause();
    let sent = 0;
    while (!peer.closed && sent < 2_000_000) {
      for (let i = 0; i < 1_000; i++, sent++) peer.say('statusInquiry', { statusInquiry: { protocolIdentifier: '0.0.8.2250.0.4', callIdentifier: { guid: Buffer.alloc(16, 7) } } });
      await new Promise((resolve) => setImmediate(resolve));
      if (server.connections === 0) break;
    }
    expect(server.connections).toBe(0);
    expect(faults).toEqual([expect.objectContaining({ code: 'signalling-limit' })]);
  }, 60_000);
});

describe('H.245 in a connection of its own', () => {
  test('is taken from the addresses that signalling named, and from no other', async () => {
    const server = await serve({ host: '127.0.0.1' });
    const peer = await connect(server);
    peer.setup();
    const { userInformation } = await peer.heard('connect');
    const { port } = (userInformation['h323-uu-pdu']['h323-message-body'] as unknown as { connect: { h245Address: { ipAddress: { port: number } } } }).connect.h245Address.ipAddress;
    const stranger = await new Promise<net.Socket>((resolve) => { const socket = net.connect({ host: '127.0.0.1', port, localAddress: '127.0.0.66' }, () => resolve(socket)); });
    await new Promise<void>((closed) => stranger.once('close', () => closed()).on('error', () => undefined));
    const control = await RawPeer.connect(port);
    open.push({ close: () => control.socket.destroy() });
    // Nothing that is no H.245 goes on for long.
    for (let i = 0; i < 12; i++) control.write(Buffer.from('7f', 'hex'));
    await until('it is closed', () => control.closed);
    peer.say('statusInquiry', { statusInquiry: { protocolIdentifier: '0.0.8.2250.0.4', callIdentifier: { guid: Buffer.alloc(16, 7) } } });
    expect((await peer.heard('status')).q931.callState).toBe(10);
  });

  test('listens in the range of ports that it is given, and says so when that is full', async () => {
    const holder = net.createServer();
    await new Promise<void>((listening) => holder.listen(0, '127.0.0.1', listening));
    const { port } = holder.address() as net.AddressInfo;
    open.push({ close: () => holder.close() });
    const server = await serve({ h245Ports: { first: port, last: port } });
    const peer = await connect(server);
    peer.setup();
    const { userInformation } = await peer.heard('connect');
    expect((userInformation['h323-uu-pdu']['h323-message-body'] as unknown as { connect: object }).connect).not.toHaveProperty('h245Address');
    await until('it is told', () => faults.some((fault) => /no free port for H.245/.test(fault.message)));
  });
});
