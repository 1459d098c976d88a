import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { SrtpProfile } from './profiles';

export interface MasterKey {
  profile: SrtpProfile;
  masterKey: Buffer;
  masterSalt: Buffer;
}

/** Session keys of one direction for RTP or for RTCP. */
export interface SessionKeys {
  encryption: KeyObject;
  authentication: KeyObject;
  salt: Buffer;
}

const AUTHENTICATION_KEY_BYTES = 20;

/** Key derivation of RFC 3711 section 4.3 with rate 0; AES-256 and 12-byte salts by RFC 7714 section 11. */
export function deriveKeys({ profile, masterKey, masterSalt }: MasterKey, use: 'rtp' | 'rtcp'): SessionKeys {
  const first = use === 'rtp' ? 0 : 3;
  return {
    encryption: createSecretKey(derive(masterKey, masterSalt, first, profile.keyLength)),
    authentication: createSecretKey(derive(masterKey, masterSalt, first + 1, AUTHENTICATION_KEY_BYTES)),
    salt: derive(masterKey, masterSalt, first + 2, profile.saltLength),
  };
}

/** Exported for the vectors of RFC 3711 appendix B.3. */
export function derive(masterKey: Buffer, masterSalt: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16);
  masterSalt.copy(counter);
  counter[7]! ^= label;
  const cipher = createCipheriv(masterKey.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr', masterKey, counter);
  return cipher.update(Buffer.alloc(length));
}
