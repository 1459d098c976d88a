import type { Command } from 'commander';
import { openDirectoryStore, DirectoryReader } from '../directory';
import { DevicePasswords, openH323Store, secretsKey, type H323RegistrationInfo, type NeighbourInfo } from '../h323/gateway';
import { table } from '../table';
import { controlRequest } from '../web';
import type { CliContext } from './context';
import { controlSocket } from './control-socket';
import { readPassword, type PasswordOptions } from './password';
import { UsageError } from './usage-error';

const clock = (at: string | undefined): string => (at === undefined ? 'never' : new Date(at).toLocaleString('sv-SE'));

function registrationsText(list: readonly H323RegistrationInfo[]): string {
  if (list.length === 0) return 'No H.323 endpoint is registered.';
  return table(['DEVICE', 'ALIASES', 'SIGNALLING', 'KIND', 'PROOF', 'UNTIL', 'ENDPOINT'], list.map((each) => [
    each.address, each.aliases.join(' '), `${each.contact.slice('h323:'.length)}${each.traversal ? ' (traversal)' : each.behindNat ? ' (NAT)' : ''}`, each.kind, each.authentication,
    clock(each.expires), each.userAgent,
  ]));
}

function neighboursText(list: readonly NeighbourInfo[]): string {
  if (list.length === 0) return 'No neighbours are configured (h323.neighbours).';
  return table(['NEIGHBOUR', 'ADDRESS', 'STATE', 'LAST ANSWER', 'CONFIRMED', 'REJECTED', 'UNANSWERED', 'ASKED US'], list.map((each) => [
    each.name, each.address, each.state, clock(each.lastAnswer), String(each.confirmed), String(each.rejected), String(each.unanswered), String(each.received),
  ]));
}

/** The commands about the gatekeeper of the running gateway. */
export function addGatekeeperCommands(group: Command, context: CliContext): void {
  group.command('registrations')
    .description('endpoints that are registered with the gatekeeper')
    .action(async () => {
      const list = await controlRequest<H323RegistrationInfo[]>(controlSocket(await context.config()), 'GET', '/h323/registrations');
      context.print(list, () => registrationsText(list));
    });

  group.command('neighbours')
    .description('gatekeepers of other zones: whether they answer, and what was asked')
    .action(async () => {
      const list = await controlRequest<NeighbourInfo[]>(controlSocket(await context.config()), 'GET', '/h323/neighbours');
      context.print(list, () => neighboursText(list));
    });

  group.command('password')
    .description('the password by which a device proves to the gatekeeper who it is (H.235.1, Cisco access token); kept encrypted')
    .argument('<device>', 'address of the device')
    .option('--password', 'ask for the password (on a terminal without echo, otherwise the first line of standard input)')
    .option('--password-file <file>', 'the password is the first line of this file')
    .option('--remove', 'take the password away')
    .action((device: string, options: PasswordOptions & { remove?: boolean }) => changePassword(device.toLowerCase(), options, context));
}

async function changePassword(device: string, options: PasswordOptions & { remove?: boolean }, context: CliContext): Promise<void> {
  const { dataDir } = await context.config();
  const password = await readPassword(options, context);
  if ((password === undefined) === (options.remove !== true)) throw new UsageError('one of --password, --password-file and --remove is needed');
  const store = await openH323Store(dataDir);
  try {
    const passwords = new DevicePasswords(store, secretsKey(dataDir));
    if (password !== undefined) {
      await mustExist(dataDir, device);
      await passwords.set(device, password);
    } else if (!await passwords.remove(device)) throw new UsageError(`${device} has no H.323 password`);
  } finally {
    await store.close();
  }
  const has = password !== undefined;
  context.print({ device, password: has }, () => (has ? `${device} has a new H.323 password.` : `${device} has no H.323 password any longer.`));
}

async function mustExist(dataDir: string, device: string): Promise<void> {
  const directory = await openDirectoryStore(dataDir);
  try {
    if (!await new DirectoryReader(directory.db).get('device', device)) throw new UsageError(`there is no device ${device}`, 'See `etasilta device list`.');
  } finally {
    await directory.close();
  }
}
