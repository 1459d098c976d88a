export type SrtpProfileName = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

export interface SrtpProfile {
  name: SrtpProfileName;
  /** Number of the protection profile in DTLS use_srtp (RFC 5764 section 4.1.2, RFC 7714 section 14.2). */
  dtlsId: number;
  cipher: 'aes-cm' | 'aes-gcm';
  keyLength: 16 | 32;
  saltLength: 14 | 12;
  /** Bytes of the authentication tag; SRTCP with HMAC-SHA1 always has 10 (RFC 5764 section 4.1.2, RFC 4568 section 6.2.2). */
  rtpTagLength: number;
  rtcpTagLength: number;
}

export const SRTP_PROFILES: Readonly<Record<SrtpProfileName, SrtpProfile>> = {
  AES_CM_128_HMAC_SHA1_80: { name: 'AES_CM_128_HMAC_SHA1_80', dtlsId: 1, cipher: 'aes-cm', keyLength: 16, saltLength: 14, rtpTagLength: 10, rtcpTagLength: 10 },
  AES_CM_128_HMAC_SHA1_32: { name: 'AES_CM_128_HMAC_SHA1_32', dtlsId: 2, cipher: 'aes-cm', keyLength: 16, saltLength: 14, rtpTagLength: 4, rtcpTagLength: 10 },
  AEAD_AES_128_GCM: { name: 'AEAD_AES_128_GCM', dtlsId: 7, cipher: 'aes-gcm', keyLength: 16, saltLength: 12, rtpTagLength: 16, rtcpTagLength: 16 },
  AEAD_AES_256_GCM: { name: 'AEAD_AES_256_GCM', dtlsId: 8, cipher: 'aes-gcm', keyLength: 32, saltLength: 12, rtpTagLength: 16, rtcpTagLength: 16 },
};

/** What DTLS offers and takes, strongest first; GCM also costs least per packet. */
export const DTLS_SRTP_PROFILES: readonly SrtpProfile[] =
  [SRTP_PROFILES.AEAD_AES_256_GCM, SRTP_PROFILES.AEAD_AES_128_GCM, SRTP_PROFILES.AES_CM_128_HMAC_SHA1_80, SRTP_PROFILES.AES_CM_128_HMAC_SHA1_32];
