import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ALGORITHMS, type MediaAlgorithm } from './algorithms';

export const BLOCK = 16;

/** CBC of whole blocks. */
export function encryptBlocks(algorithm: MediaAlgorithm, key: Buffer, iv: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv(ALGORITHMS[algorithm].cipher, key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

export function decryptBlocks(algorithm: MediaAlgorithm, key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHMS[algorithm].cipher, key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

/**
 * CBC with ciphertext stealing for more than a block that is not whole ones: the last two blocks change places, and the
 * one that is last then is cut to what the plain text has there. Whole blocks are left in their order (as in H323plus's
 * h235crypto: CBC-CS2 of NIST SP 800-38A's addendum).
 */
export function encryptStealing(algorithm: MediaAlgorithm, key: Buffer, iv: Buffer, plain: Buffer): Buffer {
  const rest = plain.length % BLOCK;
  if (rest === 0) return encryptBlocks(algorithm, key, iv, plain);
  const whole = encryptBlocks(algorithm, key, iv, Buffer.concat([plain, Buffer.alloc(BLOCK - rest)]));
  const last = whole.length - BLOCK;
  return Buffer.concat([whole.subarray(0, last - BLOCK), whole.subarray(last), whole.subarray(last - BLOCK, last - BLOCK + rest)]);
}

export function decryptStealing(algorithm: MediaAlgorithm, key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  const rest = encrypted.length % BLOCK;
  if (rest === 0) return decryptBlocks(algorithm, key, iv, encrypted);
  const swapped = encrypted.length - rest - BLOCK;
  const [full, partial] = [encrypted.subarray(swapped, swapped + BLOCK), encrypted.subarray(swapped + BLOCK)];
  // Under the block that came in full lies the last plain text, padded with zeros and mixed with the block that was cut.
  const decipher = createDecipheriv(ALGORITHMS[algorithm].blockCipher, key, null).setAutoPadding(false);
  const mixed = Buffer.concat([decipher.update(full), decipher.final()]);
  const restored = Buffer.concat([partial, mixed.subarray(rest)]);
  return decryptBlocks(algorithm, key, iv, Buffer.concat([encrypted.subarray(0, swapped), restored, full])).subarray(0, encrypted.length);
}
