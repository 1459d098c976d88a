import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { startMediaServer, type LocalMediaServer } from '../../../src/embedded/media-server';
import { until } from '../../peers/harness/until';
import { random } from '../../support/random';
import { request, udpPeer, type Peer } from '../../sip-server/support/peer';
import { OutboundApplication } from './support/application';
import { EslClient } from './support/esl-client';
import { RtpPhone } from './support/rtp-phone';
import { PASSWORD } from './support/running-media-server';

/** Bytes that nobody should send, and readers that do not read: they cost the sender, never the server. */
let server: LocalMediaServer;
/** Where recordings go that random commands ask for. */
let folder: string;
let events: string[];
let application: OutboundApplication;
let phone: RtpPhone;
let caller: Peer;

beforeEach(async () => {
  events = [];
  folder = mkdtempSync(join(tmpdir(), 'media-server-'));
  server = await startMediaServer({
    esl: { host: '127.0.0.1', port: 0 }, password: PASSWORD, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, folder,
    log: (_level, event) => events.push(event),
  });
  application = await OutboundApplication.listen();
  phone = await RtpPhone.open();
  caller = await udpPeer('127.0.0.1', server.sipPort);
});

afterEach(async () => {
  // Whoever behaves is served as before.
  const { channel } = await call('afterwards');
  expect(await channel.api('status')).toContain('is ready');
  application.close();
  phone.close();
  caller.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  expect(events).not.toContain('internal-error');
});

const call = (callId: string): ReturnType<OutboundApplication['next']> => application.call(server, caller, phone, callId);

const noise = (next: () => number, length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(next() * 256)));

test('a command without end costs the stranger his connection', async () => {
  const client = await EslClient.connect(server.eslPort);
  client.write(`auth ${'x'.repeat(5_000)}`);
  await client.ended();
  const other = await EslClient.connect(server.eslPort);
  other.write('auth x\nContent-Length: 100000\n\n');
  await other.ended();
  expect(events.filter((event) => event === 'event-socket-refused')).toHaveLength(2);
});

test('who authenticated may send much, but not without end', async () => {
  const client = await EslClient.authenticated(server.eslPort, PASSWORD);
  expect(await client.command(`filter Unique-ID ${'x'.repeat(20_000)}`)).toMatch(/^\+OK filter added/);
  client.write(`api ${'x'.repeat(200_000)}`);
  await client.ended();
  const other = await EslClient.authenticated(server.eslPort, PASSWORD);
  other.write('sendmsg x\nContent-Length: 9999999\n\n');
  await other.ended();
});

test('octet by octet, and many in one', async () => {
  const client = await EslClient.connect(server.eslPort);
  for (const octet of `auth ${PASSWORD}\r\n\r\n`) client.write(octet);
  expect((await client.next('command/reply')).headers.get('Reply-Text')).toBe('+OK accepted');
  client.write('\n\n\napi status\n\napi status\n\napi hostname\n\n');
  for (let i = 0; i < 3; i++) await client.next('api/response');
  client.close();
});

