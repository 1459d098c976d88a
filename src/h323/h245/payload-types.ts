import type { h245 } from '../schemas';
import { chosen } from '../per';

/** Static RTP payload types (RFC 3551 section 6) of the codecs that H.245 names. */
const STATIC: Record<string, number> = {
  g711Ulaw64k: 0, g711Ulaw56k: 0, gsmFullRate: 3, g7231: 4, g711Alaw64k: 8, g711Alaw56k: 8, 'g722-64k': 9, 'g722-56k': 9, 'g722-48k': 9,
  g728: 15, g729: 18, g729AnnexA: 18, g729wAnnexB: 18, g729AnnexAwAnnexB: 18, h261VideoCapability: 31, h262VideoCapability: 32, h263VideoCapability: 34,
};
const FIRST_DYNAMIC = 96;

export const isDynamic = (payloadType: number): boolean => payloadType >= FIRST_DYNAMIC;

/** The RTP payload type of a channel (H.245 section B.3.1): the dynamic one that was named, else the codec's own. */
export function payloadTypeOf(dataType: h245.DataType, parameters: h245.H2250LogicalChannelParameters | undefined): number {
  const { dynamicRTPPayloadType, mediaPacketization } = parameters ?? {};
  const packetization = mediaPacketization && 'rtpPayloadType' in mediaPacketization ? mediaPacketization.rtpPayloadType.payloadType : undefined;
  return dynamicRTPPayloadType ?? packetization ?? staticPayloadType(dataType) ?? FIRST_DYNAMIC;
}

function staticPayloadType(dataType: h245.DataType): number | undefined {
  const media = 'h235Media' in dataType ? dataType.h235Media.mediaType : dataType;
  if ('audioData' in media) return STATIC[chosen(media.audioData)];
  return 'videoData' in media ? STATIC[chosen(media.videoData)] : undefined;
}
