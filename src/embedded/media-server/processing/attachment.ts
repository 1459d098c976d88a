import type { Codec, RtpPacket } from '../contracts';
import type { Frame } from './audio/frame';
import type { MediaParty } from './party';

/** What a party is attached to: a bridge or a conference. It hears the party and lets it hear. */
export interface Attachment {
  /** Whether the party's sound is wanted as samples. */
  listens(to: MediaParty): boolean;
  /** Whether packets go to the party as they came, so that nothing is encoded for it. */
  forwards(to: MediaParty): boolean;
  /** The next 20 ms for the party, undefined for silence. */
  frame(to: MediaParty): Frame | undefined;
  /** The party sent sound or a telephone-event. */
  arrived(from: MediaParty, packet: RtpPacket, codec: Codec, event: boolean): void;
  /** The party's video lines came or went. */
  videoChanged(party: MediaParty): void;
  digit(from: MediaParty, digit: string, durationMs: number): void;
  /** The party closes or is attached to something else. */
  detach(party: MediaParty): void;
}
