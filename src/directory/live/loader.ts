import type { KindName } from '../errors';
import type { Change } from '../changes';
import type { Membership } from '../model';
import type { DirectoryReader, RecordOf } from '../reader';
import type { SharedParts } from './shared-parts';
import { Snapshot } from './snapshot';
import type { Draft } from './tables';

/** Records a page: the event loop gets its turn between pages. */
const PAGE = 1000;

/** Reads everything that a snapshot holds. `reader` reads one consistent state; `shared` goes from one state to the next. */
export async function loadSnapshot(reader: DirectoryReader, shared: SharedParts): Promise<Snapshot> {
  const revision = await reader.revision();
  // Asked for together: one kind's rows are made records while the database reads the next.
  const [organisations, sites, devices, services, memberships] = await Promise.all([
    listAll(reader, 'organisation', ({ key }) => key),
    listAll(reader, 'site', ({ key }) => key),
    listAll(reader, 'device', ({ address }) => address),
    listAll(reader, 'service', ({ address }) => address),
    listAll(reader, 'membership', ({ service, group, device, person }) => `${service} ${group} ${device ?? person}`),
  ]);
  const persons = await reader.many('person', personsAmong(memberships));
  const members = byService(memberships);
  return Snapshot.empty().next(revision, (draft) => {
    for (const record of organisations) draft.putOrganisation(record.key, record);
    for (const record of sites) draft.putSite(record.key, record);
    for (const record of devices) draft.putDevice(record.address, record);
    for (const record of services) draft.putService(record.address, shared.of(record));
    for (const [service, list] of members) draft.putMembers(service, list);
    for (const [key, record] of persons) draft.putPerson(key, record);
  });
}

/** Reads what changed after `from`. `reader` reads one consistent state. */
export async function loadChanges(reader: DirectoryReader, from: Snapshot, revision: number, changes: readonly Change[], shared: SharedParts): Promise<Snapshot> {
  const keys = (kind: KindName): string[] => [...new Set(changes.filter((change) => change.kind === kind).map(({ key }) => key))];
  const memberships = await reader.membersOf(keys('membership'));
  const members = byService(memberships);
  const personKeys = [...new Set([...keys('person').filter((key) => from.person(key) !== undefined), ...personsAmong(memberships)])];
  const edits: ((draft: Draft) => void)[] = [
    await edit(reader, 'organisation', keys('organisation'), (draft, key, record) => draft.putOrganisation(key, record)),
    await edit(reader, 'site', keys('site'), (draft, key, record) => draft.putSite(key, record)),
    await edit(reader, 'device', keys('device'), (draft, key, record) => draft.putDevice(key, record)),
    await edit(reader, 'service', keys('service'), (draft, key, record) => draft.putService(key, record && shared.of(record))),
    await edit(reader, 'person', personKeys, (draft, key, record) => draft.putPerson(key, record)),
    (draft) => { for (const service of keys('membership')) draft.putMembers(service, members.get(service) ?? []); },
  ];
  return from.next(revision, (draft) => { for (const change of edits) change(draft); });
}

async function edit<K extends KindName>(reader: DirectoryReader, kind: K, keys: readonly string[], put: (draft: Draft, key: string, record: RecordOf[K] | undefined) => void): Promise<(draft: Draft) => void> {
  const records = await reader.many(kind, keys);
  return (draft) => { for (const key of keys) put(draft, key, records.get(key)); };
}

async function listAll<K extends KindName>(reader: DirectoryReader, kind: K, keyOf: (record: RecordOf[K]) => string): Promise<RecordOf[K][]> {
  const all: RecordOf[K][] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await reader.list(kind, { after: last === undefined ? undefined : keyOf(last), limit: PAGE });
    for (const record of page) all.push(record);
    if (page.length < PAGE) return all;
  }
}

const personsAmong = (memberships: readonly Membership[]): string[] =>
  [...new Set(memberships.flatMap(({ person }) => person ?? []))];

function byService(memberships: readonly Membership[]): Map<string, Membership[]> {
  const services = new Map<string, Membership[]>();
  for (const membership of memberships) {
    const list = services.get(membership.service);
    if (list === undefined) services.set(membership.service, [membership]);
    else list.push(membership);
  }
  for (const list of services.values()) list.sort((a, b) => compare(a.group, b.group) || a.position - b.position || compare(member(a), member(b)));
  return services;
}

const member = ({ device, person }: Membership): string => device ?? person ?? '';
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
