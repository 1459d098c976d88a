import type { Codec } from '../../contracts';
import * as h264 from './h264';
import * as vp8 from './vp8';

/** Whether decoding can start at this packet; codecs that are not known never start. */
export function startsKeyFrame(codec: Codec, payload: Uint8Array): boolean {
  if (codec.name === 'H264') return h264.startsKeyFrame(payload);
  return codec.name === 'VP8' && vp8.startsKeyFrame(payload);
}

/** Whether what was made for one negotiated codec can be sent where another was. */
export function decodable(source: Codec, destination: Codec): boolean {
  if (source.name !== destination.name || source.clockRate !== destination.clockRate) return false;
  return source.name === 'H264' ? h264.decodableAs(source, destination) : source.name === 'VP8';
}
