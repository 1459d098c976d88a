import { alternative, chosen } from '../per';
import type { h245 } from '../schemas';
import type { MediaChannel } from '../contracts';
import { peerCapabilities, type MediaCapabilities } from './capabilities';
import { channelsToOpen, isReceiving, parametersOf } from './channels';
import { codingsOfDataType, codingsOfFormat, commonCoding, dataTypeOf, formatOf, packetizationsLike, type Coding } from './coding';
import { lineOf, parseDescription, type MediaLine } from './description';
import { mediumOf, type Medium } from './media';
import { MODAL, type Mode } from './mode';
import type { DescribedChannel } from './party';

/** Modes, and codings of one medium in them, that are looked at or asked for. */
const MAX_MODES = 16;
const MAX_CODINGS = 16;
/** Modes of sound say nothing of the length of packets: as much as H.245 can say. */
const ANY_FRAMES = 256;
/** Numbers for formats of which neither side has told one. */
const FIRST_DYNAMIC = 96;

/** Codecs whose mode is a name alone, and their capability a number of frames. */
const NAMED = ['g711Alaw64k', 'g711Ulaw64k', 'g722-64k', 'g728', 'g729', 'g729AnnexA'] as const;
/** Codecs whose mode is what their capability is. */
const ALIKE = ['g729wAnnexB', 'g729AnnexAwAnnexB', 'gsmFullRate'] as const;

/** Reads a mode that a peer asks for; undefined for one with an element that is not sent here: of another kind, or not known. */
export function modeOf(description: h245.ModeDescription): Mode | undefined {
  const mode = new Map<Medium, Coding[]>();
  for (const { type } of description) {
    if (isCamera(type)) continue;
    const dataType = dataTypeOfMode(alternative(type, 'h235Mode')?.mediaMode ?? type);
    const codings = dataType && codingsOfMode(dataType);
    const medium = dataType && mediumOf(dataType);
    if (!codings || codings.length === 0 || !medium) return undefined;
    mode.set(medium, [...mode.get(medium) ?? [], ...codings].slice(0, MAX_CODINGS));
  }
  return mode;
}

/** Whether all media of the mode can be sent to the peer by the party of the description. @throws SdpError */
export function canSend(mode: Mode, localSdp: string, remote: MediaCapabilities): boolean {
  const sent = channelsToOpen(localSdp, remote, { mode, media: MODAL }).map(({ medium }) => medium);
  return [...mode.keys()].every((medium) => sent.includes(medium));
}

/** Whether a channel towards the peer is one of the mode. */
export function isInMode({ dataType, payloadType }: MediaChannel, mode: Mode): boolean {
  const medium = mediumOf(dataType);
  if (medium === undefined || !MODAL.includes(medium)) return true;
  const codings = codingsOfDataType(dataType, packetizationsLike(payloadType));
  return mode.get(medium)?.some((wanted) => codings.some((coding) => commonCoding(coding, wanted))) ?? false;
}

/**
 * The channels as they would be if what the peer gets were in one of the modes, for asking the other party whether it can send that: the
 * receiver's address of a medium stays, its codecs are those of the modes that the peer receives.
 */
export function channelsInModes(channels: readonly DescribedChannel[], modes: readonly Mode[], remote: MediaCapabilities): DescribedChannel[] {
  const peer = peerCapabilities(remote).media;
  return channels.flatMap((channel) => {
    const medium = mediumOf(channel.dataType);
    if (channel.direction === 'receive' || !medium || !MODAL.includes(medium)) return [channel];
    const wanted = modes.slice(0, MAX_MODES).flatMap((mode) => mode.get(medium) ?? []);
    const codings = wanted.flatMap((coding) => peer.flatMap((theirs) => (theirs.medium === medium ? commonCoding(coding, theirs.coding) ?? [] : [])));
    const distinct = [...new Map(codings.map((coding) => [JSON.stringify(dataTypeOf(coding, medium)), coding])).values()].slice(0, MAX_CODINGS);
    if (distinct.length === 0) return [channel];
    return distinct.map((coding, index) => {
      const payloadType = formatOf(coding).payloadType ?? FIRST_DYNAMIC + index;
      return { ...channel, dataType: dataTypeOf(coding, medium), payloadType, parameters: parametersOf(coding, payloadType, medium) };
    });
  });
}

/** Whether the party of the description has the codec of a channel at all; parameters that a description leaves out say nothing. @throws SdpError */
export function hasCodecOf(localSdp: string, { dataType, payloadType }: MediaChannel): boolean {
  const medium = mediumOf(dataType);
  const line = medium && lineOf(parseDescription(localSdp), medium);
  const names = codingsOfDataType(dataType, packetizationsLike(payloadType)).map((coding) => codecName(formatOf(coding).name));
  return !line || names.length === 0 || line.formats.some(({ name }) => names.includes(codecName(name)));
}

const codecName = (format: string): string => format.replace('-2000', '-1998');

/**
 * The modes that a peer is asked to send in, the first is liked best: of each medium that the party receives the channel that stays, or
 * one of the party's codecs in the order of its description.
 * @throws SdpError
 */
