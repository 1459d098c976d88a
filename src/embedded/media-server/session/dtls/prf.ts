import { createHash, createHmac } from 'node:crypto';

/** PRF with SHA-256 (RFC 5246 section 5). */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const input = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const hmac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest();
  const output: Buffer[] = [];
  let a: Buffer = input;
  for (let made = 0; made < length; made += 32) {
    a = hmac(a);
    output.push(hmac(Buffer.concat([a, input])));
  }
  return Buffer.concat(output).subarray(0, length);
}

export const sha256 = (...data: readonly Buffer[]): Buffer => data.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
