/** From the view of who wrote it: `sendonly` means that the writer sends (RFC 8866 section 6.7). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The direction written; the unspecified address is the hold of RFC 2543: the writer will not hear anything. */
export function parseDirection(attribute: string | undefined, host: string | undefined): Direction {
  const direction = attribute === 'sendonly' || attribute === 'recvonly' || attribute === 'inactive' ? attribute : 'sendrecv';
  if (host !== '0.0.0.0' && host !== '::') return direction;
  return direction === 'recvonly' || direction === 'inactive' ? 'inactive' : 'sendonly';
}

export const sends = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly';
export const receives = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';

/** What is left of our side's wish when the other side wrote `theirs` (RFC 3264 section 6.1). */
export function matchDirection(ours: Direction, theirs: Direction): Direction {
  const send = sends(ours) && receives(theirs);
  const receive = receives(ours) && sends(theirs);
  return send ? (receive ? 'sendrecv' : 'sendonly') : receive ? 'recvonly' : 'inactive';
}
