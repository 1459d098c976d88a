import { EtasiltaError } from '../../errors';

export type Q931ErrorCode =
  /** The octets end before the message does. */
  | 'q931-truncated'
  /** Not a Q.931 message, or one whose structure cannot be followed. */
  | 'q931-invalid'
  /** A value to be encoded does not fit its field. */
  | 'q931-value'
  /** A TPKT header is wrong: the stream cannot be followed any further. */
  | 'tpkt-invalid';

/** A Q.931 message or TPKT packet that cannot be read or written. */
export class Q931Error extends EtasiltaError {
  constructor(code: Q931ErrorCode, message: string) {
    // Q.850 cause 95, invalid message, unspecified.
    super(code, message, { q850: 95 });
  }
}
