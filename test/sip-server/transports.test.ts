import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:tls';
import WebSocket from 'ws';
import { startSipServer } from '../../src/embedded/sip-server';
import { parseDatagram } from '../../src/embedded/sip-server/message';
import { parseContact } from '../../src/embedded/sip-server/transport/contact';
import { selfSigned } from './support/certificate';
import { request, response, tcpPeer, tlsPeer, udpPeer, webSocketPeer, type Peer } from './support/peer';
import { RunningServer, SECRET, settled, type Application } from './support/running-server';
import { SDP } from './support/messages';

const tls = selfSigned();
const ALL = [
  'sip:127.0.0.1:0;transport=udp,tcp', 'sip:127.0.0.1:0;transport=tls', 'sip:127.0.0.1:0;transport=ws', 'sip:127.0.0.1:0;transport=wss',
  'sip:[::1]:0;transport=udp,tcp',
];

let running: RunningServer;
let application: Application;
const peers: Peer[] = [];
/** What the application was told about where requests came from, by Call-ID. */
let origins: Record<string, { protocol: string; address: string; port: number }>;

beforeEach(async () => {
  origins = {};
  running = await RunningServer.start({ contacts: ALL, tls: { ...tls, ca: tls.cert } });
  application = await running.application((srf) => {
    srf.options((req, res) => res.send(200, { headers: { 'X-From': note(req) } }));
    srf.register((req, res) => {
      note(req);
      res.send(200, { headers: { Contact: `${req.get('Contact')};expires=300` } });
    });
    srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP }));
  });
});

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await running.stop();
});

function note(req: unknown): string {
  const { protocol, source_address: address, source_port: port } = req as { protocol: string; source_address: string; source_port: number };
  origins[(req as { get(name: string): string }).get('Call-ID')] = { protocol, address, port };
  return `${protocol}/${address}`;
}

const contactPort = (protocol: string, host: string): number => {
  const contact = running.server.contacts.find((text) => text.startsWith(`${protocol}/${host}:`)) ?? '';
  return Number(contact.slice(contact.lastIndexOf(':') + 1));
};

const open: Record<string, () => Promise<Peer>> = {
  udp: () => udpPeer('127.0.0.1', contactPort('udp', '127.0.0.1')),
  tcp: () => tcpPeer('127.0.0.1', contactPort('tcp', '127.0.0.1')),
  tls: () => tlsPeer('127.0.0.1', contactPort('tls', '127.0.0.1'), tls.cert),
  ws: () => webSocketPeer(`ws://127.0.0.1:${contactPort('ws', '127.0.0.1')}`),
  wss: () => webSocketPeer(`wss://127.0.0.1:${contactPort('wss', '127.0.0.1')}`, { ca: tls.cert }),
  'udp over IPv6': () => udpPeer('::1', contactPort('udp', '[::1]')),
  'tcp over IPv6': () => tcpPeer('::1', contactPort('tcp', '[::1]')),
};

async function device(kind: string): Promise<Peer> {
  const peer = await open[kind]!();
  peers.push(peer);
  return peer;
}

