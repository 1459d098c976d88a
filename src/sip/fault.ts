import { headerText, warning } from '../errors';
import type { Answer, Headers } from './request';

/** Why a request cannot be taken, as its sender is told. */
export interface RequestFault extends Answer {
  headers: Headers;
  /** What was wrong and where; also the text of the Warning header. */
  reason: string;
}

/**
 * A refusal with a Warning that a helpdesk can act on (RFC 3261 section 20.43).
 * @param code warn-code: 399 unless one of section 20.43 says it better.
 */
export function fault(status: number, reason: string, headers: Headers = {}, code = 399): RequestFault {
  return { status, reason: headerText(reason), headers: { Warning: warning(reason, code), ...headers } };
}
