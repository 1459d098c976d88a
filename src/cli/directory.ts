import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Option, type Command } from 'commander';
import {
  checkDirectory, columnNames, type DirectoryRepository, type DirectoryStore, exportFolder, type ExportOptions, exportYaml, type Finding, formatCounts, formatDifference, importDirectory, KINDS, writeFile,
} from '../directory';
import { openLiveDirectory } from '../directory/live';
import type { CliContext, RegisterCommands } from './context';
import { addPtvImport } from './directory-ptv';
import { addExamples } from './examples';
import { publicRecord, withDirectory } from './directory-access';
import { wholeNumber } from './record-commands';
import { table } from '../table';
import { NegativeResult, UsageError } from './usage-error';

export const register: RegisterCommands = (program, context) => {
  const group = program.command('directory').description('the whole directory: import, export, check, search');
  addExamples(group, [
    'etasilta directory import pilot.yaml --dry-run     what would change',
    'etasilta directory import csv-folder --replace     make the directory equal to the files',
    'etasilta directory import-ptv ptv-files --dry-run',
    'etasilta directory import-ptv ptv-files --download 0246246-0 --add-services',
    'etasilta directory export backup.yaml --with-credentials',
    'etasilta directory export csv-folder --format csv',
    'etasilta directory check',
    'etasilta directory search "kela ähtäri"',
  ]);
  addImport(group, context);
  addPtvImport(group, context);
  addExport(group, context);
  addCheck(group, context);
  addSearch(group, context);
};

function addImport(group: Command, context: CliContext): void {
  group.command('import').description('import YAML or CSV, all or nothing; the same again changes nothing')
    .argument('<path>', 'a file (.yaml, .yml, or .csv named by its kind, such as devices.csv) or a folder of such files')
    .option('--dry-run', 'show what would be added, changed and removed; change nothing')
    .option('--replace', 'remove what the files leave out, of the kinds that they hold')
    .option('--realm <realm>', 'digest realm of passwords in the files (default: the configured one)')
    .addHelpText('after', `
Without --replace, records and fields that the files do not mention stay as they are; an empty field is cleared. YAML files
have any of the lists ${KINDS.map(({ plural }) => plural).join(', ')}. A device's "password" becomes digests and is not kept.

CSV files (UTF-8, separated by "," or ";") have a header row with any of these columns, lists in a cell separated by ";":
${KINDS.map((kind) => `  ${`${kind.plural}.csv`.padEnd(18)} ${columnNames(kind).join(', ')}`).join('\n')}
and name_LANGUAGE, description_LANGUAGE, title_LANGUAGE for other languages. Notations:
  plan   main all 30 > backup order 60/20 > neuvonta@palvelu.example [direct]     GROUP STRATEGY SECONDS[/EACH] > OVERFLOW [MEDIA]
  hours  1-5 09:00-12:00,13:00-15:00; 2026-12-24 closed (fi "Aatto" sv "Afton"); Europe/Stockholm     1 = Monday`)
    .action((path: string, { dryRun, replace, realm }: { dryRun?: boolean; replace?: boolean; realm?: string }) => withDirectory(context, async (_, store) => {
      const { domain, sip } = await context.config();
      const report = await importDirectory(store, path, {
        mode: replace ? 'replace' : 'merge', dryRun, realm: realm ?? sip.realm ?? domain,
        onProgress: ({ kind, done }) => context.progress(`importing: ${kind} ${done}`),
      });
      const { counts, differences, untold } = report;
      context.print({ dryRun: dryRun === true, counts, differences, untold }, () => (dryRun ? formatDifference(report) : formatCounts(report)));
    }));
}

interface ExportFlags { format?: 'yaml' | 'csv'; withCredentials?: boolean }

