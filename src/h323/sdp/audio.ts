import { alternative, chosen } from '../per';
import type { h245 } from '../schemas';
import type { Format, MediaLine } from './description';
import { G7221, G7221C, isGeneric, numberOf, OPUS, parameter } from './identifiers';

/** One way of coding sound. H.245 has several for what is one format in SDP: G.729 with its annexes, G.722.1 at its rates. */
export interface AudioCoding {
  family: 'audio';
  /** Name in CODECS. */
  codec: string;
  /** Most that one packet may hold. */
  packetMs: number;
}

interface AudioCodec {
  name: string;
  clockRate: number;
  channels?: number;
  payloadType?: number;
  /** Duration of what H.245 counts in a packet. */
  frameMs: number;
  /** Parameters of the format, also those by which it is told from others of its name. */
  parameters?: Readonly<Record<string, string>>;
  /** Whether a format of the name is this one. */
  fits?(parameters: Readonly<Record<string, string>>): boolean;
  /** The alternative of H.245 that it is, or may be. */
  capability: string;
  /** Most frames in a packet, undefined when the capability is another codec's. */
  read(capability: h245.AudioCapability): number | undefined;
  write(frames: number): h245.AudioCapability;
}

/** Most audio frames in a packet that H.245 can say. */
const MAX_FRAMES = 256;
/** What is received in one packet when `a=maxptime` does not limit it: SDP sets no limit, and peers match packet sizes with this. */
const DEFAULT_MAX_PACKET_MS = 60;

type PlainName = 'g711Alaw64k' | 'g711Ulaw64k' | 'g722-64k' | 'g728' | 'g729' | 'g729AnnexA' | 'g729wAnnexB' | 'g729AnnexAwAnnexB';

/** A codec whose capability is nothing but the number of frames. */
const plain = (capability: PlainName): Pick<AudioCodec, 'capability' | 'read' | 'write'> => ({
  capability,
  read: (given) => alternative(given, capability) as number | undefined,
  write: (frames) => ({ [capability]: frames }) as unknown as h245.AudioCapability,
});

/** `annexb` is yes unless it is said to be no (RFC 4856); who takes silence frames takes streams without them too. */
const G729: Pick<AudioCodec, 'name' | 'clockRate' | 'payloadType' | 'frameMs'> = { name: 'G729', clockRate: 8_000, payloadType: 18, frameMs: 10 };
const WITHOUT_ANNEX_B = { annexb: 'no' };
const takesAnnexB = ({ annexb }: Readonly<Record<string, string>>): boolean => annexb?.toLowerCase() !== 'no';

const GENERIC = 'genericAudioCapability';
const generic = (capability: h245.AudioCapability, identifier: string): h245.GenericCapability | undefined => {
  const given = alternative(capability, GENERIC);
  return given && isGeneric(given, identifier) ? given : undefined;
};

/** G.722.1 (RFC 5577). Its bit rates are in bit/s (G.722.1 annex A); in 100 bit/s, as others write theirs, they are understood too. */
const g7221 = (bitRate: number): AudioCodec => ({
  name: 'G7221', clockRate: 16_000, frameMs: 20, parameters: { bitrate: String(bitRate) }, fits: (parameters) => parameters.bitrate === String(bitRate),
  capability: GENERIC,
  read: (capability) => {
    const given = generic(capability, G7221);
    return given && [bitRate, bitRate / 100].includes(given.maxBitRate ?? 0) ? numberOf(given, 1) ?? 1 : undefined;
  },
  write: (frames) => ({ genericAudioCapability: { capabilityIdentifier: { standard: G7221 }, maxBitRate: bitRate, collapsing: [parameter(1, 'unsignedMin', frames)] } }),
});

/** G.722.1 annex C (RFC 5577): parameter 2 says which of the three rates; without it the bit rate is the one. */
const g7221c = (bitRate: number, bit: number): AudioCodec => ({
  name: 'G7221', clockRate: 32_000, frameMs: 20, parameters: { bitrate: String(bitRate) }, fits: (parameters) => parameters.bitrate === String(bitRate),
  capability: GENERIC,
  read: (capability) => {
    const given = generic(capability, G7221C);
    const rates = given && (numberOf(given, 2) ?? ([bitRate, bitRate / 100].includes(given.maxBitRate ?? 0) ? bit : 0));
    return given && rates! & bit ? numberOf(given, 1) ?? 1 : undefined;
  },
  write: (frames) => ({
    genericAudioCapability: {
      capabilityIdentifier: { standard: G7221C }, maxBitRate: bitRate / 100, collapsing: [parameter(1, 'unsignedMin', frames), parameter(2, 'booleanArray', bit)],
    },
  }),
});

const GSM_FRAME_OCTETS = 33;
const OPUS_BIT_RATE = 64_000;

