import { randomBytes } from 'node:crypto';

export interface IceCredentials {
  ufrag: string;
  pwd: string;
}

/** 24 and 128 bits and more of randomness (RFC 8839 section 5.4); base64 with the characters of ice-char only. */
export function newCredentials(): IceCredentials {
  return { ufrag: randomBytes(6).toString('base64'), pwd: randomBytes(18).toString('base64') };
}
