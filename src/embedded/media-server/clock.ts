import type { Clock } from '../sip-server/clock';

/** Time as the rooms of this server see it: that of its SIP server; tests inject one that they advance by hand. */
export type { Clock };

export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAfter(delayMs, wake) {
    const timeout = setTimeout(wake, delayMs);
    return () => clearTimeout(timeout);
  },
};
