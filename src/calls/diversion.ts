/** Why calls are diverted, as RFC 5806 section 4 names it. */
export const DIVERSION_REASONS = [
  'unconditional', 'user-busy', 'no-answer', 'unavailable', 'deflection', 'time-of-day', 'do-not-disturb', 'follow-me', 'out-of-service', 'away', 'unknown',
] as const;
export type DiversionReason = (typeof DIVERSION_REASONS)[number];

/** What one call may be diverted in all (H.450.3: 1 to 15). */
export const MAX_DIVERSIONS = 15;

/** A diversion that a call has had on its way. */
export interface EarlierDiversion {
  reason: DiversionReason;
  /** How many diversions this is: 1, and those before it that nobody told more of. */
  counter: number;
  /** Who diverted the call, the last of them; undefined: that is not known, or not to be told. */
  by?: string;
}

/** All diversions of a call, the latest first. */
export type EarlierDiversions = readonly EarlierDiversion[];

/** How often a call was diverted. */
export const timesDiverted = (diversions: EarlierDiversions): number => diversions.reduce((sum, { counter }) => sum + counter, 0);

/** What a call has had when it is diverted once more; undefined: it was diverted too often. */
export const divertedAgain = (before: EarlierDiversions, by: string, reason: DiversionReason): EarlierDiversions | undefined =>
  (timesDiverted(before) < MAX_DIVERSIONS ? [{ by, reason, counter: 1 }, ...before] : undefined);
