import type { Command } from 'commander';
import type { RegisterCommands } from './context';
import { UsageError } from './usage-error';

/** Words that may follow each chain of commands, made from the commands themselves; options of the program stand anywhere. */
function words(command: Command, chain: string[] = [], anywhere = optionsOf(command)): Map<string, string[]> {
  const here = new Map([[chain.join(' '), [...new Set([...command.commands.map((child) => child.name()), ...anywhere, ...optionsOf(command), '--help'])].sort()]]);
  for (const child of command.commands) for (const [key, value] of words(child, [...chain, child.name()], anywhere)) here.set(key, value);
  return here;
}

const optionsOf = (command: Command): string[] => command.options.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== undefined);

function bash(program: Command): string {
  const all = [...words(program)];
  const chains = all.map(([chain]) => `'${chain}'`).filter((chain) => chain !== "''").join('|');
  const cases = all.map(([chain, next]) => `    '${chain}') words='${next.join(' ')}' ;;`).join('\n');
  return `# etasilta's completion for bash; also read by zsh after "autoload bashcompinit && bashcompinit".
_etasilta() {
  local current="\${COMP_WORDS[COMP_CWORD]}" chain='' word words=''
  # Options, their values and arguments are not among the commands.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${chain:+$chain }$word" in
      ${chains}) chain="\${chain:+$chain }$word" ;;
    esac
  done
  case "$chain" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _etasilta etasilta
`;
}

function fish(program: Command): string {
  const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = ['# etasilta\'s completion for fish.'];
  const walk = (command: Command, condition: string): void => {
    for (const { long, short, description, flags, required } of command.options) {
      const value = required ? (/<(file|folder)>/.test(flags) ? ' -rF' : ' -x') : '';
      lines.push(`complete -c etasilta -n ${quote(condition)}${long ? ` -l ${long.slice(2)}` : ''}${short ? ` -s ${short.slice(1)}` : ''}${value} -d ${quote(description)}`);
    }
    const names = command.commands.map((child) => child.name());
    const here = command === program ? '__fish_use_subcommand' : `${condition}; and not __fish_seen_subcommand_from ${names.join(' ')}`;
    for (const child of command.commands) {
      // Where commands are to be chosen from, files are not; arguments of a command may be files.
      lines.push(`complete -c etasilta -f -n ${quote(here)} -a ${child.name()} -d ${quote(child.description())}`);
      walk(child, `${command === program ? '' : `${condition}; and `}__fish_seen_subcommand_from ${child.name()}`);
    }
  };
  walk(program, '__fish_use_subcommand');
  return `${lines.join('\n')}\n`;
}

export const register: RegisterCommands = (program, context) => {
  program.command('completion')
    .description('print a shell completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', `
Examples:
  etasilta completion bash > /etc/bash_completion.d/etasilta
  source <(etasilta completion bash)
  etasilta completion fish > ~/.config/fish/completions/etasilta.fish`)
    .action((shell: string) => {
      const make = { bash, zsh: bash, fish }[shell];
      if (!make) throw new UsageError(`No completion for ${shell}.`, 'There is one for bash, zsh and fish.');
      context.print({ shell, script: make(program) }, () => make(program));
    });
};
