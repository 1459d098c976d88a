import { saturate } from './frame';

/** Taps for each output sample at the lower of both rates (four at a time); the transition band is about 9 % of that rate. */
const TAPS = 40;
/** Kaiser window: about 75 dB of stop band. */
const BETA = 7.5;

interface FilterBank {
  up: number;
  down: number;
  taps: number;
  /** `taps` coefficients for each of `up` phases, newest input last. */
  coefficients: Float64Array;
}

const banks = new Map<string, FilterBank>();

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** A windowed sinc low-pass below half the lower rate, split into phases. */
function filterBank(from: number, to: number): FilterBank {
  const key = `${from}>${to}`;
  let bank = banks.get(key);
  if (bank !== undefined) return bank;
  const divisor = gcd(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const taps = 4 * Math.ceil((TAPS * Math.max(1, from / to)) / 4);
  const length = taps * up;
  const centre = (length - 1) / 2;
  // In cycles per sample at `from * up`; the stop band begins where aliases would.
  const cutoff = (0.5 * Math.min(1, to / from) * (1 - 1.8 / TAPS)) / up;
  const coefficients = new Float64Array(length);
  for (let i = 0; i < length; i += 1) {
    const x = i - centre;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    const window = besselI0(BETA * Math.sqrt(1 - (x / (centre + 1)) ** 2)) / besselI0(BETA);
    // Tap `i` of the prototype is tap `i / up` counted back from the newest input, in phase `i % up`.
    coefficients[(i % up) * taps + (taps - 1 - Math.floor(i / up))] = sinc * window * up;
  }
  bank = { up, down, taps, coefficients };
  banks.set(key, bank);
  return bank;
}

/** Changes the rate of a stream, 20 ms (or any whole ratio) at a time, by a polyphase filter. */
export class Resampler {
  private readonly bank: FilterBank;
  private buffer: Float64Array;

  constructor(readonly from: number, readonly to: number) {
    this.bank = filterBank(from, to);
    this.buffer = new Float64Array(this.bank.taps - 1);
  }

  /** `samples.length * to / from` must be whole. */
  process(samples: Int16Array): Int16Array {
    const sums = this.filter(samples);
    const output = new Int16Array(sums.length);
    for (let i = 0; i < output.length; i += 1) output[i] = saturate(Math.round(sums[i] as number));
    return output;
  }

  /** As `process`, but neither rounded nor saturated: for sums that are more than 16 bits hold. */
  filter(samples: Int16Array | Float64Array): Float64Array {
    const { up, down, taps, coefficients } = this.bank;
    const buffer = this.withHistory(samples);
    const output = new Float64Array((samples.length * up) / down);
    for (let i = 0, position = 0; i < output.length; i += 1, position += down) {
      const start = Math.floor(position / up);
      const phase = (position % up) * taps;
      let [first, second, third, fourth] = [0, 0, 0, 0];
      for (let tap = 0; tap < taps; tap += 4) {
        first += (buffer[start + tap] as number) * (coefficients[phase + tap] as number);
        second += (buffer[start + tap + 1] as number) * (coefficients[phase + tap + 1] as number);
        third += (buffer[start + tap + 2] as number) * (coefficients[phase + tap + 2] as number);
        fourth += (buffer[start + tap + 3] as number) * (coefficients[phase + tap + 3] as number);
      }
      output[i] = first + second + third + fourth;
    }
    return output;
  }

  /** The samples behind as many of those before as the filter looks back on. */
  private withHistory(samples: Int16Array | Float64Array): Float64Array {
    const history = this.bank.taps - 1;
    if (this.buffer.length === history + samples.length) {
      this.buffer.copyWithin(0, samples.length);
    } else {
      const resized = new Float64Array(history + samples.length);
      resized.set(this.buffer.subarray(this.buffer.length - history));
      this.buffer = resized;
    }
    this.buffer.set(samples, history);
    return this.buffer;
  }
}

/** Resamples to one rate from whatever rate comes, keeping the filter's memory while the rate stays. */
export class RateAdapter {
  private resampler: Resampler | undefined;

  convert(samples: Int16Array, from: number, to: number): Int16Array {
    if (from === to) {
      this.resampler = undefined;
      return samples;
    }
    if (this.resampler?.from !== from || this.resampler.to !== to) this.resampler = new Resampler(from, to);
    return this.resampler.process(samples);
  }
}
