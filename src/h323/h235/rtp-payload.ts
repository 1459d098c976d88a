import { BLOCK, decryptBlocks, decryptStealing, encryptBlocks, encryptStealing } from './cbc';
import type { MediaKey } from './media-keys';

const FIXED_HEADER = 12;
const PADDING = 0x20;
const EXTENSION = 0x10;

/** How the last part of a block is dealt with. */
export type Tail =
  /** RTP padding under the encryption: what every known endpoint reads. */
  | 'padding'
  /** Nothing is added where there is a block at least. */
  | 'stealing';

/** Octets before the payload, with contributing sources and header extension (RFC 3550 section 5); undefined for what is no RTP packet. */
export function rtpHeaderLength(packet: Buffer): number | undefined {
  if (packet.length < FIXED_HEADER || packet[0]! >> 6 !== 2) return undefined;
  let length = FIXED_HEADER + 4 * (packet[0]! & 0x0f);
  if ((packet[0]! & EXTENSION) !== 0) {
    if (packet.length < length + 4) return undefined;
    length += 4 + 4 * packet.readUInt16BE(length + 2);
  }
  return length <= packet.length ? length : undefined;
}

/** Sequence number and time stamp, over and over until the block is full (H323plus: H235CryptoEngine::SetIV; GnuGk alike). */
function initialValue(packet: Buffer): Buffer {
  const iv = Buffer.alloc(BLOCK);
  for (let at = 0; at < BLOCK; at += 6) packet.copy(iv, at, 2, Math.min(8, 2 + BLOCK - at));
  return iv;
}

/** The packet with its payload encrypted and the key's payload type; undefined for what is no RTP packet. */
export function encryptRtp({ algorithm, key, payloadType }: MediaKey, packet: Buffer, tail: Tail = 'padding'): Buffer | undefined {
  const start = rtpHeaderLength(packet);
  const payload = start === undefined ? undefined : withoutPadding(packet, packet.subarray(start));
  if (start === undefined || !payload) return undefined;
  const header = Buffer.from(packet.subarray(0, start));
  header[1] = (header[1]! & 0x80) | payloadType;
  header[0]! &= ~PADDING;
  const rest = payload.length % BLOCK;
  const iv = initialValue(packet);
  if (payload.length === 0) return header;
  if (rest === 0) return Buffer.concat([header, encryptBlocks(algorithm, key, iv, payload)]);
  if (tail === 'stealing' && payload.length > BLOCK) return Buffer.concat([header, encryptStealing(algorithm, key, iv, payload)]);
  header[0]! |= PADDING;
  const padding = Buffer.alloc(BLOCK - rest, BLOCK - rest);
  return Buffer.concat([header, encryptBlocks(algorithm, key, iv, Buffer.concat([payload, padding]))]);
}

/** The packet with its payload decrypted and the payload type given; undefined for what cannot be a packet under this key. */
export function decryptRtp({ algorithm, key }: MediaKey, packet: Buffer, payloadType: number): Buffer | undefined {
  const start = rtpHeaderLength(packet);
  if (start === undefined) return undefined;
  const encrypted = packet.subarray(start);
  const padded = (packet[0]! & PADDING) !== 0;
  const rest = encrypted.length % BLOCK;
  if (rest !== 0 && (padded || encrypted.length < BLOCK)) return undefined;
  const iv = initialValue(packet);
  const payload = encrypted.length === 0 ? encrypted : withoutPadding(packet, rest === 0 ? decryptBlocks(algorithm, key, iv, encrypted) : decryptStealing(algorithm, key, iv, encrypted));
  if (!payload) return undefined;
  const header = Buffer.from(packet.subarray(0, start));
  header[0]! &= ~PADDING;
  header[1] = (header[1]! & 0x80) | payloadType;
  return Buffer.concat([header, payload]);
}

/** The last octet says how many of padding there are (RFC 3550 section 5.1); some endpoints fill the others with anything. */
function withoutPadding(packet: Buffer, payload: Buffer): Buffer | undefined {
  if ((packet[0]! & PADDING) === 0) return payload;
  const count = payload.at(-1) ?? 0;
  return count === 0 || count > payload.length ? undefined : payload.subarray(0, payload.length - count);
}
