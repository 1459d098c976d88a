import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { hashAccountPassword, SCHEMA_FILES, schemaFile, schemaLdif } from '../ldap';
import type { CliContext, RegisterCommands } from './context';
import { addExamples } from './examples';
import { readPassword } from './password';
import { UsageError } from './usage-error';

export const register: RegisterCommands = (program, context) => {
  const group = program.command('ldap').description('the directory as LDAP: passwords of accounts, schema for other servers');
  addExamples(group, [
    'etasilta ldap password --password-file secret.txt   for passwordHash in ldap.accounts',
    'etasilta ldap schema schema-folder                  H.350 and our own classes, for OpenLDAP',
  ]);
  addPassword(group, context);
  addSchema(group, context);
};

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
          await writeFile(files.at(-1) as string, text);
        }
      }
      context.print({ files }, () => files.map((file) => `${file} written`).join('\n'));
    });
}