const CODECS: Readonly<Record<string, AudioCodec>> = {
  PCMA: { name: 'PCMA', clockRate: 8_000, payloadType: 8, frameMs: 1, ...plain('g711Alaw64k') },
  PCMU: { name: 'PCMU', clockRate: 8_000, payloadType: 0, frameMs: 1, ...plain('g711Ulaw64k') },
  G722: { name: 'G722', clockRate: 8_000, payloadType: 9, frameMs: 1, ...plain('g722-64k') },
  G728: { name: 'G728', clockRate: 8_000, payloadType: 15, frameMs: 2.5, ...plain('g728') },
  G729AB: { ...G729, fits: takesAnnexB, ...plain('g729AnnexAwAnnexB') },
  G729B: { ...G729, fits: takesAnnexB, ...plain('g729wAnnexB') },
  G729A: { ...G729, parameters: WITHOUT_ANNEX_B, fits: () => true, ...plain('g729AnnexA') },
  G729: { ...G729, parameters: WITHOUT_ANNEX_B, fits: () => true, ...plain('g729') },
  G723: {
    name: 'G723', clockRate: 8_000, payloadType: 4, frameMs: 30, parameters: { annexa: 'no' }, capability: 'g7231',
    read: (capability) => alternative(capability, 'g7231')?.['maxAl-sduAudioFrames'],
    write: (frames) => ({ g7231: { 'maxAl-sduAudioFrames': frames, silenceSuppression: false } }),
  },
  GSM: {
    name: 'GSM', clockRate: 8_000, payloadType: 3, frameMs: 20, capability: 'gsmFullRate',
    read: (capability) => {
      const octets = alternative(capability, 'gsmFullRate')?.audioUnitSize;
      return octets === undefined ? undefined : Math.floor(octets / GSM_FRAME_OCTETS);
    },
    write: (frames) => ({ gsmFullRate: { audioUnitSize: Math.min(frames * GSM_FRAME_OCTETS, 231), comfortNoise: false, scrambled: false } }),
  },
  'G7221-32': g7221(32_000),
  'G7221-24': g7221(24_000),
  'G7221C-48': g7221c(48_000, 16),
  'G7221C-32': g7221c(32_000, 32),
  'G7221C-24': g7221c(24_000, 64),
  OPUS: {
    name: 'OPUS', clockRate: 48_000, channels: 2, frameMs: 20, capability: GENERIC,
    read: (capability) => (OPUS.some((identifier) => generic(capability, identifier)) ? 1 : undefined),
    write: () => ({ genericAudioCapability: { capabilityIdentifier: { standard: OPUS[0] }, maxBitRate: OPUS_BIT_RATE / 100 } }),
  },
};

/** Listed once, by what each format, channel and capability of each call is compared with. */
const KNOWN = Object.entries(CODECS);
const BY_NAME = new Map(KNOWN.map(([, { name }]) => [name, KNOWN.filter(([, codec]) => codec.name === name)]));
const BY_CAPABILITY = new Map(KNOWN.map(([, { capability }]) => [capability, KNOWN.filter(([, codec]) => codec.capability === capability)]));

const codecOf = ({ codec }: AudioCoding): AudioCodec => CODECS[codec]!;

/** What a format of an m-line may be in H.245, the fullest first; empty for unknown ones. */
export function audioCodings(format: Format, line: MediaLine): AudioCoding[] {
  const packetMs = line.maxptime ?? Math.max(line.ptime ?? 0, DEFAULT_MAX_PACKET_MS);
  return (BY_NAME.get(format.name) ?? [])
    .filter(([, { clockRate, frameMs, fits }]) => clockRate === format.clockRate && frameMs <= packetMs && (fits?.(format.parameters) ?? true))
    .map(([codec]) => ({ family: 'audio', codec, packetMs }));
}

export function codingsOfAudio(capability: h245.AudioCapability): AudioCoding[] {
  const codings: AudioCoding[] = [];
  for (const [codec, { read, frameMs }] of BY_CAPABILITY.get(chosen(capability)) ?? []) {
    const frames = read(capability);
    if (frames !== undefined) codings.push({ family: 'audio', codec, packetMs: Math.max(frames, 1) * frameMs });
  }
  return codings;
}

/** The capability, or the channel, with as many whole frames in a packet as fit into it, at least one. */
export function audioCapability(coding: AudioCoding): h245.AudioCapability {
  const { frameMs, write } = codecOf(coding);
  return write(Math.min(Math.max(Math.floor(coding.packetMs / frameMs), 1), MAX_FRAMES));
}

export const commonAudio = (one: AudioCoding, other: AudioCoding): AudioCoding | undefined =>
  (one.codec === other.codec ? { ...one, packetMs: Math.min(one.packetMs, other.packetMs) } : undefined);

export function audioFormat(coding: AudioCoding): Omit<Format, 'payloadType'> & { payloadType?: number } {
  const { name, clockRate, channels = 1, payloadType, parameters = {} } = codecOf(coding);
  return { name, clockRate, channels, payloadType, parameters };
}
