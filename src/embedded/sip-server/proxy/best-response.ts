import type { SipMessage } from '../message';

/** Those of the 4xx class that tell the caller how to do better come first (RFC 3261 section 16.7, step 6). */
const TELLING: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);

function rank(status: number): number {
  if (status >= 600) return 0;
  if (status < 400) return 1;
  if (TELLING.has(status)) return 2;
  if (status === 408 || status === 487) return 8;
  return status < 500 ? 3 : 4;
}

/** The final response that goes back when no destination accepted; undefined when there is none. */
export function bestOf(responses: readonly SipMessage[]): SipMessage | undefined {
  return [...responses].sort((a, b) => rank(a.status) - rank(b.status))[0];
}
