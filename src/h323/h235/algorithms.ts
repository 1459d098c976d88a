/** Media encryption in CBC mode (NIST's identifiers, as in H323plus's h2351.h). */
export type MediaAlgorithm = 'AES-128' | 'AES-256';

export const ALGORITHMS: Record<MediaAlgorithm, { identifier: string; /** Octets. */ keyLength: number; cipher: string; /** Single blocks. */ blockCipher: string }> = {
  'AES-128': { identifier: '2.16.840.1.101.3.4.1.2', keyLength: 16, cipher: 'aes-128-cbc', blockCipher: 'aes-128-ecb' },
  'AES-256': { identifier: '2.16.840.1.101.3.4.1.42', keyLength: 32, cipher: 'aes-256-cbc', blockCipher: 'aes-256-ecb' },
};

export function algorithmOf(identifier: string | undefined): MediaAlgorithm | undefined {
  return (Object.keys(ALGORITHMS) as MediaAlgorithm[]).find((name) => ALGORITHMS[name].identifier === identifier);
}

/** Diffie-Hellman groups by the length of their prime, bits. */
export type Group = 1024 | 1536 | 2048;

/**
 * Token identifiers of the groups, and what is encrypted under their secrets, all as in H323plus's h2351.h: the primes there are
 * those of RFC 2409 section 6.2 (1024) and RFC 3526 sections 2 and 3, the generator is 2.
 */
export const GROUPS: Record<Group, { identifier: string; name: string; algorithm: MediaAlgorithm }> = {
  1024: { identifier: '0.0.8.235.0.3.43', name: 'modp2', algorithm: 'AES-128' },
  1536: { identifier: '0.0.8.235.0.3.44', name: 'modp5', algorithm: 'AES-256' },
  2048: { identifier: '0.0.8.235.0.3.45', name: 'modp14', algorithm: 'AES-256' },
};

/** A token without content that says that its sender knows version 3 of H.235, which H.235.6 is part of (H323plus: OID_H235V3). */
export const VERSION_3 = '0.0.8.235.0.3.24';
