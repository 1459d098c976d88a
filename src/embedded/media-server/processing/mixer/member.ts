import type { MixerMember } from '../../contracts';
import type { Frame } from '../audio/frame';
import { RateAdapter } from '../audio/resampler';
import type { MediaParty } from '../party';
import type { Speaker } from './floor';

/** One party in a conference. */
export class Member implements MixerMember, Speaker {
  muted: boolean;
  deaf: boolean;
  videoMuted = false;
  interpreter: boolean;
  /** What it says and what it hears in this tick, both at the rate in which it is sent to. */
  says: Frame | undefined;
  hears: Frame | undefined;
  wasTalking = false;
  /** For codecs that differ by direction. */
  readonly adapter = new RateAdapter();
  constructor(
    readonly id: number,
    readonly party: MediaParty,
    options: { muted?: boolean; deaf?: boolean; interpreter?: boolean },
    private readonly leaves: (member: Member) => void,
  ) {
    this.muted = options.muted === true;
    this.deaf = options.deaf === true;
    this.interpreter = options.interpreter === true;
  }

  get silenced(): boolean {
    return this.muted || this.party.muted;
  }

  get talking(): boolean {
    return !this.silenced && this.party.talking;
  }

  get level(): number {
    return this.party.level;
  }

  leave(): void {
    this.leaves(this);
  }
}
