import { inLanguage } from '../desk';
import type { Device, Membership, PlanStage as StagePlan, Service } from '../directory/model';
import type { DirectoryView } from '../directory/view';
import { orderTargets } from './order';
import type { Availability, PlanStage, Step, Target, TargetState } from './types';

type DeviceTarget = Extract<Target, { devices: string[] }>;

/** How long a target of a one-at-a-time stage rings when the plan does not say, seconds. */
const TARGET_SECONDS = 20;

/** What building stages needs to know of one call. */
export interface StageContext {
  view: DirectoryView;
  /** The caller's own device is never rung. */
  caller?: string;
  state: TargetState;
  availability?: Availability;
  steps: Step[];
}

/** The stages of a service's plan that have anybody to ring. */
export function stagesOf(service: Service, context: StageContext): PlanStage[] {
  const members = context.view.membersOf(service.address);
  const stages: PlanStage[] = [];
  for (const stage of service.plan.stages) {
    const { group, strategy, ringSeconds } = stage;
    const left: Step[] = [];
    const found = targetsOf(members.filter((member) => member.group === group), group, context, left);
    const targets = orderTargets(strategy, found, context.state, service.address, group);
    const targetSeconds = secondsOf(stage);
    const each = strategy === 'all' ? '' : `, ${targetSeconds} s each`;
    context.steps.push({
      step: 'stage', rule: group, input: service.address, output: strategy,
      result: targets.length > 0 ? 'rings' : 'nobody', note: `${ringSeconds} s${each}`,
    }, ...targets.map((target) => targetStep(target, context.availability)), ...left);
    if (targets.length > 0) stages.push({ strategy, ringSeconds, targetSeconds, targets, service: service.address });
  }
  return stages;
}

const secondsOf = ({ ringSeconds, targetSeconds }: StagePlan): number => Math.min(ringSeconds, targetSeconds ?? TARGET_SECONDS);

/** A dialled device alone. */
export function deviceStage(device: Device, ringSeconds: number, { availability, steps }: StageContext): PlanStage {
  const target: DeviceTarget = { devices: [device.address], name: nameOf(device), group: 'device' };
  steps.push({ step: 'stage', rule: 'device', input: device.address, output: 'all', result: 'rings', note: `${ringSeconds} s` }, targetStep(target, availability));
  return { strategy: 'all', ringSeconds, targetSeconds: ringSeconds, targets: [target] };
}

/** Members as targets, by position; each device once. Whoever is left out goes to `left` with the reason. */
function targetsOf(members: readonly Membership[], group: string, context: StageContext, left: Step[]): DeviceTarget[] {
  const seen = new Set<string>();
  const targets: DeviceTarget[] = [];
  const leaveOut = (input: string, note: string) => left.push({ step: 'target', rule: group, input, result: 'left out', note });
  for (const member of members) {
    const person = member.person === undefined ? undefined : context.view.person(member.person);
    if (member.person !== undefined && !person?.enabled) {
      leaveOut(member.person, person === undefined ? 'is not in the directory' : 'is disabled');
      continue;
    }
    const addresses = person?.devices ?? (member.device === undefined ? [] : [member.device]);
    if (addresses.length === 0) leaveOut(person?.key ?? '', 'has no devices');
    const devices: Device[] = [];
    for (const address of addresses) {
      const device = context.view.device(address);
      const note = device === undefined ? 'is not in the directory' : whyNot(device, context.caller, seen);
      if (note !== undefined) leaveOut(address, note);
      else if (device !== undefined) {
        seen.add(device.address);
        devices.push(device);
      }
    }
    const [first] = devices;
    if (first === undefined) continue;
    targets.push({
      devices: devices.map(({ address }) => address), name: person?.name ?? nameOf(first), group,
      ...(person && { person: person.key }),
    });
  }
  return targets;
}

function whyNot(device: Device, caller: string | undefined, seen: ReadonlySet<string>): string | undefined {
  if (!device.enabled) return 'is disabled';
  if (device.address === caller) return "is the caller's own";
  return seen.has(device.address) ? 'is in this stage already' : undefined;
}

const nameOf = (device: Device): string => (device.names && inLanguage(device.names, 'fi')) ?? device.address;

function targetStep({ devices, name, group }: DeviceTarget, availability: Availability | undefined): Step {
  const step: Step = { step: 'target', rule: group, input: devices.length === 1 ? (devices[0] ?? '') : devices.join(' + '), output: name, result: 'rings' };
  if (availability === undefined) return step;
  return { ...step, note: devices.map((device) => now(device, availability)).join(' + ') };
}

const now = (device: string, availability: Availability): string =>
  availability.busy(device) ? 'busy now' : availability.registered(device) ? 'free now' : 'not registered now';
