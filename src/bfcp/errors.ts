import { EtasiltaError } from '../errors';

export type BfcpErrorCode =
  /** A value does not fit its field. */
  | 'bfcp-value'
  /** Octets that are no BFCP message, or not one that is understood. */
  | 'bfcp-invalid'
  /** The peer did not answer. */
  | 'bfcp-timeout'
  /** The association is closed, or was closed while an answer was awaited. */
  | 'bfcp-closed'
  /** The peer refused the request with an Error message. */
  | 'bfcp-refused'
  /** A bound was reached. */
  | 'bfcp-limit'
  /** A socket could not be opened or connected. */
  | 'bfcp-socket'
  /** A session description's BFCP line that cannot be read or answered. */
  | 'bfcp-sdp';

export class BfcpError extends EtasiltaError {
  constructor(code: BfcpErrorCode, message: string, detail: { hint?: string; cause?: unknown } = {}) {
    super(code, message, detail);
  }
}
