import { execFileSync } from 'node:child_process';
import { packetise } from '../../../../src/embedded/media-server/processing/video/annex-b';
import { codec, type FakeStream } from './fake-session';
import type { OutgoingRtp } from '../../../../src/embedded/media-server/contracts';

export const H264 = codec('H264', 97, 90_000, { 'profile-level-id': '42e01f', 'packetization-mode': '1' });
export const H264_SINGLE = codec('H264', 98, 90_000, { 'profile-level-id': '42e01f' });
export const H264_HIGH = codec('H264', 99, 90_000, { 'profile-level-id': '64001f', 'packetization-mode': '1' });
export const VP8 = codec('VP8', 100, 90_000);

const ffmpeg = (args: string[], input?: Buffer): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...args], { maxBuffer: 64 << 20, ...(input === undefined ? {} : { input }) });

/** NAL units of an Annex B stream. */
function units(bytes: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf('\0\0\x01', 0, 'latin1'); at >= 0; at = bytes.indexOf('\0\0\x01', at + 3, 'latin1')) starts.push(at + 3);
  return starts.map((start, i) => {
    let end = i + 1 < starts.length ? (starts[i + 1] as number) - 3 : bytes.length;
    while (end > start && bytes[end - 1] === 0) end -= 1;
    return bytes.subarray(start, end);
  });
}

/** Pictures as payloads: `colour` fills them, a key frame each `keyEvery`. Made by x264 (constrained baseline). */
export function h264Pictures(colour: string, count: number, keyEvery: number, options: { stapA?: boolean } = {}): Buffer[][] {
  const stream = ffmpeg(['-f', 'lavfi', '-i', `color=${colour}:s=320x240:r=25,noise=alls=20:allf=t`, '-frames:v', String(count), '-c:v', 'libx264', '-profile:v', 'baseline',
    '-preset', 'ultrafast', '-tune', 'zerolatency', '-x264-params', `keyint=${keyEvery}:min-keyint=${keyEvery}:scenecut=0:threads=1:sliced-threads=0`, '-pix_fmt', 'yuv420p', '-f', 'h264', '-']);
  const pictures: Buffer[][] = [];
  let waiting: Buffer[] = [];
  for (const unit of units(stream)) {
    waiting.push(unit);
    const type = (unit[0] as number) & 0x1f;
    if (type !== 1 && type !== 5) continue;
    pictures.push(waiting);
    waiting = [];
  }
  return pictures.map((picture) => {
    const sets = picture.filter((unit) => [7, 8].includes((unit[0] as number) & 0x1f));
    if (options.stapA !== true || sets.length === 0) return packetise(picture, 1) as Buffer[];
    const aggregate = Buffer.concat([Buffer.from([0x78]), ...sets.flatMap((set) => [Buffer.from([set.length >> 8, set.length & 0xff]), set])]);
    return [aggregate, ...(packetise(picture.filter((unit) => !sets.includes(unit)), 1) as Buffer[])];
  });
}

/** Pictures as VP8 payloads with picture-id (15 bit) and tl0picidx from where the sender happens to count. */
export function vp8Pictures(colour: string, count: number, keyEvery: number, firstId: number): Buffer[][] {
  const ivf = ffmpeg(['-f', 'lavfi', '-i', `color=${colour}:s=320x240:r=25`, '-frames:v', String(count), '-c:v', 'libvpx', '-deadline', 'realtime', '-g', String(keyEvery), '-f', 'ivf', '-']);
  const pictures: Buffer[][] = [];
  for (let at = 32, n = 0; at < ivf.length; n += 1) {
    const length = ivf.readUInt32LE(at);
    const frame = ivf.subarray(at + 12, at + 12 + length);
    const id = (firstId + n) & 0x7fff;
    const packets: Buffer[] = [];
    for (let part = 0; part < frame.length; part += 1_000) {
      packets.push(Buffer.concat([Buffer.from([part === 0 ? 0x90 : 0x80, 0xc0, 0x80 | (id >> 8), id & 0xff, (firstId + n) & 0xff]), frame.subarray(part, part + 1_000)]));
    }
    pictures.push(packets);
    at += 12 + length;
  }
  return pictures;
}

/** Sends pictures, one a call. */
export class Camera {
  private next = 0;
  private sequenceNumber = 60_000;

  constructor(private readonly stream: FakeStream, private readonly pictures: readonly Buffer[][], private readonly ssrc = 0xcafe, private readonly payloadType = stream.codec.payloadType) {}

  /** The next picture, 40 ms after the one before; the first again after the last. */
  shoot(now: number): void {
    const payloads = this.pictures[this.next % this.pictures.length] ?? [];
    payloads.forEach((payload, i) => {
      this.stream.arrive({ payloadType: this.payloadType, ssrc: this.ssrc, sequenceNumber: this.sequenceNumber, timestamp: this.next * 3_600, marker: i === payloads.length - 1, payload, arrivedAt: now });
      this.sequenceNumber = (this.sequenceNumber + 1) & 0xffff;
    });
    this.next += 1;
  }

  /** What is sent next begins a group of pictures. */
  restart(): void {
    this.next = Math.ceil(this.next / this.pictures.length) * this.pictures.length;
  }
}

/** H.264 packets as an Annex B stream (RFC 6184 sections 5.6 to 5.8). */
export function depacketise(packets: readonly OutgoingRtp[]): Buffer {
  const startCode = Buffer.from([0, 0, 0, 1]);
  const parts: Buffer[] = [];
  for (const { payload } of packets) {
    const type = (payload[0] as number) & 0x1f;
    if (type === 28) {
      const header = payload[1] as number;
      if (header & 0x80) parts.push(startCode, Buffer.from([((payload[0] as number) & 0xe0) | (header & 0x1f)]));
      parts.push(payload.subarray(2));
    } else if (type === 24) {
      for (let at = 1; at < payload.length; at += 2 + payload.readUInt16BE(at)) parts.push(startCode, payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
    } else {
      parts.push(startCode, payload);
    }
  }
  return Buffer.concat(parts);
}

/** VP8 packets as an IVF file. */
export function ivfOf(packets: readonly OutgoingRtp[]): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF\0\0 \0VP80', 0, 'latin1');
  header.writeUInt16LE(320, 12);
  header.writeUInt16LE(240, 14);
  header.writeUInt32LE(25, 16);
  header.writeUInt32LE(1, 20);
  const parts: Buffer[] = [header];
  let frame: Buffer[] = [];
  packets.forEach(({ payload, marker }, n) => {
    frame.push(payload.subarray(5));
    if (!marker) return;
    const whole = Buffer.concat(frame);
    const head = Buffer.alloc(12);
    head.writeUInt32LE(whole.length, 0);
    head.writeUInt32LE(n, 4);
    parts.push(head, whole);
    frame = [];
  });
  return Buffer.concat(parts);
}

/** Mean colour [r, g, b] of each picture as ffmpeg decodes them; throws on a broken stream. */
export function decodedColours(bytes: Buffer, format: 'h264' | 'ivf'): number[][] {
  const raw = ffmpeg(['-xerror', '-err_detect', 'explode', '-f', format, '-i', 'pipe:0', '-fps_mode', 'passthrough', '-vf', 'scale=1:1:flags=area,format=rgb24', '-f', 'rawvideo', '-'], bytes);
  return Array.from({ length: raw.length / 3 }, (_, i) => [...raw.subarray(3 * i, 3 * i + 3)]);
}

/** Which of red, green and blue it is. */
export const hue = ([r = 0, g = 0, b = 0]: number[]): string => (r > g && r > b ? 'red' : g > b ? 'green' : 'blue');
