import { createECDH } from 'node:crypto';

export interface KeyShare {
  /** Our point, uncompressed. */
  point: Buffer;
  /** The secret shared with the holder of another point; throws for bytes that are none. */
  secret(theirs: Buffer): Buffer;
}

/** A fresh key on P-256, which every WebRTC implementation has (RFC 8827 section 6.5). */
export function newKeyShare(): KeyShare {
  const ecdh = createECDH('prime256v1');
  return { point: ecdh.generateKeys(), secret: (theirs) => ecdh.computeSecret(theirs) };
}
