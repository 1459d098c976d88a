import { isIP, isIPv6 } from 'node:net';
import { parse, parsePayloads, type MediaDescription } from 'sdp-transform';
import { SimulatorError } from '../errors';
import type { G711Law } from './g711';
import { PROFILE_LEVEL_ID } from './h264-pattern';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What this side has to offer. */
export interface LocalMedia {
  host: string;
  audioPort: number;
  videoPort?: number;
  laws: readonly G711Law[];
  direction: Direction;
  sessionId: number;
  version: number;
}

/** One m-line of the far end, as far as we use it. */
export interface RemoteLine {
  type: string;
  protocol: string;
  /** Its formats as written. */
  formats: string;
  host: string;
  /** 0: refused, or not wanted any more. */
  port: number;
  rtcpPort?: number;
  direction: Direction;
  /** G.711 as listed there, its preference first. */
  laws: G711Law[];
  eventPayloadType?: number;
  h264PayloadType?: number;
}

const MAX_SDP = 64 * 1024;
const PAYLOAD_TYPE: Readonly<Record<G711Law, number>> = { PCMU: 0, PCMA: 8 };
const EVENT_PAYLOAD_TYPE = 101;
const H264_PAYLOAD_TYPE = 97;

/** Reads the m-lines of an offer or answer. Throws SimulatorError `sdp-invalid`. */
export function readSdp(sdp: string): RemoteLine[] {
  try {
    if (sdp.length > MAX_SDP) throw new Error(`${sdp.length} characters`);
    const session = parse(sdp);
    return session.media.map((line) => readLine(line, line.connection?.ip ?? session.connection?.ip ?? '', line.direction ?? session.direction));
  } catch (error) {
    throw new SimulatorError('sdp-invalid', `The far end's SDP cannot be read: ${(error as Error).message}`, { cause: error, sipStatus: 488 });
  }
}

function readLine(line: MediaDescription, host: string, direction: Direction = 'sendrecv'): RemoteLine {
  const formats = String(line.payloads ?? '');
  const payloadTypes = parsePayloads(formats);
  const codecOf = (payloadType: number): { codec: string; rate?: number } | undefined => line.rtp.find((entry) => entry.payload === payloadType);
  // Static payload types need no rtpmap (RFC 3551 section 6).
  const nameOf = (payloadType: number): string =>
    codecOf(payloadType)?.codec.toUpperCase() ?? (payloadType === 0 ? 'PCMU' : payloadType === 8 ? 'PCMA' : '');
  const h264 = line.type === 'video' ? payloadTypes.filter((payloadType) => nameOf(payloadType) === 'H264') : [];
  const inModeOne = (payloadType: number): boolean =>
    line.fmtp.some((entry) => entry.payload === payloadType && /(?:^|;)\s*packetization-mode=1/.test(entry.config));
  return {
    type: line.type, protocol: line.protocol, formats, host, port: line.port, direction,
    ...(line.rtcp !== undefined && isPort(line.rtcp.port) ? { rtcpPort: line.rtcp.port } : {}),
    laws: line.type === 'audio' ? payloadTypes.map(nameOf).filter((name): name is G711Law => name === 'PCMU' || name === 'PCMA') : [],
    eventPayloadType: payloadTypes.find((payloadType) => nameOf(payloadType) === 'TELEPHONE-EVENT' && codecOf(payloadType)?.rate === 8_000),
    h264PayloadType: h264.find(inModeOne) ?? h264[0],
  };
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port < 65_536;

/** Plain RTP to an address is all that this side speaks; a name there would cost a look-up with every packet. */
const isUsable = (line: RemoteLine): boolean =>
  (line.protocol === 'RTP/AVP' || line.protocol === 'RTP/AVPF') && isIP(line.host) !== 0 && isPort(line.port) && isPort(line.rtcpPort ?? line.port + 1);

export const findAudio = (lines: readonly RemoteLine[]): RemoteLine | undefined =>
  lines.find((line) => line.type === 'audio' && isUsable(line) && line.laws.length > 0);

export const findVideo = (lines: readonly RemoteLine[]): RemoteLine | undefined =>
  lines.find((line) => line.type === 'video' && isUsable(line) && line.h264PayloadType !== undefined);

/** How the other side's direction reads from this side (RFC 3264 section 6.1), narrowed to what this side wants. */
export function answerDirection(theirs: Direction, ours: Direction): Direction {
  const send = ours.startsWith('send') && (theirs === 'sendrecv' || theirs === 'recvonly');
  const receive = (ours === 'sendrecv' || ours === 'recvonly') && theirs.startsWith('send');
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

export function writeOffer(local: LocalMedia): string {
  return write(local, [
    audioLines(local, local.laws, EVENT_PAYLOAD_TYPE, local.direction),
    ...(local.videoPort === undefined ? [] : [videoLines(local.videoPort, H264_PAYLOAD_TYPE, local.direction)]),
  ]);
}

/** Answers every line in place: one audio and one video line taken, all others refused with port 0 (RFC 3264 section 6). */
export function writeAnswer(local: LocalMedia, lines: readonly RemoteLine[]): string {
  const audio = findAudio(lines);
  const video = local.videoPort === undefined ? undefined : findVideo(lines);
  return write(local, lines.map((line) => {
    const direction = answerDirection(line.direction, local.direction);
    if (line === audio) {
      const law = line.laws.find((name) => local.laws.includes(name));
      if (law !== undefined) return audioLines(local, [law], line.eventPayloadType, direction);
    }
    if (line === video && local.videoPort !== undefined && line.h264PayloadType !== undefined) {
      return videoLines(local.videoPort, line.h264PayloadType, direction);
    }
    return [`m=${line.type} 0 ${line.protocol} ${line.formats}`];
  }));
}

function write(local: LocalMedia, media: string[][]): string {
  const address = `IN ${isIPv6(local.host) ? 'IP6' : 'IP4'} ${local.host}`;
  return ['v=0', `o=- ${local.sessionId} ${local.version} ${address}`, 's=-', `c=${address}`, 't=0 0', ...media.flat(), ''].join('\r\n');
}

function audioLines(local: LocalMedia, laws: readonly G711Law[], eventPayloadType: number | undefined, direction: Direction): string[] {
  const payloadTypes = [...laws.map((law) => PAYLOAD_TYPE[law]), ...(eventPayloadType === undefined ? [] : [eventPayloadType])];
  return [
    `m=audio ${local.audioPort} RTP/AVP ${payloadTypes.join(' ')}`,
    ...laws.map((law) => `a=rtpmap:${PAYLOAD_TYPE[law]} ${law}/8000`),
    ...(eventPayloadType === undefined ? [] : [`a=rtpmap:${eventPayloadType} telephone-event/8000`, `a=fmtp:${eventPayloadType} 0-15`]),
    'a=ptime:20',
    `a=${direction}`,
  ];
}

function videoLines(port: number, payloadType: number, direction: Direction): string[] {
  return [
    `m=video ${port} RTP/AVP ${payloadType}`,
    'b=TIAS:768000',
    `a=rtpmap:${payloadType} H264/90000`,
    `a=fmtp:${payloadType} profile-level-id=${PROFILE_LEVEL_ID};packetization-mode=1`,
    `a=${direction}`,
  ];
}
