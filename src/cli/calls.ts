import path from 'node:path';
import { fold } from '../addressing';
import type { CallRecord, RunningCall } from '../calls';
import { CallRecords, openCallStore } from '../calls';
import type { Config } from '../config';
import { EtasiltaError } from '../errors';
import { ControlError, controlRequest, type CallAction } from '../web';
import type { RegisterCommands } from './context';
import { controlSocket } from './control-socket';
import { table } from '../table';
import { UsageError } from './usage-error';

type AnyCall = CallRecord & Partial<Pick<RunningCall, 'state'>>;

const clock = (at?: number): string => (at === undefined ? '' : new Date(at).toLocaleString('sv-SE'));
const seconds = (from?: number, to?: number): string => (from === undefined || to === undefined ? '' : `${((to - from) / 1_000).toFixed(1)} s`);
const short = (id: string): string => id.slice(0, 8);

/** Running calls from the gateway; an empty list when none runs. */
async function running(config: Config): Promise<RunningCall[]> {
  try {
    return await controlRequest<RunningCall[]>(controlSocket(config), 'GET', '/calls');
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-running') return [];
    throw error;
  }
}

async function withRecords<T>(config: Config, use: (records: CallRecords) => Promise<T>): Promise<T> {
  const store = await openCallStore(config.dataDir);
  try {
    return await use(new CallRecords(store));
  } finally {
    await store.close();
  }
}

function listText(calls: AnyCall[]): string {
  if (calls.length === 0) return 'No calls.';
  return table(['CALL', 'STARTED', 'CALLER', 'DIALLED', 'ANSWERED BY', 'TALKED', 'STATE'], calls.map((call) => [
    short(call.id), clock(call.startedAt), call.caller, call.service ?? call.dialled, call.device,
    seconds(call.answeredAt, call.endedAt ?? (call.state ? Date.now() : undefined)), call.state ?? call.outcome,
  ]));
}

function showText(call: AnyCall): string {
  const rows: [string, string | number | undefined][] = [
    ['call', call.id], ['state', call.state ?? call.outcome], ['caller', [call.caller, call.callerName && `(${call.callerName})`, call.source].filter(Boolean).join(' ')],
    ['dialled', call.dialled], ['service', call.service], ['language', call.language], ['media', call.media],
    ['started', clock(call.startedAt)], ['rang', seconds(call.startedAt, call.rangAt)], ['answered', seconds(call.startedAt, call.answeredAt)],
    ['answered by', [call.device, call.person && `(${call.person})`].filter(Boolean).join(' ')], ['ended', clock(call.endedAt)],
    ['cause', call.cause && `${call.cause} (SIP ${call.sipStatus}, Q.850 ${call.q850}), ended by ${call.endedBy ?? 'unknown'}`],
  ];
  const attempts = call.attempts.map((attempt) => [
    attempt.device, attempt.person, seconds(call.startedAt, attempt.at), attempt.result ?? 'ringing', attempt.text,
  ]);
  const joins = (call.joins ?? []).map((join) => [
    short(join.id), join.role, join.service ?? join.dialled, join.device, join.askedBy, seconds(join.at, join.answeredAt), seconds(join.answeredAt, join.endedAt), join.cause,
  ]);
  return [
    ...rows.filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => `${name.padEnd(12)} ${value}`),
    ...(attempts.length > 0 ? ['', table(['TRIED', 'PERSON', 'AFTER', 'RESULT', 'WHY'], attempts)] : []),
    ...(joins.length > 0 ? ['', table(['PARTY', 'ROLE', 'ADDRESS', 'ANSWERED BY', 'ASKED BY', 'AFTER', 'TALKED', 'END'], joins)] : []),
  ].join('\n');
}

export const register: RegisterCommands = (program, context) => {
  const calls = program.command('calls').description('running calls and the records of ended ones');

  calls.command('list')
    .description('running calls, or with --ended the latest records')
    .option('--ended', 'records of ended calls instead')
    .option('--service <address>', 'only calls to this service')
    .option('--limit <n>', 'at most this many records', '50')
    .addHelpText('after', `
Examples:
  etasilta calls list
  etasilta calls list --ended --service kela.fi@palvelu.example --json`)
    .action(async (options: { ended?: boolean; service?: string; limit: string }) => {
      const config = await context.config();
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw new UsageError('--limit takes a whole number from 1 to 10000.');
      const service = options.service === undefined ? undefined : fold(options.service);
      const list: AnyCall[] = options.ended
        ? await withRecords(config, (records) => records.list({ limit, service }))
        : (await running(config)).filter((call) => service === undefined || call.service === service).slice(0, limit);
      context.print(list, () => listText(list));
    });

  calls.command('show')
    .description('one call: who called whom, who was tried and why each try failed')
    .argument('<call>', 'identifier, or an unambiguous beginning of it')
    .addHelpText('after', '\nExample:\n  etasilta calls show 7f3a')
    .action(async (id: string) => {
      const config = await context.config();
      const call: AnyCall | undefined = (await running(config)).find((each) => each.id.startsWith(id))
        ?? await withRecords(config, (records) => records.get(id));
      if (!call) throw new EtasiltaError('no-call', `No one call has the identifier ${id}.`, { hint: 'See `etasilta calls list` and `etasilta calls list --ended`.' });
      context.print(call, () => showText(call));
    });

  const change = (name: CallAction, description: string, argument: { name: string; description: string } | undefined, done: (party: string) => string, example: string): void => {
    const command = calls.command(name).description(description).argument('<call>', 'identifier, or an unambiguous beginning of it');
    if (argument) command.argument(`<${argument.name}>`, argument.description);
    command.addHelpText('after', `\nExample:\n  etasilta calls ${name} ${example}`)
      .action(async (id: string, value: unknown) => {
        const what = argument ? `/${String(value)}` : '';
        const result = await controlRequest<{ party: string }>(controlSocket(await context.config()), 'POST', `/calls/${path.basename(id)}/${name}${what}`);
        context.print(result, () => done(short(result.party)));
      });
  };
  const party = { name: 'party', description: '`caller`, `callee`, or the beginning of a third party\'s identifier (see `calls show`)' };
  change('add', 'ring a third party, an interpreter for instance, into a running call', { name: 'address', description: 'address of a service or device' },
    (id) => `Third party ${id} is being rung; \`etasilta calls show\` tells what became of it.`, '7f3a somali@tulkkikeskus.example');
  change('mute', 'silence one party of a conference', party, (id) => `${id} is muted.`, '7f3a callee');
  change('unmute', 'let a muted party be heard again', party, (id) => `${id} is heard again.`, '7f3a callee');
  change('remove', 'send one party out of a conference', party, (id) => `${id} was removed.`, '7f3a c01d');
  change('lock', 'let nobody else into a conference', undefined, () => 'The conference is locked.', '7f3a');
  change('unlock', 'let others into a conference again', undefined, () => 'The conference is open again.', '7f3a');

  calls.command('hangup')
    .description('end a running call')
    .argument('<call>', 'identifier, or an unambiguous beginning of it')
    .addHelpText('after', '\nExample:\n  etasilta calls hangup 7f3a')
    .action(async (id: string) => {
      const result = await controlRequest<{ hungUp: string }>(controlSocket(await context.config()), 'DELETE', `/calls/${path.basename(id)}`);
      context.print(result, () => `Call ${result.hungUp} was ended.`);
    });
};
