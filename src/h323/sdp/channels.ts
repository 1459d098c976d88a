import type { MediaAddress, MediaChannel } from '../contracts';
import { alternative, type NameOf } from '../per';
import type { HostPort } from '../ras';
import type { h245 } from '../schemas';
import { fromMediaAddress, toMediaAddress } from './addresses';
import { peerCapabilities, type PeerCapabilities } from './capabilities';
import { codingsOfDataType, codingsOfFormat, commonCoding, dataTypeOf, formatOf, packetizationOf, type Coding, type Packetization } from './coding';
import { lineOf, parseDescription, type Description, type Direction, type Format, type MediaLine } from './description';
import { clearDataType, MEDIA, mediumOf, SESSION_ID, type Medium } from './media';

/** Sound in one packet when the description does not say (RFC 3551 section 4.2). */
const DEFAULT_PACKET_MS = 20;
const DYNAMIC = { first: 96, last: 127 };

/** A channel that is to be opened towards the peer. */
export interface ProposedChannel {
  medium: Medium;
  sessionId: number;
  dataType: h245.DataType;
  payloadType: number;
  /** What the packets are, where there are several ways. */
  packetization?: Packetization;
}

export interface ChannelOptions {
  /** The peer's own channels, whose codec is taken where possible: some peers send and receive only the same. */
  symmetricWith?: readonly MediaChannel[];
  /** Most for each video channel, bit/s; as admitted. */
  videoBitRate?: number;
  /** The master numbers the session of content; a slave leaves it 0. */
  contentSession?: number;
}

export const isSending = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly';
export const isReceiving = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';

/**
 * The channels to open so that the peer gets the media that the party of the description sends: for each medium the first of its
 * formats that the peer receives, within the limits of both, of what the peer receives at the same time. Payload types are those of
 * the description where the codec's is not fixed.
 * @throws SdpError
 */
export function channelsToOpen(localSdp: string, remote: h245.TerminalCapabilitySet, options: ChannelOptions = {}): ProposedChannel[] {
  const description = parseDescription(localSdp);
  const peer = peerCapabilities(remote);
  const entries: number[] = [];
  return MEDIA.flatMap((medium) => {
    const line = lineOf(description, medium);
    if (!line || !isSending(line.direction)) return [];
    const wanted = options.symmetricWith?.find((channel) => channel.direction === 'receive' && mediumOf(channel.dataType) === medium);
    const choice = choose(line, medium, peer, entries, wanted && codingsOfDataType(wanted.dataType, allPacketizations));
    if (!choice) return [];
    entries.push(choice.entry);
    return [proposal(medium, line, choice, peer, options)];
  });
}

interface Choice {
  entry: number;
  format: Format;
  coding: Coding;
}

/** What a channel is does not say its packets; any are looked for. */
const allPacketizations: readonly Packetization[] = [{ oid: '0.0.8.241.0.0.0.0' }, { oid: '0.0.8.241.0.0.0.1' }, { 'rfc-number': 2190 }, { 'rfc-number': 2429 }];

function choose(line: MediaLine, medium: Medium, peer: PeerCapabilities, taken: readonly number[], symmetric: readonly Coding[] | undefined): Choice | undefined {
  const choices = line.formats.flatMap((format) => codingsOfFormat(format, line).flatMap((ours) => peer.media.flatMap((theirs): Choice[] => {
    const coding = theirs.medium === medium ? commonCoding(ours, theirs.coding) : undefined;
    return coding ? [{ entry: theirs.entry, format, coding }] : [];
  })));
  const possible = choices.filter(({ entry }) => areSimultaneous([...taken, entry], peer.descriptors));
  return possible.find(({ coding }) => symmetric?.some((other) => commonCoding(coding, other))) ?? possible[0];
}

/** Whether a descriptor has the entries in sets of their own (H.245 section B.2.2.5). Entries that no descriptor has are not limited. */
function areSimultaneous(entries: readonly number[], descriptors: PeerCapabilities['descriptors']): boolean {
  const described = entries.filter((entry) => descriptors.some((sets) => sets.some((alternatives) => alternatives.includes(entry))));
  return described.length === 0 || descriptors.some((sets) => fits(described, sets));
}

function fits([first, ...rest]: readonly number[], sets: readonly (readonly number[])[]): boolean {
  if (first === undefined) return true;
  return sets.some((alternatives, index) => alternatives.includes(first) && fits(rest, sets.filter((_, other) => other !== index)));
}

