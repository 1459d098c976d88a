import type { Clock } from '../clock';
import { Lateness } from './lateness';

/** One tick is one frame of audio. */
const TICK_MS = 20;
/** More than this many missed ticks are given up: after a long stop of the process nobody wants old sound at once. */
const MAXIMUM_CATCH_UP = 5;

/** Calls `tick` each 20 ms while it runs; missed ticks are made up for in bounded number. */
export class Ticker {
  readonly lateness = new Lateness();
  private due = 0;
  private cancelWake: (() => void) | undefined;

  constructor(private readonly clock: Clock, private readonly tick: (now: number) => void) {}

  start(): void {
    if (this.cancelWake !== undefined) return;
    this.due = this.clock.now() + TICK_MS;
    this.arm();
  }

  stop(): void {
    this.cancelWake?.();
    this.cancelWake = undefined;
  }

  private arm(): void {
    this.cancelWake = this.clock.wakeAfter(Math.max(0, this.due - this.clock.now()), () => this.wake());
  }

  private wake(): void {
    for (let made = 0; made < MAXIMUM_CATCH_UP; made += 1) {
      const late = this.clock.now() - this.due;
      // Timers may fire a fraction of a millisecond early.
      if (late < -0.5) break;
      this.lateness.add(Math.max(0, late));
      this.due += TICK_MS;
      this.tick(this.clock.now());
      if (this.cancelWake === undefined) return;
    }
    const behind = Math.floor((this.clock.now() - this.due) / TICK_MS);
    if (behind > 0) {
      this.lateness.skipped += behind;
      this.due += behind * TICK_MS;
    }
    this.arm();
  }
}
