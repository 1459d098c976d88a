/** G.711 (ITU-T), one octet a sample at 8 kHz, through tables made once from the definition. */
export type G711Law = 'PCMU' | 'PCMA';

const MU_BIAS = 0x84;
const MU_CLIP = 32_635;

function encodeMu(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MU_CLIP) + MU_BIAS;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function decodeMu(octet: number): number {
  const bits = ~octet & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + MU_BIAS) << ((bits & 0x70) >> 4)) - MU_BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}

function encodeA(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = Math.min(sample < 0 ? ~sample : sample, 0x7fff) >> 4;
  const exponent = magnitude < 16 ? 0 : 31 - Math.clz32(magnitude) - 3;
  const mantissa = (exponent === 0 ? magnitude : magnitude >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

function decodeA(octet: number): number {
  const bits = octet ^ 0x55;
  const exponent = (bits & 0x70) >> 4;
  const mantissa = (bits & 0x0f) << 4;
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

const DECODED: Record<G711Law, Int16Array> = {
  PCMU: Int16Array.from({ length: 256 }, (_, octet) => decodeMu(octet)),
  PCMA: Int16Array.from({ length: 256 }, (_, octet) => decodeA(octet)),
};

/** 16-bit samples to octets. */
export function encodeG711(law: G711Law, samples: Int16Array): Buffer {
  const encode = law === 'PCMU' ? encodeMu : encodeA;
  return Buffer.from(Uint8Array.from(samples, encode));
}

/** Octets to 16-bit samples. */
export function decodeG711(law: G711Law, octets: Uint8Array): Int16Array {
  const table = DECODED[law];
  return Int16Array.from(octets, (octet) => table[octet] ?? 0);
}
