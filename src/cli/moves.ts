import { InvalidArgumentError, type Command } from 'commander';
import { kindOf, mergeOrganisations, type Move, type MoveReport, type Organisation, renameOrganisation, renameService, type AnyRecord, type Replacement } from '../directory';
import { assign, settable } from './assignments';
import type { CliContext } from './context';
import { withDirectory } from './directory-access';
import { existing } from './record-commands';
import { UsageError } from './usage-error';

interface MoveFlags { until: string; number?: string; qualifier?: Replacement; numbers?: Replacement; absorb?: boolean; dryRun?: boolean }

const YEAR_MS = 365 * 86_400_000;
const ORGANISATION = kindOf('organisation');
const EXPLANATION = `
Old addresses and numbers go on leading to their services until the last day; from then on callers are told the new one. Phone
books show only the new ones.`;

/** `service rename`. */
export function addServiceMove(group: Command, context: CliContext): void {
  moveOptions(group.command('rename').description('give a service another address; the old one leads there until a date').argument('<address>').argument('<new-address>'))
    .option('--number <digits>', 'another number too; with the address that it has, another number only')
    .action((given: string, to: string, { until, number, dryRun }: MoveFlags) => withDirectory(context, async (directory, store) => {
      const { address } = await existing(directory, 'service', given);
      print(context, await renameService(store, String(address), to, { until, number, dryRun }), until, dryRun);
    }));
}

/** `org rename` and `org merge`. */
export function addOrganisationMoves(group: Command, context: CliContext): void {
  qualifierOption(moveOptions(group.command('rename').description('change an organisation and the addresses of its services').argument('<key>')
    .argument('[column=value...]', 'its columns and their new values; a new domain changes the addresses under it, a new municipality the numbers that begin with its code')))
    .addHelpText('after', `\nColumns: ${settable(ORGANISATION).filter((name) => name !== 'key').join(', ')}`)
    .action((given: string, args: string[], { until, qualifier, dryRun }: MoveFlags) => withDirectory(context, async (directory, store) => {
      if (args.length === 0 && qualifier === undefined) throw new UsageError('nothing to change', 'Give columns, or --qualifier OLD=NEW.');
      const { key } = await existing(directory, 'organisation', given);
      const change = (before: Organisation): Organisation => assign(ORGANISATION, before as unknown as AnyRecord, args) as unknown as Organisation;
      print(context, await renameOrganisation(store, String(key), change, { until, qualifier, dryRun }), until, dryRun);
    }));

  qualifierOption(moveOptions(group.command('merge').description('make two organisations one: the first is removed').argument('<from>').argument('<into>')))
    .option('--numbers <old=new>', 'the code of the municipality that numbers begin with, as "989" in 98900011', replacement)
    .option('--absorb', 'where a new address is taken, close the old service and let its addresses and number lead to the one that has it')
    .action((from: string, into: string, { until, qualifier, numbers, absorb, dryRun }: MoveFlags) => withDirectory(context, async (directory, store) => {
      const [old, target] = [await existing(directory, 'organisation', from), await existing(directory, 'organisation', into)];
      print(context, await mergeOrganisations(store, String(old.key), String(target.key), { until, qualifier, numbers, absorb, dryRun }), until, dryRun);
    }));
}

const moveOptions = (command: Command): Command => command
  .option('--until <date>', 'the last day on which old addresses and numbers are taken, YYYY-MM-DD (default: a year from now)', date, new Date(Date.now() + YEAR_MS).toISOString().slice(0, 10))
  .option('--dry-run', 'show what would move; change nothing')
  .addHelpText('after', EXPLANATION);

const qualifierOption = (command: Command): Command =>
  command.option('--qualifier <old=new>', 'the part of service addresses that changes, as "ahtari" in yhteispalvelu.fi.ahtari@palvelu.example', replacement);

function print(context: CliContext, report: MoveReport, until: string, dryRun = false): void {
  const lines = (moves: readonly Move[], verb: string): string[] => moves.map(({ from, to, number }) =>
    [from === to ? from : `${from} ${verb} ${to}`, ...(number === undefined ? [] : [`number ${number.from} -> ${number.to}`])].join(', '));
  const { sites, persons, organisations } = report.moved;
  const others = sites + persons + organisations > 0 ? [`${sites} sites, ${persons} persons, ${organisations} organisations moved`] : [];
  const count = report.services.length + report.absorbed.length;
  context.print({ dryRun, until, ...report }, () => [
    ...lines(report.services, '->'), ...lines(report.absorbed, 'is closed, leads to'), ...others,
    `${count} service${count === 1 ? '' : 's'} ${dryRun ? 'would change' : 'changed'}; old addresses and numbers are taken until ${until}`,
  ].join('\n'));
}

function date(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(`${text}T00:00:00Z`))) throw new InvalidArgumentError('a date YYYY-MM-DD is needed');
  return text;
}

function replacement(text: string): Replacement {
  const [, from, to] = /^([a-z0-9-]+)=([a-z0-9-]+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) throw new InvalidArgumentError('OLD=NEW is needed, each of a-z, 0-9 and "-"');
  return { from, to };
}