export function modesReceived(localSdp: string, staying: readonly MediaChannel[]): h245.ModeDescription[] {
  const description = parseDescription(localSdp);
  return MODAL.reduce<h245.ModeDescription[]>((modes, medium) => {
    const line = lineOf(description, medium);
    const stays = staying.find(({ dataType }) => mediumOf(dataType) === medium);
    const dataTypes = stays ? [stays.dataType] : line && isReceiving(line.direction) ? dataTypesOf(line, medium) : [];
    const types = dataTypes.flatMap((dataType) => modeTypeOf(dataType) ?? []);
    return types.length === 0 ? modes : modes.flatMap((mode) => types.map((type) => [...mode, { type }])).slice(0, MAX_MODES);
  }, [[]]).filter((mode) => mode.length > 0);
}

function dataTypesOf(line: MediaLine, medium: Medium): h245.DataType[] {
  const all = line.formats.flatMap((format) => codingsOfFormat(format, line)).map((coding) => dataTypeOf(coding, medium));
  return [...new Map(all.map((dataType) => [JSON.stringify(dataType), dataType])).values()].slice(0, MAX_CODINGS);
}

/** A mode does not tell how pictures are packed: each way is meant. */
const codingsOfMode = (dataType: h245.DataType): Coding[] => [undefined, 34].flatMap((payloadType) => codingsOfDataType(dataType, packetizationsLike(payloadType)));

/** Far-end camera control has a channel of its own and is not switched. */
function isCamera(type: h245.ModeElementType): boolean {
  const application = alternative(type, 'dataMode')?.application;
  return application !== undefined && ('h224' in application || 'genericDataMode' in application);
}

type MediaMode = h245.ModeElementType | h245.H235Mode['mediaMode'];

function dataTypeOfMode(mode: MediaMode): h245.DataType | undefined {
  if ('audioMode' in mode) {
    const audioData = audioOf(mode.audioMode);
    return audioData && { audioData };
  }
  const videoData = 'videoMode' in mode ? videoOf(mode.videoMode) : undefined;
  return videoData && { videoData };
}

function audioOf(mode: h245.AudioMode): h245.AudioCapability | undefined {
  const name = chosen(mode);
  if ((NAMED as readonly string[]).includes(name)) return { [name]: ANY_FRAMES } as unknown as h245.AudioCapability;
  if ((ALIKE as readonly string[]).includes(name)) return mode as unknown as h245.AudioCapability;
  if ('genericAudioMode' in mode) return { genericAudioCapability: mode.genericAudioMode };
  return 'g7231' in mode ? { g7231: { 'maxAl-sduAudioFrames': ANY_FRAMES, silenceSuppression: false } } : undefined;
}

function videoOf(mode: h245.VideoMode): h245.VideoCapability | undefined {
  if ('genericVideoMode' in mode) return { genericVideoCapability: mode.genericVideoMode };
  if ('h261VideoMode' in mode) {
    const { resolution, bitRate, stillImageTransmission } = mode.h261VideoMode;
    return { h261VideoCapability: { [`${chosen(resolution)}MPI`]: 1, temporalSpatialTradeOffCapability: false, maxBitRate: bitRate, stillImageTransmission } };
  }
  if (!('h263VideoMode' in mode)) return undefined;
  const { resolution, bitRate, enhancementLayerInfo: _layers, errorCompensation = false, ...options } = mode.h263VideoMode;
  return { h263VideoCapability: { [`${chosen(resolution)}MPI`]: 1, maxBitRate: bitRate, temporalSpatialTradeOffCapability: false, errorCompensation, ...options } };
}

/** A channel's data type as a mode; undefined for those that H.245 has no mode of. */
function modeTypeOf(dataType: h245.DataType): h245.ModeElementType | undefined {
  if ('audioData' in dataType) {
    const audioMode = audioModeOf(dataType.audioData);
    return audioMode && { audioMode };
  }
  const videoMode = 'videoData' in dataType ? videoModeOf(dataType.videoData) : undefined;
  return videoMode && { videoMode };
}

function audioModeOf(capability: h245.AudioCapability): h245.AudioMode | undefined {
  const name = chosen(capability);
  if ((NAMED as readonly string[]).includes(name)) return { [name]: null } as unknown as h245.AudioMode;
  if ((ALIKE as readonly string[]).includes(name)) return capability as unknown as h245.AudioMode;
  if ('genericAudioCapability' in capability) return { genericAudioMode: capability.genericAudioCapability };
  return 'g7231' in capability ? { g7231: { noSilenceSuppressionHighRate: null } } : undefined;
}

function videoModeOf(capability: h245.VideoCapability): h245.VideoMode | undefined {
  if ('genericVideoCapability' in capability) return { genericVideoMode: capability.genericVideoCapability };
  if ('h261VideoCapability' in capability) {
    const { cifMPI, maxBitRate, stillImageTransmission } = capability.h261VideoCapability;
    return { h261VideoMode: { resolution: cifMPI === undefined ? { qcif: null } : { cif: null }, bitRate: maxBitRate, stillImageTransmission } };
  }
  if (!('h263VideoCapability' in capability)) return undefined;
  const { maxBitRate, unrestrictedVector, arithmeticCoding, advancedPrediction, pbFrames, errorCompensation, h263Options, ...sizes } = capability.h263VideoCapability;
  const resolution = (['cif16', 'cif4', 'cif', 'qcif', 'sqcif'] as const).find((size) => sizes[`${size}MPI`] !== undefined) ?? 'qcif';
  return { h263VideoMode: {
    resolution: { [resolution]: null } as unknown as h245.H263VideoMode['resolution'], bitRate: Math.min(maxBitRate, 19_200),
    unrestrictedVector, arithmeticCoding, advancedPrediction, pbFrames, errorCompensation, h263Options,
  } };
}
