import { join } from 'node:path';
import { loadDialPlan, parseDialPlan, type DialPlan } from '../../src/addressing';
import type { Device, DirectoryDocument, Membership, Person, Service } from '../../src/directory/model';
import { createRouter, type RouteRequest, type RouteResult, type RouterOptions, type RouteSource, type TargetState } from '../../src/routing';
import { MemoryDirectory } from './memory-view';

export const DOMAIN = 'palvelu.example';
/** A Monday, 10:00 in Helsinki. */
export const MONDAY = new Date('2026-11-23T08:00:00Z');

export const defaultPlan = (): Promise<DialPlan> => loadDialPlan(join(__dirname, '../../dialplans'), { domain: DOMAIN });
export const planOf = (text: string): DialPlan => parseDialPlan([{ file: 'plan.yaml', text }], { domain: DOMAIN });
/** The least plan: everything is searched in the directory as it is dialled. */
export const PLAIN = planOf('searchRules:\n  - { name: all, priority: 1, target: directory }');

export const device = (address: string, more: Partial<Device> = {}): Device => ({ address, site: 'site', kind: 'desk', enabled: true, ...more });
export const person = (key: string, devices: string[], more: Partial<Person> = {}): Person =>
  ({ key, organisation: 'org', name: `Expert ${key}`, roles: [], languages: ['fi'], skills: [], devices, enabled: true, ...more });
export const service = (address: string, more: Partial<Service> = {}): Service => ({
  address, organisation: 'org', languages: ['fi'], names: { fi: 'Palvelu', sv: 'Tjänst', en: 'Service' },
  plan: { stages: [{ group: 'main', strategy: 'order', ringSeconds: 60 }] }, enabled: true, ...more,
});
/** Members of `main` in this order: device addresses, or keys of persons. */
export const members = (of: string, ...who: string[]): Membership[] => who.map((one, position) =>
  ({ service: of, group: 'main', position, ...(one.includes('@') ? { device: one } : { person: one }) }));

export const noState: TargetState = { lastFreed: () => undefined, callsToday: () => 0, nextTurn: () => 0 };

/** Routes in a directory of just these records. */
export function routing(document: Partial<DirectoryDocument>, dialPlan: DialPlan = PLAIN, options: Partial<RouterOptions> = {}) {
  const directory = new MemoryDirectory(document);
  const router = createRouter({ directory, dialPlan, clock: () => MONDAY.getTime(), targetState: noState, ...options });
  const route = (dialled: string, source: RouteSource = { kind: 'local' }, more: Partial<RouteRequest> = {}): Promise<RouteResult> =>
    router.route({ dialled, source, ...more });
  return { directory, route };
}

/** Devices that ring, target by target and stage by stage: `a@x+b@x c@x | d@x`. */
export function rings(result: RouteResult): string {
  if (result.kind === 'refused') return `${result.status} ${result.reasonCode}`;
  return result.stages.map(({ targets }) => targets.map((target) => (target.peer === undefined ? target.devices.join('+') : `${target.peer}:${target.uri}`)).join(' ')).join(' | ');
}

/** Steps as `kind input result (note)`, those of some kinds only. */
export const stepsOf = (result: RouteResult, ...kinds: string[]): string[] => result.steps.filter(({ step }) => kinds.includes(step))
  .map(({ step, rule, input, output, result: what, note }) => [step, rule, input, output && `-> ${output}`, what, note && `(${note})`].filter(Boolean).join(' '));
