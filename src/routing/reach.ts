import type { DialPlan, DialSource } from '../addressing';
import type { DirectoryView } from '../directory/view';
import { Memo } from './memo';
import { resolve } from './resolve';

/** What a caller may dial by the dial plan, whether or not somebody answers there now. */
export interface Reach {
  /** True when `address`, dialled as it stands, leads to the entry of that address. */
  mayDial(view: DirectoryView, source: DialSource, address: string, protocol: 'sip' | 'h323'): boolean;
}

const KEPT = 100_000;

/** The reach of this system's dial plan. */
export function createReach(dialPlan: DialPlan): Reach {
  const memo = new Memo<boolean>(KEPT);
  const protocolMatters = dialPlan.searchRules.some((rule) => rule.protocol !== 'any');
  return {
    mayDial(view, source, address, protocol) {
      const key = [address, protocolMatters && protocol, source.kind, source.peer, source.deviceKind, source.site, source.domain].join('\n');
      return memo.get(view.revision, key, () => {
        const resolution = resolve(view, dialPlan, { dialled: address, source, protocol });
        return resolution.kind === 'found' && resolution.canonical === address;
      });
    },
  };
}
