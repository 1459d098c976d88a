/** Tones, levels and spectra for tests. */
export function tone(frequency: number, milliseconds: number, rate: number, amplitude = 8_000): Int16Array {
  return Int16Array.from({ length: Math.round((milliseconds * rate) / 1000) }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * i) / rate)));
}

export function concat(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const rms = (samples: Int16Array): number => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length));

/** Amplitude of one frequency (Goertzel's algorithm with a Hann window, so that neighbours do not leak). */
export function amplitudeAt(samples: Int16Array, frequency: number, rate: number): number {
  const omega = (2 * Math.PI * frequency) / rate;
  let real = 0;
  let imaginary = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const windowed = (samples[i] as number) * (1 - Math.cos((2 * Math.PI * i) / samples.length));
    real += windowed * Math.cos(omega * i);
    imaginary += windowed * Math.sin(omega * i);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

/** Signal to noise in dB of `heard` against `said`, at the delay (and gain 1) that fits best within `maximumDelay` samples. */
export function signalToNoise(said: Int16Array, heard: Int16Array, maximumDelay: number): number {
  let best = -Infinity;
  for (let delay = 0; delay <= maximumDelay; delay += 1) {
    const length = Math.min(said.length, heard.length - delay);
    let signal = 0;
    let noise = 1e-9;
    for (let i = Math.floor(length / 4); i < length; i += 1) {
      signal += (said[i] as number) ** 2;
      noise += ((heard[i + delay] as number) - (said[i] as number)) ** 2;
    }
    best = Math.max(best, 10 * Math.log10(signal / noise));
  }
  return best;
}

/** Speech-like: a gliding buzz with harmonics, louder and softer by syllables. */
export function speech(milliseconds: number, rate: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: Math.round((milliseconds * rate) / 1000) }, (_, i) => {
    const time = i / rate;
    phase += (2 * Math.PI * (140 + 30 * Math.sin(2 * Math.PI * 0.7 * time))) / rate;
    let value = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) value += Math.sin(phase * harmonic + harmonic) / harmonic;
    return Math.round(4_000 * value * (0.55 + 0.45 * Math.sin(2 * Math.PI * 4 * time)));
  });
}
