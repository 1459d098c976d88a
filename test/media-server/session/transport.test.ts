import dgram from 'node:dgram';
import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MediaSession, RtpPacket, RtpStream, SessionFactory } from '../../../src/embedded/media-server/contracts';
import { Child, describePeer, freePorts, readWav, toneShare, until } from '../../peers/harness';
import { PHONE_OFFER } from './fixtures';
import { HandClock, loopbackFactory, matching, negotiate, passes } from './support';

/** A bare phone: one socket that sends packets made by hand. */
class Phone {
  readonly heard: Buffer[] = [];
  private constructor(private readonly socket: dgram.Socket) {
    socket.on('message', (bytes) => this.heard.push(bytes));
  }

  static async open(port = 0, host = '127.0.0.1'): Promise<Phone> {
    const socket = dgram.createSocket('udp4');
    socket.bind(port, host);
    await once(socket, 'listening');
    return new Phone(socket);
  }

  get port(): number {
    return this.socket.address().port;
  }

  offer(port = this.port): string {
    return PHONE_OFFER.replace('40000', String(port));
  }

  /** Leaves the receiver a turn, so that no socket's buffer overflows. */
  async send(to: number, bytes: Buffer): Promise<void> {
    await new Promise((resolve) => this.socket.send(bytes, to, '127.0.0.1', resolve));
    await new Promise(setImmediate);
  }

  rtp(to: number, sequence: number, ssrc = 1): Promise<void> {
    const packet = Buffer.alloc(172, 0xff);
    packet[0] = 0x80;
    packet[1] = 0;
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(sequence * 160, 4);
    packet.writeUInt32BE(ssrc, 8);
    return this.send(to, packet);
  }

  close(): void {
    this.socket.close();
  }
}

const portOf = (sdp: string | undefined, kind = 'audio'): number => Number(matching(sdp, new RegExp(`^m=${kind} `))[0]?.split(' ')[1]);
const speak = (stream: RtpStream, sequenceNumber = 1): void => stream.send({ sequenceNumber, timestamp: 0, marker: false, payload: Buffer.alloc(160) });

let factory: SessionFactory;
let clock: HandClock;
const open: Phone[] = [];
const phone = async (host?: string): Promise<Phone> => {
  const made = await Phone.open(0, host);
  open.push(made);
  return made;
};
beforeEach(() => {
  clock = new HandClock();
  factory = loopbackFactory({ clock });
});
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  factory.close();
  expect(factory.ports.used).toBe(0);
  expect(clock.pending).toBe(0);
});

async function answered(sdp: string): Promise<{ session: MediaSession; stream: RtpStream; port: number; heard: number[] }> {
  const session = factory.create({ transport: 'rtp', video: false });
  const answer = await session.answer(sdp);
  const stream = session.streams[0]!;
  const heard: number[] = [];
  stream.on('rtp', (packet: RtpPacket) => heard.push(packet.sequenceNumber));
  return { session, stream, port: portOf(answer), heard };
}

