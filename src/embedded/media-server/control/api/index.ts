import type { Control } from '../control';
import { split } from '../esl/split';
import { conference } from './conference';
import { show, sofia, status, systemCommands } from './status';
import { uuidCommands } from './uuid-commands';

/** An `api` command: its arguments to the text that answers. */
export type ApiCommand = (control: Control, argument: string) => string | Promise<string>;

const fault = (control: Control, command: string, error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  control.log('warn', 'command-failed', { command, reason: message });
  return `-ERR ${message.replaceAll(/[\r\n]+/g, ' ')}\n`;
};

const ORIGINATE_USAGE = '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]\n';
const originate: ApiCommand = (control, argument) => (argument === '' ? ORIGINATE_USAGE : control.originate(argument));

const COMMANDS: ReadonlyMap<string, ApiCommand> = new Map(Object.entries<ApiCommand>({ status, sofia, show, conference, originate, ...systemCommands, ...uuidCommands }));

/** Runs one line; what fails answers `-ERR`. */
export function runApi(control: Control, line: string): string | Promise<string> {
  const { word, rest } = split(line);
  const command = COMMANDS.get(word.toLowerCase());
  if (command === undefined) return `-ERR ${word.slice(0, 128)} command not found\n`;
  try {
    const result = command(control, rest.trim());
    return typeof result === 'string' ? result : result.catch((error: unknown) => fault(control, word, error));
  } catch (error) {
    return fault(control, word, error);
  }
}
