import { fold } from '../../addressing';
import type { Device, Membership, Organisation, Person, Service, Site } from '../model';
import type { DirectoryEntry, DirectoryView } from '../view';
import { compareNear, nearness, NearestAddresses } from './nearest';
import { Draft, emptyTables, type Tables } from './tables';

const MAX_SAME_LOCAL = 20;
const MAX_NEAREST = 100;
/** Addresses added since the index of near addresses was made, at most; each of them is compared one by one. */
const MAX_ADDED = 512;

/** Addresses to suggest from: an index that following states share, and what came after it was made. */
interface Suggestions {
  index?: NearestAddresses;
  added: readonly string[];
}

/** One state of the directory, in memory. */
export class Snapshot implements DirectoryView {
  private constructor(readonly revision: number, private readonly tables: Tables, private suggestions: Suggestions) {}

  static empty(): Snapshot {
    return new Snapshot(0, emptyTables(), { added: [] });
  }

  /** The state that `change` makes of this one. */
  next(revision: number, change: (draft: Draft) => void): Snapshot {
    const draft = new Draft(this.tables);
    change(draft);
    const { index, added } = this.suggestions;
    return new Snapshot(revision, draft.tables, index === undefined ? { added: [] } : { index, added: [...added, ...draft.addedAddresses] });
  }

  find(address: string): DirectoryEntry | undefined {
    const { services, devices, aliases } = this.tables;
    const service = services.get(address);
    if (service !== undefined) return { kind: 'service', service };
    const device = devices.get(address);
    if (device !== undefined) return { kind: 'device', device };
    const owner = aliases.get(address);
    const aliased = owner === undefined ? undefined : services.get(owner);
    if (aliased === undefined) return undefined;
    const until = aliased.formerAddresses?.find((former) => former.address === address)?.until;
    return { kind: 'service', service: aliased, alias: address, ...(until !== undefined && { until }) };
  }

  findByLocalPart(local: string): DirectoryEntry[] {
    return (this.tables.locals.get(local) ?? []).slice(0, MAX_SAME_LOCAL).flatMap((address) => this.find(address) ?? []);
  }

  findByNumber(digits: string): DirectoryEntry[] {
    const owner = this.tables.numbers.get(digits);
    const entry = owner === undefined ? undefined : this.find(owner);
    if (entry === undefined) return [];
    const former = entry.kind === 'service' ? entry.service.formerNumbers?.find(({ number }) => number === digits) : undefined;
    return [entry.kind === 'service' && former !== undefined ? { ...entry, alias: digits, until: former.until } : entry];
  }

  findByH323Id(id: string): Device | undefined {
    const owner = this.tables.h323Ids.get(fold(id));
    return owner === undefined ? undefined : this.tables.devices.get(owner);
  }

  organisation(key: string): Organisation | undefined {
    return this.tables.organisations.get(key);
  }

  site(key: string): Site | undefined {
    return this.tables.sites.get(key);
  }

  device(address: string): Device | undefined {
    return this.tables.devices.get(address);
  }

  service(address: string): Service | undefined {
    return this.tables.services.get(address);
  }

  person(key: string): Person | undefined {
    return this.tables.persons.get(key);
  }

  membersOf(service: string): readonly Membership[] {
    return this.tables.members.get(service) ?? [];
  }

  childrenOf(organisation = ''): readonly Organisation[] {
    return this.tables.children.get(organisation) ?? [];
  }

  sitesOf(organisation: string): readonly Site[] {
    return this.tables.sitesOf.get(organisation) ?? [];
  }

  devicesOf(site: string): readonly Device[] {
    return this.tables.devicesOf.get(site) ?? [];
  }

  servicesOf(organisation: string): readonly Service[] {
    return this.tables.servicesOf.get(organisation) ?? [];
  }

  nearest(text: string, limit: number): string[] {
    const { index, added } = this.indexed();
    const wanted = fold(text);
    return [...index.near(wanted), ...added.flatMap((address) => nearness(wanted, address) ?? [])]
      .sort(compareNear)
      .map(({ address }) => address)
      .filter((address, i, all) => address !== all[i - 1] && this.isOffered(address))
      .slice(0, Math.min(limit, MAX_NEAREST));
  }

  /** All records of a kind that is wholly in memory. */
  *all<K extends 'organisations' | 'sites' | 'devices' | 'services'>(kind: K): Generator<Recorded<K>> {
    for (const [, record] of this.tables[kind].entries()) yield record as Recorded<K>;
  }

  /** Makes the index of near addresses now rather than at the first mistyped call. */
  warm(): void {
    this.indexed();
  }

  private isOffered(address: string): boolean {
    const entry = this.find(address);
    return entry?.kind === 'device' ? entry.device.enabled : entry !== undefined && entry.service.enabled && entry.service.hidden !== true && entry.until === undefined;
  }

  private indexed(): Required<Suggestions> {
    const { index, added } = this.suggestions;
    if (index !== undefined && added.length <= MAX_ADDED) return { index, added };
    const addresses = [...this.tables.locals.entries()].flatMap(([, list]) => list);
    const made = { index: new NearestAddresses(addresses), added: [] };
    this.suggestions = made;
    return made;
  }
}

type Recorded<K extends 'organisations' | 'sites' | 'devices' | 'services'> = { organisations: Organisation; sites: Site; devices: Device; services: Service }[K];
