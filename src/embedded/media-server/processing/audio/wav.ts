import { MediaError } from '../../contracts';
import { aLaw, muLaw } from './g711';

const FORMAT_PCM = 1;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
const HEADER_BYTES = 44;
/** What a header's 32 bit fields can say. */
export const MAXIMUM_WAV_BYTES = 0xffffffff - HEADER_BYTES - 0x10000;

/** Mono sound as read of a file. */
export interface Sound {
  samples: Int16Array;
  rate: number;
}

const invalid = (name: string, why: string): MediaError =>
  new MediaError('invalid_sound_file', `${name}: ${why}`, 500, 41, 'WAV files of 16 bit PCM or G.711, 8000 to 48000 Hz, mono or stereo, are played.');

/** Reads RIFF WAVE: PCM of 8 or 16 bit, A-law and mu-law; stereo is mixed down. `name` is for errors. */
export function parseWav(bytes: Buffer, name: string): Sound {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') throw invalid(name, 'is no WAV file');
  let format: { tag: number; channels: number; rate: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (id === 'fmt ') {
      if (body.length < 16) throw invalid(name, 'has a format chunk cut short');
      const tag = body.readUInt16LE(0);
      format = {
        tag: tag === FORMAT_EXTENSIBLE && body.length >= 26 ? body.readUInt16LE(24) : tag,
        channels: body.readUInt16LE(2), rate: body.readUInt32LE(4), bits: body.readUInt16LE(14),
      };
    } else if (id === 'data') {
      // A file that was being written when the power went has too small or too large a length; what is there is played.
      if (format === undefined) throw invalid(name, 'has data before its format');
      const { channels, rate } = format;
      if (channels < 1 || channels > 2) throw invalid(name, `has ${channels} channels`);
      if (rate < 8_000 || rate > 48_000 || rate % 50 !== 0) throw invalid(name, `has ${rate} samples a second`);
      return { samples: mixDown(linear(body, format, name), channels), rate };
    }
    at += 8 + length + (length & 1);
  }
  throw invalid(name, 'has no data');
}

function linear(body: Buffer, { tag, bits }: { tag: number; bits: number }, name: string): Int16Array {
  if (tag === FORMAT_ALAW) return aLaw.decode(body);
  if (tag === FORMAT_MULAW) return muLaw.decode(body);
  if (tag === FORMAT_PCM && bits === 16) {
    const samples = new Int16Array(body.length >> 1);
    for (let i = 0; i < samples.length; i += 1) samples[i] = body.readInt16LE(2 * i);
    return samples;
  }
  if (tag === FORMAT_PCM && bits === 8) return Int16Array.from(body, (value) => (value - 128) << 8);
  throw invalid(name, `holds format ${tag} of ${bits} bit`);
}

function mixDown(samples: Int16Array, channels: number): Int16Array {
  if (channels === 1) return samples;
  return Int16Array.from({ length: samples.length >> 1 }, (_, i) => ((samples[2 * i] as number) + (samples[2 * i + 1] as number)) >> 1);
}

/** The header of 16 bit PCM with `dataBytes` of samples behind it. */
export function wavHeader(rate: number, channels: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(dataBytes + HEADER_BYTES - 8, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(FORMAT_PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
