import type { Codec, MediaKind } from '../../contracts';

export const TELEPHONE_EVENT = 'TELEPHONE-EVENT';

interface KnownCodec {
  kind: MediaKind;
  clockRates: readonly number[];
  channels: readonly number[];
  /** How it is offered; H.264 is offered in each way that packets can be cut. */
  offers: readonly Omit<Codec, 'name'>[];
}

const mono = (payloadType: number, clockRate: number, fmtp: Record<string, string> = {}): Omit<Codec, 'name'> =>
  ({ payloadType, clockRate, channels: 1, fmtp });
const h264 = (payloadType: number, profile: string, mode: string): Omit<Codec, 'name'> =>
  mono(payloadType, 90_000, { 'profile-level-id': profile, 'packetization-mode': mode, 'level-asymmetry-allowed': '1' });

/**
 * What this server carries. G.722 has the clock rate 8000 though it samples at 16 kHz (RFC 3551 section 4.5.2); Opus is
 * always 48000/2 (RFC 7587 section 7). Dynamic payload types are those that browsers use, where they have one.
 */
const KNOWN: Readonly<Record<string, KnownCodec>> = {
  OPUS: { kind: 'audio', clockRates: [48_000], channels: [2],
    offers: [{ payloadType: 111, clockRate: 48_000, channels: 2, fmtp: { minptime: '10', useinbandfec: '1' } }] },
  G722: { kind: 'audio', clockRates: [8_000], channels: [1], offers: [mono(9, 8_000)] },
  L16: { kind: 'audio', clockRates: [8_000, 16_000, 32_000, 44_100, 48_000], channels: [1, 2], offers: [mono(98, 16_000)] },
  PCMA: { kind: 'audio', clockRates: [8_000], channels: [1], offers: [mono(8, 8_000)] },
  PCMU: { kind: 'audio', clockRates: [8_000], channels: [1], offers: [mono(0, 8_000)] },
  H264: { kind: 'video', clockRates: [90_000], channels: [1],
    offers: [h264(102, '42e01f', '1'), h264(125, '42e01f', '0'), h264(127, '4d001f', '1')] },
  VP8: { kind: 'video', clockRates: [90_000], channels: [1], offers: [mono(96, 90_000)] },
  H224: { kind: 'application', clockRates: [4_800], channels: [1], offers: [mono(100, 4_800)] },
};

/** Preference where nobody asked for another: wideband before narrowband, H.264, which rooms and desks have, before VP8. */
export const DEFAULT_CODECS: readonly string[] = ['OPUS', 'G722', 'PCMA', 'PCMU', 'L16', 'H264', 'VP8'];

/** Far-end camera control is what its line is for: no preference leaves it out. */
export const CAMERA_CODECS: readonly string[] = ['H224'];

/** RFC 3551 table 4, as far as known here. */
export const STATIC_PAYLOAD_TYPES: ReadonlyMap<number, Omit<Codec, 'payloadType'>> = new Map([
  [0, { name: 'PCMU', clockRate: 8_000, channels: 1, fmtp: {} }],
  [8, { name: 'PCMA', clockRate: 8_000, channels: 1, fmtp: {} }],
  [9, { name: 'G722', clockRate: 8_000, channels: 1, fmtp: {} }],
  [10, { name: 'L16', clockRate: 44_100, channels: 2, fmtp: {} }],
  [11, { name: 'L16', clockRate: 44_100, channels: 1, fmtp: {} }],
]);

/** Whether a codec can be carried on a line of this kind at all. */
export function isKnown(codec: Codec, kind: MediaKind): boolean {
  const known = Object.hasOwn(KNOWN, codec.name) ? KNOWN[codec.name] : undefined;
  if (known?.kind !== kind || !known.clockRates.includes(codec.clockRate) || !known.channels.includes(codec.channels)) return false;
  return codec.name !== 'H264' || h264Format(codec) !== undefined;
}

