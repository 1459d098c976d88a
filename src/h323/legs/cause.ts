import { release, statusOfQ850, type EndedBy, type Release } from '../../calls';
import { chosen } from '../per';
import type { CallRelease, ReleaseRequest } from '../signalling';

/** How a call that the peer, the network or a timer ended is told to the other leg. */
export function releaseOf({ q850, reason, by, fault }: CallRelease, party: EndedBy): Release {
  const text = by === 'timer' ? 'no answer in time' : by === 'network' ? `the connection was lost${fault ? `: ${fault.message}` : ''}` : reason ? `released: ${chosen(reason)}` : 'released';
  return release(statusOfQ850(q850), text, party, { q850 });
}

/** The normal end of a call that was answered is not refused in H.225.0's words. */
export const requestOf = ({ q850 }: Release): ReleaseRequest => ({ q850: q850 === 26 ? 16 : q850 });
