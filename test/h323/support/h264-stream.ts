import { spawnSync } from 'node:child_process';

/** Greatest payload of a packet; longer units go in fragments. */
const MAX_PAYLOAD = 1_200;
const FRAGMENT = 28;
const INTRA_PICTURE = 5;
const PARAMETERS = 7;

/** Pictures of H.264 as an encoder made them: the NAL units of each, without start codes (RFC 6184 section 1.3). */
export function encodedPictures(count: number): Buffer[][] {
  const { stdout, status, stderr } = spawnSync('ffmpeg', [
    '-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc=size=320x180:rate=10:duration=${count / 10}`, '-pix_fmt', 'yuv420p',
    '-c:v', 'libx264', '-profile:v', 'baseline', '-g', '10', '-x264-params', 'slices=1', '-f', 'h264', '-bsf:v', 'h264_mp4toannexb', '-',
  ], { maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`ffmpeg: ${String(stderr)}`);
  const units = stdout.toString('hex').split(/(?<=^(?:..)*)(?:00)?000001/).filter((unit) => unit !== '').map((unit) => Buffer.from(unit, 'hex'));
  const pictures: Buffer[][] = [];
  let current: Buffer[] = [];
  for (const unit of units) {
    current.push(unit);
    const type = unit[0]! & 0x1f;
    if (type > INTRA_PICTURE || type === 0) continue;
    pictures.push(current);
    current = [];
  }
  return pictures;
}

export const isKeyPicture = (units: readonly Buffer[]): boolean => units.some((unit) => (unit[0]! & 0x1f) === INTRA_PICTURE) && units.some((unit) => (unit[0]! & 0x1f) === PARAMETERS);

/** RTP of one picture (RFC 3550 section 5.1, RFC 6184 sections 5.6 and 5.8). */
export function rtpOf(units: readonly Buffer[], { payloadType, sequence, ssrc }: { payloadType: number; sequence: number; ssrc: number }): Buffer[] {
  const payloads = units.flatMap(payloadsOf);
  return payloads.map((payload, index) => {
    const header = Buffer.alloc(12);
    header.writeUInt8(0x80, 0);
    header.writeUInt8(payloadType | (index === payloads.length - 1 ? 0x80 : 0), 1);
    header.writeUInt16BE((sequence + index) & 0xffff, 2);
    header.writeUInt32BE((sequence * 900) >>> 0, 4);
    header.writeUInt32BE(ssrc, 8);
    return Buffer.concat([header, payload]);
  });
}

function payloadsOf(unit: Buffer): Buffer[] {
  if (unit.length <= MAX_PAYLOAD) return [unit];
  const fragments: Buffer[] = [];
  for (let at = 1; at < unit.length; at += MAX_PAYLOAD) {
    const [first, last] = [at === 1, at + MAX_PAYLOAD >= unit.length];
    fragments.push(Buffer.concat([Buffer.of((unit[0]! & 0xe0) | FRAGMENT, (first ? 0x80 : 0) | (last ? 0x40 : 0) | (unit[0]! & 0x1f)), unit.subarray(at, at + MAX_PAYLOAD)]));
  }
  return fragments;
}

/** The NAL units in received RTP, fragments put together; packets may be repeated, not lost. */
export function unitsOf(packets: readonly Buffer[]): Buffer[] {
  const units: Buffer[] = [];
  let fragments: Buffer[] = [];
  for (const packet of packets) {
    const payload = packet.subarray(12);
    if (payload.length < 2) continue;
    if ((payload[0]! & 0x1f) !== FRAGMENT) {
      units.push(payload);
      continue;
    }
    const flags = payload[1]!;
    if (flags & 0x80) fragments = [Buffer.of((payload[0]! & 0xe0) | (flags & 0x1f))];
    fragments.push(payload.subarray(2));
    if (flags & 0x40) units.push(Buffer.concat(fragments));
  }
  return units;
}

/** How many pictures a decoder makes of NAL units. */
export function decodedPictures(units: readonly Buffer[]): number {
  const stream = Buffer.concat(units.flatMap((unit) => [Buffer.of(0, 0, 0, 1), unit]));
  const { stdout } = spawnSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'h264', '-i', '-', '-f', 'framemd5', '-'], { input: stream, maxBuffer: 1 << 26 });
  return String(stdout).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
