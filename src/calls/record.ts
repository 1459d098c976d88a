import type { EndedBy } from './cause';
import type { MediaMode } from '../directory/model';

/**
 * How a call ended, in the classes that reports count. `running` until it has, `unknown` when the process died under it,
 * `joined` when it became part of another call.
 */
export type Outcome = 'running' | 'joined' | 'answered' | 'abandoned' | 'unanswered' | 'refused' | 'failed' | 'unknown';

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

/** A third party of a call: who asked for whom, and what became of it. */
export interface JoinRecord {
  /** Identifier of the third party within the call. */
  id: string;
  role: 'interpreter' | 'participant';
  /** What was dialled or asked for, and what it was found to be. */
  dialled: string;
  service?: string;
  device?: string;
  person?: string;
  /** Leg of the party that the third one came for: the customer's leg of an interpreter. */
  withLeg: string;
  askedBy: 'caller' | 'callee' | 'operator';
  at: number;
  answeredAt?: number;
  endedAt?: number;
  status?: number;
  q850?: number;
  cause?: string;
  attempts: AttemptRecord[];
}

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
  /** Third parties, in the order in which they were asked for. */
  joins?: JoinRecord[];
  /** The call that this one became part of. */
  joinedCall?: string;
  /** Media bytes each way; unknown for direct media, which does not pass here. */
  bytesFromCaller?: number;
  bytesToCaller?: number;
}
