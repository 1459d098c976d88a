import { alternative } from '../per';
import type { h245 } from '../schemas';
import { codingsOfDataType, codingsOfFormat, dataTypeOf, packetizationOf, type Coding, type Packetization } from './coding';
import { lineOf, parseDescription, type Description, type MediaLine } from './description';
import { H239_CONTROL, H264_PACKETIZATION, isGeneric } from './identifiers';
import { MEDIA, mediumOf, type Medium } from './media';

/** What a capability set says of media; as the procedures of H.245 send it, and have it from the peer over all its sets. */
export type MediaCapabilities = Pick<h245.TerminalCapabilitySet, 'multiplexCapability' | 'capabilityTable' | 'capabilityDescriptors'>;

/** Alternatives of one medium: the table has 256 places (H.245 annex A). */
const MAX_ALTERNATIVES = 32;
const MAX_JITTER_MS = 250;
/** A range of events as `a=fmtp` has it (RFC 4733 section 2.4.1). */
const EVENTS = /^\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?){0,31}$/;
const DEFAULT_EVENTS = '0-15';

/**
 * What the party of a description receives, as a capability set to be sent to an H.323 endpoint: for each medium in use, whichever way
 * it goes now, the alternatives in the order of the description, media at the same time; user input in all its forms, because the leg
 * turns one into another. Never empty: an empty set would pause the peer (H.323 section 8.4.6).
 * @throws SdpError
 */
export function capabilitiesOf(sdp: string): Required<MediaCapabilities> {
  const description = parseDescription(sdp);
  const table: h245.CapabilityTableEntry[] = [];
  const packetizations: Packetization[] = [];
  const add = (capability: h245.Capability): number => {
    table.push({ capabilityTableEntryNumber: table.length + 1, capability });
    return table.length;
  };
  const codingsByMedium = MEDIA.map((medium) => [medium, codingsOfMedium(description, medium)] as const);
  const isFragmented = allFragmented(codingsByMedium.map(([, codings]) => codings));
  const simultaneous = codingsByMedium.flatMap(([medium, all]) => {
    const codings = all.filter((coding) => coding.family !== 'h264' || !isFragmented || coding.mode === 1);
    packetizations.push(...codings.flatMap((coding) => packetizationsReceived(coding, isFragmented)));
    const alternatives = distinct(codings.map((coding) => receives(dataTypeOf(coding, medium)))).slice(0, MAX_ALTERNATIVES);
    return alternatives.length > 0 ? [alternatives.map(add)] : [];
  });
  if (lineOf(description, 'content')) simultaneous.push([add({ genericControlCapability: { capabilityIdentifier: { standard: H239_CONTROL } } })]);
  simultaneous.push(...userInputOf(lineOf(description, 'audio')).map((capability) => [add(capability)]));
  return {
    multiplexCapability: { h2250Capability: multiplexOf(distinct(packetizations)) },
    capabilityTable: table, capabilityDescriptors: [{ capabilityDescriptorNumber: 0, simultaneousCapabilities: simultaneous }],
  };
}

/** All codings of a medium's line, in its order. */
function codingsOfMedium(description: Description, medium: Medium): Coding[] {
  const line = lineOf(description, medium);
  return line === undefined ? [] : line.formats.flatMap((format) => codingsOfFormat(format, line));
}

/**
 * The packets of H.264 are told for all its capabilities together: fragments only when each profile of each medium is received in them,
 * and then with the limits that it has there (single NAL units are received by all who take fragments); otherwise none.
 */
const allFragmented = (media: readonly (readonly Coding[])[]): boolean => media.every((codings) => codings.every((coding) =>
  coding.family !== 'h264' || codings.some((other) => other.family === 'h264' && other.profile === coding.profile && other.mode === 1)));

