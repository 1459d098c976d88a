import { randomInt } from 'node:crypto';
import type { Capabilities } from '../h245';
import { descriptionOf, type DescribedChannel, type Medium } from '../sdp';

/** The descriptions of one H.323 party over its call: the session's identity stays, the version rises with each change (RFC 3264 section 8). */
export class PartyDescriptions {
  private readonly sessionId = String(randomInt(2 ** 31));
  private version = 1;
  private last: string | undefined;

  /** `host`: where the party is, for lines without a channel. */
  constructor(private readonly host: () => string) {}

  /** As an answer to `offer`, or as an offer. */
  describe(channels: readonly DescribedChannel[], capabilities: Capabilities | undefined, offer?: string, keep?: readonly Medium[]): string {
    const options = { host: this.host(), sessionId: this.sessionId, version: this.version, ...(offer !== undefined && { offer }), ...(keep && { keep }) };
    const same = descriptionOf(channels, capabilities, options);
    if (this.last === undefined || same === this.last) return (this.last = same);
    return (this.last = descriptionOf(channels, capabilities, { ...options, version: ++this.version }));
  }
}
