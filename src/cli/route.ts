import { fold, loadDialPlan } from '../addressing';
import type { Config } from '../config';
import { parseTime } from '../desk';
import { DEVICE_KINDS, openDirectoryStore } from '../directory';
import { openLiveDirectory } from '../directory/live';
import { createRouter, explain, summary, type RouteRequest, type RouteResult, type RouteSource, type TargetState } from '../routing';
import type { CliContext, RegisterCommands } from './context';
import { NegativeResult, UsageError } from './usage-error';

interface Options {
  from: string;
  at?: string;
  protocol: string;
  explain?: boolean;
}

/** Only the running gateway knows who talked when; here everybody is equal and positions decide. */
const NO_CALLS_YET: TargetState = { lastFreed: () => undefined, callsToday: () => 0, nextTurn: () => 0 };

export const register: RegisterCommands = (program, context) => {
  program.command('route')
    .description('where a call to this address would go, without calling anyone')
    .argument('<address>', 'what is dialled: name, name@domain, number, or a sip:, h323: or tel: URL')
    .option('--from <source>', 'who dials: a device address, peer:NAME, or local (this system)', 'local')
    .option('--at <time>', "when: '2026-12-24 10:00', 10:00 (today) or with an offset; on the Finnish clock (default: now)")
    .option('--protocol <protocol>', 'what the caller uses: sip or h323', 'sip')
    .option('--explain', 'show every transform, rule, look-up, opening hour and target on the way')
    .addHelpText('after', `
Exit code 0 when the call would ring somebody, 1 when it would be refused.

Examples:
  etasilta route kela
  etasilta route kela.sv --from ex90-1@ahtari.etela-pohjanmaa.example --explain
  etasilta route 00001011 --at '2026-12-24 10:00'
  etasilta route arabia --protocol h323 --json`)
    .action(async (address: string, options: Options) => {
      const request = requestOf(address, options);
      const result = await route(await context.config(), request, context);
      const { steps, ...rest } = result;
      context.print(options.explain ? { ...rest, steps } : rest, () => (options.explain ? explain(result) : summary(result)));
      if (result.kind === 'refused') throw new NegativeResult();
    });
};

function requestOf(dialled: string, { from, at, protocol }: Options): RouteRequest {
  if (protocol !== 'sip' && protocol !== 'h323') throw new UsageError(`--protocol ${protocol}: must be sip or h323`);
  const time = at === undefined ? new Date() : parseTime(at, new Date());
  if (time === undefined) throw new UsageError(`--at ${at}: is not a time`, "Write '2026-11-23 10:00', 10:00, or 2026-11-23T10:00+02:00.");
  return { dialled, source: sourceOf(from), at: time, protocol };
}

function sourceOf(from: string): RouteSource {
  if (from === 'local') return { kind: 'local' };
  if (from.startsWith('peer:')) return { kind: 'peer', name: from.slice('peer:'.length) };
  if (!from.includes('@')) throw new UsageError(`--from ${from}: must be a device address, peer:NAME or local`);
  return { kind: 'registered', device: fold(from) };
}

async function route({ dataDir, dialplans, domain, sip, h323, calls }: Config, request: RouteRequest, context: CliContext): Promise<RouteResult> {
  const peers = [...sip.peers, ...h323.neighbours].map(({ name }) => name);
  if (request.source.kind === 'peer' && !peers.includes(request.source.name)) {
    throw new UsageError(`--from peer:${request.source.name}: no such peer is configured`, `Configured peers: ${peers.join(', ') || 'none'}.`);
  }
  const dialPlan = await loadDialPlan(dialplans, { domain, peers, deviceKinds: DEVICE_KINDS });
  const store = await openDirectoryStore(dataDir);
  try {
    const directory = await openLiveDirectory(store);
    const router = createRouter({ directory, dialPlan, clock: Date.now, targetState: NO_CALLS_YET, defaultMedia: calls.media });
    const result = await router.route(request);
    if ((await directory.view()).revision === 0) context.note(`The directory in ${dataDir} is empty: import one with \`etasilta directory import\`.`);
    return result;
  } finally {
    await store.close();
  }
}
