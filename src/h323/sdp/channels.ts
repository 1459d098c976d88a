import type { MediaAddress, MediaChannel } from '../contracts';
import { fromH245Address, toH245Address } from '../h245';
import type { h245 } from '../schemas';
import { peerCapabilities, type MediaCapabilities, type PeerCapabilities } from './capabilities';
import {
  bitRateOfCoding, codingsOfDataType, codingsOfFormat, commonCoding, covers, dataTypeOf, formatOf, packetizationOf, packetizationsLike, pictureSize,
  type Coding, type Packetization,
} from './coding';
import { lineOf, parseDescription, type Description, type Direction, type Format, type MediaLine } from './description';
import { clearDataType, MEDIA, mediumOf, SESSION_ID, type Medium } from './media';
import { MODAL, type Mode } from './mode';

/** Sound in one packet when the description does not say (RFC 3551 section 4.2). */
const DEFAULT_PACKET_MS = 20;
const DYNAMIC = { first: 96, last: 127 };

type Parameters = Pick<h245.H2250LogicalChannelParameters, 'mediaPacketization' | 'associatedSessionID'>;

/** A channel that is to be opened towards the peer, as `H245Session.open` takes it. */
export interface ProposedChannel {
  medium: Medium;
  sessionId: number;
  dataType: h245.DataType;
  payloadType: number;
  /** Where the party receives the medium: the peer's reports go to its RTCP address. */
  media?: MediaAddress;
  parameters: Parameters;
}

/** A channel that the peer wants to open, as the procedures of H.245 tell it. */
export interface RequestedChannel {
  number: number;
  sessionId: number;
  dataType: h245.DataType;
  payloadType: number;
  parameters?: Pick<h245.H2250LogicalChannelParameters, 'mediaPacketization'>;
  /** Given when the channel is to go both ways. */
  reverse?: unknown;
}

export interface ChannelOptions {
  /** The peer's own channels, whose codec is taken where possible: some peers send and receive only the same. */
  symmetricWith?: readonly MediaChannel[];
  /** Most for each video channel, bit/s; as admitted. */
  videoBitRate?: number;
  /** Only these; content is often opened when somebody presents. Default: all. */
  media?: readonly Medium[];
  /** Sound and picture only as the peer asked for them. */
  mode?: Mode;
}

export const isSending = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly';
export const isReceiving = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';

/**
 * The channels to open so that the peer gets the media that the party of the description sends: for each medium the first of its
 * formats that the peer receives, within the limits of both, of what the peer receives at the same time. Payload types are those of
 * the description where the codec's is not fixed.
 * @throws SdpError
 */