function packetizationsReceived(coding: Coding, isFragmented: boolean): Packetization[] {
  if (coding.family === 'h264') return (isFragmented ? [1, 0] as const : [0] as const).map((mode) => ({ oid: H264_PACKETIZATION[mode] }));
  const packetization = packetizationOf(coding);
  return packetization ? [packetization] : [];
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Camera control goes both ways or not at all. */
function receives(dataType: h245.DataType): h245.Capability {
  if ('audioData' in dataType) return { receiveAudioCapability: dataType.audioData };
  if ('videoData' in dataType) return { receiveVideoCapability: dataType.videoData };
  if ('data' in dataType) return { receiveAndTransmitDataApplicationCapability: dataType.data };
  throw new TypeError('only media have capabilities');
}

function userInputOf(line: MediaLine | undefined): h245.Capability[] {
  const events = line?.formats.find(({ name, clockRate }) => name === 'TELEPHONE-EVENT' && clockRate === 8_000);
  return [
    ...(events && events.payloadType >= 96
      ? [{ receiveRTPAudioTelephonyEventCapability: { dynamicRTPPayloadType: events.payloadType, audioTelephoneEvent: eventsOr(events.parameters.events) } }] : []),
    { receiveAndTransmitUserInputCapability: { dtmf: null } },
    { receiveAndTransmitUserInputCapability: { basicString: null } },
  ];
}

const eventsOr = (events: string | undefined): string => (events !== undefined && EVENTS.test(events) ? events : DEFAULT_EVENTS);

/** H.225.0 without multipoint; no quality of service, which some decoders cannot read. */
function multiplexOf(packetizations: readonly Packetization[]): h245.H2250Capability {
  const nothing: h245.MultipointCapability = {
    multicastCapability: false, multiUniCastConference: false,
    mediaDistributionCapability: [{
      centralizedControl: false, distributedControl: false, centralizedAudio: false, distributedAudio: false, centralizedVideo: false, distributedVideo: false,
    }],
  };
  return {
    maximumAudioDelayJitter: MAX_JITTER_MS,
    receiveMultipointCapability: nothing, transmitMultipointCapability: nothing, receiveAndTransmitMultipointCapability: nothing,
    mcCapability: { centralizedConferenceMC: false, decentralizedConferenceMC: false }, rtcpVideoControlCapability: false,
    mediaPacketizationCapability: {
      h261aVideoPacketization: false,
      ...(packetizations.length > 0 && { rtpPayloadType: packetizations.map((payloadDescriptor) => ({ payloadDescriptor })) }),
    },
    logicalChannelSwitchingCapability: false, t120DynamicPortCapability: false,
  };
}

/** What an H.323 endpoint said that it receives; entries that are not understood are left out. */
export interface PeerCapabilities {
  /** In the order of its table. */
  media: readonly { entry: number; medium: Medium; coding: Coding }[];
  /** Keys: RFC 4733 events in the sound's RTP, H.245 signal, H.245 alphanumeric. */
  userInput: { events?: { payloadType: number; events: string }; signal: boolean; alphanumeric: boolean };
  /** It has the token of H.239. */
  content: boolean;
  /** Sets of alternatives, any one of each at the same time; a choice of several such groups. Empty: it did not say. */
  descriptors: readonly (readonly ReadonlySet<number>[])[];
}

const MAX_ENTRIES = 256;
/** Ways of coding that are considered, over all entries. */
const MAX_CODINGS = 512;

/** Sets that were read, as long as somebody has them: each change of a call asks anew. */
const known = new WeakMap<MediaCapabilities, PeerCapabilities>();

/** Reads capabilities as they came, whatever is in them. */
export function peerCapabilities(set: MediaCapabilities): PeerCapabilities {
  const capabilities = known.get(set) ?? read(set);
  known.set(set, capabilities);
  return capabilities;
}

function read(set: MediaCapabilities): PeerCapabilities {
  const packetizations = alternative(set.multiplexCapability, 'h2250Capability')?.mediaPacketizationCapability.rtpPayloadType?.map(({ payloadDescriptor }) => payloadDescriptor) ?? [];
  const table = (set.capabilityTable ?? []).slice(0, MAX_ENTRIES);
  const capabilities = table.flatMap(({ capability }) => capability ?? []);
  const userInputs = capabilities.flatMap((capability) => alternative(capability, 'receiveUserInputCapability') ?? alternative(capability, 'receiveAndTransmitUserInputCapability') ?? []);
  const telephony = capabilities.flatMap((capability) => alternative(capability, 'receiveRTPAudioTelephonyEventCapability') ?? [])[0];
  return {
    media: table.flatMap(({ capabilityTableEntryNumber: entry, capability }) => {
      const dataType = capability && received(capability);
      const medium = dataType && mediumOf(dataType);
      return medium ? codingsOfDataType(dataType, packetizations).map((coding) => ({ entry, medium, coding })) : [];
    }).slice(0, MAX_CODINGS),
    userInput: {
      ...(telephony && { events: { payloadType: telephony.dynamicRTPPayloadType, events: eventsOr(telephony.audioTelephoneEvent) } }),
      signal: userInputs.some((input) => 'dtmf' in input),
      alphanumeric: userInputs.some((input) => 'basicString' in input || 'iA5String' in input || 'generalString' in input),
    },
    content: capabilities.some((capability) => {
      const control = alternative(capability, 'genericControlCapability');
      return control !== undefined && isGeneric(control, H239_CONTROL);
    }),
    descriptors: (set.capabilityDescriptors ?? []).slice(0, MAX_ENTRIES).flatMap(({ simultaneousCapabilities }) =>
      (simultaneousCapabilities ? [simultaneousCapabilities.map((alternatives) => new Set(alternatives))] : [])),
  };
}

/** Whether an endpoint has H.239: its token, and a second picture in a codec that is known here. */
export function takesContent(set: MediaCapabilities): boolean {
  const { content, media } = peerCapabilities(set);
  return content && media.some(({ medium }) => medium === 'content');
}

function received(capability: h245.Capability): h245.DataType | undefined {
  const audioData = alternative(capability, 'receiveAudioCapability') ?? alternative(capability, 'receiveAndTransmitAudioCapability');
  if (audioData) return { audioData };
  const videoData = alternative(capability, 'receiveVideoCapability') ?? alternative(capability, 'receiveAndTransmitVideoCapability');
  if (videoData) return { videoData };
  const data = alternative(capability, 'receiveDataApplicationCapability') ?? alternative(capability, 'receiveAndTransmitDataApplicationCapability');
  return data && { data };
}
