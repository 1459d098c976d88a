import type { MediaAddress, MediaChannel } from '../contracts';
import { payloadTypeOf, toH245Address } from '../h245';
import { alternative } from '../per';
import type { h245 } from '../schemas';
import type { MediaCapabilities } from './capabilities';
import { acceptFor, channelParameters, isReceiving, isSending, mediaAddressOf, parametersOf, requestedPacketizations, toBeSent, type ProposedChannel } from './channels';
import { codingsOfDataType, codingsOfFormat, commonCoding, dataTypeOf, formatOf } from './coding';
import { lineOf, parseDescription, type Description, type Format, type MediaLine } from './description';
import { mediumOf, SESSION_ID, type Medium } from './media';
import { descriptionOf, type DescribedChannel, type PartyOptions } from './party';

/** Content and camera control wait for H.245: they need a master (H.239) and more than a Setup has room for. */
const STARTED: readonly Medium[] = ['audio', 'video'];
/** Alternatives of one medium that are offered, and channels of a peer's that are looked at. */
const MAX_ALTERNATIVES = 16;
const MAX_CHANNELS = 128;
/** For lines without an address, which are never sent to. */
const NOWHERE = { host: '0.0.0.0', port: 0 };

type H2250 = h245.H2250LogicalChannelParameters;

/** One channel of a fast start, whoever offered it. */
interface StartedChannel {
  request: h245.OpenLogicalChannel;
  medium: Medium;
  /** By whom it was offered: whether the caller sends or receives. */
  callerSends: boolean;
  dataType: h245.DataType;
  parameters: H2250;
}

/**
 * The channels to offer in a Setup for the party of the description (H.323 section 8.1.7.1): each alternative of sound and picture in
 * the order of the description, both ways where it goes both ways, each with a number of its own.
 * @throws SdpError
 */
export function fastStartOf(sdp: string, { firstNumber = 1 }: { firstNumber?: number } = {}): h245.OpenLogicalChannel[] {
  const description = parseDescription(sdp);
  let number = firstNumber;
  return STARTED.flatMap((medium) => {
    const line = lineOf(description, medium);
    if (!line) return [];
    return alternativesOf(line, medium).flatMap((channel) => [
      ...(isReceiving(line.direction) && line.media ? [receiveRequest(channel, number++, line.media)] : []),
      ...(isSending(line.direction) ? [sendRequest(channel, number++, line.media)] : []),
    ]);
  });
}

function alternativesOf(line: MediaLine, medium: Medium): ProposedChannel[] {
  const all = line.formats.flatMap((format) => codingsOfFormat(format, line).map((coding): ProposedChannel => {
    const sent = toBeSent(coding, line);
    const payloadType = formatOf(sent).payloadType ?? format.payloadType;
    return {
      medium, sessionId: SESSION_ID[medium], dataType: dataTypeOf(sent, medium), payloadType, parameters: parametersOf(sent, payloadType, medium),
    };
  }));
  const distinct = new Map(all.map((channel) => [JSON.stringify([channel.dataType, channel.parameters.mediaPacketization]), channel] as const).reverse());
  return [...distinct.values()].reverse().slice(0, MAX_ALTERNATIVES);
}

const sendRequest = (channel: ProposedChannel, number: number, media: MediaAddress | undefined): h245.OpenLogicalChannel => ({
  forwardLogicalChannelNumber: number,
  forwardLogicalChannelParameters: { dataType: channel.dataType, multiplexParameters: { h2250LogicalChannelParameters: channelParameters(channel, { rtcp: media?.rtcp }) } },
});

const receiveRequest = (channel: ProposedChannel, number: number, media: MediaAddress): h245.OpenLogicalChannel => ({
  forwardLogicalChannelNumber: number,
  forwardLogicalChannelParameters: { dataType: { nullData: null }, multiplexParameters: { none: null } },
  reverseLogicalChannelParameters: { dataType: channel.dataType, multiplexParameters: { h2250LogicalChannelParameters: channelParameters(channel, media) } },
});

