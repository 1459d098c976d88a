import { isIPv6 } from 'node:net';
import sdpTransform from 'sdp-transform';
import type { MediaChannel } from '../contracts';
import { peerCapabilities, type MediaCapabilities, type PeerCapabilities } from './capabilities';
import { requestedPacketizations, type RequestedChannel } from './channels';
import { bitRateOfCoding, codingsOfDataType, codingsOfFormat, commonCoding, formatOf, packetizationsLike, type Coding, type FormatOf } from './coding';
import { lineOf, parseDescription, type Direction, type Format, type MediaLine } from './description';
import { MEDIA, mediumOf, type Medium } from './media';

/** Port of lines without an address: nothing is sent there (discard). */
const NO_PORT = 9;
/** IPv4, UDP and RTP headers of 50 packets a second and more: what b=AS counts over b=TIAS (RFC 3890). */
const OVERHEAD_KBITS = 32;

export interface PartyOptions {
  /** Where the party is, for the lines without a channel that says so. */
  host: string;
  /** Where its media come from, for those lines, when that is elsewhere. */
  mediaHost?: string;
  /** `o=` of every description of the same call; the version rises when the description changes (RFC 3264 section 8). */
  sessionId: string;
  version: number;
  /** The offer that this answers: its lines, in its order. Without it the description is an offer. */
  offer?: string;
  /** For an offer: the description of the party that it is connected with, by whose formats the channels' numbers are read. */
  local?: string;
  /** Media that stay in the call while no channel is open, as on hold or during re-routing; `inactive` then. Default: sound. */
  keep?: readonly Medium[];
  /**
   * Says that key frames can be asked for by RTCP (RFC 4585, RFC 5104). Only true of endpoints that heed RTCP: others get
   * videoFastUpdatePicture, for which the leg has to be asked by `media_control` (RFC 5168), as happens when this is not said.
   */
  rtcpFeedback?: boolean;
}

/**
 * A channel, with what its opener told of its packets where that is known (without it they are those of the offered format), and the
 * most that its receiver wants in it now, bit/s (0: nothing).
 */
export type DescribedChannel = MediaChannel & { parameters?: RequestedChannel['parameters']; bitRateLimit?: number };

/**
 * The H.323 party as SIP sees it: a line for each medium, what it receives from the channels towards it, `sendrecv` and its lesser
 * from which channels are open. An answer has a line for each offered one, port 0 where there is no channel.
 * @throws SdpError when the offer cannot be read
 */
export function descriptionOf(channels: readonly DescribedChannel[], remote: MediaCapabilities | undefined, options: PartyOptions): string {
  const peer = remote && peerCapabilities(remote);
  const offered = options.offer === undefined ? undefined : parseDescription(options.offer).lines;
  const local = options.local === undefined ? undefined : parseDescription(options.local);
  const written = offered
    ? offered.map((line) => (line.medium && partyLine(line.medium, channels, peer, options, line)) ?? refusedLine(line))
    : MEDIA.flatMap((medium) => partyLine(medium, channels, peer, options, undefined, local && lineOf(local, medium)) ?? []);
  const { host, sessionId, version } = options;
  const ipVer = isIPv6(host) ? 6 : 4;
  return sdpTransform.write({
    version: 0, origin: { username: '-', sessionId, sessionVersion: version, netType: 'IN', ipVer, address: host }, name: '-',
    connection: { version: ipVer, ip: host }, timing: { start: 0, stop: 0 }, media: written,
  });
}

type WrittenLine = Parameters<typeof sdpTransform.write>[0]['media'][number];

/** RFC 3264 section 6. */
const refusedLine = ({ type, protocol, payloads, mid }: MediaLine): WrittenLine =>
  ({ type, port: 0, protocol, payloads, rtp: [], fmtp: [], ...(mid !== undefined && { mid }) });

