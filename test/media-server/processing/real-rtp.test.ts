import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaSession, Party } from '../../../src/embedded/media-server/contracts';
import { createProcessing } from '../../../src/embedded/media-server/processing';
import { createSessionFactory } from '../../../src/embedded/media-server/session';
import { amplitudeAt, rms } from './support/sound';

// ffmpeg takes seconds to start and a stream as long as it lasts.
jest.setTimeout(60_000);

/** ffmpeg says and hears over real RTP; between stand the sessions and the processing. */
describe('over real RTP, with ffmpeg at both ends', () => {
  const processing = createProcessing();
  const sessions = createSessionFactory({ address: '127.0.0.1', portMin: 0, portMax: 0 });
  const programs: ChildProcess[] = [];
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'real-rtp-')); });
  afterEach(() => { for (const program of programs.splice(0)) program.kill('SIGKILL'); });
  afterAll(() => {
    processing.close();
    sessions.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ffmpeg = (...args: string[]): ChildProcess => {
    const program = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    programs.push(program);
    return program;
  };

  async function freePort(): Promise<number> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    await once(socket, 'close');
    return port;
  }

  const description = (line: string, port: number): string => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', line.replace('PORT', String(port)), ''].join('\r\n');

  /** A party that offered one line. `to` is where its media are to be sent. */
  async function party(line: string): Promise<{ session: MediaSession; party: Party; to: number; offer: string }> {
    const session = sessions.create({ transport: 'rtp', video: line.startsWith('m=video') });
    const offer = description(line, await freePort());
    const answer = await session.answer(offer);
    return { session, party: processing.party(session), to: Number(/^m=\w+ (\d+)/m.exec(answer)?.[1]), offer };
  }

  /** Hears for `seconds` what a party is sent; resolves with the raw output. */
  async function hears(offer: string, seconds: number, ...output: string[]): Promise<Buffer> {
    const [sdp, file] = [join(folder, 'heard.sdp'), join(folder, 'heard.raw')];
    writeFileSync(sdp, offer);
    const [code] = await once(ffmpeg('-protocol_whitelist', 'file,udp,rtp', '-i', sdp, '-t', String(seconds), ...output, file), 'exit');
    expect(code).toBe(0);
    return readFileSync(file);
  }

  const LINES = {
    PCMU: ['m=audio PORT RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'].join('\r\n'),
    PCMA: ['m=audio PORT RTP/AVP 8', 'a=rtpmap:8 PCMA/8000'].join('\r\n'),
    G722: ['m=audio PORT RTP/AVP 9', 'a=rtpmap:9 G722/8000'].join('\r\n'),
    OPUS: ['m=audio PORT RTP/AVP 111', 'a=rtpmap:111 opus/48000/2'].join('\r\n'),
  };
  const ENCODERS = { PCMU: ['pcm_mulaw', '-ar', '8000'], PCMA: ['pcm_alaw', '-ar', '8000'], G722: ['g722', '-ar', '16000'], OPUS: ['libopus', '-ar', '48000', '-payload_type', '111'] };
  type Name = keyof typeof LINES;

  const says = (name: Name, frequency: number, port: number): ChildProcess =>
    ffmpeg('-re', '-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=48000`, '-t', '15', '-af', 'volume=9dB', '-ac', '1', '-c:a', ...ENCODERS[name], '-f', 'rtp', `rtp://127.0.0.1:${port}`);

  it.each([['PCMU', 'PCMU'], ['OPUS', 'PCMA'], ['G722', 'OPUS'], ['PCMA', 'G722']] as [Name, Name][])('a bridge of %s and %s carries a tone from one to the other', async (from, to) => {
    const [a, b] = [await party(LINES[from]), await party(LINES[to])];
    processing.bridge(a.party, b.party);
    says(from, 1_000, a.to);
    const raw = await hears(b.offer, 3, '-f', 's16le', '-ac', '1', '-ar', '16000');
    const samples = new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~1)));
    expect(samples.length / 16_000).toBeGreaterThan(2);
    const steady = samples.subarray(16_000);
    expect(amplitudeAt(steady, 1_000, 16_000)).toBeGreaterThan(5_000);
    expect(amplitudeAt(steady, 1_000, 16_000) / (rms(steady) * Math.SQRT2)).toBeGreaterThan(0.9);
    for (const one of [a, b]) {
      one.party.close();
      one.session.close();
    }
  });

  it('a bridge carries H.264 that is decoded without a fault', async () => {
    const line = ['m=video PORT RTP/AVPF 97', 'a=rtpmap:97 H264/90000', 'a=fmtp:97 packetization-mode=1;profile-level-id=42c01f', 'a=rtcp-fb:97 nack pli'].join('\r\n');
    const [a, b] = [await party(line), await party(line)];
    processing.bridge(a.party, b.party);
    ffmpeg('-re', '-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=25', '-t', '15', '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25',
      '-b:v', '1M', '-pix_fmt', 'yuv420p', '-payload_type', '97', '-f', 'rtp', `rtp://127.0.0.1:${a.to}?pkt_size=1200`);
    const raw = await hears(b.offer, 3, '-xerror', '-fps_mode', 'passthrough', '-vf', 'scale=32:18', '-pix_fmt', 'gray', '-f', 'rawvideo');
    expect(raw.length / (32 * 18)).toBeGreaterThan(50);
    // The test picture has bright and dark bars, and a counter that moves.
    expect(Math.max(...raw.subarray(0, 576)) - Math.min(...raw.subarray(0, 576))).toBeGreaterThan(100);
    for (const one of [a, b]) {
      one.party.close();
      one.session.close();
    }
  });
});
