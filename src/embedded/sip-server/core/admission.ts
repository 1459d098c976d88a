import type { TimerQueue } from '../clock';
import type { SipServerLimits } from '../options';
import type { Application } from './application';
import type { DialogTable } from './dialog-table';
import type { Unanswered } from './unanswered';

const SAMPLE_MS = 100;

/**
 * Decides whether a new request is taken on or refused with 503 before it costs memory. What belongs to calls that are
 * under way is never asked for here.
 */
export class Admission {
  private lag = 0;
  private expected: number;

  constructor(private readonly timers: TimerQueue, private readonly limits: SipServerLimits, private readonly dialogs: DialogTable) {
    this.expected = timers.now() + SAMPLE_MS;
    this.sample();
  }

  admits(application: Application, unanswered: Unanswered, source: string): boolean {
    return unanswered.total < this.limits.unanswered && unanswered.from(source) < this.limits.unansweredPerSource && this.dialogs.hasRoom && !application.behind && this.lag < this.limits.eventLoopLagMs;
  }

  /** How late the event loop runs; it falls by half a sample, so that refusals do not stop and start with every turn. */
  private sample(): void {
    this.timers.start(SAMPLE_MS, () => {
      const now = this.timers.now();
      this.lag = Math.max(now - this.expected, this.lag / 2);
      this.expected = now + SAMPLE_MS;
      this.sample();
    });
  }
}