function addExport(group: Command, context: CliContext): void {
  group.command('export').description('write the whole directory as YAML or CSV')
    .argument('[path]', 'a .yaml file, or a folder that gets one file a kind (default: YAML on standard output)')
    .addOption(new Option('--format <format>', 'format of the files in a folder (default: csv)').choices(['yaml', 'csv']))
    .option('--with-credentials', 'with the digests of passwords; keep such an export secret')
    .action((path: string | undefined, flags: ExportFlags) => withDirectory(context, async (directory, store) => {
      const options = { withCredentials: flags.withCredentials, onProgress: ({ kind, done }: { kind: string; done: number }) => context.progress(`exporting: ${kind} ${done}`) };
      if (path === undefined || path === '-') return exportToOutput(context, directory, store, flags);
      const files = await exportToPath(store, path, flags, options);
      context.print({ files }, () => files.map((file) => `${file} written`).join('\n'));
    }));
}

async function exportToOutput(context: CliContext, directory: DirectoryRepository, store: DirectoryStore, { format, withCredentials }: ExportFlags): Promise<void> {
  if (format === 'csv') throw new UsageError('CSV takes a file a kind', 'Name a folder: etasilta directory export FOLDER --format csv.');
  if (!context.json) return exportYaml(store, process.stdout, { withCredentials });
  const document = await directory.snapshot(async (reader) => {
    const lists: Record<string, unknown> = {};
    for (const { name, plural } of KINDS) {
      lists[plural] = (await reader.list(name)).map((record) => (withCredentials ? record : publicRecord({ ...record })));
    }
    return lists;
  });
  context.print(document, () => '');
}

async function exportToPath(store: DirectoryStore, path: string, { format }: ExportFlags, options: ExportOptions): Promise<string[]> {
  const isFolder = await stat(path).then((found) => found.isDirectory(), () => false);
  if (!isFolder && ['.yaml', '.yml'].includes(extname(path).toLowerCase())) {
    if (format === 'csv') throw new UsageError(`${path} is a YAML file, but --format is csv`, 'Name a folder for CSV.');
    await writeFile(path, (output) => exportYaml(store, output, options));
    return [path];
  }
  if (!isFolder && ['.csv', '.json'].includes(extname(path).toLowerCase())) throw new UsageError(`${path} would be a folder with a file for each kind`, 'Name a folder, or a .yaml file for the whole directory.');
  return exportFolder(store, path, format ?? 'csv', options);
}

function addCheck(group: Command, context: CliContext): void {
  group.command('check').description('look for what keeps calls from their goal')
    .addHelpText('after', `
Finds dangling references, addresses with two owners, services that nobody answers, numbers that are not reached, overflows in
a circle, stages without members, devices without credentials. Exit code 1 when there is an error, 0 with warnings only.`)
    .action(() => withDirectory(context, async (_, store) => {
      const findings = await checkDirectory(store);
      const count = (wanted: Finding['severity']): number => findings.filter(({ severity }) => severity === wanted).length;
      const errors = count('error');
      context.print(findings, () => [...findings.map(formatFinding), `${errors} errors, ${count('warning')} warnings, ${count('info')} notes`].join('\n'));
      if (errors > 0) throw new NegativeResult();
    }));
}

const formatFinding = ({ severity, kind, key, what, hint }: Finding): string => `${severity.padEnd(7)}  ${kind} ${key}: ${what}\n         ${hint}`;

function addSearch(group: Command, context: CliContext): void {
  group.command('search').description('find services, devices and persons by the beginnings of words, in any order')
    .argument('<text...>', 'words of a name, organisation, site, municipality or alias; capitals and ä, ö do not matter')
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .option('--language <code>', 'language of the names shown', 'fi')
    .action((words: string[], { limit, language }: { limit: number; language: string }) => withDirectory(context, async (_, store) => {
      const hits = await (await openLiveDirectory(store)).search(words.join(' '), { limit, language });
      context.print(
        hits.map(({ kind, key, name, organisation, site, typo }) => ({ kind, key, name, organisation, site, typo })),
        () => (hits.length === 0 ? 'nothing found' : table(['kind', 'key', 'name', 'organisation', 'site'], hits.map(({ kind, key, name, organisation, site }) => [kind, key, name, organisation, site]))),
      );
      if (hits.some(({ typo }) => typo)) context.note('Nothing matches exactly; these differ by one letter.');
      if (hits.length === 0) throw new NegativeResult();
    }));
}
