import type { PlanStage, RouteResult, Step, Target } from './types';

/** A route for people: every step in order with its result, then {@link summary}. */
export function explain(result: RouteResult): string {
  return `${table(result.steps.map(row)).join('\n')}\n\n${summary(result)}`;
}

/** Who rings, in what order and for how long; or why nobody does. */
export function summary(result: RouteResult): string {
  if (result.kind === 'refused') {
    const suggestions = result.suggestions.length === 0 ? [] : [`Did you mean: ${result.suggestions.join(', ')}`];
    return [`Refused: ${result.status} ${result.reasonCode}, Q.850 cause ${result.q850}`, `Warning: ${result.warning}`, ...suggestions].join('\n');
  }
  const { canonical, name, language, media, stages } = result;
  const named = [`Routes to ${canonical}`, name, language && `language ${language}`, `media ${media}`].filter((part) => part !== undefined);
  return [named.join(', '), ...stages.flatMap(stageLines)].join('\n');
}

function row({ step, rule, input, output, result, note }: Step, index: number): string[] {
  const path = output === undefined || output === input ? input : `${input} -> ${output}`;
  return [String(index + 1).padStart(2), step, rule ?? '', result, note === undefined ? path : `${path} (${note})`];
}

function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}

function stageLines({ strategy, ringSeconds, targetSeconds, targets }: PlanStage, index: number): string[] {
  const together = strategy === 'all' ? 'all at once' : `one at a time (${strategy}), ${targetSeconds} s each`;
  const how = targets.length === 1 ? '' : `, ${together}`;
  return [`  ${index + 1}. for ${ringSeconds} s${how}`, ...table(targets.map(targetCells)).map((line) => `   ${line}`)];
}

function targetCells(target: Target): string[] {
  if (target.peer !== undefined) return ['', target.uri, `through peer ${target.peer}`];
  return ['', target.name, target.devices.join(', ')];
}