describe.each(Object.keys(open))('%s', (kind) => {
  const protocol = kind.split(' ')[0]!;

  test('a request gets its response, and the application learns where it came from', async () => {
    const peer = await device(kind);
    peer.send(request(peer, 'OPTIONS', 'sip:service@example.com'));
    expect((await peer.next(200)).get('X-From')).toBe(`${protocol}/${kind.endsWith('IPv6') ? '::1' : '127.0.0.1'}`);
  });

  test('a call stands and the server\'s Contact says how to come back', async () => {
    const peer = await device(kind);
    const own = { callId: `call-${kind}`.replaceAll(' ', '-'), from: '<sip:a@example.com>;tag=a' };
    peer.send(request(peer, 'INVITE', 'sip:service@example.com', { ...own, body: SDP }));
    const answer = await peer.next(200);
    expect(answer.contacts?.[0]?.uri).toContain(protocol === 'udp' ? `:${contactPort(protocol, kind.endsWith('IPv6') ? '[::1]' : '127.0.0.1')}` : `;transport=${protocol}`);
    peer.send(request(peer, 'ACK', 'sip:service@example.com', { ...own, to: answer.get('To') }));
    peer.send(request(peer, 'BYE', 'sip:service@example.com', { ...own, cseq: 2, to: answer.get('To') }));
    expect((await peer.next(200)).cseq?.method).toBe('BYE');
  });

  test('a registered device is called over the way that it came', async () => {
    const peer = await device(kind);
    const callId = `reg-${kind}`.replaceAll(' ', '-');
    peer.send(request(peer, 'REGISTER', 'sip:example.com', { callId }));
    await peer.next(200);
    const from = origins[callId]!;
    const host = from.address.includes(':') ? `[${from.address}]` : from.address;
    const called = application.createUAC('sip:device@somewhere.invalid', { localSdp: SDP, proxy: `sip:${host}:${from.port};transport=${protocol}` });
    const invite = await peer.next('INVITE');
    expect(invite.uri).toBe('sip:device@somewhere.invalid');
    expect(invite.has('Route')).toBe(false);
    peer.send(response(peer, invite, '200 OK', { body: SDP }));
    await called;
    await peer.next('ACK');
  });
});

/** The server has noticed that connections have ended. */
async function connectionsAre(count: number): Promise<void> {
  while ((await running.server.stats()).connections !== count) await new Promise((resolve) => setImmediate(resolve));
}

test.each(['ws', 'wss', 'tls'])('a device on %s is found also under transport=tcp, as drachtio-server calls it', async (kind) => {
  const peer = await device(kind);
  peer.send(request(peer, 'REGISTER', 'sip:example.com', { callId: 'as-tcp' }));
  await peer.next(200);
  void application.createUAC('sip:device@somewhere.invalid', { localSdp: SDP, proxy: `sip:127.0.0.1:${origins['as-tcp']!.port};transport=tcp` }).catch(() => undefined);
  await peer.next('INVITE');
});

test('a browser is reached by its Contact alone, because it registered over this connection', async () => {
  const browser = await device('ws');
  browser.send(request(browser, 'REGISTER', 'sip:example.com'));
  await browser.next(200);
  void application.createUAC('sip:caller@browser.invalid:5060;transport=ws', { localSdp: SDP }).catch(() => undefined);
  await browser.next('INVITE');
});

test('a device whose connection is gone cannot be called: 503', async () => {
  const browser = await device('ws');
  browser.send(request(browser, 'REGISTER', 'sip:example.com', { callId: 'gone' }));
  await browser.next(200);
  browser.close();
  await connectionsAre(0);
  await expect(application.createUAC('sip:device@somewhere.invalid', { localSdp: SDP, proxy: `sip:127.0.0.1:${origins['gone']!.port};transport=ws` }))
    .rejects.toThrow('requested protocol/transport not available');
});

test('a connection that closes during a call attempt ends it with 503', async () => {
  const peer = await device('tcp');
  peer.send(request(peer, 'REGISTER', 'sip:example.com', { callId: 'drop' }));
  await peer.next(200);
  const called = application.createUAC('sip:device@somewhere.invalid', { localSdp: SDP, proxy: `sip:127.0.0.1:${origins['drop']!.port};transport=tcp` })
    .catch((error: { status: number }) => error.status);
  await peer.next('INVITE');
  peer.close();
  expect(await called).toBe(503);
});

