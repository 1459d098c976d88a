import { spawnSync } from 'node:child_process';

/** What the openssl program makes of octets, without padding of its own. */
export function openssl(direction: '-e' | '-d', cipher: string, key: Buffer, iv: Buffer, input: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync('openssl', ['enc', direction, `-${cipher}`, '-K', key.toString('hex'), '-iv', iv.toString('hex'), '-nopad'], { input });
  if (status !== 0) throw new Error(`openssl: ${stderr.toString()}`);
  return stdout;
}

/** 2^bits times pi, rounded down (Machin's formula). */
function piTimes2(bits: number): bigint {
  const guard = 64n;
  const one = 1n << (BigInt(bits) + guard);
  const arctangent = (inverse: bigint): bigint => {
    let [term, sum, sign] = [one / inverse, 0n, 1n];
    for (let n = 1n; term !== 0n; n += 2n) {
      sum += (sign * term) / n;
      term /= inverse * inverse;
      sign = -sign;
    }
    return sum;
  };
  return (4n * (4n * arctangent(5n) - arctangent(239n))) >> guard;
}

/** The primes by the formulas of RFC 2409 section 6.2 and RFC 3526 sections 2 and 3. */
export function primeOf(bits: 1024 | 1536 | 2048): bigint {
  const addend = { 1024: 129_093n, 1536: 741_804n, 2048: 124_476n }[bits];
  return (1n << BigInt(bits)) - (1n << BigInt(bits - 64)) - 1n + (1n << 64n) * (piTimes2(bits - 130) + addend);
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

export const toNumber = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`);
export const toOctets = (number: bigint, length: number): Buffer => Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex');

/** An RTP packet. */
export function rtp(payload: Buffer, { payloadType = 0, sequence = 1, timestamp = 160, marker = false, sources = 0, extension = undefined as Buffer | undefined } = {}): Buffer {
  const header = Buffer.alloc(12 + 4 * sources);
  header[0] = 0x80 | sources | (extension ? 0x10 : 0);
  header[1] = (marker ? 0x80 : 0) | payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(0x01020304, 8);
  return Buffer.concat([header, ...(extension ? [Buffer.from([0xbe, 0xde, 0, extension.length / 4]), extension] : []), payload]);
}
