import type { TimerQueue } from '../clock';
import type { IdSource } from '../ids';
import { SipMessage } from '../message';
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

/** Stands for a request that is needed no more. */
export const RELEASED: SipMessage = SipMessage.request('', '');

/** A fault of our own costs the message that met it, never the process. */
export function reportFault(log: SipServerLog, where: string, error: unknown): void {
  log('warn', 'internal-error', { where, error: error instanceof Error ? error.stack ?? error.message : String(error) });
}

/** What the whole engine works with. */
export interface EngineContext {
  timers: TimerQueue;
  ids: IdSource;
  counters: Counters;
  log: SipServerLog;
}
