import fs from 'node:fs';

/** One channel of 16-bit samples. */
export interface Wav {
  sampleRate: number;
  samples: Int16Array;
}

/** Reads a PCM WAV file, first channel. Throws where it is not one. */
export function readWav(file: string): Wav {
  const bytes = fs.readFileSync(file);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') throw new Error(`${file} is not a WAV file`);
  let channels = 1;
  let sampleRate = 8000;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    // A recorder that has not closed the file yet has not written its size either.
    const size = Math.min(bytes.readUInt32LE(at + 4) || (name === 'data' ? Infinity : 0), bytes.length - at - 8);
    if (name === 'fmt ') {
      channels = bytes.readUInt16LE(at + 10);
      sampleRate = bytes.readUInt32LE(at + 12);
      if (bytes.readUInt16LE(at + 22) !== 16) throw new Error(`${file} does not hold 16-bit samples`);
    } else if (name === 'data') {
      const samples = new Int16Array(Math.floor(size / 2 / channels));
      for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(at + 8 + i * 2 * channels);
      return { sampleRate, samples };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error(`${file} has no data`);
}

/**
 * Share of the recording's energy that lies at a frequency, 0 to 1, over its loudest half second: the power of one bin of a
 * Fourier transform against that of the samples. A pure tone gives nearly 1, another tone or silence nearly 0.
 */
export function toneShare(wav: Wav, frequencyHz: number): number {
  const length = Math.floor(wav.sampleRate / 2);
  let best = { energy: 0, share: 0 };
  for (let start = 0; start + length <= wav.samples.length; start += Math.floor(length / 2)) {
    let energy = 0;
    let re = 0;
    let im = 0;
    for (let i = 0; i < length; i++) {
      const sample = wav.samples[start + i] ?? 0;
      const angle = (2 * Math.PI * frequencyHz * i) / wav.sampleRate;
      energy += sample * sample;
      re += sample * Math.cos(angle);
      im += sample * Math.sin(angle);
    }
    if (energy > best.energy) best = { energy, share: (2 * (re * re + im * im)) / (length * energy) };
  }
  return best.share;
}