/** What an offer says for these names, telephone-event included for each clock rate in use (RFC 4733 section 2.4.1). */
export function offeredCodecs(names: readonly string[], kind: MediaKind): Codec[] {
  const codecs = names.flatMap((name) => {
    const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
    return known?.kind === kind ? known.offers.map((offer) => ({ name, ...offer, fmtp: { ...offer.fmtp } })) : [];
  });
  if (kind !== 'audio') return codecs;
  const rates = [...new Set(codecs.map((codec) => codec.clockRate))].filter((rate) => rate === 8_000 || rate === 48_000);
  return [...codecs, ...rates.map((clockRate) =>
    ({ name: TELEPHONE_EVENT, payloadType: clockRate === 8_000 ? 101 : 110, clockRate, channels: 1, fmtp: { events: '0-15' } }))];
}

/** Profiles that can be told apart by what a decoder must be able to do (RFC 6184 section 8.1, table 5). */
type H264Profile = 'constrained-baseline' | 'baseline' | 'main' | 'constrained-high' | 'high';

export interface H264Format {
  profile: H264Profile;
  /** level_idc, ten times the level; 9 is level 1b. */
  level: number;
  packetizationMode: 0 | 1;
}

/** Reads H.264 parameters; undefined where they are none that can be forwarded (interleaved mode, unknown profiles). */
export function h264Format(codec: Codec): H264Format | undefined {
  const id = codec.fmtp['profile-level-id'] ?? '42000a'; // RFC 6184 section 8.1: Baseline, level 1.
  const mode = codec.fmtp['packetization-mode'] ?? '0';
  if (!/^[0-9a-f]{6}$/i.test(id) || (mode !== '0' && mode !== '1')) return undefined;
  const constraints = Number.parseInt(id.slice(2, 4), 16);
  const level = Number.parseInt(id.slice(4, 6), 16);
  const profile = h264Profile(Number.parseInt(id.slice(0, 2), 16), constraints);
  if (profile === undefined) return undefined;
  const is1b = level === 11 && (constraints & 0x10) !== 0 && !profile.endsWith('high');
  return { profile, level: is1b ? 9 : level, packetizationMode: mode === '1' ? 1 : 0 };
}

function h264Profile(profileIdc: number, constraints: number): H264Profile | undefined {
  const set0 = (constraints & 0x80) !== 0;
  const set1 = (constraints & 0x40) !== 0;
  switch (profileIdc) {
    case 0x42: return set1 ? 'constrained-baseline' : 'baseline';
    case 0x4d: return set0 ? 'constrained-baseline' : 'main';
    case 0x58: return set0 ? (set1 ? 'constrained-baseline' : 'baseline') : undefined;
    case 0x64: return (constraints & 0x0c) === 0x0c ? 'constrained-high' : 'high';
    default: return undefined;
  }
}

const BASELINES: readonly H264Profile[] = ['constrained-baseline', 'baseline'];

/**
 * Whether two descriptions mean the same codec (RFC 3264 section 6.1, RFC 6184 section 8.2.2). H.264 must agree in profile
 * and packetisation mode. Baseline and Constrained Baseline count as one: real encoders use none of what tells them apart,
 * and devices write either for the other.
 */
export function isSameCodec(a: Codec, b: Codec): boolean {
  if (a.name !== b.name || a.clockRate !== b.clockRate || a.channels !== b.channels) return false;
  if (a.name !== 'H264') return true;
  const [left, right] = [h264Format(a), h264Format(b)];
  if (left === undefined || right === undefined || left.packetizationMode !== right.packetizationMode) return false;
  return left.profile === right.profile || (BASELINES.includes(left.profile) && BASELINES.includes(right.profile));
}

/**
 * Orders what both sides have. With `names` their order rules. Without, the offerer's order stays, but wideband goes before
 * narrowband and H.264 before VP8. Among H.264 formats the offerer's order stays: the application may have put first what
 * the party decodes that pictures are forwarded to.
 */
export function inPreferenceOrder(codecs: readonly Codec[], names: readonly string[] | undefined): Codec[] {
  const rank = (codec: Codec): number => {
    if (names !== undefined) return names.indexOf(codec.name);
    if (codec.name === 'VP8') return 1;
    return codec.name === 'PCMU' || codec.name === 'PCMA' || (codec.name === 'L16' && codec.clockRate < 16_000) ? 1 : 0;
  };
  return codecs.map((codec, index) => ({ codec, index }))
    .sort((a, b) => rank(a.codec) - rank(b.codec) || a.index - b.index)
    .map(({ codec }) => codec);
}
