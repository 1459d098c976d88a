/** Time as the procedures see it; tests inject one that they advance by hand. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls `wake` once after `delayMs`; the function returned takes that back. */
  wakeAfter(delayMs: number, wake: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAfter(delayMs, wake) {
    const timeout = setTimeout(wake, delayMs);
    return () => clearTimeout(timeout);
  },
};

/** One timer of a procedure, as in H.245's diagrams: `set` starts it anew, `reset` stops it. */
export class Timer {
  private cancel: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

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
