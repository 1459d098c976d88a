import { randomInt } from 'node:crypto';
import type { Capabilities } from '../h245';
import { descriptionOf, offerOf, type DescribedChannel, type Medium } from '../sdp';
import { inPlace } from './content-description';

interface Wording {
  offer?: string;
  local?: string;
  keep?: readonly Medium[];
  mediaHost?: string;
  /** Adds what channels do not tell. */
  complete?(sdp: string): string;
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

  /** As an offer before there are channels: what the party can do. */
  offer(capabilities: Capabilities): string {
    return (this.last = offerOf(capabilities, this.identity));
  }

  /** As an answer to `offer`, or as an offer to the party of `local`. */
  describe(channels: readonly DescribedChannel[], capabilities: Capabilities | undefined, { offer, local, keep, mediaHost, complete = (sdp) => sdp }: Wording): string {
    const wording = { ...(offer === undefined ? local !== undefined && { local } : { offer }), ...(keep && { keep }), ...(mediaHost !== undefined && { mediaHost }) };
    const { last } = this;
    const write = (): string => {
      const written = complete(descriptionOf(channels, capabilities, { ...this.identity, ...wording }));
      return offer === undefined && last !== undefined ? inPlace(written, last) : written;
    };
    const same = write();
    if (last === undefined || same === last) return (this.last = same);
    this.version++;
    return (this.last = write());
  }
}
