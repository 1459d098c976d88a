import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual, type CipherGCMTypes } from 'node:crypto';
import type { SrtpProfile } from './profiles';
import type { SessionKeys } from './session-keys';

/**
 * Protects and opens whole packets whose index is known. The `tail` is authenticated with the packet: for RTP the rollover
 * counter, which is not sent; for RTCP the word with the index, which is. What is opened is opened in place: the bytes given
 * are used up, whatever comes of them. One buffer a packet and one pass of HMAC; libraries have neither, nor AES-256.
 */
export interface PacketCipher {
  /** Bytes that protection adds. */
  readonly overhead: number;
  /** Where a sent tail begins, counted from the end of the packet. */
  readonly tailDistance: number;
  /** @param offset where the payload begins */
  protect(packet: Buffer, offset: number, tail: number, ssrc: number, index: number): Buffer;
  /** The packet in the clear, or undefined where it was not protected with these keys. */
  open(bytes: Buffer, offset: number, tail: number, ssrc: number, index: number): Buffer | undefined;
}

const WORD_BYTES = 4;

export function createPacketCipher(profile: SrtpProfile, keys: SessionKeys, use: 'rtp' | 'rtcp'): PacketCipher {
  return profile.cipher === 'aes-cm'
    ? new CounterModeCipher(keys, use === 'rtp' ? profile.rtpTagLength : profile.rtcpTagLength, use === 'rtcp')
    : new GcmCipher(keys, profile.keyLength === 32 ? 'aes-256-gcm' : 'aes-128-gcm', use === 'rtcp');
}

/** AES in counter mode with HMAC-SHA1 (RFC 3711 sections 4.1.1 and 4.2.1): packet, index word of RTCP, tag. */
class CounterModeCipher implements PacketCipher {
  readonly overhead: number;
  readonly tailDistance: number;
  private readonly counter = Buffer.alloc(16);

  constructor(private readonly keys: SessionKeys, private readonly tagLength: number, private readonly sendsTail: boolean) {
    this.overhead = tagLength + (sendsTail ? WORD_BYTES : 0);
    this.tailDistance = tagLength + WORD_BYTES;
  }

  protect(packet: Buffer, offset: number, tail: number, ssrc: number, index: number): Buffer {
    const { length } = packet;
    // The tail stands behind the packet for the one pass of HMAC; where it is not sent, the tag then takes its place.
    const bytes = Buffer.allocUnsafe(length + WORD_BYTES + this.tagLength);
    packet.copy(bytes, 0, 0, offset);
    this.crypt(packet, offset, length, bytes, ssrc, index);
    bytes.writeUInt32BE(tail, length);
    const tagAt = this.sendsTail ? length + WORD_BYTES : length;
    this.hmac(bytes.subarray(0, length + WORD_BYTES)).copy(bytes, tagAt, 0, this.tagLength);
    return bytes.subarray(0, tagAt + this.tagLength);
  }

  open(bytes: Buffer, offset: number, tail: number, ssrc: number, index: number): Buffer | undefined {
    const end = bytes.length - this.overhead;
    const tag = Buffer.from(bytes.subarray(bytes.length - this.tagLength));
    bytes.writeUInt32BE(tail, end);
    const expected = this.hmac(bytes.subarray(0, end + WORD_BYTES)).subarray(0, this.tagLength);
    if (!timingSafeEqual(tag, expected)) return undefined;
    this.crypt(bytes, offset, end, bytes, ssrc, index);
    return bytes.subarray(0, end);
  }

  private hmac(data: Buffer): Buffer {
    return createHmac('sha1', this.keys.authentication).update(data).digest();
  }

  /** IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16); encryption and decryption are the same. */
  private crypt(from: Buffer, start: number, end: number, to: Buffer, ssrc: number, index: number): void {
    const { counter } = this;
    const { salt, encryption } = this.keys;
    counter.fill(0);
    counter.writeUInt32BE(ssrc, 4);
    counter.writeUIntBE(index, 8, 6);
    for (let at = 0; at < salt.length; at++) counter[at]! ^= salt[at]!;
    to.set(createCipheriv('aes-128-ctr', encryption, counter).update(from.subarray(start, end)), start);
  }
}

const GCM_TAG_BYTES = 16;

/** AES-GCM (RFC 7714 sections 8 and 9): packet, tag, index word of RTCP. */
class GcmCipher implements PacketCipher {
  readonly overhead: number;
  readonly tailDistance = WORD_BYTES;
  private readonly iv = Buffer.alloc(12);

  constructor(private readonly keys: SessionKeys, private readonly algorithm: CipherGCMTypes, private readonly sendsTail: boolean) {
    this.overhead = GCM_TAG_BYTES + (sendsTail ? WORD_BYTES : 0);
  }

  protect(packet: Buffer, offset: number, tail: number, ssrc: number, index: number): Buffer {
    const { length } = packet;
    const bytes = Buffer.allocUnsafe(length + this.overhead);
    packet.copy(bytes, 0, 0, offset);
    const cipher = createCipheriv(this.algorithm, this.keys.encryption, this.ivFor(ssrc, index));
    cipher.setAAD(this.associatedData(packet.subarray(0, offset), tail));
    bytes.set(cipher.update(packet.subarray(offset)), offset);
    cipher.final();
    bytes.set(cipher.getAuthTag(), length);
    if (this.sendsTail) bytes.writeUInt32BE(tail, length + GCM_TAG_BYTES);
    return bytes;
  }

  open(bytes: Buffer, offset: number, tail: number, ssrc: number, index: number): Buffer | undefined {
    const end = bytes.length - this.overhead;
    const decipher = createDecipheriv(this.algorithm, this.keys.encryption, this.ivFor(ssrc, index), { authTagLength: GCM_TAG_BYTES });
    decipher.setAAD(this.associatedData(bytes.subarray(0, offset), tail));
    decipher.setAuthTag(bytes.subarray(end, end + GCM_TAG_BYTES));
    const opened = decipher.update(bytes.subarray(offset, end));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    bytes.set(opened, offset);
    return bytes.subarray(0, end);
  }

  /** The rollover counter is in the IV already; the index word of RTCP is authenticated besides. */
  private associatedData(header: Buffer, tail: number): Buffer {
    if (!this.sendsTail) return header;
    const data = Buffer.allocUnsafe(header.length + WORD_BYTES);
    header.copy(data);
    data.writeUInt32BE(tail, header.length);
    return data;
  }

  /** RTP: 00 00, SSRC, ROC and sequence number; RTCP: 00 00, SSRC, 00 00, index; XOR salt. */
  private ivFor(ssrc: number, index: number): Buffer {
    const { iv } = this;
    const { salt } = this.keys;
    iv.fill(0);
    iv.writeUInt32BE(ssrc, 2);
    iv.writeUIntBE(index, 6, 6);
    for (let at = 0; at < salt.length; at++) iv[at]! ^= salt[at]!;
    return iv;
  }
}
