import type { Release } from '../../calls';

/** What the media of a leg tell. */
export interface LegMediaEvents {
  /** The peer opened or closed channels by itself; `description` says what it is now, as an offer. Resolves with the answer to that. */
  changed(description: string): Promise<string | undefined>;
  digit(digit: string): void;
  /** What the channels take both ways together, bit/s, when it has changed. */
  rate?(bitRate: number): void;
  /** The peer wants a key frame of the picture that it gets. */
  keyFrameWanted(): void;
  /** The call cannot go on. */
  failed(why: Release): void;
}
