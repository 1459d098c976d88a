import { mkdir, writeFile as write } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { formatCounts, formatDifference, writeFile } from '../directory';
import { hashAccountPassword, importLdap, type LdapImportReport, ReadableTree, readMapping, SCHEMA_FILES, schemaFile, schemaLdif, suffixOf, treeSource, writeLdif } from '../ldap';
import type { CliContext, RegisterCommands } from './context';
import { withDirectory } from './directory-access';
import { addExamples } from './examples';
import { readPassword } from './password';
import { UsageError } from './usage-error';

export const register: RegisterCommands = (program, context) => {
  const group = program.command('ldap').description('the directory as LDAP: import, export, passwords of accounts, schema for other servers');
  addExamples(group, [
    'etasilta ldap import ldaps://dc1.kunta.example --map kunta-ad.yaml --dry-run',
    'etasilta ldap import people.ldif --map kunta-ldif.yaml',
    'etasilta ldap export directory.ldif',
    'etasilta ldap password --password-file secret.txt   for passwordHash in ldap.accounts',
    'etasilta ldap schema schema-folder                  H.350 and our own classes, for OpenLDAP',
  ]);
  addImport(group, context);
  addExport(group, context);
  addPassword(group, context);
  addSchema(group, context);
};

function addImport(group: Command, context: CliContext): void {
  group.command('import').description('bring in entries of another directory, or of an LDIF file; what it no longer has is marked and removed after a delay')
    .argument('<source>', 'ldap://HOST[:PORT], ldaps://HOST[:PORT], or an LDIF file')
    .requiredOption('--map <file>', 'mapping file (YAML): which entries become which records; examples are in directory-data/ldap')
    .option('--dry-run', 'show what would change; change nothing')
    .option('--full', 'read everything, also where the mapping reads only what changed since the last run')
    .action((source: string, { map, dryRun, full }: { map: string; dryRun?: boolean; full?: boolean }) => withDirectory(context, async (_, store) => {
      const report = await importLdap(store, source, await readMapping(map), { dryRun, full, onProgress: ({ kind, done }) => context.progress(`importing: ${kind} ${done}`) });
      const { differences: { counts, differences, untold }, ...rest } = report;
      context.print({ dryRun: dryRun === true, counts, differences, untold, ...rest }, () => formatReport(report, dryRun === true));
    }));
}

const MAX_LISTED = 20;

function formatReport({ differences, incremental, skipped, skippedCount, missing, returned, removed, kept }: LdapImportReport, dryRun: boolean): string {
  const listed = (what: string, keys: readonly string[]): string[] =>
    (keys.length === 0 ? [] : [`${what}: ${keys.slice(0, MAX_LISTED).join(', ')}${keys.length > MAX_LISTED ? ` and ${keys.length - MAX_LISTED} more` : ''}`]);
  return [
    dryRun ? formatDifference(differences) : formatCounts(differences),
    ...(incremental ? ['only what changed since the last run was read'] : []),
    ...skipped.slice(0, MAX_LISTED).map(({ dn, reason }) => `left out: ${dn}: ${reason}`), ...(skippedCount > MAX_LISTED ? [`${skippedCount} entries were left out`] : []),
    ...listed('no longer in the source, marked', missing), ...listed('in the source again', returned),
    ...listed('removed after the delay', removed), ...listed('to be removed, but others refer to it', kept),
  ].join('\n');
}

function addExport(group: Command, context: CliContext): void {
  group.command('export').description('write the directory as LDIF, for another LDAP server; without passwords and without who answers')
    .argument('[file]', 'default: standard output')
    .action((file: string | undefined) => withDirectory(context, async (_, store) => {
      const { domain, ldap } = await context.config();
      const source = treeSource(store, { suffix: ldap.suffix ?? suffixOf(domain), domain });
      const tree = new ReadableTree(await source.current(), { levelOf: () => 'everything' });
      if (file === undefined || file === '-') {
        await writeLdif(tree, process.stdout);
        return;
      }
      let entries = 0;
      await writeFile(file, async (output) => { entries = await writeLdif(tree, output); });
      context.print({ file, entries }, () => `${file} written, ${entries} entries`);
    }));
}

function addPassword(group: Command, context: CliContext): void {
  group.command('password').description('make what passwordHash of an account holds; the password is asked for, or comes on standard input')
    .option('--password-file <file>', 'read the password from the first line of a file')
    .action(async ({ passwordFile }: { passwordFile?: string }) => {
      const password = await readPassword({ password: true, passwordFile }, context);
      if (password === undefined) throw new UsageError('there is no password');
      const passwordHash = await hashAccountPassword(password);
      context.print({ passwordHash }, () => passwordHash);
    });
}

function addSchema(group: Command, context: CliContext): void {
  group.command('schema').description('write the schema as files for OpenLDAP: .schema for slapd.conf, .ldif for cn=config')
    .argument('<folder>')
    .action(async (folder: string) => {
      await mkdir(folder, { recursive: true });
      const files: string[] = [];
      for (const [name, file] of Object.entries(SCHEMA_FILES)) {
        for (const [extension, text] of [['schema', schemaFile(file)], ['ldif', schemaLdif(name, file)]] as const) {
          files.push(join(folder, `${name}.${extension}`));
          await write(files.at(-1) as string, text);
        }
      }
      context.print({ files }, () => files.map((file) => `${file} written`).join('\n'));
    });
}
