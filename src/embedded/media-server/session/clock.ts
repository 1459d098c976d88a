/** Time as sessions see it; tests inject one that they advance by hand. */
export interface SessionClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds of the epoch, for the NTP time of sender reports. */
  wallNow(): number;
  /** Calls `wake` once after `delayMs`; the function returned takes that back. */
  wakeAfter(delayMs: number, wake: () => void): () => void;
}

export const systemClock: SessionClock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  wakeAfter(delayMs, wake) {
    const timeout = setTimeout(wake, delayMs);
    return () => clearTimeout(timeout);
  },
};
