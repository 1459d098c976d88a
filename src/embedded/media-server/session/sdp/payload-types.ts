import type { Codec } from '../../contracts';
import { isSameCodec } from './codecs';

/**
 * Gives codecs of a new offer the payload types that they had before: a payload type never changes its meaning within a
 * session (RFC 3264 section 8.3.2). `previous` is what the line described last.
 */
export function keepPayloadTypes(codecs: readonly Codec[], previous: readonly Codec[]): Codec[] {
  const used = new Set(previous.map((codec) => codec.payloadType));
  return codecs.map((codec) => {
    const before = previous.find((each) => isSameCodec(each, codec));
    if (before !== undefined) return { ...codec, payloadType: before.payloadType };
    const payloadType = used.has(codec.payloadType) ? freeDynamic(used) : codec.payloadType;
    used.add(payloadType);
    return { ...codec, payloadType };
  });
}

function freeDynamic(used: ReadonlySet<number>): number {
  for (let payloadType = 96; payloadType <= 127; payloadType++) {
    if (!used.has(payloadType)) return payloadType;
  }
  // RFC 3551 section 6: when dynamic types are used up, unassigned ones may be taken.
  for (let payloadType = 35; payloadType <= 63; payloadType++) {
    if (!used.has(payloadType)) return payloadType;
  }
  throw new RangeError('no payload type is left');
}
