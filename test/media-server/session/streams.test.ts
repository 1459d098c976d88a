import { once } from 'node:events';
import type { SessionFactory, SessionOptions } from '../../../src/embedded/media-server/contracts';
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
