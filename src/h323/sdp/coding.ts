import { alternative } from '../per';
import type { h245 } from '../schemas';
import { audioCapability, audioCodings, audioFormat, codingsOfAudio, commonAudio, type AudioCoding } from './audio';
import type { Format, MediaLine } from './description';
import { codingsOfH264, commonH264, coversH264, h264Capability, h264Codings, h264Format, type H264Coding } from './h264';
import {
  codingsOfH261, codingsOfH263, commonH261, commonH263, coversH263, coversSizes, h261Capability, h261Codings, h261Format, h263Capability, h263Codings, h263Format,
  largestPicture, type H261Coding, type H263Coding,
} from './h26x';
import { H224, H239_VIDEO, H264_PACKETIZATION, isGeneric, parameter } from './identifiers';
import { clearDataType, contentOf, type Medium } from './media';

/** Far-end camera control: H.281 in H.224, in RTP as H.323 annex Q has it or in HDLC frames as older systems do. */
export interface CameraCoding {
  family: 'camera';
  framing: 'rtp' | 'hdlc';
}

/** One way in which a medium is coded, in terms that SDP and H.245 share. */
export type Coding = AudioCoding | H261Coding | H263Coding | H264Coding | CameraCoding;

/** A coding, or a format of SDP, with what is known about its payload type. */
export type FormatOf = Omit<Format, 'payloadType'> & { payloadType?: number };

/** What the RTP packets of video are by RFC number or identifier of H.241; as the packetization capability and channels have it. */
export type Packetization = h245.RTPPayloadType['payloadDescriptor'];

const RFC_2190: Packetization = { 'rfc-number': 2190 };
/** RFC 2429 is what H.323 systems name; RFC 4629 is its successor with the same packets. */
const RFC_2429: Packetization = { 'rfc-number': 2429 };
/** RFC 4573: 4800 bit/s. */
const CAMERA_BIT_RATE_UNITS = 48;
const MAX_CONTENT_KINDS = 32;
const PRESENTATION = 1;

/** What was found last for a format: while a call is set up it is asked again and again. */
const known = new WeakMap<Format, { line: MediaLine; codings: readonly Coding[] }>();

/** What a format of an m-line is in H.245, the best first; empty for what H.245 has no name for. */
export function codingsOfFormat(format: Format, line: MediaLine): readonly Coding[] {
  const found = known.get(format);
  if (found?.line === line) return found.codings;
  const codings = codingsIn(format, line);
  known.set(format, { line, codings });
  return codings;
}

function codingsIn(format: Format, line: MediaLine): Coding[] {
  switch (line.medium) {
    case 'audio': return audioCodings(format, line);
    case 'video': case 'content': return [...h264Codings(format, line), ...h263Codings(format, line), ...h261Codings(format, line)];
    case 'camera': return format.name === 'H224' ? [{ family: 'camera', framing: 'rtp' }, { family: 'camera', framing: 'hdlc' }] : [];
    default: return [];
  }
}

/** All that the packets may be when nobody told; only RFC 2190 has a payload type of its own. */
export const packetizationsLike = (payloadType: number | undefined): Packetization[] =>
  [{ oid: H264_PACKETIZATION[1] }, { oid: H264_PACKETIZATION[0] }, payloadType === 34 ? RFC_2190 : RFC_2429];

/** A capability or channel of H.245; `packetizations` is what is known of the packets, none is what each Recommendation has for itself. */
export function codingsOfDataType(dataType: h245.DataType, packetizations: readonly Packetization[]): Coding[] {
  const clear = clearDataType(dataType);
  if ('audioData' in clear) return codingsOfAudio(clear.audioData);
  if ('data' in clear) return cameraOf(clear.data);
  if (!('videoData' in clear)) return [];
  const kinds = contentOf(clear.videoData) ?? [clear.videoData];
  return kinds.slice(0, MAX_CONTENT_KINDS).flatMap((video) => videoCodings(video, packetizations));
}

function videoCodings(video: h245.VideoCapability, packetizations: readonly Packetization[]): Coding[] {
  const oids = packetizations.flatMap((packetization) => alternative(packetization, 'oid') ?? []);
  const rfcs = packetizations.map((packetization) => alternative(packetization, 'rfc-number'));
  // Packets that FU-A and STAP-A make are preferred to single NAL units, which limit the size of a slice.
  const modes = oids.length === 0 ? [0 as const] : ([1, 0] as const).filter((mode) => oids.includes(H264_PACKETIZATION[mode]));
  return [
    ...modes.flatMap((mode) => codingsOfH264(video, mode)),
    ...codingsOfH263(video, { old: rfcs.includes(2190), new: rfcs.includes(2429) || rfcs.includes(4629) }),
    ...codingsOfH261(video),
  ];
}

