import { MediaError } from '../../contracts';

const NAL_IDR = 5;
const NAL_SPS = 7;
const NAL_PPS = 8;
const MAXIMUM_PICTURES = 500;
/** Payload bytes of a packet: with SRTP, headers and tunnels it stays below 1,400. */
const MAXIMUM_PAYLOAD = 1_200;
/** What may be sent whole where nothing may be split (packetization-mode 0). */
const MAXIMUM_SINGLE = 1_400;

/** Pictures of an H.264 byte stream (ITU-T H.264 annex B), each decodable alone: NAL units without start codes. */
export interface H264Pictures {
  /** As in `profile-level-id`. */
  profileLevelId: string;
  pictures: Buffer[][];
}

function nalUnits(bytes: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf('\0\0\x01', 0, 'latin1'); at >= 0; at = bytes.indexOf('\0\0\x01', at + 3, 'latin1')) starts.push(at + 3);
  return starts.map((start, i) => {
    let end = i + 1 < starts.length ? (starts[i + 1] as number) - 3 : bytes.length;
    while (end > start && bytes[end - 1] === 0) end -= 1;
    return bytes.subarray(start, end);
  }).filter(({ length }) => length > 1);
}

/** Reads a file of IDR pictures; parameter sets stand in front of each picture as returned. `name` is for errors. */
export function parseAnnexB(bytes: Buffer, name: string): H264Pictures {
  const invalid = (why: string): MediaError => new MediaError('invalid_video_file', `${name}: ${why}`, 500, 41, 'H.264 as an Annex B byte stream of intra pictures is shown.');
  const pictures: Buffer[][] = [];
  let sps: Buffer | undefined;
  let pps: Buffer | undefined;
  for (const unit of nalUnits(bytes)) {
    const type = unit.readUInt8(0) & 0x1f;
    if (type === NAL_SPS) sps = unit;
    if (type === NAL_PPS) pps = unit;
    if (type >= 1 && type < NAL_IDR) throw invalid('holds pictures that are not intra pictures');
    if (type !== NAL_IDR) continue;
    if (sps === undefined || pps === undefined || sps.length < 4) throw invalid('has a picture before its parameter sets');
    // first_mb_in_slice is 0, the shortest Exp-Golomb code, in a picture's first slice only.
    if (unit.readUInt8(1) & 0x80) pictures.push([sps, pps]);
    pictures.at(-1)?.push(unit);
  }
  if (sps === undefined || pictures.length === 0) throw invalid('holds no picture');
  if (pictures.length > MAXIMUM_PICTURES) throw invalid(`holds more than ${MAXIMUM_PICTURES} pictures`);
  return { profileLevelId: sps.toString('hex', 1, 4), pictures };
}

/** Payloads for one picture (RFC 6184 sections 5.6 and 5.8); undefined when it cannot be sent in this packetization mode. */
export function packetise(units: readonly Buffer[], mode: number): Buffer[] | undefined {
  if (mode === 0) return units.every(({ length }) => length <= MAXIMUM_SINGLE) ? [...units] : undefined;
  return units.flatMap((unit) => (unit.length <= MAXIMUM_PAYLOAD ? [unit] : fragment(unit)));
}

function fragment(unit: Buffer): Buffer[] {
  const header = unit.readUInt8(0);
  const fragments: Buffer[] = [];
  for (let at = 1; at < unit.length; at += MAXIMUM_PAYLOAD) {
    const end = at + MAXIMUM_PAYLOAD >= unit.length;
    const indicator = Buffer.from([(header & 0xe0) | 28, (at === 1 ? 0x80 : 0) | (end ? 0x40 : 0) | (header & 0x1f)]);
    fragments.push(Buffer.concat([indicator, unit.subarray(at, at + MAXIMUM_PAYLOAD)]));
  }
  return fragments;
}
