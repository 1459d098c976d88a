import { randomBytes } from 'node:crypto';
import { SRTP_PROFILES, type SrtpProfile, type SrtpProfileName } from '../srtp/profiles';

/** An `a=crypto` that can be used (RFC 4568 section 9.1). */
export interface CryptoAttribute {
  tag: number;
  profile: SrtpProfile;
  masterKey: Buffer;
  masterSalt: Buffer;
}

const SUITES: Readonly<Record<string, SrtpProfileName>> = {
  AES_CM_128_HMAC_SHA1_80: 'AES_CM_128_HMAC_SHA1_80',
  AES_CM_128_HMAC_SHA1_32: 'AES_CM_128_HMAC_SHA1_32',
  AEAD_AES_128_GCM: 'AEAD_AES_128_GCM',
  AEAD_AES_256_GCM: 'AEAD_AES_256_GCM',
};

/** The suites of our offers, strongest first. */
export const OFFERED_SUITES: readonly SrtpProfileName[] =
  ['AEAD_AES_256_GCM', 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

/**
 * Reads one attribute; undefined for an unknown suite, a key of the wrong length, an MKI, several keys, or session
 * parameters that take protection away (UNENCRYPTED_*, UNAUTHENTICATED_*) or that we do not do (RFC 4568 section 6.3). A
 * lifetime is taken note of by nobody: calls end long before 2^31 packets.
 */
export function parseCryptoAttribute(tag: number, suite: string, keys: string, sessionParameters: string | undefined): CryptoAttribute | undefined {
  const name = Object.hasOwn(SUITES, suite) ? SUITES[suite] : undefined;
  if (name === undefined || !Number.isInteger(tag) || tag < 0 || tag > 999_999_999) return undefined;
  if (sessionParameters !== undefined && sessionParameters.trim() !== '') return undefined;
  const match = /^inline:([A-Za-z0-9+/]{16,128}={0,2})(\|(?:2\^\d{1,2}|\d{1,20}))?$/.exec(keys);
  const profile = SRTP_PROFILES[name];
  const material = match === null ? undefined : Buffer.from(match[1]!, 'base64');
  if (material?.length !== profile.keyLength + profile.saltLength) return undefined;
  return { tag, profile, masterKey: material.subarray(0, profile.keyLength), masterSalt: material.subarray(profile.keyLength) };
}

export function newCryptoAttribute(tag: number, name: SrtpProfileName): CryptoAttribute {
  const profile = SRTP_PROFILES[name];
  return { tag, profile, masterKey: randomBytes(profile.keyLength), masterSalt: randomBytes(profile.saltLength) };
}

/** The fields of `a=crypto` as sdp-transform writes them. */
export function formatCryptoAttribute(crypto: CryptoAttribute): { id: number; suite: string; config: string } {
  const material = Buffer.concat([crypto.masterKey, crypto.masterSalt]).toString('base64');
  return { id: crypto.tag, suite: crypto.profile.name, config: `inline:${material}` };
}
