import { Command, CommanderError } from 'commander';
import { loadConfig, type Config } from '../config';
import { EtasiltaError } from '../errors';
import type { CliContext, RegisterCommands } from './context';
import { spreadExamples } from './examples';
import { version } from '../version';
import { NegativeResult, UsageError } from './usage-error';
import { register as registerCall } from './call';
import { register as registerCalls } from './calls';
import { register as registerCompletion } from './completion';
import { register as registerDevice } from './device';
import { register as registerDirectory } from './directory';
import { register as registerDoctor } from './doctor';
import { register as registerH323 } from './h323';
import { register as registerInit } from './init';
import { register as registerLdap } from './ldap';
import { register as registerMediaServer } from './media-server';
import { register as registerOrganisation } from './org';
import { register as registerPerson } from './person';
import { register as registerRoute } from './route';
import { register as registerServe } from './serve';
import { register as registerService } from './service';
import { register as registerSipServer } from './sip-server';
import { register as registerSite } from './site';
import { register as registerStatus } from './status';

/** In the order in which the help lists them: from the first day to the daily work. */
const GROUPS: RegisterCommands[] = [
  registerInit, registerServe, registerStatus, registerDoctor, registerOrganisation, registerSite, registerDevice, registerService,
  registerPerson, registerDirectory, registerLdap, registerRoute, registerCall, registerCalls, registerH323, registerSipServer, registerMediaServer, registerCompletion,
];

interface GlobalOptions {
  config?: string;
  json?: boolean;
}

/** A reader that has seen enough, such as `head`, closes the pipe; there is nobody left to tell. A full disk is a failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? undefined : report(error, false));
});

/** @param json faults of usage are told as JSON by {@link runCommandLine}, and not as text by the parser of the command line */
export function buildProgram(json = false): Command {
  const program = new Command('etasilta')
    .configureOutput(json ? { writeErr: () => undefined } : {})
    .description('The switchboard and phone book of public remote services.')
    .version(version)
    .option('-c, --config <file>', 'configuration file (default: etasilta.yaml of this folder, when there is one)')
    .option('--json', 'print data as JSON')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for the whole usage)')
    .exitOverride();
  const context = createContext(() => program.opts<GlobalOptions>());
  for (const register of GROUPS) register(program, context);
  spreadExamples(program);
  // Global options are understood wherever they stand, as people type them.
  for (const command of everyCommand(program)) {
    if (command === program) continue;
    command.exitOverride().showHelpAfterError('(add --help for the whole usage)');
    if (!command.options.some((option) => option.long === '--json')) {
      command.option('--json', 'print data as JSON').hook('preAction', (self) => {
        if (self.opts<GlobalOptions>().json) program.setOptionValue('json', true);
      });
    }
  }
  return program;
}

/** Runs one command line; returns the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runCommandLine(argv: string[]): Promise<number> {
  const json = argv.includes('--json');
  try {
    await buildProgram(json).parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, json);
  }
}

function report(error: unknown, json: boolean): number {
  if (error instanceof NegativeResult) return 1;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // As text the parser has told it already.
    if (json) write(new UsageError(error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, ''), 'See --help.'));
    return 2;
  }
  if (error instanceof EtasiltaError) write(json ? error : `etasilta: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
  else {
    const message = error instanceof Error ? (process.env.DEBUG ? error.stack : error.message) : String(error);
    write(json ? { error: 'failed', message } : `etasilta: ${message}\n`);
  }
  return error instanceof UsageError ? 2 : 1;
}

const write = (what: object | string): void => void process.stderr.write(typeof what === 'string' ? what : `${JSON.stringify(what)}\n`);

function createContext(options: () => GlobalOptions): CliContext {
  let config: Config | undefined;
  let progressShown = false;
  const clear = (): void => {
    if (progressShown) process.stderr.write('\r\x1b[K');
    progressShown = false;
  };
  return {
    config: async () => (config ??= loadConfig({ file: options().config })),
    get json() { return options().json === true; },
    print(data, text) {
      clear();
      const out = options().json ? JSON.stringify(data, null, 2) : text();
      if (out !== '') process.stdout.write(out.endsWith('\n') ? out : `${out}\n`);
    },
    note(line) {
      clear();
      process.stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!process.stderr.isTTY) return;
      process.stderr.write(`\r\x1b[K${line.slice(0, process.stderr.columns || 80)}`);
      progressShown = true;
    },
    stdin: process.stdin,
  };
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
