import type { Command } from 'commander';
import { DirectoryError, kindOf, type Membership } from '../directory';
import type { CliContext, RegisterCommands } from './context';
import { withDirectory } from './directory-access';
import { members } from './memberships';
import { addServiceMove } from './moves';
import { collect } from './options';
import { addRecordCommands, existing } from './record-commands';

interface MemberOptions { group: string; position: string }

/** Devices have an address, persons a key. */
const membershipOf = (service: string, member: string, { group, position }: MemberOptions): Membership =>
  ({ service, ...(member.includes('@') ? { device: member } : { person: member }), group, position: position as unknown as number });

export const register: RegisterCommands = (program, context) => {
  const group = addRecordCommands(program, context, {
    command: 'service',
    kind: 'service',
    description: 'services: what people dial',
    keyName: 'address',
    columns: ['address', 'organisation', 'languages', 'name', 'numeric_alias', 'enabled'],
    examples: [
      'etasilta service list organisation=kela enabled=true',
      'etasilta service add kela.fi@palvelu.example organisation=kela languages=fi name_fi=Kela --member ex90-1@seinajoki.kela.example',
      'etasilta service set kela.fi@palvelu.example plan="main longest-idle 60/20 > backup all 30 > neuvonta@palvelu.example"',
      'etasilta service set kela.fi@palvelu.example hours="1-5 09:00-15:00; 2026-12-24 closed" aliases="kansanelakelaitos@palvelu.example"',
      'etasilta service show kela.fi@palvelu.example',
      'etasilta service remove kela.fi@palvelu.example',
      'etasilta service rename kela.fi@palvelu.example kansanelakelaitos.fi@palvelu.example --until 2027-12-31',
      'etasilta service member list kela.fi@palvelu.example',
      'etasilta service member add kela.fi@palvelu.example kela-asiantuntija-1 --group backup',
      'etasilta service member remove kela.fi@palvelu.example ex90-1@seinajoki.kela.example',
    ],
    defaults: { plan: 'main all 30' },
    options: (command) => command.option('--member <member>', 'a device address or a person key that answers, in group main (repeatable)', collect),
    memberships: (key, { member = [] }) => (member as string[]).map((one) => membershipOf(key, one, { group: 'main', position: '0' })),
    related: members,
  });
  addServiceMove(group, context);
  addMemberCommands(group.command('member').description('who answers for a service'), context);
};

function addMemberCommands(group: Command, context: CliContext): void {
  group.command('list').description('list the members of a service').argument('<service>')
    .action((service: string) => withDirectory(context, async (directory) => {
      const { data, text } = await members(directory, String((await existing(directory, 'service', service)).address));
      context.print(data.members, () => text);
    }));

  group.command('add').description('add a member, or change its position').argument('<service>').argument('<member>', 'device address or person key')
    .option('--group <group>', 'group named by a stage of the plan', 'main')
    .option('--position <n>', 'place in the group for strategy "order", lower first', '0')
    .action((service: string, member: string, options: MemberOptions) => withDirectory(context, async (directory) => {
      const result = await directory.put('membership', membershipOf(service, member, options));
      context.print({ result, service, member, group: options.group }, () => `${member} ${result} in group ${options.group} of ${service}`);
    }));

  group.command('remove').description('remove a member, from all groups or one').argument('<service>').argument('<member>', 'device address or person key')
    .option('--group <group>', 'only from this group')
    .action((service: string, member: string, options: { group?: string }) => withDirectory(context, async (directory) => {
      const address = String((await existing(directory, 'service', service)).address);
      const key = String((await existing(directory, member.includes('@') ? 'device' : 'person', member))[member.includes('@') ? 'address' : 'key']);
      const own = (await directory.membersOf([address])).filter((one) => (one.device ?? one.person) === key && (options.group === undefined || one.group === options.group));
      if (own.length === 0) {
        throw new DirectoryError('directory-unknown', 'membership', `${address} ${member}`, [{ field: '', reason: `${member} is no member${options.group === undefined ? '' : ` of group ${options.group}`}` }], `See who is with "etasilta service member list ${address}".`);
      }
      for (const one of own) await directory.remove('membership', kindOf('membership').keyOf({ ...one }));
      context.print({ removed: own }, () => own.map((one) => `${key} removed from group ${one.group} of ${address}`).join('\n'));
    }));
}
