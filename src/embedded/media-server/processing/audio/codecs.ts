import type { Codec } from '../../contracts';
import { aLaw, muLaw } from './g711';
import { G722Decoder, G722Encoder } from './g722';
import { OPUS_RATES, OpusDecoder, OpusEncoder } from './opus';

/** Makes payloads of linear samples at `rate`. */
export interface AudioEncoder {
  readonly rate: number;
  encode(samples: Int16Array): Buffer;
  close(): void;
}

/** Makes linear samples at `rate` of payloads; throws on payloads that are not the codec's. */
export interface AudioDecoder {
  readonly rate: number;
  decode(payload: Uint8Array): Int16Array;
  /** Present where the codec conceals loss itself. */
  conceal?(samples: number): Int16Array;
  close(): void;
}

/** Beyond 120 ms a packet is no packet of a call. */
const MAXIMUM_PACKET_SECONDS = 0.12;
const nothing = (): void => undefined;

/** The rate at which libopus is driven for work at `wanted` samples a second. */
const opusRate = (wanted: number): number => OPUS_RATES.find((rate) => rate >= wanted) ?? 48_000;

/** Whether payloads of one are payloads of the other; how they were made is the sender's affair. */
export const sameCoding = (a: Codec, b: Codec): boolean => a.name === b.name && a.clockRate === b.clockRate && a.channels === b.channels;

/** Undefined for codecs that cannot be transcoded here. `wanted` is the rate of the work, for codecs that have several. */
export function createEncoder(codec: Codec, wanted: number): AudioEncoder | undefined {
  switch (codec.name) {
    case 'PCMU': return { rate: 8_000, encode: (samples) => muLaw.encode(samples), close: nothing };
    case 'PCMA': return { rate: 8_000, encode: (samples) => aLaw.encode(samples), close: nothing };
    case 'G722': {
      const encoder = new G722Encoder();
      return { rate: 16_000, encode: (samples) => encoder.encode(samples), close: nothing };
    }
    case 'OPUS': {
      const rate = opusRate(wanted);
      const bitrate = Number(codec.fmtp['maxaveragebitrate']);
      const encoder = new OpusEncoder(rate, { fec: codec.fmtp['useinbandfec'] === '1', ...(bitrate > 0 ? { bitrate } : {}) });
      return { rate, encode: (samples) => encoder.encode(samples), close: () => encoder.close() };
    }
    case 'L16': return linearRate(codec) ? { rate: codec.clockRate, encode: (samples) => encodeL16(samples, codec.channels), close: nothing } : undefined;
    default: return undefined;
  }
}

/** Undefined for codecs that cannot be transcoded here. */
export function createDecoder(codec: Codec, wanted: number): AudioDecoder | undefined {
  const decoder = makeDecoder(codec, wanted);
  if (decoder === undefined) return undefined;
  const { decode } = decoder;
  const maximum = decoder.rate * MAXIMUM_PACKET_SECONDS;
  decoder.decode = (payload) => {
    const samples = decode(payload);
    return samples.length > maximum ? samples.subarray(0, maximum) : samples;
  };
  return decoder;
}

function makeDecoder(codec: Codec, wanted: number): AudioDecoder | undefined {
  switch (codec.name) {
    case 'PCMU': return { rate: 8_000, decode: (payload) => muLaw.decode(payload), close: nothing };
    case 'PCMA': return { rate: 8_000, decode: (payload) => aLaw.decode(payload), close: nothing };
    case 'G722': {
      const decoder = new G722Decoder();
      return { rate: 16_000, decode: (payload) => decoder.decode(payload), close: nothing };
    }
    case 'OPUS': {
      const rate = opusRate(wanted);
      const decoder = new OpusDecoder(rate);
      return { rate, decode: (payload) => decoder.decode(payload), conceal: (samples) => decoder.conceal(samples), close: () => decoder.close() };
    }
    case 'L16': return linearRate(codec) ? { rate: codec.clockRate, decode: (payload) => decodeL16(payload, codec.channels), close: nothing } : undefined;
    default: return undefined;
  }
}

/** Whole samples of 20 ms, within what a call needs. */
const linearRate = ({ clockRate }: Codec): boolean => clockRate >= 8_000 && clockRate <= 48_000 && clockRate % 50 === 0;

/** RFC 3551 section 4.5.11: network byte order, channels interleaved. */
function encodeL16(samples: Int16Array, channels: number): Buffer {
  const payload = Buffer.allocUnsafe(samples.length * channels * 2);
  for (let i = 0, at = 0; i < samples.length; i += 1) {
    for (let channel = 0; channel < channels; channel += 1) at = payload.writeInt16BE(samples[i] as number, at);
  }
  return payload;
}

function decodeL16(payload: Uint8Array, channels: number): Int16Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const samples = new Int16Array(Math.floor(payload.length / (2 * channels)));
  for (let i = 0; i < samples.length; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += view.getInt16((i * channels + channel) * 2);
    samples[i] = sum / channels;
  }
  return samples;
}
