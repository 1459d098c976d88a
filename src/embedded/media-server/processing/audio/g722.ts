import { saturate } from './frame';

/** ITU-T G.722 at 64 kbit/s (mode 1), in the recommendation's integer arithmetic and with its block names. */

const Q6 = [0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
  1458, 1612, 1765, 1980, 2195, 2557, 2919, 0, 0];
const ILN = [0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 0];
const ILP = [0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 0];
const WL = [-60, -30, 58, 172, 334, 538, 1198, 3042];
const RL42 = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
const ILB = [2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091,
  3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008];
const QM2 = [-7408, -1616, 7408, 1616];
const QM4 = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const QM6 = [-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008,
  16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032,
  1688, 1360, 1040, 728, 432, 136, -432, -136];
const IHN = [0, 1, 0];
const IHP = [0, 3, 2];
const WH = [0, -214, 798];
const RH2 = [2, 1, 2, 1];
const QMF = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

const at = (table: ArrayLike<number>, index: number): number => table[index] as number;

/** One sub-band's adaptive predictor and quantiser scale (blocks 3 and 4). */
class Band {
  /** The prediction of the next sample. */
  s = 0;
  private sz = 0;
  private nb = 0;
  private readonly r = new Int32Array(3);
  private readonly a = new Int32Array(3);
  private readonly p = new Int32Array(3);
  private readonly d = new Int32Array(7);
  private readonly b = new Int32Array(7);

  constructor(public det: number, private readonly limit: number, private readonly shift: number) {}

  /** LOGSCL/LOGSCH and SCALEL/SCALEH. */
  scale(weight: number): void {
    this.nb = Math.min(this.limit, Math.max(0, ((this.nb * 127) >> 7) + weight));
    const mantissa = at(ILB, (this.nb >> 6) & 31);
    const exponent = this.shift - (this.nb >> 11);
    this.det = (exponent < 0 ? mantissa << -exponent : mantissa >> exponent) << 2;
  }

  /** RECONS, PARREC, UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ and PREDIC. */
  predict(difference: number): void {
    const { r, a, p, d, b } = this;
    d[0] = difference;
    r[0] = saturate(this.s + difference);
    p[0] = saturate(this.sz + difference);
    const sameAs1 = (at(p, 0) >> 15) === (at(p, 1) >> 15);
    const sameAs2 = (at(p, 0) >> 15) === (at(p, 2) >> 15);
    const scaled = saturate(at(a, 1) << 2);
    const turned = sameAs1 ? Math.min(32_767, -scaled) : scaled;
    const pole2 = Math.min(12_288, Math.max(-12_288, (turned >> 7) + (sameAs2 ? 128 : -128) + ((at(a, 2) * 32_512) >> 15)));
    const bound = saturate(15_360 - pole2);
    const pole1 = Math.min(bound, Math.max(-bound, saturate((sameAs1 ? 192 : -192) + ((at(a, 1) * 32_640) >> 15))));
    const step = difference === 0 ? 0 : 128;
    const sign = difference >> 15;
    for (let i = 6; i > 0; i -= 1) {
      const change = at(d, i) >> 15 === sign ? step : -step;
      b[i] = saturate(change + ((at(b, i) * 32_640) >> 15));
    }
    for (let i = 6; i > 0; i -= 1) d[i] = at(d, i - 1);
    r[2] = at(r, 1);
    r[1] = at(r, 0);
    p[2] = at(p, 1);
    p[1] = at(p, 0);
    a[2] = pole2;
    a[1] = pole1;
    const sp = saturate(((pole1 * saturate(2 * at(r, 1))) >> 15) + ((pole2 * saturate(2 * at(r, 2))) >> 15));
    let sz = 0;
    for (let i = 6; i > 0; i -= 1) sz = saturate(sz + ((at(b, i) * saturate(2 * at(d, i))) >> 15));
    this.sz = sz;
    this.s = saturate(sp + sz);
  }
}

