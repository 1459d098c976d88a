import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** Certificate and key that one factory shows to all its parties. */
export interface DtlsCertificate {
  der: Buffer;
  key: KeyObject;
  /** SHA-256 of the certificate as `a=fingerprint` writes it. */
  fingerprint: string;
}

const DAY_MS = 86_400_000;
const COMMON_NAME = 'media-server';

/** A self-signed ECDSA certificate; what makes it trusted is its fingerprint in the signalling (RFC 5763). */
export function selfSignedCertificate(wallNow: number): DtlsCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex')); // ecdsa-with-SHA256
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(COMMON_NAME)))));
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const body = der(0x30,
    der(0x02, serial),
    algorithm,
    name,
    der(0x30, utcTime(wallNow - DAY_MS), utcTime(wallNow + 3_650 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }));
  const certificate = der(0x30, body, algorithm, der(0x03, Buffer.of(0), sign('sha256', body, privateKey)));
  const digest = createHash('sha256').update(certificate).digest('hex').toUpperCase();
  return { der: certificate, key: privateKey, fingerprint: digest.match(/../g)!.join(':') };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? Buffer.of(content.length)
    : content.length < 256 ? Buffer.of(0x81, content.length) : Buffer.of(0x82, content.length >> 8, content.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

/** YYMMDDHHMMSSZ */
const utcTime = (time: number): Buffer => der(0x17, Buffer.from(`${new Date(time).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
