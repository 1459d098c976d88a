import type { EndedBy } from './cause';
import type { MediaMode } from '../directory/model';

/** How a call ended, in the classes that reports count. `running` until it has, `unknown` when the process died under it. */
export type Outcome = 'running' | 'answered' | 'abandoned' | 'unanswered' | 'refused' | 'failed' | 'unknown';

/** One try to reach one device. */
export interface AttemptRecord {
  device: string;
  person?: string;
  /** Epoch milliseconds. */
  at: number;
  rangAt?: number;
  endedAt?: number;
  /** `answered`, or why it was not: `busy`, `unreachable`, `no-answer`, `declined`, `elsewhere`, `cancelled`, `failed`. */
  result?: AttemptResult;
  status?: number;
  q850?: number;
  text?: string;
}

export type AttemptResult = 'answered' | 'busy' | 'unreachable' | 'no-answer' | 'declined' | 'elsewhere' | 'cancelled' | 'failed';

/** The record of one call (CDR): written when it starts, completed when it ends. Times are epoch milliseconds. */
export interface CallRecord {
  id: string;
  startedAt: number;
  caller: string;
  callerName?: string;
  /** `registered`, `local`, or `peer:NAME`. */
  source: string;
  protocol: string;
  dialled: string;
  /** Service address that the call was for, when it was for one. */
  service?: string;
  language?: string;
  /** Device and person that answered. */
  device?: string;
  person?: string;
  media?: MediaMode;
  rangAt?: number;
  answeredAt?: number;
  endedAt?: number;
  outcome: Outcome;
  sipStatus?: number;
  q850?: number;
  cause?: string;
  endedBy?: EndedBy;
  attempts: AttemptRecord[];
  /** Media bytes each way; unknown for direct media, which does not pass here. */
  bytesFromCaller?: number;
  bytesToCaller?: number;
}
