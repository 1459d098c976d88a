import { BLOCK } from './cbc';
import type { MediaKey } from './media-keys';
import { decryptRtp, encryptRtp, type Tail } from './rtp-payload';

/** How long packets under the key before are still taken: as long as any network holds them back. */
const OLD_KEY_MS = 5_000;

export interface MediaCipherOptions {
  /** Payload type of the channel's clear packets, 0-127. */
  payloadType: number;
  key: MediaKey;
  tail?: Tail;
  /** Monotonic milliseconds. */
  now?: () => number;
}

/** Encryption or decryption of one logical channel's RTP (H.235.6); RTCP stays clear. */
export class MediaCipher {
  private current: MediaKey;
  private old: { key: MediaKey; until: number } | undefined;
  private encryptedBlocks = 0;
  private readonly now: () => number;

  constructor(private readonly options: MediaCipherOptions) {
    this.current = options.key;
    this.now = options.now ?? (() => performance.now());
  }

  /** Blocks under the current key, for who decides when to make another. */
  get blocks(): number {
    return this.encryptedBlocks;
  }

  /** A new key for the packets from now on; those under the last one are read for a few seconds more where their payload types differ. */
  refresh(key: MediaKey): void {
    this.old = { key: this.current, until: this.now() + OLD_KEY_MS };
    this.current = key;
    this.encryptedBlocks = 0;
  }

  /** Undefined for what is no RTP packet of this channel. The packet itself is left as it is. */
  encrypt(packet: Buffer): Buffer | undefined {
    if (packet.length < 2 || (packet[1]! & 0x7f) !== this.options.payloadType) return undefined;
    return this.counted(encryptRtp(this.current, packet, this.options.tail));
  }

  /** As `encrypt`. */
  decrypt(packet: Buffer): Buffer | undefined {
    const payloadType = (packet[1] ?? 0) & 0x7f;
    if (payloadType === this.current.payloadType) return this.counted(decryptRtp(this.current, packet, this.options.payloadType));
    if (payloadType === this.old?.key.payloadType && this.now() < this.old.until) return decryptRtp(this.old.key, packet, this.options.payloadType);
    return undefined;
  }

  private counted(packet: Buffer | undefined): Buffer | undefined {
    if (packet) this.encryptedBlocks += Math.ceil(packet.length / BLOCK);
    return packet;
  }
}
