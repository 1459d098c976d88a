import { constants, sign, verify, type KeyObject } from 'node:crypto';
import { SIGNATURE_ALGORITHMS, type Signed } from './messages';

const ECDSA_SHA256 = 0x0403;

interface Algorithm {
  hash: string;
  keyType: 'ec' | 'rsa';
  pss: boolean;
}

function algorithmOf(id: number): Algorithm | undefined {
  if (!SIGNATURE_ALGORITHMS.includes(id)) return undefined;
  const [high, low] = [id >> 8, id & 0xff];
  if (high === 8) return { hash: ['sha256', 'sha384', 'sha512'][low - 4]!, keyType: 'rsa', pss: true };
  return { hash: ['sha256', 'sha384', 'sha512'][high - 4]!, keyType: low === 3 ? 'ec' : 'rsa', pss: false };
}

/** Whether the holder of the key signed these bytes (RFC 5246 sections 7.4.3 and 7.4.8). */
export function isSignedBy(key: KeyObject, data: Buffer, { algorithm, signature }: Signed): boolean {
  const known = algorithmOf(algorithm);
  if (known === undefined || key.asymmetricKeyType !== known.keyType) return false;
  const options = known.pss ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : key;
  return verify(known.hash, data, options, signature);
}

export const signEcdsa = (key: KeyObject, data: Buffer): Signed => ({ algorithm: ECDSA_SHA256, signature: sign('sha256', data, key) });
