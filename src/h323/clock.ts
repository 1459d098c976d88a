/** Time as calls see it; tests inject one that they advance by hand. */
export interface Clock {
  /** Calls `wake` once after `delayMs`; the function returned takes that back. */
  wakeAfter(delayMs: number, wake: () => void): () => void;
}

/** One that also tells the time. */
export interface TellingClock extends Clock {
  /** Monotonic milliseconds. */
  now(): number;
}

export const systemClock: TellingClock = {
  now: () => performance.now(),
  wakeAfter(delayMs, wake) {
    const timeout = setTimeout(wake, delayMs);
    return () => clearTimeout(timeout);
  },
};

/** One timer of a procedure, as in the standards' diagrams: `set` starts it anew, `reset` stops it. */
export class Timer {
  private cancel: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  get running(): boolean {
    return this.cancel !== undefined;
  }

  set(delayMs: number, expired: () => void): void {
    this.reset();
    this.cancel = this.clock.wakeAfter(delayMs, () => {
      this.cancel = undefined;
      expired();
    });
  }

  reset(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
