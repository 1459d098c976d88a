/** G.711 PCMU and PCMA (ITU-T G.711, RFC 3551 section 4.5.14) by tables. */

function decodeMuLaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4)) - 0x84;
  return inverted & 0x80 ? -magnitude : magnitude;
}

function decodeALaw(code: number): number {
  const toggled = code ^ 0x55;
  const segment = (toggled & 0x70) >> 4;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(sample < 0 ? -sample : sample, 32_635) + 0x84;
  const segment = 24 - Math.clz32(biased);
  return ~(sign | (segment << 4) | ((biased >> (segment + 3)) & 0x0f)) & 0xff;
}

function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = magnitude < 256 ? 0 : 24 - Math.clz32(magnitude);
  const mantissa = segment === 0 ? magnitude >> 4 : (magnitude >> (segment + 3)) & 0x0f;
  return (sign | (segment << 4) | mantissa) ^ 0x55;
}

/** One companding law as lookups in both directions. */
class G711 {
  private readonly toLinear: Int16Array;
  private readonly toCode: Uint8Array;

  constructor(decode: (code: number) => number, encode: (sample: number) => number) {
    this.toLinear = Int16Array.from({ length: 256 }, (_, code) => decode(code));
    this.toCode = Uint8Array.from({ length: 65_536 }, (_, index) => encode(index - 32_768));
  }

  encode(samples: Int16Array): Buffer {
    const codes = Buffer.allocUnsafe(samples.length);
    for (let i = 0; i < samples.length; i += 1) codes[i] = this.toCode[(samples[i] as number) + 32_768] as number;
    return codes;
  }

  decode(codes: Uint8Array): Int16Array {
    const samples = new Int16Array(codes.length);
    for (let i = 0; i < codes.length; i += 1) samples[i] = this.toLinear[codes[i] as number] as number;
    return samples;
  }
}

export const muLaw = new G711(decodeMuLaw, encodeMuLaw);
export const aLaw = new G711(decodeALaw, encodeALaw);
