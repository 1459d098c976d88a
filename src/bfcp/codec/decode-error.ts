import { BfcpError } from '../errors';
import type { Header } from './message';
import { ERROR_CODES } from './names';

/** A message that cannot be read, with what its sender is told where it can be told anything. */
export class BfcpDecodeError extends BfcpError {
  constructor(
    message: string,
    /** Error code of RFC 8855 section 5.2.6. */
    readonly errorCode: number = ERROR_CODES.unableToParseMessage,
    /** Error specific details, as they stand after the code. */
    readonly details?: Buffer,
    /** Undefined where not even the header could be read. */
    readonly header?: Header,
  ) {
    super('bfcp-invalid', message);
  }
}
