import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual, type CipherGCMTypes } from 'node:crypto';
import type { SrtpProfile } from './profiles';
import type { SessionKeys } from './session-keys';

/**
 * Protects and opens single packets whose index is known. `header` is what stays in the clear, `tail` what is authenticated
 * after the payload: the rollover counter for RTP, the index word for RTCP.
 */
export interface PacketCipher {
  readonly tagLength: number;
  /** Payload encrypted, and tag. */
  seal(header: Buffer, payload: Buffer, tail: Buffer, ssrc: number, index: number): { payload: Buffer; tag: Buffer };
  /** The payload in the clear, or undefined where the tag does not fit. */
  open(header: Buffer, payload: Buffer, tag: Buffer, tail: Buffer, ssrc: number, index: number): Buffer | undefined;
}

export function createPacketCipher(profile: SrtpProfile, keys: SessionKeys, use: 'rtp' | 'rtcp'): PacketCipher {
  return profile.cipher === 'aes-cm'
    ? new CounterModeCipher(keys, use === 'rtp' ? profile.rtpTagLength : profile.rtcpTagLength)
    : new GcmCipher(keys, profile.keyLength === 32 ? 'aes-256-gcm' : 'aes-128-gcm', use);
}

/** AES in counter mode with HMAC-SHA1 (RFC 3711 sections 4.1.1 and 4.2.1). */
class CounterModeCipher implements PacketCipher {
  private readonly counter = Buffer.alloc(16);

  constructor(private readonly keys: SessionKeys, readonly tagLength: number) {}

  seal(header: Buffer, payload: Buffer, tail: Buffer, ssrc: number, index: number): { payload: Buffer; tag: Buffer } {
    const sealed = createCipheriv('aes-128-ctr', this.keys.encryption, this.counterFor(ssrc, index)).update(payload);
    return { payload: sealed, tag: this.tag(header, sealed, tail) };
  }

  open(header: Buffer, payload: Buffer, tag: Buffer, tail: Buffer, ssrc: number, index: number): Buffer | undefined {
    if (!timingSafeEqual(tag, this.tag(header, payload, tail))) return undefined;
    return createDecipheriv('aes-128-ctr', this.keys.encryption, this.counterFor(ssrc, index)).update(payload);
  }

  private tag(header: Buffer, payload: Buffer, tail: Buffer): Buffer {
    return createHmac('sha1', this.keys.authentication).update(header).update(payload).update(tail).digest().subarray(0, this.tagLength);
  }

  /** IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
  private counterFor(ssrc: number, index: number): Buffer {
    const { counter } = this;
    counter.fill(0);
    counter.writeUInt32BE(ssrc, 4);
    counter.writeUIntBE(index, 8, 6);
    const { salt } = this.keys;
    for (let at = 0; at < salt.length; at++) counter[at]! ^= salt[at]!;
    return counter;
  }
}

const GCM_TAG_BYTES = 16;

/** AES-GCM (RFC 7714 sections 8 and 9). */
class GcmCipher implements PacketCipher {
  readonly tagLength = GCM_TAG_BYTES;
  private readonly iv = Buffer.alloc(12);

  constructor(private readonly keys: SessionKeys, private readonly algorithm: CipherGCMTypes, private readonly use: 'rtp' | 'rtcp') {}

  seal(header: Buffer, payload: Buffer, tail: Buffer, ssrc: number, index: number): { payload: Buffer; tag: Buffer } {
    const cipher = createCipheriv(this.algorithm, this.keys.encryption, this.ivFor(ssrc, index));
    cipher.setAAD(this.associatedData(header, tail));
    const sealed = cipher.update(payload);
    cipher.final();
    return { payload: sealed, tag: cipher.getAuthTag() };
  }

  open(header: Buffer, payload: Buffer, tag: Buffer, tail: Buffer, ssrc: number, index: number): Buffer | undefined {
    const decipher = createDecipheriv(this.algorithm, this.keys.encryption, this.ivFor(ssrc, index), { authTagLength: GCM_TAG_BYTES });
    decipher.setAAD(this.associatedData(header, tail));
    decipher.setAuthTag(tag);
    const opened = decipher.update(payload);
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return opened;
  }

  /** The rollover counter is in the IV already; the index word of RTCP is authenticated besides. */
  private associatedData(header: Buffer, tail: Buffer): Buffer {
    return this.use === 'rtp' ? header : Buffer.concat([header, tail]);
  }

  /** RTP: 00 00, SSRC, ROC and sequence number; RTCP: 00 00, SSRC, 00 00, index; XOR salt. */
  private ivFor(ssrc: number, index: number): Buffer {
    const { iv } = this;
    iv.fill(0);
    iv.writeUInt32BE(ssrc, 2);
    iv.writeUIntBE(index, 6, 6);
    const { salt } = this.keys;
    for (let at = 0; at < salt.length; at++) iv[at]! ^= salt[at]!;
    return iv;
  }
}
