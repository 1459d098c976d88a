import { EtasiltaError } from '../../errors';

export type SignallingErrorCode =
  /** What was asked for does not fit the state of the call. */
  | 'signalling-state'
  /** A connection of call signalling or H.245 broke one of its limits. */
  | 'signalling-limit'
  /** No port of the configured range is free for H.245. */
  | 'h245-ports';

export class SignallingError extends EtasiltaError {
  constructor(code: SignallingErrorCode, message: string, hint?: string) {
    // Q.850 cause 41, temporary failure.
    super(code, message, { q850: 41, hint });
  }
}
