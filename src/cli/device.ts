import { type AnyRecord, takePassword } from '../directory';
import type { RegisterCommands } from './context';
import { memberships } from './memberships';
import { readPassword, type PasswordOptions } from './password';
import { addRecordCommands } from './record-commands';
import { UsageError } from './usage-error';

const refuse = (field: string, reason: string): never => {
  throw new UsageError(`${field} ${reason}`);
};

/** A new password keeps the user name, but takes the realm that is configured now unless another is given with it. */
function stated(record: AnyRecord, before: AnyRecord): AnyRecord {
  const { username, realm } = (record.credentials ?? {}) as { username?: string; realm?: string };
  const old = (before.credentials as { realm?: string } | undefined)?.realm;
  return { username, ...(realm !== old && { realm }) };
}

export const register: RegisterCommands = (program, context) => {
  addRecordCommands(program, context, {
    command: 'device',
    kind: 'device',
    description: 'devices: endpoints that register, ring and call',
    keyName: 'address',
    columns: ['address', 'site', 'kind', 'model', 'e164', 'enabled'],
    examples: [
      'etasilta device list site=alavus-fasadi enabled=true',
      'etasilta device add ex90-1@fasadi.alavus.example site=alavus-fasadi kind=room model=EX90 --password',
      'etasilta device set ex90-1@fasadi.alavus.example --password-file secret.txt',
      'etasilta device set ex90-1@fasadi.alavus.example enabled=false',
      'etasilta device show ex90-1@fasadi.alavus.example',
      'etasilta device remove ex90-1@fasadi.alavus.example --cascade',
    ],
    options: (command) => command
      .option('--password', 'ask for the password (on a terminal without echo, otherwise the first line of standard input)')
      .option('--password-file <file>', 'the password is the first line of this file'),
    async prepare(options) {
      const password = await readPassword(options as PasswordOptions, context);
      const { domain, sip } = await context.config();
      return (record, before) => {
        if (password !== undefined) return takePassword({ ...record, credentials: stated(record, before), password }, String(record.address), sip.realm ?? domain, refuse);
        if (before.credentials && JSON.stringify(before.credentials) !== JSON.stringify(record.credentials)) {
          throw new UsageError('a digest fits one user name and realm only', 'Give the password again, with --password or --password-file FILE.');
        }
        return record;
      };
    },
    related: (directory, key) => memberships(directory, { device: key }),
  });
};
