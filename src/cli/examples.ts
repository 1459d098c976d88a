import type { Command } from 'commander';

const EXAMPLES = new WeakMap<Command, readonly string[]>();

const text = (examples: readonly string[]): string => `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((example) => `  ${example}`).join('\n')}`;

/** Shows examples in the help of a group; `spreadExamples` shows each command's own in its own help too. */
export function addExamples(group: Command, examples: readonly string[]): void {
  EXAMPLES.set(group, examples);
  group.addHelpText('after', text(examples));
}

/** Gives the commands below a group those of its examples that are about them. */
export function spreadExamples(command: Command, chain: string[] = [], inherited: readonly string[] = []): void {
  const own = EXAMPLES.get(command);
  const mine = inherited.filter((example) => `${example} `.startsWith(`etasilta ${chain.join(' ')} `));
  if (!own && mine.length > 0) command.addHelpText('after', text(mine));
  for (const child of command.commands) spreadExamples(child, [...chain, child.name()], own ?? inherited);
}