test('noise on the event socket', async () => {
  const next = random(4711);
  for (let i = 0; i < 30; i++) {
    const socket = connect(server.eslPort, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(noise(next, 2_000));
    socket.write('\n\n');
    socket.destroy();
  }
  const client = await EslClient.authenticated(server.eslPort, PASSWORD);
  for (let i = 0; i < 200; i++) client.write(Buffer.concat([noise(next, 100).map((octet) => (octet === 10 ? 11 : octet)), Buffer.from('\n\n')]));
  expect(await client.api('hostname')).not.toBe('');
  client.close();
});

test('every command with every kind of nonsense behind it answers', async () => {
  const { uuid } = await call('nonsense');
  const { uuid: other } = await call('other');
  const next = random(815);
  const names = ['status', 'sofia', 'show', 'conference', 'originate', 'uuid_bridge', 'uuid_transfer', 'uuid_park', 'uuid_break', 'uuid_dump',
    'uuid_setvar', 'uuid_setvar_multi', 'uuid_getvar', 'uuid_send_dtmf', 'uuid_recv_dtmf', 'uuid_record', 'uuid_audio', 'uuid_media_reneg'];
  const words = [uuid, other, '', 'list', 'count', '-both', '^^|a|b', '${x}', '%41%zz', '../../etc/passwd', '-1', '1e9', '{loops=99}', 'é'.repeat(50), '[]', "'"];
  const client = await EslClient.authenticated(server.eslPort, PASSWORD);
  for (let i = 0; i < 300; i++) {
    const pick = (): string => words[Math.floor(next() * words.length)] as string;
    // An application that there is not ends the call, as in FreeSWITCH, so the channels may go meanwhile.
    await client.api(`${names[i % names.length]} ${pick()} ${pick()} ${pick()}`);
  }
  const { uuid: third } = await call('third');
  for (const name of ['playback', 'play_and_get_digits', 'record', 'conference', 'sleep', 'send_dtmf', 'set', 'export', 'multiset', 'park', 'bridge', 'set_mute']) {
    for (const word of words) await client.command(`sendmsg ${third}\ncall-command: execute\nexecute-app-name: ${name}\nexecute-app-arg: ${word}`);
  }
  expect(await client.api(`uuid_exists ${third}`)).toBe('true');
  client.close();
});

test('a variable cannot grow by naming itself', async () => {
  const { channel, uuid } = await call('growing');
  await channel.command('event json CHANNEL_EXECUTE_COMPLETE');
  const execute = (argument: string): Promise<string> => channel.command(`sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: ${argument}`);
  await execute(`x=${'x'.repeat(1_000)}`);
  for (let i = 0; i < 12; i++) await execute(`x=${'${x}'.repeat(50)}`);
  for (let i = 0; i < 13; i++) await channel.event('CHANNEL_EXECUTE_COMPLETE');
  expect((await channel.api(`uuid_getvar ${uuid} x`)).length).toBeLessThan(70_000);
});

test('who does not read what he asked for is disconnected, and nobody waits for him', async () => {
  const { channel, uuid } = await call('chatty');
  const slow = await EslClient.authenticated(server.eslPort, PASSWORD);
  await slow.command('event json ALL');
  slow.socket.pause();
  await channel.command(`sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: big=${'x'.repeat(50_000)}`);
  for (let i = 0; i < 400 && !events.includes('event-socket-slow'); i++) {
    await channel.command(`sendmsg ${uuid}\ncall-command: execute\nexecute-app-name: set\nexecute-app-arg: x=${i}`);
  }
  expect(events).toContain('event-socket-slow');
  await until('one application', () => server.stats().applications === 0);
  expect(await channel.api(`uuid_exists ${uuid}`)).toBe('true');
  slow.close();
});

test('noise on the SIP port', async () => {
  const next = random(42);
  const valid = request(caller, 'INVITE', `sip:x@127.0.0.1:${server.sipPort}`, { headers: [application.header], body: phone.sdp() });
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.from(valid);
    for (let flips = 0; flips <= i % 9; flips++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
    caller.send(i % 3 === 0 ? noise(next, 500) : bytes.subarray(0, i % 3 === 1 ? bytes.length : Math.floor(next() * bytes.length)));
  }
  await until('an answer', () => caller.received.length > 0);
  caller.received.length = 0;
  // Calls that came of it are of nobody: what they wait for does not come.
  caller.send(request(caller, 'OPTIONS', `sip:x@127.0.0.1:${server.sipPort}`, { callId: 'last' }));
  await until('OPTIONS', () => caller.received.find(({ callId }) => callId === 'last'));
  caller.received.length = 0;
  caller.close();
  caller = await udpPeer('127.0.0.1', server.sipPort);
  for (const connection of application.connections.splice(0)) connection.close();
});

test('session descriptions that nobody would write', async () => {
  const next = random(99);
  const sdp = phone.sdp();
  for (let i = 0; i < 100; i++) {
    const bytes = Buffer.from(sdp);
    for (let flips = 0; flips <= i % 6; flips++) bytes[Math.floor(next() * bytes.length)] = 32 + Math.floor(next() * 95);
    const callId = `sdp-${i}`;
    caller.send(request(caller, 'INVITE', `sip:x@127.0.0.1:${server.sipPort}`, { callId, from: '<sip:a@b>;tag=s', headers: ['X-esl-outbound: 127.0.0.1:1'], body: bytes.toString('latin1') }));
    const answer = await until('an answer', () => caller.received.find((message) => message.callId === callId && message.status >= 200));
    expect(answer.status === 200 || (answer.status >= 400 && answer.status < 500)).toBe(true);
    caller.send(request(caller, 'ACK', `sip:x@127.0.0.1:${server.sipPort}`, { callId, from: '<sip:a@b>;tag=s', to: answer.get('To'), branch: `z9hG4bK-${callId}-ack` }));
  }
  // An ACK that was lost on the way is waited for as long as the answer is sent again (RFC 3261 timer H).
  await until('no sessions', () => server.stats().sessions === 0, 40_000);
  expect(server.stats().ports.used).toBe(0);
  caller.close();
  caller = await udpPeer('127.0.0.1', server.sipPort);
}, 60_000);
