import type { AnyRecord, DirectoryRepository, Membership } from '../directory';
import { memberOf } from './directory-access';
import { table } from '../table';

/** The services that a device or a person answers for. */
export async function memberships(directory: DirectoryRepository, where: Partial<Membership>): Promise<{ data: AnyRecord; text: string }> {
  const found = await directory.list('membership', { where });
  const services = found.map(({ service, group, position }) => ({ service, group, position }));
  return { data: { services }, text: services.length > 0 ? table(['service', 'group', 'position'], services.map(({ service, group, position }) => [service, group, position])) : '' };
}

/** Who answers for a service. */
export async function members(directory: DirectoryRepository, service: string): Promise<{ data: AnyRecord; text: string }> {
  const found = await directory.membersOf([service]);
  return {
    data: { members: found },
    text: found.length > 0 ? table(['member', 'group', 'position'], found.map((one) => [memberOf(one), one.group, one.position])) : 'no members',
  };
}
