import type { Endpoint, MediaServer } from 'drachtio-fsmrf';
import { Baresip, type BaresipOptions } from '../../peers/harness/baresip';
import { describePeer, VIDEO_MODULE } from '../../peers/harness/require-program';
import { isPicture, type TestPicture } from '../../peers/harness/test-picture';
import { until } from '../../peers/harness/until';
import { toneShare } from '../../peers/harness/wav';
import { RunningMediaServer } from './support/running-media-server';

/** baresip agents call through drachtio-srf and drachtio-fsmrf; everybody's media go through the embedded media server. */
let running: RunningMediaServer;
let server: MediaServer;
const agents: Baresip[] = [];

beforeEach(async () => {
  running = await RunningMediaServer.start();
  server = await running.connect();
});

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
  await running.stop();
});

/** Calls that come in, each with its endpoint, in their order. */
function incoming(): () => Promise<Endpoint> {
  const arrived: Promise<Endpoint>[] = [];
  running.srf.invite((req, res) => {
    arrived.push(server.connectCaller(req, res).then(({ endpoint, dialog }) => {
      dialog.on('destroy', () => void endpoint.destroy());
      return endpoint;
    }));
  });
  return async () => until('a call', () => arrived.shift());
}

async function agent(options: Omit<BaresipOptions, 'user'>): Promise<Baresip> {
  const started = await Baresip.start({ user: `tone${options.toneHz}`, ...options });
  agents.push(started);
  return started;
}

const service = (): string => `sip:service@127.0.0.1:${running.sip.port('udp')}`;

/** What each heard, when all calls are over. */
async function hangUpAll(): Promise<(frequencyHz: number, of: Baresip) => number> {
  await Promise.all(agents.map((one) => one.hangUp()));
  await until('no sessions', () => running.media.stats().sessions === 0);
  return (frequencyHz, of) => Math.max(...of.heard().map((wav) => toneShare(wav, frequencyHz)));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describePeer('baresip', 'sound', () => {
  test.each([
    ['G.711 both', { codecs: ['pcma'] }, { codecs: ['pcma'] }],
    ['G.722 to G.711', { codecs: ['g722'] }, { codecs: ['pcmu'] }],
    ['Opus to G.711', { codecs: ['opus'] }, { codecs: ['pcma'] }],
    ['SRTP with SDES to plain RTP', { encryption: 'srtp-mand' as const }, {}],
    ['DTLS-SRTP to SDES', { encryption: 'dtls_srtp' as const }, { encryption: 'srtp-mand' as const }],
  ])('two agents hear one another: %s', async (_what, one, other) => {
    const next = incoming();
    const a = await agent({ toneHz: 500, ...one });
    const b = await agent({ toneHz: 1_200, ...other });
    await a.dial(service());
    const first = await next();
    await b.dial(service());
    const second = await next();
    await Promise.all([a.waitFor('CALL_ESTABLISHED'), b.waitFor('CALL_ESTABLISHED')]);
    await first.bridge(second);
    await pause(2_500);
    const heard = await hangUpAll();
    expect(heard(1_200, a)).toBeGreaterThan(0.6);
    expect(heard(500, b)).toBeGreaterThan(0.6);
    expect(heard(500, a)).toBeLessThan(0.1);
  }, 40_000);

  test('three agents with three codecs hear one another in a conference, and none himself', async () => {
    const next = incoming();
    const tones = [[500, 'pcma'], [900, 'g722'], [1_500, 'opus']] as const;
    for (const [toneHz, codec] of tones) {
      const one = await agent({ toneHz, codecs: [codec] });
      await one.dial(service());
      await (await next()).join('meeting');
    }
    await pause(3_000);
    const heard = await hangUpAll();
    tones.forEach(([own], i) => {
      const listener = agents[i] as Baresip;
      expect(heard(own, listener)).toBeLessThan(0.1);
    });
    for (const [i, listener] of [...agents].entries()) {
      for (const [toneHz] of tones.filter((_tone, k) => k !== i)) expect(heard(toneHz, listener)).toBeGreaterThan(0.25);
    }
  }, 40_000);
});

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'pictures', () => {
  const redBlue: TestPicture = { left: 'red', right: 'blue' };
  const limeYellow: TestPicture = { left: 'lime', right: 'yellow' };
  const cyanMagenta: TestPicture = { left: 'cyan', right: 'magenta' };

  const sees = (viewer: Baresip, picture: TestPicture): Promise<unknown> => until('the picture', async () => {
    const seen = await viewer.seen();
    return seen !== undefined && isPicture(seen, picture);
  }, 40_000);

  test('two agents see one another, bridged', async () => {
    const next = incoming();
    const a = await agent({ toneHz: 500, picture: redBlue });
    const b = await agent({ toneHz: 1_200, picture: limeYellow });
    await a.dial(service());
    const first = await next();
    await b.dial(service());
    const second = await next();
    await first.bridge(second);
    await Promise.all([sees(a, limeYellow), sees(b, redBlue)]);
  }, 90_000);

  test('in a conference everybody sees who speaks', async () => {
    const next = incoming();
    const pictures = [redBlue, limeYellow, cyanMagenta];
    const members: Endpoint[] = [];
    for (const [i, picture] of pictures.entries()) {
      const one = await agent({ toneHz: 500 + 400 * i, picture });
      await one.dial(service());
      const endpoint = await next();
      await endpoint.join('meeting');
      members.push(endpoint);
    }
    const [a, b, c] = agents as [Baresip, Baresip, Baresip];
    // Only the third is heard.
    await members[0]?.confMute();
    await members[1]?.confMute();
    await Promise.all([sees(a, cyanMagenta), sees(b, cyanMagenta)]);
    await members[0]?.confUnmute();
    await members[2]?.confMute();
    await Promise.all([sees(b, redBlue), sees(c, redBlue)]);
  }, 150_000);
});
