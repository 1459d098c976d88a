import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { MediaSession, RtpPacket, SessionFactory } from '../../../src/embedded/media-server/contracts';
import { Browser, describePeer, until, type BrowserMedia, type BrowserPage } from '../../peers/harness';
import { loopbackFactory, matching } from './support';

/** Everything that a stream hears goes back to its sender, who thus sees and hears itself. */
function echo(session: MediaSession): void {
  for (const stream of session.streams) {
    stream.on('rtp', ({ payload, sequenceNumber, timestamp, marker }: RtpPacket) => stream.send({ payload, sequenceNumber, timestamp, marker }));
    stream.on('keyFrameRequested', () => stream.requestKeyFrame());
  }
}

describePeer('chromium', 'with a browser', () => {
  let browser: Browser;
  let page: BrowserPage;
  let factory: SessionFactory;
  // Devices are for pages from a server only.
  const server = http.createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<title>call</title>'));
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });
  beforeEach(async () => {
    factory = loopbackFactory();
    page = await browser.page();
    await page.page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
  afterEach(async () => {
    await page.close();
    factory.close();
    expect(factory.ports.used).toBe(0);
  });

  async function seesItself(): Promise<void> {
    let media: BrowserMedia | undefined;
    await until('the browser decodes its own picture and sound', async () => {
      media = await page.media();
      return media.framesDecoded > 20 && media.audioEnergy > 0;
    }, 15_000).catch((error: Error) => Promise.reject(new Error(`${error.message}: ${JSON.stringify(media)}`)));
  }

  test.each(['H264', 'VP8'])('it offers: everything is bundled, %s comes back decoded', async (codec) => {
    const session = factory.create({ transport: 'webrtc', video: true, codecs: ['OPUS', codec] });
    const failed = jest.fn();
    session.on('failed', failed);
    const offer = await page.page.evaluate<string>(PEER_OFFERS);
    const answer = await session.answer(offer);
    expect(matching(answer, /^a=group/)).toEqual(['a=group:BUNDLE 0 1']);
    expect(session.streams.map((stream) => stream.codec.name)).toEqual(['OPUS', codec]);
    echo(session);
    await page.page.evaluate(TAKE_ANSWER, answer);
    await seesItself();
    expect(session.connected).toBe(true);
    expect(failed).not.toHaveBeenCalled();
    expect(session.streams[1]!.counters.packetsLost).toBe(0);
    expect(factory.ports.used).toBe(2);
  });

  test('it answers our offer, then adds and drops the picture in new offers', async () => {
    const session = factory.create({ transport: 'webrtc', video: true });
    const answer = await page.page.evaluate(PEER_ANSWERS, await session.offer());
    await session.accept(answer);
    expect(session.streams.map((stream) => stream.codec.name)).toEqual(['OPUS', 'H264']);
    echo(session);
    await seesItself();
    const [audio] = session.streams;
    await session.accept(await page.page.evaluate(TAKE_OFFER, await session.offer({ video: false })));
    expect(session.streams).toEqual([audio]);
    await session.accept(await page.page.evaluate(TAKE_OFFER, await session.offer({ video: true })));
    expect(session.streams.map((stream) => stream.kind)).toEqual(['audio', 'video']);
    const before = audio!.counters.packetsReceived;
    await until('sound goes on', () => audio!.counters.packetsReceived > before + 20);
  });

  test('it restarts ICE', async () => {
    const session = factory.create({ transport: 'webrtc', video: true });
    await page.page.evaluate(TAKE_ANSWER, await session.answer(await page.page.evaluate<string>(PEER_OFFERS)));
    echo(session);
    await seesItself();
    await page.page.evaluate(TAKE_ANSWER, await session.answer(await page.page.evaluate<string>(RESTART_ICE)));
    const before = session.streams[0]!.counters.packetsReceived;
    await until('sound goes on over the new way', () => session.streams[0]!.counters.packetsReceived > before + 100);
    expect(await page.page.evaluate('pc.iceConnectionState')).toMatch(/connected|completed/);
  });
});

/** In the page; as text, since the browser's types are not those of this program. */
const PREPARE = `
  globalThis.pc = new RTCPeerConnection();
  pc.ontrack = ({ track }) => {
    if (track.kind !== 'audio') return;
    const speaker = new Audio();
    speaker.srcObject = new MediaStream([track]);
    speaker.play();
  };
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  const gathered = () => new Promise((resolve) => {
    if (pc.iceGatheringState === 'complete') resolve();
    else pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
  });`;
const PEER_OFFERS = `(async () => {${PREPARE}
  for (const track of media.getTracks()) pc.addTrack(track, media);
  await pc.setLocalDescription();
  await gathered();
  return pc.localDescription.sdp;
})()`;
const RESTART_ICE = `(async () => {
  pc.restartIce();
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
})()`;
const TAKE_ANSWER = (sdp: string): Promise<void> =>
  (globalThis as never as { pc: { setRemoteDescription(d: unknown): Promise<void> } }).pc.setRemoteDescription({ type: 'answer', sdp });
const PEER_ANSWERS = new Function('sdp', `return (async () => {${PREPARE}
  await pc.setRemoteDescription({ type: 'offer', sdp });
  for (const track of media.getTracks()) pc.addTrack(track, media);
  await pc.setLocalDescription();
  await gathered();
  return pc.localDescription.sdp;
})()`) as (sdp: string) => Promise<string>;
const TAKE_OFFER = new Function('sdp', `return (async () => {
  await pc.setRemoteDescription({ type: 'offer', sdp });
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
})()`) as (sdp: string) => Promise<string>;
