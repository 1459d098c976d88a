import type { Command } from 'commander';
import type { H323CallInfo } from '../h323/legs';
import { table } from '../table';
import { controlRequest } from '../web';
import type { CliContext } from './context';
import { controlSocket } from './control-socket';
import { addExamples } from './examples';

function callsText(list: readonly H323CallInfo[]): string {
  if (list.length === 0) return 'No call has an H.323 leg.';
  return table(['LEG', 'STATE', 'ROLE', 'PARTY', 'SIGNALLING', 'OTHER END', 'START', 'H.245', 'RECEIVES', 'SENDS', 'SINCE'], list.map((each) => [
    each.id.slice(0, 8), each.state, each.role, each.party, each.remote, each.other, each.start, each.h245, each.receives.join(' ') || '-', each.sends.join(' ') || '-',
    new Date(each.since).toLocaleString('sv-SE'),
  ]));
}

/** The command about the H.323 legs of running calls. */
export function addCallsCommand(group: Command, context: CliContext): void {
  const calls = group.command('calls')
    .description('H.323 legs of running calls: both ends, how they started, how H.245 is carried, codecs from the party and to it')
    .action(async () => {
      const list = await controlRequest<H323CallInfo[]>(controlSocket(await context.config()), 'GET', '/h323/calls');
      context.print(list, () => callsText(list));
    });
  addExamples(calls, ['etasilta h323 calls', 'etasilta h323 calls --json | jq ".[].receives"']);
}
