import { connect } from 'node:net';
import { once } from 'node:events';
import WebSocket from 'ws';
import { selfSigned } from './support/certificate';
import { request, tcpPeer, udpPeer, type Peer } from './support/peer';
import { RunningServer, SECRET } from './support/running-server';
import { AdminSocket } from './support/admin-socket';
import { random } from '../support/random';

/** Bytes that nobody should send; the server must go on serving those who behave. */
const tls = selfSigned();
let running: RunningServer;
let good: Peer;
let faults: unknown[];

function garbage(count: number): Buffer[] {
  const next = random(4711);
  const valid = 'INVITE sip:x@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContact: <sip:a@b>\r\nContent-Length: 3\r\n\r\nabc';
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 === 0) return Buffer.from(Array.from({ length: 1 + Math.floor(next() * 300) }, () => Math.floor(next() * 256)));
    const bytes = Buffer.from(valid);
    for (let flips = 0; flips <= i % 7; flips++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
    return i % 3 === 1 ? bytes : bytes.subarray(0, Math.floor(next() * bytes.length));
  });
}

beforeEach(async () => {
  faults = [];
  running = await RunningServer.start({
    contacts: ['sip:127.0.0.1:0;transport=udp,tcp', 'sip:127.0.0.1:0;transport=tls', 'sip:127.0.0.1:0;transport=ws'], tls,
    log: (level, event, detail) => {
      if (event === 'internal-error') faults.push({ level, ...detail });
    },
  });
  await running.application((srf) => {
    srf.options((_req, res) => res.send(200));
    srf.invite((_req, res) => res.send(486));
  });
  good = await udpPeer('127.0.0.1', running.port('udp'));
});

afterEach(async () => {
  good.send(request(good, 'OPTIONS', 'sip:x@example.com'));
  await good.next(200);
  good.close();
  await running.stop();
  expect(faults).toEqual([]);
});

test('random and mangled datagrams', async () => {
  const attacker = await udpPeer('127.0.0.1', running.port('udp'));
  for (const bytes of garbage(2_000)) attacker.send(bytes);
  attacker.send(request(attacker, 'OPTIONS', 'sip:x@example.com', { callId: 'after-the-storm' }));
  for (;;) if ((await attacker.next(200)).callId === 'after-the-storm') break;
  attacker.close();
  const stats = await running.server.stats();
  expect(stats.dropped).toBeGreaterThan(1_000);
});

test.each(['tcp', 'tls', 'ws'])('random bytes on the %s port', async (transport) => {
  for (const bytes of garbage(60)) {
    const socket = connect(running.port(transport), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.end(bytes);
    socket.resume();
    await new Promise((resolve) => socket.on('close', resolve));
  }
});

test('random WebSocket messages', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${running.port('ws')}`, 'sip');
  await once(socket, 'open');
  for (const bytes of garbage(300)) socket.send(bytes);
  socket.terminate();
});

test('random bytes on the port of the applications, before and after the secret', async () => {
  for (const bytes of garbage(30)) {
    const stranger = await AdminSocket.open(running.server.adminPort);
    stranger.socket.end(bytes);
    await stranger.closed;
    const known = await AdminSocket.open(running.server.adminPort);
    await known.ask(`a|authenticate|${SECRET}|`);
    known.send(`x|sip|\r\n${bytes.toString('latin1')}`);
    known.socket.end(bytes);
    await known.closed;
  }
});

test('a stream that never ends its head is cut off', async () => {
  const peer = await tcpPeer('127.0.0.1', running.port('tcp'));
  peer.send(`INVITE sip:x@example.com SIP/2.0\r\n${'X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(2_000)}`);
  await peer.ended();
});

test('a body that is announced larger than the limit is refused and the stream ended', async () => {
  const peer = await tcpPeer('127.0.0.1', running.port('tcp'));
  peer.send(request(peer, 'INVITE', 'sip:x@example.com').replace('Content-Length: 0', 'Content-Length: 99999999'));
  expect((await peer.next(413)).cseq?.method).toBe('INVITE');
  await peer.ended();
});

test('a faulty request is answered with its fault, and reaches no application', async () => {
  good.send(request(good, 'INVITE', 'sip:x@example.com').replace(/Contact: .*\r\n/, ''));
  await good.next(400);
  good.send(request(good, 'OPTIONS', 'sip:x@example.com').replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE'));
  await good.next(400);
  good.send(request(good, 'OPTIONS', 'http://example.com'));
  await good.next(416);
});

test('responses that belong to nothing, ACKs to nothing and CANCELs of nothing cost nothing', async () => {
  good.send('SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnone\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n');
  good.send(request(good, 'ACK', 'sip:x@example.com', { to: '<sip:x@example.com>;tag=t' }));
  good.send(request(good, 'CANCEL', 'sip:x@example.com'));
  await good.next(481);
  good.send(request(good, 'BYE', 'sip:x@example.com', { to: '<sip:x@example.com>;tag=t' }));
  await good.next(481);
  expect(await running.server.stats()).toMatchObject({ dialogs: 0, unanswered: 0 });
});