describe('where media comes from', () => {
  test('media goes to the described address until something came from elsewhere', async () => {
    const [described, real] = [await phone(), await phone()];
    const { stream, port } = await answered(described.offer());
    speak(stream);
    await until('the described address hears', () => described.heard.length === 1);
    await real.rtp(port, 1);
    await until('something is heard', () => stream.counters.packetsReceived === 1);
    speak(stream, 2);
    await until('the real source hears', () => real.heard.length === 1);
  });

  test('in the first seconds the described source takes over from a stranger, a stranger never from it', async () => {
    const [described, stranger] = [await phone(), await phone()];
    const { stream, port, heard } = await answered(described.offer());
    await stranger.rtp(port, 100, 66);
    await until('the stranger is first', () => heard.length === 1);
    await described.rtp(port, 1);
    await until('the described source takes over', () => heard.length === 2);
    await stranger.rtp(port, 101, 66);
    await described.rtp(port, 2);
    await until('the stream goes on', () => heard.includes(2));
    expect(heard).toEqual([100, 1, 2]);
    speak(stream);
    await until('the described source hears', () => described.heard.length === 1);
    expect(stranger.heard).toHaveLength(0);
  });

  test('a running stream is not stolen; its own source may move when it fell silent', async () => {
    const [first, second, thief] = [await phone(), await phone(), await phone()];
    const { port, heard } = await answered(first.offer(9));
    await first.rtp(port, 1, 7);
    await until('the stream runs', () => heard.length === 1);
    clock.advance(5_000);
    await first.rtp(port, 2, 7);
    await until('the stream runs', () => heard.length === 2);
    await thief.rtp(port, 50, 7);
    await second.rtp(port, 51, 7);
    await first.rtp(port, 3, 7);
    await until('the stream runs', () => heard.includes(3));
    clock.advance(3_000);
    await thief.rtp(port, 60, 8);
    await second.rtp(port, 4, 7);
    await until('the moved source is heard', () => heard.includes(4));
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  test('a new description starts the learning again', async () => {
    const [first, second] = [await phone(), await phone()];
    const { session, port, heard } = await answered(first.offer());
    await first.rtp(port, 1);
    await until('the first is heard', () => heard.length === 1);
    await session.answer(second.offer());
    await second.rtp(port, 2, 9);
    await until('the second is heard', () => heard.length === 2);
  });
});

describe('hostile packets at an open port', () => {
  test('noise of every kind costs nothing but itself', async () => {
    const [party, attacker] = [await phone(), await phone()];
    const { session, stream, port, heard } = await answered(party.offer());
    await party.rtp(port, 1);
    await until('the stream runs', () => heard.length === 1);
    for (let round = 0; round < 600; round++) {
      const noise = randomBytes(round % 90);
      if (noise.length > 0) noise[0] = [0x80, 0x90, 0xbf, 0x00, 0x01, 0x16, 0x14, 0x40, 0xff][round % 9]!;
      if (noise.length > 1 && round % 4 === 0) noise[1] = 192 + (round % 32);
      await attacker.send(port + (round % 2), noise);
      // The party itself may be broken too.
      if (round % 3 === 0) await party.send(port + 1, noise);
    }
    await party.rtp(port, 2);
    await until('the stream goes on', () => heard.includes(2));
    expect(heard).toEqual([1, 2]);
    expect(attacker.heard).toHaveLength(0);
    expect(stream.counters).toMatchObject({ packetsReceived: 2, packetsLost: 0 });
    expect(session.streams).toHaveLength(1);
  });

  test('broken RTP headers are no packets', async () => {
    const party = await phone();
    const { port, heard } = await answered(party.offer());
    for (const header of ['8f00', '9000', 'b000', 'a000']) await party.send(port, Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(10, 0xff)]));
    await party.rtp(port, 5);
    await until('a whole packet is heard', () => heard.length > 0);
    expect(heard).toEqual([5]);
  });

  test('payload types that were not negotiated are dropped', async () => {
    const party = await phone();
    const { port, heard } = await answered(party.offer());
    const packet = Buffer.alloc(172);
    packet[0] = 0x80;
    packet[1] = 18;
    await party.send(port, packet);
    await party.rtp(port, 6);
    await until('a negotiated one is heard', () => heard.length > 0);
    expect(heard).toEqual([6]);
  });

  test('on a protected line nothing unprotected is heard, and nothing unauthenticated moves it', async () => {
    const [a, b] = [factory.create({ transport: 'srtp', video: false }), factory.create({ transport: 'srtp', video: false })];
    await negotiate(a, b);
    await passes(a.streams[0]!, b.streams[0]!, 1);
    const heard = jest.fn();
    b.streams[0]!.on('rtp', heard);
    const attacker = await phone();
    for (let round = 0; round < 50; round++) await attacker.rtp(portOf(b.localSdp), round, a.streams[0]!.ssrc);
    await passes(b.streams[0]!, a.streams[0]!, 1);
    await passes(a.streams[0]!, b.streams[0]!, 2);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(attacker.heard).toHaveLength(0);
  });
});

