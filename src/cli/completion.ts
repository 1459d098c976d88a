import type { Command } from 'commander';
import type { RegisterCommands } from './context';
import { UsageError } from './usage-error';

/** Words that may follow each chain of commands, made from the commands themselves. */
function words(command: Command, chain: string[]): Map<string, string[]> {
  const options = command.options.flatMap((option) => [option.long, option.short]).filter((flag): flag is string => Boolean(flag));
  const here = new Map([[chain.join(' '), [...command.commands.map((child) => child.name()), ...options, '--help'].sort()]]);
  for (const child of command.commands) for (const [key, value] of words(child, [...chain, child.name()])) here.set(key, value);
  return here;
}

function bash(program: Command): string {
  const cases = [...words(program, [])].map(([chain, next]) => `    '${chain}') words='${next.join(' ')}' ;;`).join('\n');
  return `# etasilta's completion for bash; also read by zsh after "autoload bashcompinit && bashcompinit".
_etasilta() {
  local current="\${COMP_WORDS[COMP_CWORD]}" chain='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) chain="\${chain:+$chain }$word" ;; esac
  done
  while :; do
    case "$chain" in
${cases}
    esac
    [ -n "$words" ] && break
    case "$chain" in *' '*) chain="\${chain% *}" ;; *) chain='' ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _etasilta etasilta
`;
}

function fish(program: Command): string {
  const lines = ['# etasilta\'s completion for fish.', 'complete -c etasilta -f'];
  const quote = (text: string): string => `'${text.replace(/'/g, "\\'")}'`;
  for (const child of program.commands) {
    lines.push(`complete -c etasilta -n __fish_use_subcommand -a ${child.name()} -d ${quote(child.description())}`);
    for (const grandchild of child.commands) {
      lines.push(`complete -c etasilta -n '__fish_seen_subcommand_from ${child.name()}' -a ${grandchild.name()} -d ${quote(grandchild.description())}`);
    }
  }
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
