/** Limits of a level: macroblocks a second, macroblocks a picture, and 1000 bit/s (H.264 table A-1). */
export interface H264Limits {
  mbps: number;
  fs: number;
  br: number;
}

export interface H264Level extends H264Limits {
  /** level_idc of H.264; level 1b shares 11 with level 1.1 and is told by constraint_set3_flag. */
  idc: number;
  /** Value of parameter 42 (H.241 section 8.3). */
  h241: number;
}

/** Rising. Level 5.2, for which no number of H.241 could be checked, counts as 5.1. */
export const LEVELS: readonly H264Level[] = [
  { idc: 10, h241: 15, mbps: 1_485, fs: 99, br: 64 },
  { idc: 9, h241: 19, mbps: 1_485, fs: 99, br: 128 },
  { idc: 11, h241: 22, mbps: 3_000, fs: 396, br: 192 },
  { idc: 12, h241: 29, mbps: 6_000, fs: 396, br: 384 },
  { idc: 13, h241: 36, mbps: 11_880, fs: 396, br: 768 },
  { idc: 20, h241: 43, mbps: 11_880, fs: 396, br: 2_000 },
  { idc: 21, h241: 50, mbps: 19_800, fs: 792, br: 4_000 },
  { idc: 22, h241: 57, mbps: 20_250, fs: 1_620, br: 4_000 },
  { idc: 30, h241: 64, mbps: 40_500, fs: 1_620, br: 10_000 },
  { idc: 31, h241: 71, mbps: 108_000, fs: 3_600, br: 14_000 },
  { idc: 32, h241: 78, mbps: 216_000, fs: 5_120, br: 20_000 },
  { idc: 40, h241: 85, mbps: 245_760, fs: 8_192, br: 20_000 },
  { idc: 41, h241: 92, mbps: 245_760, fs: 8_192, br: 50_000 },
  { idc: 42, h241: 99, mbps: 522_240, fs: 8_704, br: 50_000 },
  { idc: 50, h241: 106, mbps: 589_824, fs: 22_080, br: 135_000 },
  { idc: 51, h241: 113, mbps: 983_040, fs: 36_864, br: 240_000 },
];

/** The highest level that is not over the value; the lowest for values under all. */
export function levelUpTo(key: 'idc' | 'h241', value: number): number {
  let found = 0;
  LEVELS.forEach((level, index) => {
    if (level[key] <= value && level.idc !== 9) found = index;
    // Level 1b by its own number; as a level_idc, 9 is the high profiles' way to say it (H.264 section A.3.3).
    if (level.idc === 9 && value === level[key]) found = index;
  });
  return found;
}
