import { alternative } from '../per';
import type { h245 } from '../schemas';
import type { Format, MediaLine } from './description';
import { LEVELS, levelUpTo, type H264Limits } from './h264-levels';
import { H264, isGeneric, numberOf, parameter } from './identifiers';

/** H.264 as a party receives it: what H.241 section 8.3 and RFC 6184 section 8.1 both can say. */
export interface H264Coding extends H264Limits {
  family: 'h264';
  /** One bit of parameter 41. */
  profile: number;
  /** Index in LEVELS; `mbps`, `fs` and `br` are at least the level's own. */
  level: number;
  /** RFC 6184 packetization-mode; 0 is what H.241 annex A packs. Interleaved packets (2) are nobody's. */
  mode: 0 | 1;
  /** The bit rate of the line or channel, bit/s. */
  bitRate: number;
}

/**
 * Parameter 41 (H.241 section 8.3) and profile_idc, with the constraints that the profile sets on itself. H.241 has no bit for
 * constrained baseline: it is told as baseline, as all do, since nobody sends what it lacks.
 */
const PROFILES: readonly { bit: number; idc: number; iop: number }[] = [
  { bit: 64, idc: 66, iop: 0x80 }, { bit: 32, idc: 77, iop: 0x40 }, { bit: 16, idc: 88, iop: 0x20 }, { bit: 8, idc: 100, iop: 0 },
];

/** Parameters of H.241 section 8.3, with what one of their units is. */
const PARAMETER = { mbps: 3, fs: 4, br: 6, profile: 41, level: 42 } as const;
const UNIT = { mbps: 500, fs: 256, br: 25 } as const;
/** RFC 6184 section 8.1: baseline at level 1, single NAL units, when nothing is said. */
const DEFAULT_PROFILE_LEVEL_ID = '42000a';
const LIMITS = ['mbps', 'fs', 'br'] as const;
const SDP_NAME = { mbps: 'max-mbps', fs: 'max-fs', br: 'max-br' } as const;

/** constraint_set3_flag makes level 1.1 of these profiles level 1b (H.264 section A.3.1). */
const isLevel1b = (profile: number, iop: number, level: number): boolean => level === 11 && (iop & 0x10) !== 0 && profile !== 100;