describe('reports', () => {
  /** Parts of a compound RTCP packet by type. */
  const parts = (bytes: Buffer): Map<number, Buffer> => {
    const found = new Map<number, Buffer>();
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt16BE(at + 2) * 4) found.set(bytes[at + 1]!, bytes.subarray(at, at + 4 + bytes.readUInt16BE(at + 2) * 4));
    return found;
  };

  test('say what was received, lost and sent, with a name', async () => {
    const [party, control] = [await phone(), await phone()];
    const { stream, port, heard } = await answered(`${party.offer()}a=rtcp:${control.port}\r\n`);
    for (const sequence of [65_534, 65_535, 1, 2]) await party.rtp(port, sequence, 77);
    await until('all are heard', () => heard.length === 4);
    speak(stream);
    await until('the party hears', () => party.heard.length === 1);
    clock.advance(3_000);
    await until('a report comes', () => control.heard.length === 1);
    const report = parts(control.heard[0]!);
    const senderReport = report.get(200)!;
    expect(senderReport.readUInt32BE(4)).toBe(stream.ssrc);
    expect([senderReport.readUInt32BE(20), senderReport.readUInt32BE(24)]).toEqual([1, 160]);
    expect(senderReport.readUInt32BE(8) - 2_208_988_800).toBe(Math.floor(clock.wallNow() / 1_000));
    const block = senderReport.subarray(28);
    expect(block.readUInt32BE(0)).toBe(77);
    expect([block[4], block.readIntBE(5, 3), block.readUInt32BE(8)]).toEqual([51, 1, 0x10002]);
    expect(report.get(202)!.subarray(10).toString('latin1')).toMatch(/^[\w-]{12}/);
    expect(stream.counters.packetsLost).toBe(1);
  });

  test('a closed stream says goodbye', async () => {
    const party = await phone();
    const { session, port } = await answered(`${party.offer()}a=rtcp-mux\r\n`);
    await party.rtp(port, 1);
    await until('something is heard', () => session.streams[0]!.counters.packetsReceived === 1);
    session.close();
    await until('the goodbye comes', () => party.heard.length === 1);
    expect([...parts(party.heard[0]!).keys()]).toEqual([201, 202, 203]);
  });

  test('silence is told once, and again after the next words', async () => {
    const listening = loopbackFactory({ clock, mediaTimeoutSeconds: 10 });
    const party = await phone();
    const session = listening.create({ transport: 'rtp', video: false });
    const port = portOf(await session.answer(party.offer()));
    const silent = jest.fn();
    session.on('timeout', silent);
    clock.advance(9_000);
    expect(silent).toHaveBeenCalledTimes(0);
    clock.advance(20_000);
    expect(silent).toHaveBeenCalledTimes(1);
    await party.rtp(port, 1);
    await until('something is heard', () => session.streams[0]!.counters.packetsReceived === 1);
    clock.advance(12_000);
    expect(silent).toHaveBeenCalledTimes(2);
    await session.answer(`${party.offer()}a=recvonly\r\n`);
    clock.advance(60_000);
    expect(silent).toHaveBeenCalledTimes(2);
    listening.close();
  });
});

describe('pictures', () => {
  const VIDEO = (port: number): string => `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video ${port} RTP/AVPF 97\r\n`
    + 'a=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=1;profile-level-id=42e01f\r\na=rtcp-fb:97 nack\r\na=rtcp-fb:97 nack pli\r\na=rtcp-mux\r\n';

  async function camera(): Promise<{ camera: Phone; stream: RtpStream; port: number; frame(sequence: number): Promise<void>; feedback(): string[] }> {
    const party = await phone();
    const session = factory.create({ transport: 'rtp', video: true });
    const port = portOf(await session.answer(VIDEO(party.port)), 'video');
    const stream = session.streams[0]!;
    return { camera: party, stream, port,
      frame: async (sequence) => {
        const packet = Buffer.alloc(40);
        packet.set([0x80, 97]);
        packet.writeUInt16BE(sequence, 2);
        packet.writeUInt32BE(55, 8);
        const heard = once(stream, 'rtp');
        await party.send(port, packet);
        await heard;
      },
      feedback: () => party.heard.filter((bytes) => bytes[1]! >= 200).map((bytes) => bytes.subarray(bytes.length - 16).toString('hex')) };
  }

  test('a key frame is asked for at most every half second, and once more when it was asked for meanwhile', async () => {
    const { stream, frame, feedback } = await camera();
    stream.requestKeyFrame();
    await frame(1);
    for (let count = 0; count < 20; count++) stream.requestKeyFrame();
    await until('one request comes', () => feedback().length === 1);
    clock.advance(499);
    clock.advance(1);
    await until('the second comes', () => feedback().length === 2);
    clock.advance(1_999);
    await frame(2);
    expect(feedback()).toHaveLength(2);
  });

  test('gaps are reported (generic NACK), once for each', async () => {
    const { camera: party, frame } = await camera();
    for (const sequence of [65_534, 65_535, 3, 4, 2]) await frame(sequence);
    const nacks = (): Buffer[] => party.heard.filter((bytes) => bytes.includes(Buffer.from([0x81, 205])));
    await until('the gap is reported', () => nacks().length > 0);
    // 0 is lost, and of those after it 1 and 2.
    expect(nacks().map((bytes) => bytes.subarray(bytes.length - 4).toString('hex'))).toEqual(['00000003']);
  });

  test('what the party lost is sent again as it was; a liar gets little', async () => {
    const { camera: party, stream, port, frame } = await camera();
    await frame(1);
    for (let sequence = 0; sequence < 300; sequence++) {
      speak(stream, sequence);
      await new Promise(setImmediate);
    }
    const media = (): string[] => party.heard.filter((bytes) => bytes[1]! < 200).map((bytes) => bytes.toString('hex'));
    await until('all are sent', () => media().length === 300);
    const nack = (ssrc: number, ...entries: number[]): Buffer => {
      const bytes = Buffer.alloc(12 + entries.length * 4);
      bytes.set([0x81, 205, 0, 2 + entries.length]);
      bytes.writeUInt32BE(55, 4);
      bytes.writeUInt32BE(ssrc, 8);
      entries.forEach((entry, index) => bytes.writeUInt32BE(entry, 12 + index * 4));
      return bytes;
    };
    await party.send(port, nack(stream.ssrc, 0x00640001));
    await until('two come again', () => media().length === 302);
    expect(media().slice(300)).toEqual([media()[100], media()[101]]);
    for (let round = 0; round < 20; round++) await party.send(port, nack(stream.ssrc, ...Array.from({ length: 60 }, (_, index) => ((index * 5) << 16) | 0xffff)));
    await party.send(port, nack(stream.ssrc + 1, 0x00640001));
    const asked = once(stream, 'keyFrameRequested');
    const pli = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 55, 0, 0, 0, 0]);
    pli.writeUInt32BE(stream.ssrc, 8);
    await party.send(port, pli);
    await asked;
    speak(stream, 300);
    await until('the next is sent', () => media().at(-1)?.slice(4, 8) === '012c');
    expect(media().length).toBeLessThanOrEqual(300 + 64 + 1);
  });
});

