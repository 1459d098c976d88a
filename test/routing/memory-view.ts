import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fold } from '../../src/addressing';
import type { DirectoryDocument } from '../../src/directory/model';
import type { Directory, DirectoryEntry, DirectoryView } from '../../src/directory/view';

const LISTS = ['organisations', 'sites', 'devices', 'services', 'persons', 'memberships'] as const;

export const PILOT_FOLDER = join(__dirname, '../../directory-data/pilot');

/** The pilot directory as it stands in its files. */
export function pilot(): DirectoryDocument {
  const document = Object.fromEntries(LISTS.map((list) => [list, []])) as unknown as DirectoryDocument;
  for (const file of readdirSync(PILOT_FOLDER).filter((name) => name.endsWith('.yaml'))) {
    const part = parse(readFileSync(join(PILOT_FOLDER, file), 'utf8')) as Partial<DirectoryDocument>;
    for (const list of LISTS) (document[list] as unknown[]).push(...(part[list] ?? []));
  }
  return document;
}

/** A directory in memory with exactly these records; `change` puts another in their place. */
export class MemoryDirectory implements Directory {
  private current: DirectoryView;

  constructor(document: Partial<DirectoryDocument>) {
    this.current = viewOf(document, 1);
  }

  async view(): Promise<DirectoryView> {
    return this.current;
  }

  change(document: Partial<DirectoryDocument>): void {
    this.current = viewOf(document, this.current.revision + 1);
  }
}

function viewOf(document: Partial<DirectoryDocument>, revision: number): DirectoryView {
  const { organisations = [], sites = [], devices = [], services = [], persons = [], memberships = [] } = document;
  const entries = new Map<string, DirectoryEntry>();
  for (const device of devices) entries.set(device.address, { kind: 'device', device });
  for (const service of services) {
    entries.set(service.address, { kind: 'service', service });
    for (const alias of service.aliases ?? []) entries.set(alias, { kind: 'service', service, alias });
  }
  const all = [...entries.entries()];
  const byKey = <T>(items: T[], key: (item: T) => string) => {
    const map = new Map(items.map((item) => [key(item), item]));
    return (wanted: string) => map.get(wanted);
  };
  const groupBy = <T>(items: T[], key: (item: T) => string | undefined) => {
    const map = new Map<string, T[]>();
    for (const item of items) {
      const value = key(item);
      if (value !== undefined) map.set(value, [...(map.get(value) ?? []), item]);
    }
    return (wanted: string) => map.get(wanted) ?? [];
  };
  const byLocal = groupBy(all.map(([address, entry]) => ({ address, entry })), ({ address }) => address.slice(0, address.indexOf('@')));
  const byNumber = groupBy(all.map(([, entry]) => entry).filter((entry) => entry.kind === 'device' || entry.alias === undefined),
    (entry) => (entry.kind === 'device' ? entry.device.e164 : entry.service.numericAlias));
  const byId = byKey(devices.filter(({ h323Id }) => h323Id !== undefined), ({ h323Id }) => h323Id ?? '');
  const members = groupBy([...memberships].sort((a, b) => a.position - b.position), ({ service }) => service);
  const children = groupBy(organisations, ({ parent }) => parent ?? '');
  return {
    revision,
    find: (address) => entries.get(fold(address)),
    findByLocalPart: (local) => byLocal(local).slice(0, 20).map(({ entry }) => entry),
    findByNumber: byNumber,
    findByH323Id: byId,
    organisation: byKey(organisations, ({ key }) => key),
    site: byKey(sites, ({ key }) => key),
    device: byKey(devices, ({ address }) => address),
    service: byKey(services, ({ address }) => address),
    person: byKey(persons, ({ key }) => key),
    membersOf: members,
    childrenOf: (organisation = '') => children(organisation),
    sitesOf: groupBy(sites, ({ organisation }) => organisation),
    devicesOf: groupBy(devices, ({ site }) => site),
    servicesOf: groupBy(services, ({ organisation }) => organisation),
    nearest: (text, limit) => all.map(([address]) => ({ address, score: shared(address, text) }))
      .filter(({ score }) => score > 0.6).sort((a, b) => b.score - a.score).slice(0, limit).map(({ address }) => address),
  };
}

/** Share of letter pairs that two local parts have in common. */
function shared(a: string, b: string): number {
  const pairs = (text: string) => {
    const local = text.split('@')[0] ?? '';
    return Array.from({ length: Math.max(0, local.length - 1) }, (_, i) => local.slice(i, i + 2));
  };
  const [left, right] = [pairs(a), pairs(b)];
  const common = left.filter((pair) => right.includes(pair)).length;
  return left.length + right.length === 0 ? 0 : (2 * common) / (left.length + right.length);
}