/** The channels of an offer or answer that can be understood; others are passed over. */
function started(requests: readonly h245.OpenLogicalChannel[]): StartedChannel[] {
  return requests.slice(0, MAX_CHANNELS).flatMap((request) => {
    const { forwardLogicalChannelParameters: forward, reverseLogicalChannelParameters: reverse } = request;
    const callerSends = !('nullData' in forward.dataType);
    const side = callerSends ? forward : reverse;
    const parameters = side && alternative(side.multiplexParameters, 'h2250LogicalChannelParameters');
    const medium = side && mediumOf(side.dataType);
    if (!side || !parameters || !medium || !STARTED.includes(medium) || parameters.sessionID !== SESSION_ID[medium]) return [];
    if (codingsOfDataType(side.dataType, requestedPacketizations(parameters)).length === 0) return [];
    return [{ request, medium, callerSends, dataType: side.dataType, parameters }];
  });
}

const describedChannel = ({ request, dataType, parameters }: StartedChannel, direction: MediaChannel['direction'], media: MediaAddress): DescribedChannel => ({
  direction, number: request.forwardLogicalChannelNumber, sessionId: parameters.sessionID, dataType, payloadType: payloadTypeOf(dataType, parameters), media,
  ...(parameters.mediaPacketization && { parameters: { mediaPacketization: parameters.mediaPacketization } }),
});

/**
 * The offer of a caller in SDP: all that it offers to receive, and to send, its alternatives in its order. Undefined when there is no
 * sound or picture in it that is known here. `remote` is its capability set where it came with the Setup (parallelH245Control).
 */
export function descriptionOfFastStart(
  offered: readonly h245.OpenLogicalChannel[], options: Omit<PartyOptions, 'offer' | 'keep'>, remote?: MediaCapabilities,
): string | undefined {
  const channels = started(offered).flatMap((channel) => {
    if (channel.callerSends) return [describedChannel(channel, 'receive', { rtp: NOWHERE })];
    const media = mediaAddressOf(channel.parameters);
    return media ? [describedChannel(channel, 'send', media)] : [];
  });
  return channels.length > 0 ? descriptionOf(channels, remote, { ...options, keep: [] }) : undefined;
}

export interface FastStart {
  /** What is returned to the caller (H.323 section 8.1.7.1). */
  accepted: h245.OpenLogicalChannel[];
  /** The channels that are open then, seen from here. */
  channels: DescribedChannel[];
}

/**
 * The offered channels that the answer to `descriptionOfFastStart` takes: for each medium and direction the first of the answer's
 * formats, the same both ways where possible; with the addresses of the answer. Nothing accepted: the fast start is refused.
 * @throws SdpError when the answer cannot be read
 */
export function acceptFastStart(offered: readonly h245.OpenLogicalChannel[], answerSdp: string): FastStart {
  const channels = started(offered);
  const answer = completed(parseDescription(answerSdp), channels);
  const result: FastStart = { accepted: [], channels: [] };
  for (const medium of STARTED) {
    const line = lineOf(answer, medium);
    if (!line?.media) continue;
    const ofMedium = channels.filter((channel) => channel.medium === medium);
    const receiving = isReceiving(line.direction) ? byFormat(line, ofMedium.filter(({ callerSends }) => callerSends)).find((channel) => isAccepted(answer, channel)) : undefined;
    const sendable = isSending(line.direction) ? byFormat(line, ofMedium.filter(({ callerSends, parameters }) => !callerSends && mediaAddressOf(parameters))) : [];
    const sending = sendable.find((channel) => receiving && isSameCoding(channel, receiving)) ?? sendable[0];
    if (receiving) {
      result.accepted.push(acceptedForward(receiving, line.media));
      result.channels.push(describedChannel(receiving, 'receive', line.media));
    }
    if (sending) {
      result.accepted.push(acceptedReverse(sending, line.media));
      result.channels.push(describedChannel(sending, 'send', mediaAddressOf(sending.parameters)!));
    }
  }
  return result;
}

