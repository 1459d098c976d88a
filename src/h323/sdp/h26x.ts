import { alternative } from '../per';
import type { h245 } from '../schemas';
import type { Format, MediaLine } from './description';

/** Picture sizes as H.245 names them, and in `a=fmtp` (RFC 4587, RFC 4629). */
const SIZE_NAMES = ['sqcif', 'qcif', 'cif', 'cif4', 'cif16'] as const;
type Size = (typeof SIZE_NAMES)[number];

/** Minimum picture intervals in units of 1/29.97 s, by size; a size that is not there is not received. */
type Intervals = Readonly<Partial<Record<Size, number>>>;

/** H.261 (RFC 4587). */
export interface H261Coding {
  family: 'h261';
  sizes: Intervals;
  /** bit/s */
  bitRate: number;
}

/** Options of H.263 that both can say: annexes D, F, I, J and T. */
const ANNEXES = ['d', 'f', 'i', 'j', 't'] as const;
type Annex = (typeof ANNEXES)[number];

/** H.263: baseline in RFC 2190 packets (`H263`), or in those of RFC 4629 with its later annexes (`H263-1998`, `H263-2000`). */
export interface H263Coding {
  family: 'h263';
  packets: 2190 | 4629;
  sizes: Intervals;
  annexes: readonly Annex[];
  /** bit/s */
  bitRate: number;
}

const H261_MAX_BIT_RATE = 1_920_000;
const H263_MAX_BIT_RATE = 19_240_000;
const DEFAULT_BIT_RATE = 768_000;
const H261_MAX_INTERVAL = 4;
const H263_MAX_INTERVAL = 32;

const bitRateOf = (line: MediaLine, most: number): number => Math.min(line.bitRate ?? DEFAULT_BIT_RATE, most);
const units = (bitRate: number): number => Math.max(Math.floor(bitRate / 100), 1);

/** Without sizes QCIF and CIF are meant: every decoder has the first, and those in the field the second. */
function intervalsOf({ parameters }: Format, sizes: readonly Size[], most: number): Intervals {
  const given = sizes.flatMap((size) => {
    const interval = Number(parameters[size]);
    return Number.isInteger(interval) && interval >= 1 && interval <= most ? [[size, interval] as const] : [];
  });
  return given.length > 0 ? Object.fromEntries(given) : { qcif: 1, cif: 1 };
}

/** Sizes that both receive, at the longer interval. */
function commonIntervals(one: Intervals, other: Intervals): Intervals | undefined {
  const both = SIZE_NAMES.flatMap((size) => (one[size] && other[size] ? [[size, Math.max(one[size], other[size])] as const] : []));
  return both.length > 0 ? Object.fromEntries(both) : undefined;
}

/** Every size of the request is received, as often. */
export const coversSizes = (ours: Intervals, request: Intervals): boolean => SIZE_NAMES.every((size) => !request[size] || (ours[size] ?? Infinity) <= request[size]);

/** Macroblocks of the sizes, smallest first (H.263). */
const MACROBLOCKS: Readonly<Record<Size, number>> = { sqcif: 48, qcif: 99, cif: 396, cif4: 1_584, cif16: 6_336 };

export const largestPicture = (sizes: Intervals): number => Math.max(...SIZE_NAMES.map((size) => (sizes[size] ? MACROBLOCKS[size] : 0)));

const written = (sizes: Intervals): Record<string, string> =>
  Object.fromEntries([...SIZE_NAMES].reverse().flatMap((size) => (sizes[size] ? [[size.toUpperCase(), String(sizes[size])]] : [])));

const told = (sizes: Intervals): Record<string, number> => Object.fromEntries(SIZE_NAMES.flatMap((size) => (sizes[size] ? [[`${size}MPI`, sizes[size]]] : [])));

const heard = (capability: Readonly<Record<string, unknown>>): Intervals =>
  Object.fromEntries(SIZE_NAMES.flatMap((size) => (typeof capability[`${size}MPI`] === 'number' ? [[size, capability[`${size}MPI`] as number]] : [])));

export function h261Codings(format: Format, line: MediaLine): H261Coding[] {
  if (format.name !== 'H261') return [];
  return [{ family: 'h261', sizes: intervalsOf(format, ['qcif', 'cif'], H261_MAX_INTERVAL), bitRate: bitRateOf(line, H261_MAX_BIT_RATE) }];
}

export function codingsOfH261(video: h245.VideoCapability): H261Coding[] {
  const capability = alternative(video, 'h261VideoCapability');
  const sizes = capability && heard(capability as unknown as Record<string, unknown>);
  return capability && sizes && Object.keys(sizes).length > 0 ? [{ family: 'h261', sizes, bitRate: capability.maxBitRate * 100 }] : [];
}

export const h261Capability = ({ sizes, bitRate }: H261Coding): h245.VideoCapability => ({
  h261VideoCapability: {
    ...told(sizes), temporalSpatialTradeOffCapability: false, maxBitRate: units(bitRate), stillImageTransmission: false, videoBadMBsCap: false,
  },
});

