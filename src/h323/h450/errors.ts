import { EtasiltaError } from '../../errors';
import { h450 } from '../schemas';

/** An error that a supplementary service returns (H.450.1 general errors, and those of the services). */
export type ServiceErrorName = keyof typeof h450.ERRORS;

export type H450ErrorCode =
  /** The peer, or a handler of this side, returned an error. */
  | 'h450-error'
  /** The peer rejected the invocation: it does not know the operation, or could not read it. */
  | 'h450-rejected'
  /** The peer did not answer in time. */
  | 'h450-timeout'
  /** Too many invocations wait for the peer, or the call has ended. */
  | 'h450-closed';

export class H450Error extends EtasiltaError {
  /** `service`: which error of the service it is, for `h450-error`. */
  constructor(code: H450ErrorCode, message: string, readonly service?: ServiceErrorName) {
    // Q.850 cause 29, facility rejected.
    super(code, message, { q850: 29 });
  }
}

const NAMES = new Map(Object.entries(h450.ERRORS).map(([name, code]) => [code as number, name as ServiceErrorName]));

/** The name of a local error code; `unspecified` for those of other services. */
export const errorNamed = (code: number): ServiceErrorName => NAMES.get(code) ?? 'unspecified';
