import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULT_DEPARTURE_POLICY, downloadPtv, formatCounts, formatDifference, importPtv } from '../directory';
import type { CliContext } from './context';
import { withDirectory } from './directory-access';

interface PtvFlags { dryRun?: boolean; addServices?: boolean; download?: string[]; url?: string; removeAfter: number; maxLost: number }

/** `directory import-ptv`: the national service catalogue. */
export function addPtvImport(group: Command, context: CliContext): void {
  group.command('import-ptv').description('import names and opening hours from the national service catalogue (PTV, version 11)')
    .argument('<path>', 'a JSON file, or a folder of JSON files, as the API of the catalogue answers them')
    .option('--dry-run', 'show what would be added, changed and removed; change nothing')
    .option('--add-services', 'also add services that the directory does not have: disabled, for their organisation to complete')
    .option('--download <y-tunnus...>', 'first download these organisations over the network into the folder')
    .option('--url <url>', 'base of the catalogue\'s API (default: the national one)')
    .option('--remove-after <days>', 'how long what the catalogue no longer has is kept', between(0, 3_650), DEFAULT_DEPARTURE_POLICY.removeAfterDays)
    .option('--max-lost <percent>', 'refuse the import when the catalogue lost more than this share of what it had', between(0, 100), DEFAULT_DEPARTURE_POLICY.maxLostShare * 100)
    .addHelpText('after', `
Organisations are known by Y-tunnus; services by their identifier in the catalogue, at first by organisation and Finnish name.
Of what is there already only names, descriptions and opening hours change. What the catalogue no longer has is shown with "?",
and is removed after the delay where it came from the catalogue. Without --download nothing is asked over the network.`)
    .action((path: string, { dryRun, addServices, download, url, removeAfter, maxLost }: PtvFlags) => withDirectory(context, async (_, store) => {
      if (download) await downloadPtv({ businessIds: download, folder: path, ...(url && { baseUrl: url }), onProgress: (what) => context.progress(`downloading: ${what}`) });
      const { domain } = await context.config();
      const report = await importPtv(store, path, { domain, addServices, dryRun, departures: { removeAfterDays: removeAfter, maxLostShare: maxLost / 100 }, now: Date.now() });
      const { counts, differences, missing, untold } = report;
      context.print({ dryRun: dryRun === true, counts, differences, missing, untold }, () => (dryRun || missing.length > 0 ? formatDifference(report) : formatCounts(report)));
    }));
}

const between = (low: number, high: number) => (text: string): number => {
  const number = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || number < low || number > high) throw new InvalidArgumentError(`a number from ${low} to ${high} is needed`);
  return number;
};