export function commonH261(one: H261Coding, other: H261Coding): H261Coding | undefined {
  const sizes = commonIntervals(one.sizes, other.sizes);
  return sizes && { ...one, sizes, bitRate: Math.min(one.bitRate, other.bitRate) };
}

export const h261Format = ({ sizes }: H261Coding): Omit<Format, 'payloadType'> & { payloadType: number } =>
  ({ name: 'H261', clockRate: 90_000, channels: 1, payloadType: 31, parameters: written(sizes) });

export function h263Codings(format: Format, line: MediaLine): H263Coding[] {
  if (!/^H263(-1998|-2000)?$/.test(format.name)) return [];
  const packets = format.name === 'H263' ? 2190 : 4629;
  const annexes = ANNEXES.filter((annex) => format.parameters[annex] === '1' && (packets === 4629 || annex === 'd' || annex === 'f'));
  return [{ family: 'h263', packets, sizes: intervalsOf(format, SIZE_NAMES, H263_MAX_INTERVAL), annexes, bitRate: bitRateOf(line, H263_MAX_BIT_RATE) }];
}

/**
 * Which of the packets that an endpoint names belong to which capability is not told: where both are named, those of RFC 4629 go with
 * its options (as `h263Capability` has it), those of RFC 2190 with plain H.263. Where none is named, it is RFC 2190.
 */
export function codingsOfH263(video: h245.VideoCapability, named: { old: boolean; new: boolean }): H263Coding[] {
  const capability = alternative(video, 'h263VideoCapability');
  const sizes = capability && heard(capability as unknown as Record<string, unknown>);
  if (!capability || !sizes || Object.keys(sizes).length === 0) return [];
  const { unrestrictedVector: d, advancedPrediction: f, h263Options } = capability;
  const packets = named.new && (h263Options !== undefined || !named.old) ? 4629 : 2190;
  const has: Record<Annex, boolean | undefined> = {
    d, f, i: h263Options?.advancedIntraCodingMode, j: h263Options?.deblockingFilterMode, t: h263Options?.modifiedQuantizationMode,
  };
  const annexes = ANNEXES.filter((annex) => has[annex] && (packets === 4629 || annex === 'd' || annex === 'f'));
  return [{ family: 'h263', packets, sizes, annexes, bitRate: capability.maxBitRate * 100 }];
}

export function h263Capability({ packets, sizes, annexes, bitRate }: H263Coding): h245.VideoCapability {
  const has = (annex: Annex): boolean => annexes.includes(annex);
  return {
    h263VideoCapability: {
      ...told(sizes), maxBitRate: units(bitRate), unrestrictedVector: has('d'), arithmeticCoding: false, advancedPrediction: has('f'), pbFrames: false,
      temporalSpatialTradeOffCapability: false, errorCompensation: false,
      ...(packets === 4629 && { h263Options: { ...NO_OPTIONS, advancedIntraCodingMode: has('i'), deblockingFilterMode: has('j'), modifiedQuantizationMode: has('t') } }),
    },
  };
}

export function commonH263(one: H263Coding, other: H263Coding): H263Coding | undefined {
  const sizes = commonIntervals(one.sizes, other.sizes);
  if (one.packets !== other.packets || !sizes) return undefined;
  return { ...one, sizes, annexes: one.annexes.filter((annex) => other.annexes.includes(annex)), bitRate: Math.min(one.bitRate, other.bitRate) };
}

export const coversH263 = (ours: H263Coding, request: H263Coding): boolean =>
  ours.packets === request.packets && coversSizes(ours.sizes, request.sizes) && request.annexes.every((annex) => ours.annexes.includes(annex));

export function h263Format({ packets, sizes, annexes }: H263Coding, like?: Format): Omit<Format, 'payloadType'> & { payloadType?: number } {
  const parameters = { ...written(sizes), ...Object.fromEntries(annexes.map((annex) => [annex.toUpperCase(), '1'])) };
  if (packets === 2190) return { name: 'H263', clockRate: 90_000, channels: 1, payloadType: 34, parameters };
  return { name: like?.name === 'H263-2000' ? 'H263-2000' : 'H263-1998', clockRate: 90_000, channels: 1, parameters };
}

const NO_OPTIONS: h245.H263Options = {
  advancedIntraCodingMode: false, deblockingFilterMode: false, improvedPBFramesMode: false, unlimitedMotionVectors: false, fullPictureFreeze: false,
  partialPictureFreezeAndRelease: false, resizingPartPicFreezeAndRelease: false, fullPictureSnapshot: false, partialPictureSnapshot: false,
  videoSegmentTagging: false, progressiveRefinement: false, dynamicPictureResizingByFour: false, dynamicPictureResizingSixteenthPel: false,
  dynamicWarpingHalfPel: false, dynamicWarpingSixteenthPel: false, independentSegmentDecoding: false, 'slicesInOrder-NonRect': false,
  'slicesInOrder-Rect': false, 'slicesNoOrder-NonRect': false, 'slicesNoOrder-Rect': false, alternateInterVLCMode: false,
  modifiedQuantizationMode: false, reducedResolutionUpdate: false, separateVideoBackChannel: false, videoBadMBsCap: false,
};