function proposal(medium: Medium, line: MediaLine, { format, coding }: Choice, peer: PeerCapabilities, options: ChannelOptions): ProposedChannel {
  const sent = toBeSent(coding, line, options.videoBitRate);
  const packetization = packetizationOf(sent);
  const taken = medium === 'audio' && peer.userInput.events ? [peer.userInput.events.payloadType] : [];
  return {
    medium, sessionId: medium === 'content' ? options.contentSession ?? SESSION_ID.content : SESSION_ID[medium],
    dataType: dataTypeOf(sent, medium), payloadType: formatOf(sent).payloadType ?? freePayloadType(format, line, taken), ...(packetization && { packetization }),
  };
}

/** What will be sent of what may be: the description's size of packets, and the admitted rate. */
export function toBeSent(coding: Coding, line: MediaLine, videoBitRate = Infinity): Coding {
  if (coding.family === 'audio') return { ...coding, packetMs: Math.min(coding.packetMs, line.ptime ?? DEFAULT_PACKET_MS) };
  return 'bitRate' in coding ? { ...coding, bitRate: Math.min(coding.bitRate, videoBitRate) } : coding;
}

/** The description's number for the format, or another where the peer has that for something else in the same RTP session. */
function freePayloadType(format: Format, line: MediaLine, taken: readonly number[]): number {
  if (format.payloadType >= DYNAMIC.first && !taken.includes(format.payloadType)) return format.payloadType;
  const used = new Set([...taken, ...line.formats.map(({ payloadType }) => payloadType)]);
  for (let payloadType = DYNAMIC.first; payloadType <= DYNAMIC.last; payloadType++) if (!used.has(payloadType)) return payloadType;
  return DYNAMIC.last;
}

/** Which of the standard's parameters an H.225.0 channel has, for its direction (H.245 section B.3.1). */
export function channelParameters(channel: ProposedChannel, media: { rtp?: HostPort; rtcp?: HostPort }): h245.H2250LogicalChannelParameters {
  const { sessionId, payloadType, packetization, medium } = channel;
  const dynamic = payloadType >= DYNAMIC.first;
  return {
    sessionID: sessionId,
    ...(medium === 'content' && { associatedSessionID: SESSION_ID.video }),
    ...(media.rtp && { mediaChannel: toMediaAddress(media.rtp) }),
    ...(media.rtcp && { mediaControlChannel: toMediaAddress(media.rtcp) }),
    ...(dynamic && { dynamicRTPPayloadType: payloadType }),
    ...(packetization && { mediaPacketization: { rtpPayloadType: { payloadDescriptor: packetization, payloadType } } }),
  };
}

/** The request that opens a proposed channel; `rtcp` is where we take the receiver's reports. */
export const openRequest = (channel: ProposedChannel, number: number, rtcp: HostPort): h245.OpenLogicalChannel => ({
  forwardLogicalChannelNumber: number,
  forwardLogicalChannelParameters: { dataType: channel.dataType, multiplexParameters: { h2250LogicalChannelParameters: channelParameters(channel, { rtcp }) } },
});

export type RefusalCause = Exclude<NameOf<h245.OpenLogicalChannelReject['cause']>, '...'>;

export type Acceptance =
  | { accepted: true; medium: Medium; channel: MediaChannel; format: Format; /** The receiver's limit, bit/s, when the peer may send more. */ bitRateLimit?: number }
  | { accepted: false; cause: RefusalCause; reason: string };

/**
 * Whether the party of the description can receive a channel that the peer asks to open, where, and as which of its formats; or the
 * cause of H.245 to refuse it with.
 * @throws SdpError
 */
export function acceptChannel(localSdp: string, request: h245.OpenLogicalChannel): Acceptance {
  const { dataType, multiplexParameters } = request.forwardLogicalChannelParameters;
  if (request.reverseLogicalChannelParameters) return refusal('unsuitableReverseParameters', 'media channels go one way in H.323');
  const parameters = alternative(multiplexParameters, 'h2250LogicalChannelParameters');
  if (!parameters) return refusal('dataTypeALCombinationNotSupported', 'the channel is not multiplexed as in H.225.0');
  return acceptMedia(parseDescription(localSdp), request.forwardLogicalChannelNumber, dataType, parameters);
}

