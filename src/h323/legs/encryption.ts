import { answerKeyOffer, H235Error, KeyOffer, offersEncryption, type AgreedSecret } from '../h235';
import type { HostPort } from '../ras';
import type { h235 } from '../schemas';

/** Calls that are placed in the same moment offer the same half keys, which take their time to make; each still has a secret of its own. */
const SHARED_OFFER_MS = 1_000;

export interface EncryptionSettings {
  /** Whether there is no call without encryption. */
  required: boolean;
  /** Address of this machine that media pass. */
  host: string;
  /** The address that both sides are told. */
  told: string;
  /** UDP ports, both within. */
  ports: readonly [number, number];
  /** How often a key is made anew where this side makes them, milliseconds; default: an hour. */
  refreshMs?: number;
}

/** Encryption of the media of all calls (H.235.6). */
export class MediaEncryption {
  private offered: { offer: KeyOffer; until: number } | undefined;

  /** `now`: monotonic milliseconds. */
  constructor(readonly settings: EncryptionSettings, private readonly now: () => number = () => performance.now()) {}

  /** A call that this side places. */
  placing(): CallEncryption {
    if (!this.offered || this.offered.until <= this.now()) this.offered = { offer: new KeyOffer(), until: this.now() + SHARED_OFFER_MS };
    return new CallEncryption(this.settings, this.offered.offer);
  }

  /** A call that comes in. */
  taking(): CallEncryption {
    return new CallEncryption(this.settings);
  }
}

/** What the two ends of one call agree on in Setup and its answers. */
export class CallEncryption {
  private secret: AgreedSecret | undefined;
  private readonly settle: () => void;
  /** Resolves when it is known whether media are encrypted. */
  readonly settled: Promise<void>;
  private over = false;

  constructor(readonly settings: EncryptionSettings, private readonly offer?: KeyOffer) {
    let resolve = (): void => undefined;
    this.settled = new Promise((done) => { resolve = done; });
    this.settle = () => {
      this.over = true;
      resolve();
    };
  }

  get isSettled(): boolean {
    return this.over;
  }

  /** Undefined before it is settled, and where media stay clear. */
  get agreed(): AgreedSecret | undefined {
    return this.secret;
  }

  /** For `tokens` of Setup. */
  get offeredTokens(): h235.ClearToken[] {
    return this.offer?.tokens ?? [];
  }

  /** What an answer to Setup says of it; `last`: it is Connect. A half key that cannot be is no agreement. */
  answered(tokens: readonly h235.ClearToken[] | undefined, last = false): void {
    if (this.over || !(last || offersEncryption(tokens))) return;
    this.secret = agreement(() => this.offer?.accept(tokens));
    this.settle();
  }

  /** The tokens of Connect for those of Setup; none where media stay clear. */
  answer(offered: readonly h235.ClearToken[] | undefined): h235.ClearToken[] | undefined {
    const found = agreement(() => answerKeyOffer(offered));
    this.secret = found?.agreed;
    this.settle();
    return found?.tokens;
  }

  /** Where media are received that come to a port of this machine's. */
  told(port: number): { rtp: HostPort; rtcp: HostPort } {
    const { told: host } = this.settings;
    return { rtp: { host, port }, rtcp: { host, port: port + 1 } };
  }
}

function agreement<T>(agree: () => T): T | undefined {
  try {
    return agree();
  } catch (error) {
    if (error instanceof H235Error) return undefined;
    throw error;
  }
}
