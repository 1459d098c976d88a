import { release, type Release } from './cause';
import type { AttemptRecord } from './record';
import { warning } from '../errors';
import type { RoutingPlan } from '../routing';

const REASONS_TO_TRY_LATER = new Set(['busy', 'no-answer']);

/**
 * What the caller is told when nobody answered: the one device's own word, or what describes all the tries best.
 * @param ownFault why this gateway itself could not ring somebody
 */
export function verdict(attempts: readonly AttemptRecord[], plan: RoutingPlan, ownFault?: Release): Release {
  // Who was never rung did not fail to answer.
  if (ownFault && attempts.every(({ result }) => result === 'failed' || result === 'unreachable')) return ownFault;
  const only = attempts.length === 1 ? attempts[0] : undefined;
  if (only?.status !== undefined && !plan.service) {
    return warned(release(only.status, only.text ?? 'refused', 'callee', { q850: only.q850 ?? 16 }));
  }
  const results = new Set(attempts.map((attempt) => attempt.result));
  if (results.has('no-answer')) return warned(release(480, 'nobody answered', 'gateway', { q850: 19 }));
  if (results.size > 0 && [...results].every((result) => result === 'busy')) return warned(release(486, 'everybody is busy', 'gateway'));
  if ([...results].some((result) => result && REASONS_TO_TRY_LATER.has(result))) {
    return warned(release(480, 'nobody is free', 'gateway', { q850: 17 }));
  }
  if (results.has('declined')) return warned(release(480, 'the call was declined', 'gateway', { q850: 21 }));
  return warned(release(480, 'no device of this service is reachable', 'gateway', { q850: 20 }));
}

const warned = (why: Release): Release => ({ ...why, warning: warning(why.text) });
