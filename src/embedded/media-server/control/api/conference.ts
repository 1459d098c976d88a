import type { ApiCommand } from '.';
import type { Conference } from '../conference/conference';
import type { Control } from '../control';
import { conferenceCommands } from './conference-commands';
import { describe, listMembers } from './conference-list';
import { memberCommands } from './member-commands';

/** `conference [NAME] COMMAND ...`. */
export const conference: ApiCommand = (control, argument) => {
  const [first = '', command = '', ...words] = argument.split(/\s+/);
  if (first === '') return '-USAGE: <conf name> <command> [<args>]\n';
  const known = control.conferences.find(first);
  if (known === undefined) return first === 'list' || first === 'count' || first.endsWith('_list') ? listAll(control, first, command) : `-ERR Conference ${first} not found\n`;
  const name = command.toLowerCase();
  const rest = argument.slice(argument.indexOf(command, first.length) + command.length).trim();
  const act = conferenceCommands.get(name) ?? memberCommands.get(name);
  return act === undefined ? `-ERR Conference command '${command}' not found.\n` : act(control, known, words, rest);
};

export type ConferenceCommand = (control: Control, conference: Conference, words: string[], rest: string) => string | Promise<string>;

function listAll(control: Control, what: string, format: string): string {
  const all = [...control.conferences];
  if (what === 'json_list') return `${JSON.stringify(all.map(describe))}\n`;
  if (what === 'count') return `${all.length}\n`;
  if (what !== 'list') return `-ERR Conference ${what} not found\n`;
  if (all.length === 0) return '+OK No active conferences.\n';
  return all.map((one) => `+OK Conference ${one.name} (${one.size} member${one.size === 1 ? '' : 's'} rate: 16000 flags: running|answered|dynamic)\n${
    format === 'summary' ? '' : listMembers(one, ';')}`).join('');
}
