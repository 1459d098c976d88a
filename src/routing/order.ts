import type { Strategy } from '../directory/model';
import type { Target, TargetState } from './types';

type DeviceTarget = Extract<Target, { devices: string[] }>;

/**
 * Puts a stage's targets into the order in which they ring. `targets` come by position, which decides between equals; a person
 * counts by all her devices together.
 */
export function orderTargets(
  strategy: Strategy, targets: DeviceTarget[], state: TargetState, service: string, group: string,
): DeviceTarget[] {
  switch (strategy) {
    case 'all':
    case 'order':
      return targets;
    case 'longest-idle':
      // A device that no call has freed yet has been idle the longest.
      return by(targets, ({ devices }) => Math.max(...devices.map((device) => state.lastFreed(device) ?? -Infinity)));
    case 'least-calls':
      return by(targets, ({ devices }) => devices.reduce((sum, device) => sum + state.callsToday(device), 0));
    case 'round-robin': {
      if (targets.length < 2) return targets;
      const first = state.nextTurn(service, group, targets.length) % targets.length;
      return [...targets.slice(first), ...targets.slice(0, first)];
    }
  }
}

function by(targets: DeviceTarget[], key: (target: DeviceTarget) => number): DeviceTarget[] {
  return targets
    .map((target) => ({ target, value: key(target) }))
    .sort((a, b) => (a.value === b.value ? 0 : a.value - b.value))
    .map(({ target }) => target);
}
