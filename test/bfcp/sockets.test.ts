import dgram from 'node:dgram';
import net from 'node:net';
import { connectTcp, decodeMessage, encodeMessage, ERROR_CODES, FloorClient, FloorControlServer, TcpListener, UdpEndpoint, type BfcpMessage, type Carrier } from '../../src/bfcp';
import { mutate } from '../h323/support/mutate';
import { Random } from '../h323/support/random';
import { randomMessage } from './support/random-message';

const HOST = '127.0.0.1';
const CONFERENCE = 7;
const ends: (() => void)[] = [];
afterEach(() => { for (const end of ends.splice(0).reverse()) end(); });
const ending = <T extends { close(): void }>(what: T): T => { ends.push(() => what.close()); return what; };

function newServer(): FloorControlServer {
  const server = ending(new FloorControlServer({ conferenceId: CONFERENCE, floorIds: [1], policy: 'take over' }));
  for (const user of [1, 2, 3]) server.addUser(user);
  return server;
}

/** Told when it happens. */
function signal<T>(): { happened: Promise<T>; tell: (value: T) => void } {
  let tell!: (value: T) => void;
  return { happened: new Promise<T>((resolve) => { tell = resolve; }), tell };
}

describe('UDP', () => {
  const udpServer = async (server: FloorControlServer, maxPeers: number): Promise<UdpEndpoint> => ending(await UdpEndpoint.open({ host: HOST, maxPeers, accept: (carrier) => server.serve(carrier) }));
  const udpClient = async (port: number, mtu?: number): Promise<Carrier> => ending(await UdpEndpoint.open({ host: HOST, ...(mtu && { mtu }) })).connect({ address: HOST, port });

  test('clients at one port share the floor, in fragments too', async () => {
    const { port } = await udpServer(newServer(), 2);
    const revoked = signal<string | undefined>();
    const first = new FloorClient(await udpClient(port, 40), { conferenceId: CONFERENCE, userId: 1 }, { requestChanged: ({ overallStatus }) => revoked.tell(overallStatus?.requestStatus?.status) });
    await first.request([1], { participantProvidedInfo: 'x'.repeat(200) });
    await new FloorClient(await udpClient(port), { conferenceId: CONFERENCE, userId: 2 }).request([1]);
    expect(await revoked.happened).toBe('revoked');
  });

  test('a port serves as many senders as it was opened for', async () => {
    const { port } = await udpServer(newServer(), 1);
    await new FloorClient(await udpClient(port), { conferenceId: CONFERENCE, userId: 1 }).hello();
    await expect(new FloorClient(await udpClient(port), { conferenceId: CONFERENCE, userId: 2, t1: 5 }).hello()).rejects.toMatchObject({ code: 'bfcp-timeout' });
  });

  test('who begins with nonsense, or as a user that is not known, does not keep a place from others', async () => {
    const { port } = await udpServer(newServer(), 1);
    for (const datagram of [
      Buffer.from('4063000000000007000100010000', 'hex'), encodeMessage({ version: 2, responder: false, conferenceId: CONFERENCE, transactionId: 1, userId: 99, primitive: 'Hello' }),
      encodeMessage({ version: 2, responder: false, conferenceId: 1, transactionId: 1, userId: 1, primitive: 'Hello' }),
    ]) {
      const stranger = ending(dgram.createSocket('udp4'));
      const answer = signal<Buffer>();
      stranger.on('message', answer.tell);
      stranger.send(datagram, port, HOST);
      expect(decodeMessage(await answer.happened).primitive).toBe('Error');
    }
    await new FloorClient(await udpClient(port), { conferenceId: CONFERENCE, userId: 1 }).hello();
  });

  test('only the known peer is heard where strangers are not accepted', async () => {
    const endpoint = ending(await UdpEndpoint.open({ host: HOST }));
    const stranger = ending(dgram.createSocket('udp4'));
    const peer = ending(dgram.createSocket('udp4'));
    await new Promise<void>((resolve) => peer.bind(0, HOST, resolve));
    const carrier = endpoint.connect({ address: HOST, port: peer.address().port });
    const heard = signal<BfcpMessage>();
    carrier.attach({ received: (message) => heard.tell(decodeMessage(message)), closed: () => undefined });
    const hello = (userId: number): Buffer => encodeMessage({ version: 2, responder: false, conferenceId: 1, transactionId: 1, userId, primitive: 'Hello' });
    await new Promise((resolve) => stranger.send(hello(666), endpoint.port, HOST, resolve));
    peer.send(hello(5), endpoint.port, HOST);
    expect((await heard.happened).userId).toBe(5);
  });

  test('an unknown version is answered with error 12', async () => {
    const { port } = await udpServer(newServer(), 2);
    const socket = ending(dgram.createSocket('udp4'));
    const answer = signal<Buffer>();
    socket.on('message', answer.tell);
    const message = encodeMessage({ version: 2, responder: false, conferenceId: CONFERENCE, transactionId: 1, userId: 1, primitive: 'Hello' });
    socket.send(message, port, HOST);
    expect(decodeMessage(await answer.happened).primitive).toBe('HelloAck');
    const refused = signal<Buffer>();
    socket.removeAllListeners('message').on('message', refused.tell);
    message[0] = 0x60;
    socket.send(message, port, HOST);
    expect(decodeMessage(await refused.happened)).toMatchObject({ primitive: 'Error', error: { code: ERROR_CODES.unsupportedVersion } });
  });

  test('20,000 hostile datagrams of a stranger do not keep a known client from its floor', async () => {
    const server = newServer();
    const { port } = await udpServer(server, 2);
    const client = new FloorClient(await udpClient(port), { conferenceId: CONFERENCE, userId: 1 });
    await client.request([1]);
    const random = new Random(9);
    const socket = ending(dgram.createSocket('udp4'));
    for (let i = 0; i < 20_000; i++) {
      const datagram = mutate(encodeMessage({ ...randomMessage(random), version: 2, conferenceId: CONFERENCE, userId: 3 }), random);
      await new Promise((resolve) => socket.send(datagram, port, HOST, resolve));
    }
    expect((await client.release((await client.userStatus()).floorRequests[0]?.floorRequestId ?? (await client.request([1])).floorRequestId)).overallStatus?.requestStatus?.status).toBe('released');
  }, 60_000);
});