test('a call goes out over a new TCP connection, which stays for the dialog', async () => {
  const connections: number[] = [];
  const far = createServer();
  far.listen(0, '127.0.0.1');
  await once(far, 'listening');
  const port = (far.address() as { port: number }).port;
  const accepted = once(far, 'connection');
  const called = application.createUAC(`sip:far@127.0.0.1:${port};transport=tcp`, { localSdp: SDP });
  const [socket] = await accepted as [Socket];
  connections.push(1);
  far.on('connection', () => connections.push(1));
  const [first] = await once(socket, 'data') as [Buffer];
  const invite = parseDatagram(first).message!;
  const peer = { transport: 'TCP', host: '127.0.0.1', port } as Peer;
  socket.write(response(peer, invite, '200 OK', { body: SDP }));
  const dialog = await called;
  await once(socket, 'data');
  const ended = dialog.destroy();
  const [byeBytes] = await once(socket, 'data') as [Buffer];
  socket.write(response(peer, parseDatagram(byeBytes).message!, '200 OK'));
  await ended;
  expect(connections).toHaveLength(1);
  socket.destroy();
  far.close();
});

describe('a call goes out over TLS', () => {
  async function farEnd(certificate: { cert: string; key: string }) {
    const far = createTlsServer(certificate);
    far.on('tlsClientError', () => undefined);
    far.listen(0, '127.0.0.1');
    await once(far, 'listening');
    return { far, port: (far.address() as { port: number }).port };
  }

  test('to a peer whose certificate is trusted', async () => {
    const { far, port } = await farEnd(tls);
    const heard = new Promise<Buffer>((resolve) => far.on('secureConnection', (socket) => socket.once('data', resolve)));
    void application.createUAC(`sip:far@127.0.0.1:${port};transport=tls`, { localSdp: SDP }).catch(() => undefined);
    expect((await heard).toString()).toMatch(/^INVITE sip:far@127\.0\.0\.1:\d+;transport=tls SIP\/2\.0\r\nVia: SIP\/2\.0\/TLS /);
    far.close();
  });

  test('not to one that anybody could be: 503', async () => {
    const { far, port } = await farEnd(selfSigned());
    await expect(application.createUAC(`sip:far@127.0.0.1:${port};transport=tls`, { localSdp: SDP })).rejects.toMatchObject({ status: 503 });
    far.close();
  });

  test('not to a port where nobody listens: 503 at once', async () => {
    const { far, port } = await farEnd(tls);
    far.close();
    await once(far, 'close');
    await expect(application.createUAC(`sip:far@127.0.0.1:${port};transport=tls`, { localSdp: SDP })).rejects.toMatchObject({ status: 503 });
  });
});

test('a proxied call between TCP and UDP records a route for each side, and goes on both ways', async () => {
  await running.stop();
  running = await RunningServer.start();
  const [from, to] = [await tcpPeer('127.0.0.1', running.port('tcp')), await udpPeer('127.0.0.1', running.port('udp'))];
  peers.push(from, to);
  await running.application((srf) => srf.invite((req) => void srf.proxyRequest(req, [`sip:callee@127.0.0.1:${to.port}`], { recordRoute: true })));
  from.send(request(from, 'INVITE', 'sip:service@example.com', { callId: 'mixed', from: '<sip:a@example.com>;tag=a', body: SDP }));
  const invite = await to.next('INVITE');
  const routes = invite.getAll('Record-Route');
  expect(routes).toHaveLength(2);
  expect(routes[1]).toContain(';transport=tcp');
  to.send(response(to, invite, '200 OK', { body: SDP }));
  const answer = await from.next(200);
  from.send(request(from, 'ACK', answer.contacts?.[0]?.uri ?? '', {
    callId: 'mixed', from: '<sip:a@example.com>;tag=a', to: answer.get('To'), headers: answer.getAll('Record-Route').reverse().map((route) => `Route: ${route}`),
  }));
  await to.next('ACK');
  to.send(request(to, 'BYE', invite.contacts?.[0]?.uri ?? '', {
    callId: 'mixed', from: answer.get('To'), to: '<sip:a@example.com>;tag=a', headers: routes.map((route) => `Route: ${route}`),
  }));
  const bye = await from.next('BYE');
  expect(bye.has('Route')).toBe(false);
  from.send(response(from, bye, '200 OK'));
  await to.next(200);
});

