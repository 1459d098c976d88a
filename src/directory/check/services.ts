import { type Kysely, sql } from 'kysely';
import { ROOM, type Service } from '../model';
import type { DirectoryDatabase } from '../schema';
import type { Finding } from './finding';

/** Members of one group of a service, and how many of them can be rung. */
interface Group { members: number; reachable: number }

/** Services that ring nobody, and stages and groups that do not meet. */
export async function answerFaults(db: Kysely<DirectoryDatabase>, services: readonly Service[]): Promise<Finding[]> {
  const groups = await groupsByService(db);
  return services.flatMap(({ address: key, plan, kind, enabled }) => {
    if (kind === ROOM) return [];
    const own = groups.get(key) ?? new Map<string, Group>();
    const findings: Finding[] = [];
    const rung = new Set(plan.stages.map(({ group }) => group));
    const answered = [...rung].some((group) => (own.get(group)?.reachable ?? 0) > 0);
    for (const group of rung) {
      const { members, reachable } = own.get(group) ?? { members: 0, reachable: 0 };
      if (members === 0) {
        findings.push({ severity: 'warning', code: 'stage-without-members', kind: 'service', key, what: `a stage rings group "${group}", which has no members`, hint: `Add members with "service member add ${key} ... --group ${group}", or take the stage out of the plan.` });
      } else if (reachable === 0 && answered) {
        findings.push({ severity: 'warning', code: 'stage-without-members', kind: 'service', key, what: `none of the ${members} members of group "${group}" is enabled and has an enabled device`, hint: 'Enable a member and a device of it.' });
      }
    }
    for (const group of own.keys()) {
      if (!rung.has(group)) {
        findings.push({ severity: 'warning', code: 'group-not-rung', kind: 'service', key, what: `group "${group}" has members, but no stage of the plan rings it`, hint: `Add a stage for "${group}" to the plan, or move its members.` });
      }
    }
    if (enabled && !answered) {
      findings.push({
        severity: plan.overflow === undefined ? 'error' : 'warning', code: 'nobody-answers', kind: 'service', key,
        what: `nobody answers: no stage has an enabled member with an enabled device${plan.overflow === undefined ? '' : `, every call goes to ${plan.overflow}`}`,
        hint: 'Add a member with an enabled device, or disable the service.',
      });
    }
    return findings;
  });
}

async function groupsByService(db: Kysely<DirectoryDatabase>): Promise<Map<string, Map<string, Group>>> {
  const { rows } = await sql<{ service: string; group_name: string; members: number; reachable: number }>`
    select service, group_name, count(*) as members, sum(case
      when device is not null then (select enabled from devices where address = device)
      else (select enabled from persons where key = person)
        and exists (select 1 from person_devices join devices on devices.address = person_devices.device where person_devices.person = memberships.person and devices.enabled = 1)
      end) as reachable
    from memberships group by service, group_name`.execute(db);
  const groups = new Map<string, Map<string, Group>>();
  for (const { service, group_name: group, members, reachable } of rows) {
    const own = groups.get(service) ?? new Map<string, Group>();
    groups.set(service, own.set(group, { members, reachable: reachable ?? 0 }));
  }
  return groups;
}

/** Overflows that lead round in a circle, nowhere, or to a service that is closed down. */
export function overflowFaults(services: readonly Service[], domains: ReadonlySet<string>): Finding[] {
  const byAddress = new Map<string, Service>();
  for (const service of services) for (const address of [service.address, ...(service.aliases ?? []), ...(service.formerAddresses ?? []).map((former) => former.address)]) byAddress.set(address, service);
  const next = (service: Service): Service | undefined => (service.plan.overflow === undefined ? undefined : byAddress.get(service.plan.overflow));
  const findings: Finding[] = [];
  /** Services whose way was followed to its end. */
  const done = new Set<Service>();
  for (const start of services) {
    const way: Service[] = [];
    let at: Service | undefined = start;
    while (at && !done.has(at) && !way.includes(at)) {
      way.push(at);
      at = next(at);
    }
    if (at && way.includes(at)) {
      const loop = [...way.slice(way.indexOf(at)), at].map(({ address }) => address);
      findings.push({ severity: 'error', code: 'overflow-loop', kind: 'service', key: at.address, what: `overflow leads round in a circle: ${loop.join(' -> ')}`, hint: 'Let one of these services overflow elsewhere or nowhere.' });
    }
    for (const service of way) done.add(service);
    findings.push(...overflowTarget(start, next(start), domains));
  }
  return findings;
}

function overflowTarget({ address: key, plan: { overflow } }: Service, target: Service | undefined, domains: ReadonlySet<string>): Finding[] {
  // Another domain's service is the partner's to know.
  if (overflow !== undefined && !target && domains.has(overflow.slice(overflow.indexOf('@') + 1))) {
    return [{ severity: 'error', code: 'overflow-unknown', kind: 'service', key, what: `overflow ${overflow} is no service`, hint: `Add service ${overflow}, or change the plan.` }];
  }
  if (target && !target.enabled) {
    return [{ severity: 'warning', code: 'overflow-disabled', kind: 'service', key, what: `overflow ${overflow} is disabled`, hint: `Enable service ${target.address}, or change the plan.` }];
  }
  return [];
}
