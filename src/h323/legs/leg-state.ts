import { awaitsAddress } from '../sdp';
import { AwaitedChannels } from './awaited-channels';
import type { LegContent } from './content';
import { slidesOf } from './content-description';
import { LegError } from './errors';
import { FlowLimits } from './flow-limits';
import type { LegMediaEvents } from './media-events';
import { PEER_CHANNELS_MS } from './media-timing';
import type { MediaSession } from './secure-session';
import type { TransmissionModes } from './transmission-modes';
import { Waiters } from './waiters';

/** What the parts of one leg's media know together: the party that its endpoint is connected with, and how far H.245 is. */
export class LegState {
  /** Description of the party that the H.323 endpoint is connected with. */
  local: string | undefined;
  /** Channels may be opened. */
  ready = false;
  /** The peer takes no media for now; `ready` comes again when it does. */
  paused = false;
  started = false;
  over = false;
  /** Channels of fast start, until the session holds them. */
  fastStarted = false;
  /** The peer has H.239. */
  hasContent = false;
  /** The other party has not been asked yet whether it has slides. */
  offersContent = false;
  readonly limits = new FlowLimits();
  /** Channels of the peer's for media that the other party has no place for yet. */
  readonly awaited = new AwaitedChannels();
  private readonly waiters = new Waiters();

  get awaitsAddress(): boolean {
    return this.local !== undefined && awaitsAddress(this.local);
  }

  /** The other party has a line for slides. */
  get hasSlides(): boolean {
    return this.local !== undefined && slidesOf(this.local) !== undefined;
  }

  /** Slides are a line of the call, whether anybody shows something or not. */
  get keepsContent(): boolean {
    return this.hasContent && (this.offersContent || this.hasSlides);
  }

  /** Something has become so that somebody may wait for. */
  wake(): void {
    this.waiters.wake();
  }

  /** Resolves when it holds, or the peer has taken its time. */
  until(holds: () => boolean, patienceMs = PEER_CHANNELS_MS): Promise<void> {
    return this.waiters.until(() => this.over || holds(), patienceMs);
  }

  /** @throws LegError when the peer ends before */
  async whenReady(): Promise<void> {
    await this.until(() => this.ready, Infinity);
    if (this.over) throw new LegError('h323-control-closed', 'The H.323 endpoint ended its control channel before media could be agreed on.', 480, 41);
  }
}

/** What the media of one leg are made of. */
export interface LegParts {
  readonly state: LegState;
  readonly session: MediaSession;
  readonly content: LegContent;
  readonly modes: TransmissionModes;
  readonly events: LegMediaEvents;
  /** The call cannot go on. */
  fault(error: unknown): void;
}