/** `offered` is the line that is answered, `model` the one whose formats the channels were made of. */
function partyLine(
  medium: Medium, channels: readonly DescribedChannel[], peer: PeerCapabilities | undefined, options: PartyOptions, offered?: MediaLine, model = offered,
): WrittenLine | undefined {
  const ofMedium = channels.filter(({ dataType }) => mediumOf(dataType) === medium);
  const sending = ofMedium.filter(({ direction }) => direction === 'send');
  const receiving = ofMedium.filter(({ direction }) => direction === 'receive');
  const [towards, from] = [sending[0], receiving[0]];
  const used = formatsOf(sending, receiving, model);
  const formats = used.length > 0 ? used : (options.keep ?? ['audio']).includes(medium) ? keptFormats(medium, peer, medium === 'content' ? model : offered) : [];
  if (formats.length === 0) return undefined;
  const events = medium === 'audio' ? eventsOf(peer, formats, offered) : undefined;
  const all = events ? [...formats, events] : formats;
  const media = towards?.media;
  const host = media?.rtp.host ?? options.mediaHost ?? options.host;
  const ipVer = isIPv6(host) ? 6 : 4;
  const rtcp = media?.rtcp;
  const packets = medium === 'audio' ? packetTimes(towards, peer) : {};
  const bitRate = towards && Math.min(bitRateOfCoding(codingsOfDataType(towards.dataType, [])[0]) ?? Infinity, towards.bitRateLimit ?? Infinity);
  return {
    type: offered?.type ?? (medium === 'audio' ? 'audio' : medium === 'camera' ? 'application' : 'video'),
    port: media?.rtp.port ?? NO_PORT, protocol: offered?.protocol ?? 'RTP/AVP', payloads: all.map(({ payloadType }) => payloadType).join(' '),
    ...(host !== options.host && { connection: { version: ipVer, ip: host } }),
    ...(bitRate !== undefined && bitRate > 0 && bitRate < Infinity && { bandwidth: [{ type: 'AS', limit: Math.ceil(bitRate / 1_000) + OVERHEAD_KBITS }, { type: 'TIAS', limit: bitRate }] }),
    rtp: all.map(({ payloadType, name, clockRate, channels: count }) => ({ payload: payloadType, codec: writtenName(name), rate: clockRate, ...(count > 1 && { encoding: count }) })),
    fmtp: all.filter(({ parameters }) => Object.keys(parameters).length > 0).map((format) => ({ payload: format.payloadType, config: parametersOf(format) })),
    ...(rtcp && (rtcp.port !== media!.rtp.port + 1 || rtcp.host !== host) && { rtcp: { port: rtcp.port, netType: 'IN', ipVer: isIPv6(rtcp.host) ? 6 : 4, address: rtcp.host } }),
    ...(options.rtcpFeedback && (medium === 'video' || medium === 'content') && {
      rtcpFb: [{ payload: '*', type: 'nack', subtype: 'pli' }, { payload: '*', type: 'ccm', subtype: 'fir' }],
    }),
    ...packets,
    ...(offered?.mid !== undefined && { mid: offered.mid }),
    ...(contentAttribute(medium, channels, offered)),
    direction: directionOf(towards?.bitRateLimit === 0 ? undefined : towards, from),
  };
}

/** Slides are named, and the main picture where there are slides beside it (RFC 4796). */
function contentAttribute(medium: Medium, channels: readonly MediaChannel[], offered: MediaLine | undefined): { content?: string } {
  if (medium === 'content') return { content: 'slides' };
  const beside = offered ? offered.content !== undefined : channels.some(({ dataType }) => mediumOf(dataType) === 'content');
  return medium === 'video' && beside ? { content: 'main' } : {};
}

const directionOf = (towards: unknown, from: unknown): Direction => (towards && from ? 'sendrecv' : towards ? 'recvonly' : from ? 'sendonly' : 'inactive');

const writtenName = (name: string): string => (['OPUS', 'TELEPHONE-EVENT'].includes(name) ? name.toLowerCase() : name);

const parametersOf = ({ name, parameters }: Format): string =>
  (name === 'TELEPHONE-EVENT' ? parameters.events! : Object.entries(parameters).map(([key, value]) => `${key}=${value}`).join(';'));

