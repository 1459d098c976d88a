import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SessionFactory, SessionOptions } from '../../../src/embedded/media-server/contracts';
import { writeRequest } from '../../../src/embedded/media-server/session/stun/message';
import { bothConnected, loopbackFactory, negotiate, passes } from './support';

let factory: SessionFactory;
beforeEach(() => {
  factory = loopbackFactory();
});
afterEach(() => {
  factory.close();
  expect(factory.ports.used).toBe(0);
});

describe.each<SessionOptions['transport']>(['rtp', 'srtp', 'webrtc'])('media over %s', (transport) => {
  test('audio and video pass both ways', async () => {
    const [a, b] = [factory.create({ transport, video: true }), factory.create({ transport, video: true })];
    await negotiate(a, b);
    await bothConnected(a, b);
    for (const kind of [0, 1]) {
      const heard = await passes(a.streams[kind]!, b.streams[kind]!, 1, 'to the answerer');
      expect(heard).toMatchObject({ ssrc: a.streams[kind]!.ssrc, sequenceNumber: 1, timestamp: 160, marker: true, payloadType: a.streams[kind]!.codec.payloadType });
      expect(heard.payload.toString()).toBe('to the answerer');
      expect((await passes(b.streams[kind]!, a.streams[kind]!, 2, 'to the offerer')).payload.toString()).toBe('to the offerer');
    }
    expect(a.streams[0]!.counters).toMatchObject({ packetsSent: 1, packetsReceived: 1, packetsLost: 0 });
  });

  test('media goes on over a new negotiation', async () => {
    const [a, b] = [factory.create({ transport, video: false }), factory.create({ transport, video: false })];
    await negotiate(a, b);
    await bothConnected(a, b);
    await passes(a.streams[0]!, b.streams[0]!, 65_535);
    await negotiate(b, a);
    await passes(a.streams[0]!, b.streams[0]!, 0);
    await passes(b.streams[0]!, a.streams[0]!, 7);
    expect(b.streams[0]!.counters).toMatchObject({ packetsReceived: 2, packetsLost: 0 });
  });

  test('a key frame is asked for', async () => {
    const [a, b] = [factory.create({ transport, video: true }), factory.create({ transport, video: true })];
    await negotiate(a, b);
    await bothConnected(a, b);
    await passes(a.streams[1]!, b.streams[1]!, 1);
    const asked = once(a.streams[1]!, 'keyFrameRequested');
    b.streams[1]!.requestKeyFrame();
    await asked;
  });
});

describe('DTLS-SRTP as telephones use it', () => {
  const without = (sdp: string, pattern: RegExp): string => sdp.split('\r\n').filter((line) => !pattern.test(line)).join('\r\n');

  test.each([['with rtcp-mux', /^a=(ice-|candidate|end-of|group|bundle)/], ['with RTCP on its own port', /^a=(ice-|candidate|end-of|group|bundle|rtcp-mux|rtcp:)/]])(
    'without ICE, %s', async (_how, missing) => {
      const [a, b] = [factory.create({ transport: 'webrtc', video: true }), factory.create({ transport: 'webrtc', video: true })];
      await a.accept(without(await b.answer(without(await a.offer(), missing)), missing));
      await bothConnected(a, b);
      await passes(a.streams[1]!, b.streams[1]!, 1);
      await passes(b.streams[0]!, a.streams[0]!, 1);
      const asked = once(a.streams[1]!, 'keyFrameRequested');
      b.streams[1]!.requestKeyFrame();
      await asked;
    });

  test('another certificate than the described one fails the session', async () => {
    const [a, b] = [factory.create({ transport: 'webrtc', video: false }), factory.create({ transport: 'webrtc', video: false })];
    const answer = await b.answer(await a.offer());
    const failed = once(a, 'failed');
    await a.accept(answer.replace(/(a=fingerprint:sha-256 )(..)/, (_all, name: string, byte: string) => `${name}${byte === '00' ? '01' : '00'}`));
    expect((await failed)[0]).toContain('fingerprint');
    expect(a.connected).toBe(false);
  });
});

test('packets of every kind at the ports of a running browser-like call change nothing', async () => {
  const [a, b] = [factory.create({ transport: 'webrtc', video: true }), factory.create({ transport: 'webrtc', video: true })];
  await negotiate(a, b);
  await bothConnected(a, b);
  const failed = jest.fn();
  a.on('failed', failed);
  const heard = jest.fn();
  b.streams[0]!.on('rtp', heard);
  const attacker = createSocket('udp4');
  const answers = jest.fn();
  attacker.on('message', answers);
  const port = Number(/m=audio (\d+)/.exec(b.localSdp!)![1]);
  const ufrag = /a=ice-ufrag:(\S+)/.exec(b.localSdp!)![1]!;
  for (let round = 0; round < 400; round++) {
    const packet = [
      () => writeRequest({ transactionId: randomBytes(12), username: `${ufrag}:x`, priority: round, useCandidate: true, role: 'controlling', tieBreaker: randomBytes(8) }, 'guess'),
      () => Buffer.concat([Buffer.from([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, round % 256, 0, 32]), randomBytes(32)]),
      () => Buffer.concat([Buffer.from([0x80, 111]), randomBytes(60)]),
      () => Buffer.concat([Buffer.from([0x81, 206]), randomBytes(40)]),
      () => Buffer.from('15fefd0000000000000000000202' + '28', 'hex'),
    ][round % 5]!();
    await new Promise((resolve) => attacker.send(packet, port, '127.0.0.1', resolve));
    await new Promise(setImmediate);
  }
  await passes(a.streams[0]!, b.streams[0]!, 1);
  await passes(b.streams[1]!, a.streams[1]!, 1);
  expect([heard.mock.calls.length, answers.mock.calls.length, failed.mock.calls.length]).toEqual([1, 0, 0]);
  attacker.close();
});
