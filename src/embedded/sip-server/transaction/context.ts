import type { TimerQueue } from '../clock';
import type { IdSource } from '../ids';
import type { SipServerLog } from '../options';

/** Counters that transactions and transports keep. */
export interface Counters {
  messagesIn: number;
  messagesOut: number;
  rejected: number;
  dropped: number;
  invalid: number;
  retransmissionsIn: number;
  retransmissionsOut: number;
}

export const newCounters = (): Counters =>
  ({ messagesIn: 0, messagesOut: 0, rejected: 0, dropped: 0, invalid: 0, retransmissionsIn: 0, retransmissionsOut: 0 });

/** What the whole engine works with. */
export interface EngineContext {
  timers: TimerQueue;
  ids: IdSource;
  counters: Counters;
  log: SipServerLog;
}