/** What the party receives, in the order of the channels; then what it only sends, where the number is free. */
function formatsOf(sending: readonly DescribedChannel[], receiving: readonly DescribedChannel[], model: MediaLine | undefined): Format[] {
  const formats: Format[] = [];
  const add = (channel: DescribedChannel, isSame: (one: Format, other: Format) => boolean): void => {
    const format = formatOfChannel(channel, model);
    if (format && !formats.some((other) => other.payloadType === format.payloadType || isSame(other, format))) formats.push(format);
  };
  const isSameCodec = (one: Format, other: Format): boolean => one.name === other.name && one.clockRate === other.clockRate;
  for (const channel of sending) add(channel, (one, other) => isSameCodec(one, other) && parametersOf(one) === parametersOf(other));
  const isOffered = ({ payloadType }: Format): boolean => model?.formats.some((format) => format.payloadType === payloadType) ?? true;
  for (const channel of receiving) add(channel, (one, other) => isSameCodec(one, other) && (packingOf(one) === packingOf(other) || !isOffered(other)));
  return formats;
}

/** How H.264 is packed (RFC 6184): one who sends in one way and receives in another has both. */
const packingOf = ({ parameters }: Format): string | undefined => parameters['packetization-mode'];

/** A channel as a format, with its payload type, in the way of the format of the model that it is. */
function formatOfChannel({ dataType, payloadType, parameters }: DescribedChannel, model: MediaLine | undefined): Format | undefined {
  const told = requestedPacketizations(parameters);
  const codings = codingsOfDataType(dataType, told.length > 0 ? told : packetizationsLike(payloadType));
  // The format of the channel's own number first, of those in which it can be coded.
  const candidates = [...model?.formats ?? []].sort((one, other) => Number(other.payloadType === payloadType) - Number(one.payloadType === payloadType));
  for (const format of candidates) {
    const coding = codings.find((own) => codingsOfFormat(format, model!).some((other) => commonCoding(own, other)));
    if (coding) return { ...formatOf(coding, format), payloadType };
  }
  return codings[0] && { ...formatOf(codings[0]), payloadType };
}

/** What a medium without channels is kept with: the first offered format that the peer knows, or the first of either. */
function keptFormats(medium: Medium, peer: PeerCapabilities | undefined, offered: MediaLine | undefined): Format[] {
  const known = (peer?.media ?? []).filter((entry) => entry.medium === medium).map(({ coding }) => coding);
  if (offered) {
    const isKnown = (coding: Coding): boolean => known.some((other) => commonCoding(coding, other));
    const format = offered.formats.find((candidate) => codingsOfFormat(candidate, offered).some(isKnown)) ?? offered.formats[0];
    return format ? [format] : [];
  }
  const format: FormatOf | undefined = known[0] && formatOf(known[0]);
  return format ? [{ ...format, payloadType: format.payloadType ?? 96 }] : [];
}

/** RFC 4733 events as the peer receives them, unless the offerer does not know them. */
function eventsOf(peer: PeerCapabilities | undefined, formats: readonly Format[], offered: MediaLine | undefined): Format | undefined {
  const events = peer?.userInput.events;
  const isWanted = offered === undefined || offered.formats.some(({ name, clockRate }) => name === 'TELEPHONE-EVENT' && clockRate === 8_000);
  if (!events || !isWanted || formats.some(({ payloadType }) => payloadType === events.payloadType)) return undefined;
  return { name: 'TELEPHONE-EVENT', payloadType: events.payloadType, clockRate: 8_000, channels: 1, parameters: { events: events.events } };
}

/** How long the packets towards the party are, and may at most be, in milliseconds. */
function packetTimes(towards: DescribedChannel | undefined, peer: PeerCapabilities | undefined): { ptime?: number; maxptime?: number } {
  const coding = towards && codingsOfDataType(towards.dataType, [])[0];
  if (coding?.family !== 'audio') return {};
  const most = peer?.media.flatMap((entry) => (entry.coding.family === 'audio' && entry.coding.codec === coding.codec ? [entry.coding.packetMs] : []));
  return { ptime: coding.packetMs, ...(most && most.length > 0 && { maxptime: Math.max(...most) }) };
}
