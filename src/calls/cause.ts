import { headerText } from '../errors';
import type { Diversion } from './leg';

/**
 * Why a leg or a call ended, in both vocabularies. The pairs follow RFC 3398 section 8.2.6.1 (SIP to ISUP) and section
 * 7.2.4.1 (ISUP to SIP); Q.850 values are those of ITU-T Q.850 section 2.2.7.
 */
const Q850_OF_STATUS: Record<number, number> = {
  400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 414: 127, 415: 79,
  416: 127, 420: 127, 421: 127, 423: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17, 487: 16, 488: 88,
  491: 41, 500: 41, 501: 79, 502: 38, 503: 41, 504: 102, 505: 127, 513: 127, 600: 17, 603: 21, 604: 1, 606: 88,
};
const STATUS_OF_Q850: Record<number, number> = {
  1: 404, 2: 404, 3: 404, 16: 480, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 25: 483, 26: 404, 27: 502, 28: 484,
  29: 501, 31: 480, 34: 503, 38: 503, 41: 503, 42: 503, 47: 503, 55: 403, 57: 403, 58: 503, 65: 488, 70: 488, 79: 501,
  87: 403, 88: 503, 102: 504, 111: 500, 127: 500,
};

/** Q.850 cause for a SIP final status; 2xx is normal clearing (16). */
export function q850OfStatus(status: number): number {
  return status < 300 ? 16 : (Q850_OF_STATUS[status] ?? (status < 500 ? 127 : 41));
}

/** SIP status for a Q.850 cause. */
export function statusOfQ850(cause: number): number {
  return STATUS_OF_Q850[cause] ?? 480;
}

/** Who ended it: one of the two parties, this gateway, or an operator. */
export type EndedBy = 'caller' | 'callee' | 'gateway' | 'operator';

/** How a leg is refused or released, or was. */
export interface Release {
  /** SIP status a refused call is told; 200 for the normal end of an answered one. */
  status: number;
  q850: number;
  /** Short English text for the record, the `Reason` header and the log. */
  text: string;
  by: EndedBy;
  /** Complete `Warning` header value for the caller's helpdesk. */
  warning?: string;
  /** Further response headers, e.g. `Retry-After`, `Contact` of a 300. */
  headers?: Record<string, string>;
  /** The device does not take the call, and wants it there. */
  diversion?: Diversion;
  /** Complete `Reason` header value where the standard's differs from SIP;cause=… (RFC 3326). */
  reason?: string;
}

/** RFC 3326: the value that keeps losers of a ring race from showing a missed call. */
export const COMPLETED_ELSEWHERE: Release = {
  status: 487, q850: 26, text: 'answered elsewhere', by: 'gateway', reason: 'SIP;cause=200;text="Call completed elsewhere"',
};

export function release(status: number, text: string, by: EndedBy, more: Partial<Release> = {}): Release {
  return { status, q850: q850OfStatus(status), text, by, ...more };
}

/** `Reason` header for a release (RFC 3326): its own text when given, else the Q.850 cause. */
export function reasonHeader(r: Release): string {
  return r.reason ?? `Q.850;cause=${r.q850};text="${headerText(r.text)}"`;
}
