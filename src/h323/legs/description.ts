import { randomInt } from 'node:crypto';
import type { Capabilities } from '../h245';
import { descriptionOf, type DescribedChannel, type Medium } from '../sdp';

interface Wording {
  offer?: string;
  local?: string;
  keep?: readonly Medium[];
}

/** The descriptions of one H.323 party over its call: the session's identity stays, the version rises with each change (RFC 3264 section 8). */
export class PartyDescriptions {
  private readonly sessionId = String(randomInt(2 ** 31));
  private version = 1;
  private last: string | undefined;

  /** `host`: where the party is, for lines without a channel. */
  constructor(private readonly host: () => string) {}

  /** What `o=` and the rest of the session level are made of. */
  get identity(): { host: string; sessionId: string; version: number } {
    return { host: this.host(), sessionId: this.sessionId, version: this.version };
  }

  /** As an answer to `offer`, or as an offer to the party of `local`. */
  describe(channels: readonly DescribedChannel[], capabilities: Capabilities | undefined, { offer, local, keep }: Wording): string {
    const wording = { ...(offer === undefined ? local !== undefined && { local } : { offer }), ...(keep && { keep }) };
    const same = descriptionOf(channels, capabilities, { ...this.identity, ...wording });
    if (this.last === undefined || same === this.last) return (this.last = same);
    this.version++;
    return (this.last = descriptionOf(channels, capabilities, { ...this.identity, ...wording }));
  }
}