/** As `acceptChannel`, for what the channel carries and how. */
export function acceptMedia(description: Description, number: number, dataType: h245.DataType, parameters: h245.H2250LogicalChannelParameters): Acceptance {
  const medium = mediumOf(dataType);
  const requested = codingsOfDataType(dataType, requestedPacketizations(parameters));
  if (medium === undefined || requested.length === 0) {
    return isUnknown(dataType) ? refusal('unknownDataType', 'the data type is not known here') : refusal('dataTypeNotSupported', 'there is no such medium in SDP');
  }
  const { sessionID: sessionId } = parameters;
  if (!isSessionOf(sessionId, medium)) return refusal('invalidSessionID', `session ${sessionId} is not one of ${medium}`);
  if (parameters.mediaChannel && 'multicastAddress' in parameters.mediaChannel) return refusal('multicastChannelNotAllowed', 'media are unicast');
  const line = lineOf(description, medium);
  const found = line && matchingFormat(line, requested);
  if (!line || !found) return refusal('dataTypeNotSupported', `the other party does not receive this ${medium}`);
  if (!isReceiving(line.direction) || !line.media) return refusal('dataTypeNotAvailable', `the other party does not receive ${medium} now`);
  const limit = 'bitRate' in found.ours && 'bitRate' in found.requested && found.ours.bitRate < found.requested.bitRate ? { bitRateLimit: found.ours.bitRate } : {};
  const payloadType = payloadTypeOf(dataType, parameters);
  return { accepted: true, medium, channel: { direction: 'receive', number, sessionId, dataType, payloadType, media: line.media }, format: found.format, ...limit };
}

const refusal = (cause: RefusalCause, reason: string): Acceptance => ({ accepted: false, cause, reason });

export function requestedPacketizations({ mediaPacketization }: h245.H2250LogicalChannelParameters): Packetization[] {
  const given = mediaPacketization && 'rtpPayloadType' in mediaPacketization ? mediaPacketization.rtpPayloadType : undefined;
  return given ? [given.payloadDescriptor] : [];
}

/** Names that this program has no meaning for, against those that it knows and does not do. */
function isUnknown(dataType: h245.DataType): boolean {
  const clear = clearDataType(dataType);
  const inner = Object.values(clear)[0] as object | null;
  return 'nonStandard' in clear || '...' in clear || (inner !== null && ['nonStandard', '...', 'genericAudioCapability', 'genericVideoCapability', 'extendedVideoCapability'].some((name) => name in inner));
}

/** Sessions 1 to 3 have their medium; the master gives the others, and 0 asks it for one. */
const isSessionOf = (session: number, medium: Medium): boolean => (session >= 1 && session <= 2 ? session === SESSION_ID[medium] : session !== 3 || medium === 'camera');

/** The first format of the line within whose limits the request is; single NAL units are received by all who take fragments. */
function matchingFormat(line: MediaLine, requested: readonly Coding[]): { format: Format; ours: Coding; requested: Coding } | undefined {
  const taken = requested.filter((request) => request.family !== 'audio' || line.maxptime === undefined || request.packetMs <= line.maxptime);
  const pairs = line.formats.flatMap((format) => codingsOfFormat(format, line).flatMap((ours) => taken.map((request) => ({ format, ours, requested: request }))));
  return pairs.find((pair) => covers(pair.ours, pair.requested)) ?? pairs.find(({ ours, requested: request }) =>
    ours.family === 'h264' && ours.mode === 1 && request.family === 'h264' && request.mode === 0 && covers({ ...ours, mode: 0 }, request));
}

/** Whether all that may be sent is received. Bit rates are not part of it: flow control holds them. Neither is a packet's length of time without `a=maxptime`. */
export function covers(ours: Coding, request: Coding): boolean {
  if (ours.family === 'audio') return request.family === 'audio' && ours.codec === request.codec;
  const common = commonCoding(ours, request);
  return common !== undefined && JSON.stringify({ ...common, bitRate: 0 }) === JSON.stringify({ ...reordered(request, common), bitRate: 0 });
}

/** The request's values in the order of another coding's keys. */
const reordered = (request: Coding, like: Coding): Coding =>
  Object.fromEntries(Object.keys(like).map((key) => [key, (request as unknown as Record<string, unknown>)[key]])) as unknown as Coding;

/** The RTP payload type of a channel: told, or the codec's own (RFC 3551 section 6). */
export function payloadTypeOf(dataType: h245.DataType, parameters: h245.H2250LogicalChannelParameters): number {
  const { mediaPacketization, dynamicRTPPayloadType } = parameters;
  const packed = mediaPacketization && 'rtpPayloadType' in mediaPacketization ? mediaPacketization.rtpPayloadType.payloadType : undefined;
  const coding = codingsOfDataType(dataType, requestedPacketizations(parameters))[0];
  return dynamicRTPPayloadType ?? packed ?? (coding && formatOf(coding).payloadType) ?? DYNAMIC.first;
}

/** The address of a channel's receiver, from its parameters. */
export function mediaAddressOf({ mediaChannel, mediaControlChannel }: Pick<h245.H2250LogicalChannelParameters, 'mediaChannel' | 'mediaControlChannel'>): MediaAddress | undefined {
  const rtp = fromMediaAddress(mediaChannel);
  const rtcp = fromMediaAddress(mediaControlChannel);
  return rtp && { rtp, ...(rtcp && { rtcp }) };
}
