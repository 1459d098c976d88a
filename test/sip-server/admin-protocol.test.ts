import { AdminSocket } from './support/admin-socket';
import { request, udpPeer, type Peer } from './support/peer';
import { RunningServer, SECRET } from './support/running-server';

let running: RunningServer;
let admin: AdminSocket;
const sockets: AdminSocket[] = [];
const peers: Peer[] = [];

async function open(): Promise<AdminSocket> {
  const socket = await AdminSocket.open(running.server.adminPort);
  sockets.push(socket);
  return socket;
}

async function phone(): Promise<Peer> {
  const peer = await udpPeer('127.0.0.1', running.port('udp'));
  peers.push(peer);
  return peer;
}

beforeEach(async () => {
  running = await RunningServer.start();
  admin = await open();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.socket.destroy();
  for (const peer of peers.splice(0)) peer.close();
  await running.stop();
});

const authenticate = (socket = admin): Promise<string> => socket.ask(`a1|authenticate|${SECRET}|`);

describe('authentication', () => {
  test('with the secret is answered with the addresses, a version and the local addresses', async () => {
    const contacts = running.server.contacts.join(',');
    expect(await authenticate()).toMatch(new RegExp(`^response\\|a1\\|OK\\|${contacts}\\|v0\\.9\\.10[^|]*\\|${contacts}$`));
  });

  test('with another secret is answered NO|incorrect secret, and the connection ends', async () => {
    expect(await admin.ask('a1|authenticate|wrong|')).toBe('response|a1|NO|incorrect secret');
    await admin.closed;
  });

  test.each(['p|ping', 'r|route|invite', 'b|bogus', 's|sip||\r\nOPTIONS sip:x@127.0.0.1 SIP/2.0\r\n\r\n'])('comes before everything: %j is refused and the connection ends', async (frame) => {
    expect(await admin.ask(frame)).toBe(`response|${frame[0]}|NO|authenticate first`);
    await admin.closed;
  });

  test('may not be long: a large frame before it ends the connection', async () => {
    admin.socket.write('5000#');
    await admin.closed;
  });
});

describe('frames', () => {
  test('may come split anywhere', async () => {
    for (const byte of Buffer.from(admin.frame(`a1|authenticate|${SECRET}|`))) admin.socket.write(Buffer.from([byte]));
    expect(await admin.next()).toMatch(/^response\|a1\|OK/);
  });

  test('may come together, and are answered in order', async () => {
    await authenticate();
    admin.socket.write(admin.frame('p1|ping') + admin.frame('r1|route|invite') + admin.frame('p2|ping'));
    expect([await admin.next(), await admin.next(), await admin.next()]).toEqual(['response|p1|OK|pong', 'response|r1|OK', 'response|p2|OK|pong']);
  });

  test('may be longer than 12 kB, and what follows is still read', async () => {
    await authenticate();
    expect(await admin.ask(`big|ping\r\n${'x'.repeat(13_000)}`)).toBe('response|big|OK|pong');
    expect(await admin.ask('after|ping')).toBe('response|after|OK|pong');
  });

  test('count octets, not characters', async () => {
    await authenticate();
    expect(await admin.ask('ä|ping')).toBe('response|ä|OK|pong');
  });

  test.each(['abc', '#', '-5#x', '99999999#', '123456789#'])('that begin with %j end the connection', async (start) => {
    await authenticate();
    admin.socket.write(start);
    await admin.closed;
  });
});