const lowBand = (): Band => new Band(32, 18_432, 8);
const highBand = (): Band => new Band(8, 22_528, 10);

/** 16 kHz linear samples to octets of two samples each. */
export class G722Encoder {
  private readonly low = lowBand();
  private readonly high = highBand();
  private readonly x = new Int32Array(24);

  encode(samples: Int16Array): Buffer {
    const codes = Buffer.allocUnsafe(samples.length >> 1);
    const { x } = this;
    for (let octet = 0; octet < codes.length; octet += 1) {
      x.copyWithin(0, 2);
      x[22] = at(samples, 2 * octet);
      x[23] = at(samples, 2 * octet + 1);
      let odd = 0;
      let even = 0;
      for (let i = 0; i < 12; i += 1) {
        odd += at(x, 2 * i) * at(QMF, i);
        even += at(x, 2 * i + 1) * at(QMF, 11 - i);
      }
      codes[octet] = (this.encodeHigh((even - odd) >> 14) << 6) | this.encodeLow((even + odd) >> 14);
    }
    return codes;
  }

  /** SUBTRA, QUANTL, INVQAL and the predictor. */
  private encodeLow(xlow: number): number {
    const { low } = this;
    const el = saturate(xlow - low.s);
    const magnitude = el >= 0 ? el : -(el + 1);
    let interval = 1;
    while (interval < 30 && magnitude >= (at(Q6, interval) * low.det) >> 12) interval += 1;
    const code = at(el < 0 ? ILN : ILP, interval);
    const ril = code >> 2;
    const difference = (low.det * at(QM4, ril)) >> 15;
    low.scale(at(WL, at(RL42, ril)));
    low.predict(difference);
    return code;
  }

  /** SUBTRA, QUANTH, INVQAH and the predictor. */
  private encodeHigh(xhigh: number): number {
    const { high } = this;
    const eh = saturate(xhigh - high.s);
    const magnitude = eh >= 0 ? eh : -(eh + 1);
    const interval = magnitude >= (564 * high.det) >> 12 ? 2 : 1;
    const code = at(eh < 0 ? IHN : IHP, interval);
    const difference = (high.det * at(QM2, code)) >> 15;
    high.scale(at(WH, at(RH2, code)));
    high.predict(difference);
    return code;
  }
}

const limit15 = (value: number): number => Math.min(16_383, Math.max(-16_384, value));

/** Octets to 16 kHz linear samples, two each. */
export class G722Decoder {
  private readonly low = lowBand();
  private readonly high = highBand();
  private readonly x = new Int32Array(24);

  decode(codes: Uint8Array): Int16Array {
    const samples = new Int16Array(codes.length * 2);
    const { x } = this;
    for (let octet = 0; octet < codes.length; octet += 1) {
      const rlow = this.decodeLow(at(codes, octet) & 0x3f);
      const rhigh = this.decodeHigh(at(codes, octet) >> 6);
      x.copyWithin(0, 2);
      x[22] = rlow + rhigh;
      x[23] = rlow - rhigh;
      let first = 0;
      let second = 0;
      for (let i = 0; i < 12; i += 1) {
        second += at(x, 2 * i) * at(QMF, i);
        first += at(x, 2 * i + 1) * at(QMF, 11 - i);
      }
      samples[2 * octet] = saturate(first >> 11);
      samples[2 * octet + 1] = saturate(second >> 11);
    }
    return samples;
  }

  private decodeLow(code: number): number {
    const { low } = this;
    const output = limit15(low.s + ((low.det * at(QM6, code)) >> 15));
    const difference = (low.det * at(QM4, code >> 2)) >> 15;
    low.scale(at(WL, at(RL42, code >> 2)));
    low.predict(difference);
    return output;
  }

  private decodeHigh(code: number): number {
    const { high } = this;
    const difference = (high.det * at(QM2, code)) >> 15;
    const output = limit15(high.s + difference);
    high.scale(at(WH, at(RH2, code)));
    high.predict(difference);
    return output;
  }
}
