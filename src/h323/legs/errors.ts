import { EtasiltaError } from '../../errors';

export type LegErrorCode = 'h323-no-common-media' | 'h323-control-closed' | 'h323-call-over' | 'h323-port' | 'h323-not-encrypted';

/** An H.323 leg cannot do what it should. */
export class LegError extends EtasiltaError {
  constructor(code: LegErrorCode, message: string, sipStatus: number, q850: number, more: { hint?: string; cause?: unknown } = {}) {
    super(code, message, { sipStatus, q850, ...more });
  }
}