export function h264Codings(format: Format, line: MediaLine): H264Coding[] {
  const given = /^([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(format.parameters['profile-level-id'] ?? DEFAULT_PROFILE_LEVEL_ID);
  const mode = format.parameters['packetization-mode'] ?? '0';
  if (format.name !== 'H264' || format.clockRate !== 90_000 || given === null || !/^[01]$/.test(mode)) return [];
  const [idc, iop, levelIdc] = given.slice(1).map((octet) => parseInt(octet, 16)) as [number, number, number];
  const profile = PROFILES.find((known) => known.idc === idc)?.bit;
  if (profile === undefined) return [];
  const level = isLevel1b(idc, iop, levelIdc) ? levelUpTo('idc', 9) : levelUpTo('idc', levelIdc);
  const limits = limitsOf(level, (limit) => Number(format.parameters[SDP_NAME[limit]]));
  return [{ family: 'h264', profile, level, ...limits, mode: Number(mode) as 0 | 1, bitRate: line.bitRate ?? limits.br * 1_000 }];
}

/** The level's limits, or higher ones that are told (lower ones are void, RFC 6184 section 8.1). */
function limitsOf(level: number, told: (limit: keyof H264Limits) => number): H264Limits {
  const { mbps, fs, br } = LEVELS[level]!;
  const higher = (limit: keyof H264Limits, own: number): number => {
    const value = told(limit);
    return Number.isSafeInteger(value) && value < 2 ** 31 ? Math.max(own, value) : own;
  };
  return { mbps: higher('mbps', mbps), fs: higher('fs', fs), br: higher('br', br) };
}

/** One coding for every profile that the capability names, in the packets of `mode`. */
export function codingsOfH264(video: h245.VideoCapability, mode: 0 | 1): H264Coding[] {
  const capability = alternative(video, 'genericVideoCapability');
  if (!capability || !isGeneric(capability, H264)) return [];
  const profiles = numberOf(capability, PARAMETER.profile) ?? 0;
  const level = levelUpTo('h241', numberOf(capability, PARAMETER.level) ?? 0);
  const limits = limitsOf(level, (limit) => (numberOf(capability, PARAMETER[limit]) ?? 0) * UNIT[limit]);
  const bitRate = capability.maxBitRate ? capability.maxBitRate * 100 : limits.br * 1_000;
  return PROFILES.filter(({ bit }) => profiles & bit).map(({ bit }) => ({ family: 'h264', profile: bit, level, ...limits, mode, bitRate }));
}

/**
 * Custom limits are rounded down, so that no more is promised than can be received. Only picture sizes are rounded up, as others do:
 * the 3600 macroblocks of 720p are 14.06 units, and no picture format lies between it and 15.
 */
export function h264Capability(coding: H264Coding): h245.VideoCapability {
  const own = LEVELS[coding.level]!;
  const customs = LIMITS.flatMap((limit) => {
    const units = Math.min((limit === 'fs' ? Math.ceil : Math.floor)(coding[limit] / UNIT[limit]), 65_535);
    return coding[limit] > own[limit] && units * UNIT[limit] > own[limit] ? [parameter(PARAMETER[limit], 'unsignedMin', units)] : [];
  });
  return {
    genericVideoCapability: {
      capabilityIdentifier: { standard: H264 }, maxBitRate: Math.max(Math.floor(coding.bitRate / 100), 1),
      collapsing: [parameter(PARAMETER.profile, 'booleanArray', coding.profile), parameter(PARAMETER.level, 'unsignedMin', own.h241), ...customs],
    },
  };
}

/** What both receive: the same profile in the same packets, the lower level, the lower of each limit. */
export function commonH264(one: H264Coding, other: H264Coding): H264Coding | undefined {
  if (one.profile !== other.profile || one.mode !== other.mode) return undefined;
  const lower = (limit: keyof H264Limits | 'level' | 'bitRate'): number => Math.min(one[limit], other[limit]);
  return { ...one, level: lower('level'), mbps: lower('mbps'), fs: lower('fs'), br: lower('br'), bitRate: lower('bitRate') };
}

/** Whether what the request allows is within the limits as they were told: in whole units. */
export const coversH264 = (ours: H264Coding, request: H264Coding): boolean =>
  ours.profile === request.profile && ours.mode === request.mode && request.level <= ours.level
  && request.mbps <= ours.mbps && request.br <= ours.br && request.fs <= Math.ceil(ours.fs / UNIT.fs) * UNIT.fs;

/** `like` is the format that is answered: its constraints of the profile stay as they are (RFC 6184 section 8.2.2). */
export function h264Format(coding: H264Coding, like?: Format): Omit<Format, 'payloadType'> {
  const { idc, iop } = PROFILES.find(({ bit }) => bit === coding.profile)!;
  const level = LEVELS[coding.level]!;
  const given = /^[0-9a-f]{6}$/i.exec(like?.parameters['profile-level-id'] ?? '')?.[0];
  const constraints = (given === undefined ? iop : parseInt(given.slice(2, 4), 16)) & ~0x10;
  const is1b = level.idc === 9 && idc !== 100;
  const octets = [idc, is1b ? constraints | 0x10 : constraints, is1b ? 11 : level.idc];
  return {
    name: 'H264', clockRate: 90_000, channels: 1,
    parameters: {
      'profile-level-id': Buffer.from(octets).toString('hex'), 'packetization-mode': String(coding.mode),
      ...Object.fromEntries(LIMITS.filter((limit) => coding[limit] > level[limit]).map((limit) => [SDP_NAME[limit], String(coding[limit])])),
    },
  };
}