describe('no leak', () => {
  test('a thousand sessions in a row leave no port and no timer', async () => {
    for (let round = 0; round < 500; round++) {
      const transport = (['rtp', 'srtp', 'webrtc'] as const)[round % 3]!;
      const [a, b] = [factory.create({ transport, video: round % 2 === 0 }), factory.create({ transport, video: round % 2 === 0 })];
      await negotiate(a, b);
      if (round % 50 === 0) speak(a.streams[0]!);
      a.close();
      b.close();
      expect([factory.ports.used, clock.pending]).toEqual([0, 0]);
    }
  });
});

describePeer('ffmpeg', 'SRTP with keys from the description, with ffmpeg', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-srtp-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
  const offer = (port: number, suite: string): string => PHONE_OFFER.replace('40000 RTP/AVP', `${port} RTP/SAVP`) + `a=crypto:1 ${suite} inline:${KEY}\r\na=rtcp-mux\r\n`;

  test.each(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'])('it speaks to us under %s', async (suite) => {
    const { stream, port } = await answered(offer(9, suite));
    const ffmpeg = new Child('ffmpeg', ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=8000', '-t', '2', '-c:a', 'pcm_mulaw', '-f', 'rtp',
      '-srtp_out_suite', suite, '-srtp_out_params', KEY, `srtp://127.0.0.1:${port}?rtcpport=${port}`]);
    await until('a second of sound is heard', () => stream.counters.bytesReceived >= 8_000);
    expect(stream.counters.packetsLost).toBe(0);
    await ffmpeg.stop();
  });

  test('it hears us', async () => {
    const port = await freePorts(2);
    const { session, stream } = await answered(offer(port, 'AES_CM_128_HMAC_SHA1_80'));
    const key = /inline:(\S+)/.exec(session.localSdp!)![1]!;
    const [description, wav] = [path.join(folder, 'call.sdp'), path.join(folder, 'heard.wav')];
    fs.writeFileSync(description, `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}\r\n`);
    const ffmpeg = new Child('ffmpeg', ['-protocol_whitelist', 'file,udp,rtp,srtp', '-i', description, '-t', '1', '-y', wav]);
    const tone = await mulawTone(folder);
    let sequenceNumber = 0;
    const speaking = setInterval(() => {
      const at = (sequenceNumber * 160) % (tone.length - 160);
      stream.send({ sequenceNumber: ++sequenceNumber, timestamp: sequenceNumber * 160, marker: false, payload: tone.subarray(at, at + 160) });
    }, 20);
    try {
      await ffmpeg.ended;
    } finally {
      clearInterval(speaking);
    }
    expect(toneShare(readWav(wav), 500)).toBeGreaterThan(0.8);
  });
});

/** A second of 500 Hz in PCMU. */
async function mulawTone(folder: string): Promise<Buffer> {
  const file = path.join(folder, 'tone.ul');
  await promisify(execFile)('ffmpeg', ['-f', 'lavfi', '-i', 'sine=frequency=500:sample_rate=8000', '-t', '1', '-f', 'mulaw', '-y', file]);
  return fs.readFileSync(file);
}