/** FreeSWITCH leaves out the parameters of H.264 that it answers; by the payload type they are those that were offered. */
function completed({ lines }: Description, offered: readonly StartedChannel[]): Description {
  const likeOffered = (format: Format, medium: Medium | undefined): Format => {
    if (format.name !== 'H264' || format.parameters['profile-level-id'] !== undefined) return format;
    const same = offered.find((channel) => channel.medium === medium && payloadTypeOf(channel.dataType, channel.parameters) === format.payloadType);
    const [coding] = same ? codingsOf(same) : [];
    return coding?.family === 'h264' ? { ...formatOf(coding), payloadType: format.payloadType } : format;
  };
  return { lines: lines.map((line) => ({ ...line, formats: line.formats.map((format) => likeOffered(format, line.medium)) })) };
}

/** The channels that formats of the line have something in common with, in the order of the formats. */
const byFormat = (line: MediaLine, channels: readonly StartedChannel[]): StartedChannel[] =>
  line.formats.flatMap((format) => channels.filter((channel) =>
    codingsOfFormat(format, line).some((ours) => codingsOf(channel).some((theirs) => commonCoding(ours, theirs)))));

const codingsOf = ({ dataType, parameters }: StartedChannel): ReturnType<typeof codingsOfDataType> => codingsOfDataType(dataType, requestedPacketizations(parameters));

const isSameCoding = (one: StartedChannel, other: StartedChannel): boolean => codingsOf(one).some((coding) => codingsOf(other).some((same) => commonCoding(coding, same)));

const isAccepted = (description: Description, { request, dataType, parameters }: StartedChannel): boolean => !('refuse' in acceptFor(description, {
  number: request.forwardLogicalChannelNumber, sessionId: parameters.sessionID, dataType, payloadType: payloadTypeOf(dataType, parameters), parameters,
}));

/** The caller sends here. */
function acceptedForward({ request, parameters }: StartedChannel, media: MediaAddress): h245.OpenLogicalChannel {
  const here: H2250 = { ...parameters, mediaChannel: toH245Address(media.rtp), ...(media.rtcp && { mediaControlChannel: toH245Address(media.rtcp) }) };
  return { ...request, forwardLogicalChannelParameters: { ...request.forwardLogicalChannelParameters, multiplexParameters: { h2250LogicalChannelParameters: here } } };
}

/** We send to where the caller said; it is told where our reports are taken. */
function acceptedReverse({ request, parameters }: StartedChannel, media: MediaAddress): h245.OpenLogicalChannel {
  const { mediaChannel: _theirs, ...rest } = parameters;
  const here: H2250 = { ...rest, ...(media.rtcp && { mediaControlChannel: toH245Address(media.rtcp) }) };
  return { ...request, reverseLogicalChannelParameters: { ...request.reverseLogicalChannelParameters!, multiplexParameters: { h2250LogicalChannelParameters: here } } };
}

/**
 * The channels that a called endpoint accepted of those offered with `fastStartOf(sentOffer)`, seen from here. What was not offered is
 * passed over. They make the answer to that offer (`descriptionOf`).
 * @throws SdpError
 */
export function channelsOfFastStart(sentOffer: string, accepted: readonly h245.OpenLogicalChannel[]): DescribedChannel[] {
  const offer = parseDescription(sentOffer);
  return started(accepted).flatMap((channel) => {
    const line = lineOf(offer, channel.medium);
    if (!line || byFormat(line, [channel]).length === 0) return [];
    const media = channel.callerSends ? mediaAddressOf(channel.parameters) : line.media;
    return media && (channel.callerSends ? isSending : isReceiving)(line.direction) ? [describedChannel(channel, channel.callerSends ? 'send' : 'receive', media)] : [];
  });
}
