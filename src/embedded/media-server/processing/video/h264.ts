import type { Codec } from '../../contracts';

/** H.264 as RTP carries it (RFC 6184): what a packet holds and who can decode it. */
const NAL_IDR = 5;
const NAL_SPS = 7;
const NAL_STAP_A = 24;
const NAL_FU_A = 28;

const isKey = (type: number): boolean => type === NAL_IDR || type === NAL_SPS;

/** Whether decoding can start at this packet: it begins an IDR picture or the parameter sets in front of it. */
export function startsKeyFrame(payload: Uint8Array): boolean {
  const first = payload[0];
  if (first === undefined) return false;
  const type = first & 0x1f;
  if (type === NAL_FU_A) return ((payload[1] ?? 0) & 0x80) !== 0 && isKey((payload[1] as number) & 0x1f);
  if (type !== NAL_STAP_A) return isKey(type);
  for (let at = 1; at + 2 < payload.length;) {
    const length = ((payload[at] as number) << 8) | (payload[at + 1] as number);
    if (isKey((payload[at + 2] as number) & 0x1f)) return true;
    at += 2 + length;
  }
  return false;
}

type Profile = 'baseline' | 'main' | 'high';

/**
 * What decoders of a profile decode (ITU-T H.264 annex A.2). Baseline and Constrained Baseline count as one: real encoders
 * use none of what tells them apart, and devices write either for the other.
 */
const DECODES: Record<Profile, readonly Profile[]> = { baseline: ['baseline'], main: ['baseline', 'main'], high: ['baseline', 'main', 'high'] };

/** RFC 6184 table 5; without the parameter the profile is baseline (section 8.1). */
function profileOf(profileLevelId: string | undefined): Profile | undefined {
  const bytes = /^([0-9a-f]{2})([0-9a-f]{2})[0-9a-f]{2}$/i.exec(profileLevelId ?? '42000a');
  if (bytes === null) return undefined;
  const constrained = (parseInt(bytes[2] as string, 16) & 0x80) !== 0;
  switch (parseInt(bytes[1] as string, 16)) {
    case 0x42: return 'baseline';
    case 0x4d: return constrained ? 'baseline' : 'main';
    case 0x58: return constrained ? 'baseline' : undefined;
    case 0x64: return 'high';
    default: return undefined;
  }
}

export const packetizationMode = (codec: Codec): number => Number(codec.fmtp['packetization-mode'] ?? 0);

/**
 * Whether a stream of `source` may be sent where `destination` was negotiated: the profile decodes there and packets come
 * in no shape that was not agreed on. Levels are not compared: they bound what each was told it may send.
 */
export function decodableAs(source: Codec, destination: Codec): boolean {
  const theirs = profileOf(source.fmtp['profile-level-id']);
  const wanted = profileOf(destination.fmtp['profile-level-id']);
  return theirs !== undefined && wanted !== undefined && DECODES[wanted].includes(theirs) && packetizationMode(source) <= packetizationMode(destination);
}