function cameraOf({ application }: h245.DataApplicationCapability): CameraCoding[] {
  if (alternative(alternative(application, 'h224'), 'hdlcFrameTunnelling') === null) return [{ family: 'camera', framing: 'hdlc' }];
  const generic = alternative(application, 'genericDataCapability');
  return generic && isGeneric(generic, H224) ? [{ family: 'camera', framing: 'rtp' }] : [];
}

/** A coding as H.245 has it; content is wrapped as H.239 says, with the role of a presentation. */
export function dataTypeOf(coding: Coding, medium: Medium): h245.DataType {
  switch (coding.family) {
    case 'audio': return { audioData: audioCapability(coding) };
    case 'camera': return {
      data: {
        application: coding.framing === 'hdlc' ? { h224: { hdlcFrameTunnelling: null } } : { genericDataCapability: { capabilityIdentifier: { standard: H224 } } },
        maxBitRate: CAMERA_BIT_RATE_UNITS,
      },
    };
    default: {
      const video = videoCapability(coding);
      return { videoData: medium === 'content' ? contentCapability(video) : video };
    }
  }
}

function videoCapability(coding: H261Coding | H263Coding | H264Coding): h245.VideoCapability {
  switch (coding.family) {
    case 'h261': return h261Capability(coding);
    case 'h263': return h263Capability(coding);
    case 'h264': return h264Capability(coding);
  }
}

const contentCapability = (video: h245.VideoCapability): h245.VideoCapability => ({
  extendedVideoCapability: {
    videoCapability: [video],
    videoCapabilityExtension: [{ capabilityIdentifier: { standard: H239_VIDEO }, collapsing: [parameter(1, 'booleanArray', PRESENTATION)] }],
  },
});

/** How the packets of a coding are named; undefined where there is but one way. */
export function packetizationOf(coding: Coding): Packetization | undefined {
  if (coding.family === 'h264') return { oid: H264_PACKETIZATION[coding.mode] };
  if (coding.family === 'h263') return coding.packets === 2190 ? RFC_2190 : RFC_2429;
  return undefined;
}

/** What two parties both receive, the lower of each limit; undefined when they have nothing in common. */
export function commonCoding(one: Coding, other: Coding): Coding | undefined {
  if (one.family === 'audio' && other.family === 'audio') return commonAudio(one, other);
  if (one.family === 'h261' && other.family === 'h261') return commonH261(one, other);
  if (one.family === 'h263' && other.family === 'h263') return commonH263(one, other);
  if (one.family === 'h264' && other.family === 'h264') return commonH264(one, other);
  if (one.family === 'camera' && other.family === 'camera') return one.framing === other.framing ? one : undefined;
  return undefined;
}

/** Whether all that `request` allows to be sent is received. Bit rates are not part of it: flow control holds them; nor is the length of packets. */
export function covers(ours: Coding, request: Coding): boolean {
  if (ours.family === 'h261' && request.family === 'h261') return coversSizes(ours.sizes, request.sizes);
  if (ours.family === 'h263' && request.family === 'h263') return coversH263(ours, request);
  if (ours.family === 'h264' && request.family === 'h264') return coversH264(ours, request);
  return commonCoding(ours, request) !== undefined;
}

/** The coding as a format of SDP; `like` is the format that it answers. */
export function formatOf(coding: Coding, like?: Format): FormatOf {
  switch (coding.family) {
    case 'audio': return audioFormat(coding);
    case 'h261': return h261Format(coding);
    case 'h263': return h263Format(coding, like);
    case 'h264': return h264Format(coding, like);
    case 'camera': return { name: 'H224', clockRate: 4_800, channels: 1, parameters: {} };
  }
}

/** The bit rate of the coding, bit/s, where it has one of its own. */
export const bitRateOfCoding = (coding: Coding | undefined): number | undefined => (coding && 'bitRate' in coding ? coding.bitRate : undefined);

/** Macroblocks of the largest picture; 0 for sound and data. */
export function pictureSize(coding: Coding): number {
  if (coding.family === 'h264') return coding.fs;
  return coding.family === 'h261' || coding.family === 'h263' ? largestPicture(coding.sizes) : 0;
}
