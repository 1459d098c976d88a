/** Time as the rooms of this server see it; tests inject one that they advance by hand. */
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