test('a peer that asks and does not read is cut off', async () => {
  await running.stop();
  running = await RunningServer.start({ contacts: ['sip:127.0.0.1:0;transport=tcp'], limits: { connectionQueueBytes: 50_000 } });
  application = await running.application((srf) => srf.options((_req, res) => res.send(200, { headers: { 'X-Long': 'x'.repeat(10_000) } })));
  const socket = connect(running.port('tcp'), '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.pause();
  const asking = { transport: 'TCP', host: '127.0.0.1', port: socket.localPort } as Peer;
  for (let i = 0; i < 2_000; i++) socket.write(request(asking, 'OPTIONS', 'sip:x@example.com'));
  await connectionsAre(0);
  socket.destroy();
  // drachtio-srf cannot be disconnected in the middle of a frame.
  await settled(application);
});

describe('rport and received (RFC 3581)', () => {
  test('tell the device its address, and the response goes there', async () => {
    const peer = await device('udp');
    peer.send(request(peer, 'OPTIONS', 'sip:x@example.com').replace(/Via: (.*?) [^;]*;/, 'Via: $1 10.1.2.3:5060;'));
    const { topVia } = await peer.next(200);
    expect(topVia?.params.get('received')).toBe('127.0.0.1');
    expect(topVia?.params.get('rport')).toBe(String(peer.port));
  });

  test('without rport the response goes to the port of the Via', async () => {
    const [sender, named] = [await device('udp'), await device('udp')];
    sender.send(request(sender, 'OPTIONS', 'sip:x@example.com').replace(/Via: .*\r\n/, `Via: SIP/2.0/UDP 127.0.0.1:${named.port};branch=z9hG4bK-named\r\n`));
    await named.next(200);
    expect(sender.received).toEqual([]);
  });
});

describe('keep-alives (RFC 5626)', () => {
  test.each(['tcp', 'tls'])('a double CRLF over %s is answered with one', async (kind) => {
    const peer = await device(kind);
    peer.send('\r\n\r\n');
    peer.send(request(peer, 'OPTIONS', 'sip:x@example.com'));
    await peer.next(200);
    expect(peer.other).toContain('pong');
  });
});

describe('streams', () => {
  test('messages arrive in pieces and several at once', async () => {
    const peer = await device('tcp');
    const [one, two] = [request(peer, 'OPTIONS', 'sip:x@example.com'), request(peer, 'OPTIONS', 'sip:x@example.com')];
    for (const piece of (one + two).match(/[\s\S]{1,37}/g) ?? []) peer.send(piece);
    await peer.next(200);
    await peer.next(200);
  });
});

describe('WebSocket', () => {
  test('without the subprotocol sip is refused', async () => {
    await expect(webSocketPeer(`ws://127.0.0.1:${contactPort('ws', '127.0.0.1')}`, { subprotocol: 'chat' })).rejects.toThrow('400');
  });

  test('plain HTTP is told to upgrade', async () => {
    const answer = await fetch(`http://127.0.0.1:${contactPort('ws', '127.0.0.1')}/`);
    expect(answer.status).toBe(426);
  });

  test('confirms the subprotocol', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${contactPort('ws', '127.0.0.1')}`, ['other', 'sip']);
    await once(socket, 'open');
    expect(socket.protocol).toBe('sip');
    socket.terminate();
  });
});

describe('bounds', () => {
  test('connections beyond the limit of one address are closed, and there is room again when one ends', async () => {
    await running.stop();
    running = await RunningServer.start({ contacts: ['sip:127.0.0.1:0;transport=tcp'], limits: { connectionsPerAddress: 2 } });
    application = await running.application((srf) => srf.options((_req, res) => res.send(200)));
    const [one, two, three] = [await device('tcp'), await device('tcp'), await device('tcp')];
    await three!.ended();
    two!.send(request(two!, 'OPTIONS', 'sip:x@example.com'));
    await two!.next(200);
    one!.close();
    await one!.ended();
    await connectionsAre(1);
    const four = await device('tcp');
    four.send(request(four, 'OPTIONS', 'sip:x@example.com'));
    await four.next(200);
  });

  test('a connection that never sends a message is closed', async () => {
    await running.stop();
    running = await RunningServer.start({ contacts: ['sip:127.0.0.1:0;transport=tcp,ws'], limits: { messageSeconds: 1 } });
    const peer = await device('tcp');
    peer.send('INVITE sip:half');
    await peer.ended();
    const browser = await device('ws');
    await browser.ended();
  });
});

describe('contacts', () => {
  test('are read with all their transports', () => {
    expect(parseContact('sip:127.0.0.1:5060;transport=udp,tcp')).toEqual([
      { protocol: 'udp', host: '127.0.0.1', port: 5060 }, { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
    ]);
    expect(parseContact('sips:[::1]')).toEqual([{ protocol: 'tls', host: '::1', port: 5061 }]);
    expect(parseContact('sip:0.0.0.0:5060;transport=udp;external-ip=192.0.2.1')).toEqual([{ protocol: 'udp', host: '0.0.0.0', port: 5060, externalHost: '192.0.2.1' }]);
  });

  test.each(['127.0.0.1:5060', 'sip:127.0.0.1:99999', 'sip:127.0.0.1;transport=sctp', 'sip:[1]:5060', 'sip:h;lr', ''])('%j is refused with what is wrong', (text) => {
    expect(() => parseContact(text)).toThrow(/^Contact ".*": /);
  });

  test('say where the server listens; a port that is taken is told', async () => {
    const holder = createServer();
    holder.listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    await expect(startSipServer({ admin: { host: '127.0.0.1', port: 0 }, secret: SECRET, contacts: [`sip:127.0.0.1:${port};transport=tcp`] }))
      .rejects.toMatchObject({ code: 'bind-failed' });
    await expect(startSipServer({ admin: { host: '127.0.0.1', port }, secret: SECRET, contacts: ['sip:127.0.0.1:0'] }))
      .rejects.toMatchObject({ code: 'bind-failed' });
    await expect(startSipServer({ admin: { host: '127.0.0.1', port: 0 }, secret: SECRET, contacts: ['sip:127.0.0.1:0;transport=tls'] }))
      .rejects.toMatchObject({ code: 'certificate-missing' });
    holder.close();
  });

  test('an external address is what peers are told', async () => {
    await running.stop();
    running = await RunningServer.start({ contacts: ['sip:0.0.0.0:0;transport=udp;external-ip=192.0.2.77'] });
    application = await running.application((srf) => srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP })));
    const peer = await udpPeer('127.0.0.1', running.port('udp'));
    peers.push(peer);
    peer.send(request(peer, 'INVITE', 'sip:x@example.com', { body: SDP }));
    expect((await peer.next(200)).contacts?.[0]?.uri).toBe(`sip:192.0.2.77:${running.port('udp')}`);
  });

  test('bound to all interfaces, peers are told the address that faces them', async () => {
    await running.stop();
    running = await RunningServer.start({ contacts: ['sip:0.0.0.0:0;transport=udp'] });
    application = await running.application((srf) => srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP })));
    const peer = await udpPeer('127.0.0.1', running.port('udp'));
    peers.push(peer);
    peer.send(request(peer, 'INVITE', 'sip:x@example.com', { body: SDP }));
    expect((await peer.next(200)).contacts?.[0]?.uri).toBe(`sip:127.0.0.1:${running.port('udp')}`);
  });
});

test('closing the server ends everything', async () => {
  const peer = await device('tcp');
  const socket = connect(running.server.adminPort, '127.0.0.1');
  await once(socket, 'connect');
  application.disconnect();
  await running.server.close();
  await peer.ended();
  await once(socket, 'close');
});
