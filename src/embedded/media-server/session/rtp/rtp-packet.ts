import type { OutgoingRtp, RtpPacket } from '../../contracts';

export const RTP_HEADER_BYTES = 12;

/** Where the payload starts, or -1 where this is no RTP packet (RFC 3550 section 5.1). Reads nothing outside the bytes. */
export function payloadOffset(bytes: Buffer): number {
  if (bytes.length < RTP_HEADER_BYTES || bytes[0]! >> 6 !== 2) return -1;
  let offset = RTP_HEADER_BYTES + (bytes[0]! & 0x0f) * 4;
  if ((bytes[0]! & 0x10) !== 0) {
    if (bytes.length < offset + 4) return -1;
    offset += 4 + ((bytes[offset + 2]! << 8) | bytes[offset + 3]!) * 4;
  }
  return offset <= bytes.length ? offset : -1;
}

/** Reads a packet in the clear without copying: the payload is a view. Undefined where it is none. */
export function parseRtp(bytes: Buffer, arrivedAt: number): RtpPacket | undefined {
  const offset = payloadOffset(bytes);
  if (offset < 0) return undefined;
  let end = bytes.length;
  if ((bytes[0]! & 0x20) !== 0) {
    const padding = bytes[end - 1]!;
    if (padding === 0 || padding > end - offset) return undefined;
    end -= padding;
  }
  return {
    payloadType: bytes[1]! & 0x7f,
    marker: (bytes[1]! & 0x80) !== 0,
    sequenceNumber: (bytes[2]! << 8) | bytes[3]!,
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(offset, end),
    arrivedAt,
  };
}

/** Header and payload in one new buffer. */
export function writeRtp(packet: OutgoingRtp, payloadType: number, ssrc: number): Buffer {
  const bytes = Buffer.allocUnsafe(RTP_HEADER_BYTES + packet.payload.length);
  const { sequenceNumber, timestamp } = packet;
  bytes[0] = 0x80;
  bytes[1] = packet.marker ? payloadType | 0x80 : payloadType;
  bytes[2] = sequenceNumber >> 8;
  bytes[3] = sequenceNumber;
  bytes[4] = timestamp >>> 24;
  bytes[5] = timestamp >>> 16;
  bytes[6] = timestamp >>> 8;
  bytes[7] = timestamp;
  bytes[8] = ssrc >>> 24;
  bytes[9] = ssrc >>> 16;
  bytes[10] = ssrc >>> 8;
  bytes[11] = ssrc;
  bytes.set(packet.payload, RTP_HEADER_BYTES);
  return bytes;
}

/**
 * Text of a one-byte header extension (RFC 8285 section 4.2), such as the MID of a bundled line; undefined where the
 * packet has none.
 */
export function oneByteExtension(bytes: Buffer, id: number): string | undefined {
  const start = RTP_HEADER_BYTES + (bytes[0]! & 0x0f) * 4;
  const end = payloadOffset(bytes);
  if ((bytes[0]! & 0x10) === 0 || end < 0 || bytes.readUInt16BE(start) !== 0xbede) return undefined;
  for (let at = start + 4; at < end;) {
    const head = bytes[at]!;
    if (head === 0) {
      at++;
      continue;
    }
    const length = (head & 0x0f) + 1;
    if (head >> 4 === 15 || at + 1 + length > end) return undefined;
    if (head >> 4 === id) return bytes.toString('latin1', at + 1, at + 1 + length);
    at += 1 + length;
  }
  return undefined;
}
