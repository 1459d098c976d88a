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
  // eslint-disable-next-line no-control-regex -- what the sender wrote must not end the header row
  const text = reason.replace(/[\x00-\x1f\x7f"\\]/g, '?').slice(0, 200);
  return { status, reason: text, headers: { Warning: `${code} etasilta "${text}"`, ...headers } };
}