describe('TCP', () => {
  const tcpServer = async (server: FloorControlServer, maxPeers = 4): Promise<TcpListener> => ending(await TcpListener.open({ host: HOST, maxPeers, accept: (carrier) => server.serve(carrier) }));

  test('clients share the floor, and a closed connection gives it back', async () => {
    const server = newServer();
    const freed = signal<void>();
    const { port } = await tcpServer(server);
    const first = ending(new FloorClient(await connectTcp({ address: HOST, port }), { conferenceId: CONFERENCE, userId: 1 }));
    const second = ending(new FloorClient(await connectTcp({ address: HOST, port }), { conferenceId: CONFERENCE, userId: 2 }, { floorsChanged: (_floors, requests) => { if (requests.length === 0) freed.tell(); } }));
    await first.request([1]);
    await second.watch([1]);
    first.close();
    await freed.happened;
    expect(server.holder(1)).toBeUndefined();
  });

  test('the client learns that the server is gone', async () => {
    const listener = await tcpServer(newServer());
    const closed = signal<unknown>();
    const client = new FloorClient(await connectTcp({ address: HOST, port: listener.port }), { conferenceId: CONFERENCE, userId: 1 }, { closed: closed.tell });
    await client.hello();
    listener.close();
    expect(await closed.happened).toMatchObject({ code: 'bfcp-closed' });
  });

  test('a port where nobody listens is an error', async () => {
    const { port } = await tcpServer(newServer());
    for (const end of ends.splice(0).reverse()) end();
    await expect(connectTcp({ address: HOST, port })).rejects.toMatchObject({ code: 'bfcp-socket' });
  });

  test('a stream that says a message greater than any is cut off', async () => {
    const { port } = await tcpServer(newServer());
    const socket = net.connect(port, HOST);
    ends.push(() => socket.destroy());
    const closed = signal<void>();
    socket.on('close', () => closed.tell()).on('error', () => undefined);
    socket.write(Buffer.from('200bffff000000010001000200000000', 'hex'));
    await closed.happened;
  });

  test('who connects and says nothing, or half a message, is cut off after 30 seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    try {
      const { port } = await tcpServer(newServer());
      const sockets = ['', '200b0001'].map((begun) => {
        const socket = net.connect(port, HOST, () => socket.write(Buffer.from(begun, 'hex')));
        ends.push(() => socket.destroy());
        const closed = signal<void>();
        socket.on('close', () => closed.tell()).on('error', () => undefined);
        const connected = signal<void>();
        socket.on('connect', () => connected.tell());
        return { closed: closed.happened, connected: connected.happened };
      });
      await Promise.all(sockets.map(({ connected }) => connected));
      const client = ending(new FloorClient(await connectTcp({ address: HOST, port }), { conferenceId: CONFERENCE, userId: 1 }));
      await client.hello();
      jest.advanceTimersByTime(30_000);
      await Promise.all(sockets.map(({ closed }) => closed));
      await client.hello();
    } finally {
      jest.useRealTimers();
    }
  });

  test('more connections than a port takes are closed at once', async () => {
    const { port } = await tcpServer(newServer(), 1);
    await new FloorClient(ending(await connectTcp({ address: HOST, port })), { conferenceId: CONFERENCE, userId: 1 }).hello();
    const closed = signal<unknown>();
    new FloorClient(ending(await connectTcp({ address: HOST, port })), { conferenceId: CONFERENCE, userId: 2 }, { closed: closed.tell });
    expect(await closed.happened).toMatchObject({ code: 'bfcp-closed' });
  });
});
