import type { Observation } from './run-scenario';

/** Lines that only one of two runs has, in order: `- line` of the first, `+ line` of the second. */
export function differences(recorded: Observation, observed: Observation): Record<keyof Observation, string[]> {
  return {
    application: lineDifferences(flat(recorded.application), flat(observed.application)),
    caller: lineDifferences(flat(recorded.caller), flat(observed.caller)),
    callee: lineDifferences(flat(recorded.callee), flat(observed.callee)),
  };
}

const flat = (entries: string[][]): string[] => entries.flatMap(([first = '', ...rest]) => [`> ${first}`, ...rest]);

/** By the longest common subsequence, as diff(1) does. */
function lineDifferences(a: string[], b: string[]): string[] {
  const common = a.map(() => new Array<number>(b.length + 1).fill(0));
  common.push(new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) common[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { i += 1; j += 1; }
    else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) out.push(`- ${a[i++]}`);
    else out.push(`+ ${b[j++]}`);
  }
  return out;
}
