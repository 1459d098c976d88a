/** What one report says about the packets of one source (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  ssrc: number;
  fractionLost: number;
  cumulativeLost: number;
  highestSequence: number;
  jitter: number;
  lastSenderReport: number;
  delaySinceLastSenderReport: number;
}

/** Hears what a compound packet says, part by part. */
export interface RtcpReader {
  senderReport(ssrc: number, ntpMiddle: number): void;
  pictureLoss(mediaSsrc: number): void;
  fullIntraRequest(mediaSsrc: number, sequence: number): void;
  /** One entry of a generic NACK: a lost packet and a mask of the 16 that follow (RFC 4585 section 6.2.1). */
  nack(mediaSsrc: number, packetId: number, mask: number): void;
}

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
const RTPFB = 205;
const PSFB = 206;
const MAX_NACK_ENTRIES = 64;

/** SSRC of the sender of the first part; undefined where this is no RTCP. */
export function rtcpSender(bytes: Buffer): number | undefined {
  return bytes.length >= 8 && bytes[0]! >> 6 === 2 && bytes[1]! >= 192 && bytes[1]! <= 223 ? bytes.readUInt32BE(4) : undefined;
}

/** Reads a compound packet (also a reduced one, RFC 5506); false as soon as something does not fit its length. */
export function readRtcp(bytes: Buffer, reader: RtcpReader): boolean {
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 4 || bytes[at]! >> 6 !== 2) return false;
    const end = at + 4 + bytes.readUInt16BE(at + 2) * 4;
    if (end > bytes.length) return false;
    if (!readPart(bytes.subarray(at, end), reader)) return false;
    at = end;
  }
  return true;
}

function readPart(part: Buffer, reader: RtcpReader): boolean {
  const count = part[0]! & 0x1f;
  switch (part[1]) {
    case SR:
      if (part.length < 28 + count * 24) return false;
      reader.senderReport(part.readUInt32BE(4), part.readUInt32BE(10));
      return true;
    case RTPFB:
      if (part.length < 12) return false;
      if (count === 1) {
        const end = Math.min(part.length - 3, 12 + MAX_NACK_ENTRIES * 4);
        for (let at = 12; at < end; at += 4) reader.nack(part.readUInt32BE(8), part.readUInt16BE(at), part.readUInt16BE(at + 2));
      }
      return true;
    case PSFB:
      if (part.length < 12) return false;
      if (count === 1) reader.pictureLoss(part.readUInt32BE(8));
      if (count === 4 && part.length >= 20) reader.fullIntraRequest(part.readUInt32BE(12), part[16]!);
      return true;
    default: // RR, SDES, BYE, APP, XR: nothing in them changes what is done here.
      return true;
  }
}

export interface SenderInfo {
  /** Milliseconds of the epoch. */
  wallTime: number;
  rtpTimestamp: number;
  packets: number;
  bytes: number;
}

const NTP_EPOCH_SECONDS = 2_208_988_800;

/** SR when something was sent, RR otherwise, always followed by SDES with the CNAME (RFC 3550 section 6.1). */
export function writeReport(ssrc: number, cname: string, sender: SenderInfo | undefined, block: ReportBlock | undefined): Buffer {
  const reportBytes = (sender === undefined ? 8 : 28) + (block === undefined ? 0 : 24);
  const name = Buffer.from(cname, 'latin1').subarray(0, 255);
  const sdesBytes = 8 + Math.ceil((2 + name.length + 1) / 4) * 4;
  const bytes = Buffer.alloc(reportBytes + sdesBytes);
  writeHeader(bytes, 0, block === undefined ? 0 : 1, sender === undefined ? RR : SR, reportBytes);
  bytes.writeUInt32BE(ssrc, 4);
  if (sender !== undefined) {
    const seconds = sender.wallTime / 1_000;
    bytes.writeUInt32BE((Math.floor(seconds) + NTP_EPOCH_SECONDS) >>> 0, 8);
    bytes.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32) >>> 0, 12);
    bytes.writeUInt32BE(sender.rtpTimestamp >>> 0, 16);
    bytes.writeUInt32BE(sender.packets >>> 0, 20);
    bytes.writeUInt32BE(sender.bytes >>> 0, 24);
  }
  if (block !== undefined) {
    const at = reportBytes - 24;
    bytes.writeUInt32BE(block.ssrc, at);
    bytes[at + 4] = block.fractionLost;
    bytes.writeIntBE(Math.max(-0x800000, Math.min(0x7fffff, block.cumulativeLost)), at + 5, 3);
    bytes.writeUInt32BE(block.highestSequence >>> 0, at + 8);
    bytes.writeUInt32BE(block.jitter >>> 0, at + 12);
    bytes.writeUInt32BE(block.lastSenderReport >>> 0, at + 16);
    bytes.writeUInt32BE(block.delaySinceLastSenderReport >>> 0, at + 20);
  }
  writeHeader(bytes, reportBytes, 1, SDES, sdesBytes);
  bytes.writeUInt32BE(ssrc, reportBytes + 4);
  bytes[reportBytes + 8] = 1; // CNAME
  bytes[reportBytes + 9] = name.length;
  bytes.set(name, reportBytes + 10);
  return bytes;
}

/** RFC 4585 section 6.3.1. */
export function writePictureLoss(ssrc: number, mediaSsrc: number): Buffer {
  const bytes = Buffer.alloc(12);
  writeHeader(bytes, 0, 1, PSFB, 12);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt32BE(mediaSsrc, 8);
  return bytes;
}

/** RFC 5104 section 4.3.1. */
export function writeFullIntraRequest(ssrc: number, mediaSsrc: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(20);
  writeHeader(bytes, 0, 4, PSFB, 20);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt32BE(mediaSsrc, 12);
  bytes[16] = sequence;
  return bytes;
}

/** RFC 4585 section 6.2.1. `lost` in ascending order modulo 2^16. */
export function writeNack(ssrc: number, mediaSsrc: number, lost: readonly number[]): Buffer {
  const entries: [number, number][] = [];
  for (const sequence of lost) {
    const last = entries.at(-1);
    const distance = last === undefined ? 0 : (sequence - last[0]) & 0xffff;
    if (last !== undefined && distance >= 1 && distance <= 16) last[1] |= 1 << (distance - 1);
    else entries.push([sequence, 0]);
  }
  const bytes = Buffer.alloc(12 + entries.length * 4);
  writeHeader(bytes, 0, 1, RTPFB, bytes.length);
  bytes.writeUInt32BE(ssrc, 4);
  bytes.writeUInt32BE(mediaSsrc, 8);
  entries.forEach(([packetId, mask], index) => {
    bytes.writeUInt16BE(packetId, 12 + index * 4);
    bytes.writeUInt16BE(mask, 14 + index * 4);
  });
  return bytes;
}

export function writeBye(ssrc: number): Buffer {
  const bytes = Buffer.alloc(8);
  writeHeader(bytes, 0, 1, BYE, 8);
  bytes.writeUInt32BE(ssrc, 4);
  return bytes;
}

function writeHeader(bytes: Buffer, at: number, count: number, type: number, length: number): void {
  bytes[at] = 0x80 | count;
  bytes[at + 1] = type;
  bytes.writeUInt16BE(length / 4 - 1, at + 2);
}
