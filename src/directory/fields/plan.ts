import { STRATEGIES, type PlanStage, type ServicePlan } from '../model';
import { groupName, integer, oneOf, serviceAddress } from './text';
import { below, type FieldType, quoted, readItems, readMapping, type Report } from './types';

const MAX_STAGES = 20;
/** A plan that rings nobody. */
const NOBODY = 'nobody';
const strategy = oneOf(STRATEGIES);
const seconds = integer(1, 600);
export const mediaMode = oneOf(['anchored', 'direct'] as const);

/**
 * A service's plan. As text: stages `GROUP STRATEGY SECONDS[/TARGET-SECONDS]` and last the overflow address, joined by ` > `,
 * and the media mode in brackets: `main all 30 > backup order 60/20 > neuvonta@palvelu.example [direct]`; `nobody` for no step.
 */
export const plan: FieldType<ServicePlan> = {
  accepts: 'GROUP STRATEGY SECONDS[/TARGET-SECONDS] > ... [> OVERFLOW-ADDRESS] ["[" MEDIA "]"]',
  storage: 'json',

  read(value, report) {
    const fields = readMapping(value, ['stages', 'media', 'overflow'] as const, report);
    const items = fields && readItems(fields.stages ?? [], MAX_STAGES, below(report, 'stages'));
    if (!items) return undefined;
    const stages = items.map((item, i) => readStage(item, below(below(report, 'stages'), i)));
    const media = fields.media === undefined ? undefined : mediaMode.read(fields.media, below(report, 'media'));
    const overflow = fields.overflow === undefined ? undefined : serviceAddress.read(fields.overflow, below(report, 'overflow'));
    return {
      stages: stages.filter((stage) => stage !== undefined),
      ...(media !== undefined && { media }),
      ...(overflow !== undefined && { overflow }),
    };
  },

  format({ stages, overflow, media }) {
    const steps = stages.map(({ group, strategy: way, ringSeconds, targetSeconds }) =>
      `${group} ${way} ${ringSeconds}${targetSeconds === undefined ? '' : `/${targetSeconds}`}`);
    if (overflow !== undefined) steps.push(overflow);
    return (steps.join(' > ') || NOBODY) + (media === undefined ? '' : ` [${media}]`);
  },

  parse(text, report) {
    const [, steps = '', media] = /^(.*?)(?:\s*\[([^\]]*)\])?\s*$/s.exec(text) ?? [];
    const parts = steps.split('>').map((part) => part.trim()).filter((part) => part !== '' && part !== NOBODY);
    const overflow = parts.at(-1)?.includes('@') ? parts.pop() : undefined;
    const stages = parts.map((part, i) => {
      const [, group, way, ringSeconds, targetSeconds] = /^(\S+)\s+(\S+)\s+(\d+)(?:\/(\d+))?$/.exec(part) ?? [];
      if (group !== undefined) return { group, strategy: way, ringSeconds, targetSeconds };
      report(`.stages[${i}]`, `${quoted(part)} is not GROUP STRATEGY SECONDS[/TARGET-SECONDS]`);
      return undefined;
    });
    return stages.includes(undefined) ? undefined : { stages, overflow, media };
  },
};

function readStage(value: unknown, report: Report): PlanStage | undefined {
  const fields = readMapping(value, ['group', 'strategy', 'ringSeconds', 'targetSeconds'] as const, report);
  if (!fields) return undefined;
  const group = groupName.read(fields.group ?? 'main', below(report, 'group'));
  const way = strategy.read(fields.strategy ?? 'all', below(report, 'strategy'));
  const ringSeconds = seconds.read(fields.ringSeconds ?? 30, below(report, 'ringSeconds'));
  const targetSeconds = fields.targetSeconds === undefined ? undefined : seconds.read(fields.targetSeconds, below(report, 'targetSeconds'));
  if (ringSeconds !== undefined && targetSeconds !== undefined && targetSeconds > ringSeconds) {
    report('.targetSeconds', `${targetSeconds} is more than the stage's ringSeconds, ${ringSeconds}`);
  }
  if (group === undefined || way === undefined || ringSeconds === undefined) return undefined;
  return { group, strategy: way, ringSeconds, ...(targetSeconds !== undefined && { targetSeconds }) };
}
