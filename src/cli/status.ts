import { controlRequest } from '../web';
import type { GatewayStatus } from '../server';
import type { RegisterCommands } from './context';
import { controlSocket } from './control-socket';

function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = new Date(seconds * 1_000).toISOString().slice(11, 19);
  return days > 0 ? `${days} d ${clock}` : clock;
}

function mediaText({ engine, used, total, servers }: GatewayStatus['media']): string {
  const ready = servers.reduce((sum, server) => sum + server.ready, 0);
  const down = servers.filter(({ state }) => state === 'down').map(({ name, problem }) => `; ${name} IS DOWN${problem ? ` (${problem})` : ''}`);
  return `${engine}: ${used} of ${total} sessions, ${ready} more ready for the next calls${down.join('')}`;
}

export function statusText(status: GatewayStatus): string {
  const { calls, registrations, sip, h323, media, guard, records } = status;
  const rows: [string, string][] = [
    ['gateway', `version ${status.version}, up ${duration(status.uptimeSeconds)}, process ${status.pid}, ${status.memoryMiB} MiB`],
    ['sip server', `${sip.engine}${sip.connected ? '' : ', NOT CONNECTED'}: ${sip.contacts.join(', ')}`],
    ['media', mediaText(media)],
    ['registered', `${registrations.devices} devices, ${registrations.contacts} contacts`],
    ...(h323 ? [['h.323', `gatekeeper "${h323.gatekeeperIdentifier}" at ${h323.ras}: ${h323.registrations} endpoints, ${h323.calls} admitted calls, ${h323.neighbours.reachable} of ${h323.neighbours.total} neighbours answer`] as [string, string]] : []),
    ['calls', `${calls.running} running of ${calls.limit} (${calls.talking} talking), ${calls.taken} since start, ${calls.refusedFull} refused for lack of room`],
    ['invites', `${sip.invites.received} received, ${sip.invites.authenticated} from known callers, ${sip.invites.rejected} rejected`],
    ['sources', `${guard.slowed} slowed, ${guard.ignored} ignored for failing too often`],
    ['records', records.healthy ? 'written' : `NOT WRITTEN: ${records.error}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n');
}

export const register: RegisterCommands = (program, context) => {
  program.command('status')
    .description('what runs: the gateway, its SIP server, registrations and calls')
    .option('--registrations', 'list the registered devices')
    .addHelpText('after', `
Examples:
  etasilta status
  etasilta status --registrations
  etasilta status --json | jq .calls`)
    .action(async (options: { registrations?: boolean }) => {
      const socket = controlSocket(await context.config());
      if (options.registrations) {
        const list = await controlRequest<{ address: string; contact: string; flow: string; expires: string; userAgent?: string; reachable: boolean }[]>(socket, 'GET', '/registrations');
        context.print(list, () => (list.length === 0 ? 'No device is registered.'
          : list.map((each) => `${each.address}  ${each.flow}  until ${each.expires}  ${each.reachable ? '' : 'NOT ANSWERING  '}${each.userAgent ?? ''}`.trimEnd()).join('\n')));
        return;
      }
      const status = await controlRequest<GatewayStatus>(socket, 'GET', '/status');
      context.print(status, () => statusText(status));
    });
};