export function channelsToOpen(localSdp: string, remote: MediaCapabilities, options: ChannelOptions = {}): ProposedChannel[] {
  const description = parseDescription(localSdp);
  const peer = peerCapabilities(remote);
  const entries: number[] = [];
  return MEDIA.filter((medium) => options.media?.includes(medium) ?? true).flatMap((medium) => {
    const line = lineOf(description, medium);
    if (!line || !isSending(line.direction)) return [];
    const modal = options.mode && MODAL.includes(medium) ? options.mode.get(medium) ?? [] : undefined;
    const wanted = options.symmetricWith?.find((channel) => channel.direction === 'receive' && mediumOf(channel.dataType) === medium);
    const choice = choose(line, medium, peer, entries, wanted && codingsOfDataType(wanted.dataType, packetizationsLike(wanted.payloadType)), modal);
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

/** `modal`: the codings that the peer asked for; undefined where it did not ask. */
function choose(
  line: MediaLine, medium: Medium, peer: PeerCapabilities, taken: readonly number[], symmetric: readonly Coding[] | undefined, modal: readonly Coding[] | undefined,
): Choice | undefined {
  const choices = line.formats.flatMap((format) => codingsOfFormat(format, line).flatMap((ours) => peer.media.flatMap((theirs): Choice[] => {
    const common = theirs.medium === medium ? commonCoding(ours, theirs.coding) : undefined;
    const codings = common && modal ? modal.flatMap((asked) => commonCoding(common, asked) ?? []).slice(0, 1) : [common];
    return codings.flatMap((coding) => (coding ? [{ entry: theirs.entry, format, coding }] : []));
  })));
  const verdicts = new Map<number, boolean>();
  const possible = choices.filter(({ entry }) => {
    const verdict = verdicts.get(entry) ?? areSimultaneous([...taken, entry], peer.descriptors);
    verdicts.set(entry, verdict);
    return verdict;
  });
  const first = possible.find(({ coding }) => symmetric?.some((other) => commonCoding(coding, other))) ?? possible[0];
  // Some endpoints have an entry for each size of picture.
  const alike = possible.filter(({ format, coding }) => format === first!.format && commonCoding(coding, first!.coding));
  return alike.sort((one, other) => pictureSize(other.coding) - pictureSize(one.coding))[0];
}

/** Whether a descriptor has the entries in sets of their own (H.245 section B.2). Entries that no descriptor has are not limited. */
function areSimultaneous(entries: readonly number[], descriptors: PeerCapabilities['descriptors']): boolean {
  const described = entries.filter((entry) => descriptors.some((sets) => sets.some((alternatives) => alternatives.has(entry))));
  return described.length === 0 || descriptors.some((sets) => fit(described, sets));
}

/** A set of its own for each entry; entries placed before move over where they can. */
function fit(entries: readonly number[], sets: readonly ReadonlySet<number>[]): boolean {
  const holders = new Map<number, number>();
  const place = (entry: number, tried: Set<number>): boolean => sets.some((alternatives, index) => {
    if (!alternatives.has(entry) || tried.has(index)) return false;
    tried.add(index);
    const holder = holders.get(index);
    if (holder !== undefined && !place(holder, tried)) return false;
    holders.set(index, entry);
    return true;
  });
  return entries.every((entry) => place(entry, new Set()));
}

function proposal(medium: Medium, line: MediaLine, { format, coding }: Choice, peer: PeerCapabilities, options: ChannelOptions): ProposedChannel {
  const sent = toBeSent(coding, line, options.videoBitRate);
  const taken = medium === 'audio' && peer.userInput.events ? [peer.userInput.events.payloadType] : [];
  const payloadType = formatOf(sent).payloadType ?? freePayloadType(format, line, taken);
  return {
    medium, sessionId: SESSION_ID[medium], dataType: dataTypeOf(sent, medium), payloadType,
    ...(line.media && { media: line.media }), parameters: parametersOf(sent, payloadType, medium),
  };
}

/** Content belongs to the main picture (H.239). */
export function parametersOf(coding: Coding, payloadType: number, medium: Medium): Parameters {
  const payloadDescriptor = packetizationOf(coding);
  return {
    ...(medium === 'content' && { associatedSessionID: SESSION_ID.video }),
    ...(payloadDescriptor && { mediaPacketization: { rtpPayloadType: { payloadDescriptor, payloadType } } }),
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

/** The parameters of a channel whose media, or reports alone, are received at the addresses (H.245 section B.3). */
export const channelParameters = ({ sessionId, payloadType, parameters }: ProposedChannel, media: Partial<MediaAddress>): h245.H2250LogicalChannelParameters => ({
  sessionID: sessionId, ...parameters,
  ...(media.rtp && { mediaChannel: toH245Address(media.rtp) }),
  ...(media.rtcp && { mediaControlChannel: toH245Address(media.rtcp) }),
  ...(payloadType >= DYNAMIC.first && { dynamicRTPPayloadType: payloadType }),
});

/** The answer to a wish of the peer's for a channel, as the procedures of H.245 take it. */
export type Acceptance =
  | {
    medium: Medium;
    /** Where the party receives. */
    media: MediaAddress;
    /** The format of the description that the channel is. */
    format: Format;
    /** The number that the party knows the format by, where the peer's is another: the peer may be asked to use it. */
    payloadType?: number;
    /** What the party receives, bit/s, where the peer wants to send more: to be limited by flow control. */
    bitRateLimit?: number;
  }
  | { refuse: h245.OpenLogicalChannelReject['cause']; reason: string };

/**
 * Whether the party of the description can receive a channel that the peer wants to open, where, and as which of its formats; or the
 * cause of H.245 to refuse it with.
 * @throws SdpError
 */
export const acceptChannel = (localSdp: string, request: RequestedChannel): Acceptance => acceptFor(parseDescription(localSdp), request);

export function acceptFor(description: Description, { sessionId, dataType, payloadType, parameters, reverse }: RequestedChannel): Acceptance {
  if (reverse !== undefined) return { refuse: { unsuitableReverseParameters: null }, reason: 'media channels go one way in H.323' };
  const medium = mediumOf(dataType);
  const requested = codingsOfDataType(dataType, requestedPacketizations(parameters));
  if (medium === undefined || requested.length === 0) {
    return isUnknown(dataType) && codingsOfDataType(dataType, packetizationsLike(payloadType)).length === 0
      ? { refuse: { unknownDataType: null }, reason: 'the data type is not known here' }
      : { refuse: { dataTypeNotSupported: null }, reason: 'SDP has no such medium, or not in such packets' };
  }
  if (!isSessionOf(sessionId, medium)) return { refuse: { invalidSessionID: null }, reason: `session ${sessionId} is not one of ${medium}` };
  const line = lineOf(description, medium);
  const found = line && matchingFormat(line, requested);
  if (!line || !found) return { refuse: { dataTypeNotSupported: null }, reason: `the other party does not receive this ${medium}` };
  if (!isReceiving(line.direction) || !line.media) return { refuse: { dataTypeNotAvailable: null }, reason: `the other party does not receive ${medium} now` };
  const limit = bitRateOfCoding(found.ours);
  const ownNumber = found.format.payloadType;
  return {
    medium, media: line.media, format: found.format, ...(ownNumber !== payloadType && ownNumber >= DYNAMIC.first && { payloadType: ownNumber }),
    ...(limit !== undefined && limit < bitRateOfCoding(found.requested)! && { bitRateLimit: limit }),
  };
}

/** The bit rate that a channel was opened with, where its codec has one to be chosen. */
export const bitRateOf = ({ dataType }: Pick<MediaChannel, 'dataType'>): number | undefined => bitRateOfCoding(codingsOfDataType(dataType, [])[0]);

/** Most that the party of the description receives of an open channel of the peer's, bit/s, where the peer may send more. @throws SdpError */
export function bitRateLimitOf(localSdp: string, { dataType, payloadType }: MediaChannel): number | undefined {
  const medium = mediumOf(dataType);
  const line = medium && lineOf(parseDescription(localSdp), medium);
  const sent = codingsOfDataType(dataType, packetizationsLike(payloadType));
  const ours = line?.formats.flatMap((format) => codingsOfFormat(format, line)).find((coding) => sent.some((other) => commonCoding(coding, other)));
  const limit = bitRateOfCoding(ours);
  return limit !== undefined && limit < (bitRateOfCoding(sent[0]) ?? 0) ? limit : undefined;
}

export function requestedPacketizations({ mediaPacketization }: Pick<h245.H2250LogicalChannelParameters, 'mediaPacketization'> = {}): Packetization[] {
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
    ours.family === 'h264' && ours.mode === 1 && covers({ ...ours, mode: 0 }, request));
}

/** The address of a channel's receiver, from its parameters. */
export function mediaAddressOf({ mediaChannel, mediaControlChannel }: Pick<h245.H2250LogicalChannelParameters, 'mediaChannel' | 'mediaControlChannel'>): MediaAddress | undefined {
  const rtp = fromH245Address(mediaChannel);
  const rtcp = fromH245Address(mediaControlChannel);
  return rtp && { rtp, ...(rtcp && { rtcp }) };
}