describe('commands', () => {
  beforeEach(() => authenticate());

  test('that are unknown are answered NO', async () => {
    expect(await admin.ask('x|bogus')).toBe('response|x|NO|Unknown message type');
  });

  test('remove_route takes one method away and leaves the others', async () => {
    for (const verb of ['options', 'message']) expect(await admin.ask(`r|route|${verb}`)).toBe('response|r|OK');
    expect(await admin.ask('r|remove_route|options')).toBe('response|r|OK');
    const peer = await phone();
    peer.send(request(peer, 'OPTIONS', 'sip:x@example.com'));
    await peer.next(503);
    peer.send(request(peer, 'MESSAGE', 'sip:x@example.com'));
    expect(await admin.next()).toMatch(/^sip\|network\|\d+\|udp\|127\.0\.0\.1\|\d+\|\d\d:\d\d:\d\d\.\d{6}\|[^|]+\|\|127\.0\.0\.1\|\d+\|\r\nMESSAGE sip:x@example\.com SIP\/2\.0\r\n/);
  });

  test('a response needs a transaction, and one that is known', async () => {
    expect(await admin.ask('s|sip||\r\nSIP/2.0 200 OK\r\n\r\n')).toBe('response|s|NO|transaction id missing');
    expect(await admin.ask('s|sip|nobody|\r\nSIP/2.0 200 OK\r\n\r\n')).toBe('response|s|NOK|Response not sent due to unknown transaction');
  });

  test.each([
    ['garbage', /NOK\|invalid message/],
    ['INVITE garbage SIP/2.0', /NOK\|invalid/],
    ['INVITE sip:a@127.0.0.1;transport=tls SIP/2.0', /NOK\|requested protocol\/transport not available/],
    ['MESSAGE sip:a@127.0.0.1:9 SIP/2.0\r\nContent-Length: 5\r\n\r\nhello', /NOK\|missing content-type/],
    ['INVITE sip:a@127.0.0.1:9 SIP/2.0\r\nFrom: "unfinished <sip:a@b>', /NOK\|invalid from value/],
  ])('a request that cannot be sent is refused: %j', async (text, verdict) => {
    expect(await admin.ask(`s|sip||\r\n${text}\r\n\r\n`)).toMatch(verdict);
  });

  test('a proxy command with nothing to do is refused', async () => {
    expect(await admin.ask('p|proxy|t|||||||')).toBe('response|p|NOK|Invalid proxy request: not enough information provided');
    expect(await admin.ask('p|proxy|t||||serial|||sip:x@127.0.0.1\r\nINVITE sip:x@127.0.0.1 SIP/2.0\r\n\r\n')).toBe('response|p|NOK|Response not sent due to unknown transaction');
  });

  test('headers that belong to the stack are not obeyed, and localhost becomes our address', async () => {
    const peer = await phone();
    admin.send([
      's|sip||', `OPTIONS sip:callee@127.0.0.1:${peer.port} SIP/2.0`, 'Via: SIP/2.0/UDP evil.example;branch=z9hG4bKevil', 'Route: <sip:evil.example;lr>',
      'Record-Route: <sip:evil.example;lr>', 'From: "Me" <sip:me@localhost>', 'P-Asserted-Identity: <sip:me@localhost>', 'X-Lab: kept', 'Content-Length: 99', '', '',
    ].join('\r\n'));
    const sent = await peer.next('OPTIONS');
    expect(sent.getAll('Via')).toHaveLength(1);
    expect(sent.has('Route') || sent.has('Record-Route')).toBe(false);
    expect(sent.from).toMatchObject({ displayName: 'Me', uri: `sip:me@127.0.0.1:${running.port('udp')}` });
    expect(sent.get('P-Asserted-Identity')).toBe(`<sip:me@127.0.0.1:${running.port('udp')}>`);
    expect(sent.get('X-Lab')).toBe('kept');
    expect(sent.contentLength).toBe(0);
  });

  test('a line break cannot be smuggled into a header', async () => {
    const peer = await phone();
    admin.send(`s|sip||\r\nOPTIONS sip:callee@127.0.0.1:${peer.port} SIP/2.0\r\nX-Lab: one\rX-Evil: two\r\n\r\n`);
    expect(await admin.next()).toMatch(/^response\|s\|NOK\|/);
    admin.send(`t|sip||\r\nOPTIONS sip:callee@127.0.0.1:${peer.port} SIP/2.0\r\nX-Lab: one\nX-Evil: two\r\n\r\n`);
    expect(await admin.next()).toMatch(/^response\|t\|NOK\|/);
    expect(peer.received).toEqual([]);
  });
});

test('more applications than the limit are not let in', async () => {
  await running.stop();
  running = await RunningServer.start({ limits: { adminClients: 1 } });
  const first = await open();
  await authenticate(first);
  const second = await open();
  await second.closed;
});
