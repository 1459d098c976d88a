import { systemClock as monotonic, type Clock } from '../clock';

/** Time as sessions see it: the server's, and that of the wall. */
export interface SessionClock extends Clock {
  /** Milliseconds of the epoch, for the NTP time of sender reports. */
  wallNow(): number;
}

export const systemClock: SessionClock = { ...monotonic, wallNow: () => Date.now() };
