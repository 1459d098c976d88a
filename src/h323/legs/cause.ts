import { release, statusOfQ850, type EndedBy, type Release } from '../../calls';
import { chosen } from '../per';
import type { CallRelease, ReleaseRequest } from '../signalling';

/** How a call that the peer, the network or a timer ended is told to the other leg. */
export function releaseOf({ q850, reason, by, fault }: CallRelease, party: EndedBy): Release {
  const text = by === 'timer' ? 'no answer in time' : by === 'network' ? `the connection was lost${fault ? `: ${fault.message}` : ''}` : reason ? `released: ${chosen(reason)}` : 'released';
  return release(statusOfQ850(q850), text, party, { q850 });
}

/** Who loses the race of those that ring is told 26, non-selected user clearing (Q.850 section 2.2.7.1). */
export const requestOf = ({ q850 }: Release): ReleaseRequest => ({ q850 });
