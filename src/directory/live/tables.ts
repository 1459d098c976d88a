import { fold } from '../../addressing';
import type { Device, Membership, Organisation, Person, Service, Site } from '../model';
import { LayeredMap } from './layered-map';
import { ListDraft } from './list-draft';

/** The records of one state of the directory, and the ways to find them. */
export interface Tables {
  organisations: LayeredMap<Organisation>;
  sites: LayeredMap<Site>;
  devices: LayeredMap<Device>;
  services: LayeredMap<Service>;
  /** Only those who answer for a service. */
  persons: LayeredMap<Person>;
  members: LayeredMap<readonly Membership[]>;
  /** Aliases, H.323 IDs and numbers, each to the address of its owner. */
  aliases: LayeredMap<string>;
  h323Ids: LayeredMap<string>;
  numbers: LayeredMap<string>;
  /** Local parts to the addresses and aliases that have them. */
  locals: LayeredMap<readonly string[]>;
  /** Organisations by their parent (`''`: those without one), sites and services by organisation, devices by site. */
  children: LayeredMap<readonly Organisation[]>;
  sitesOf: LayeredMap<readonly Site[]>;
  devicesOf: LayeredMap<readonly Device[]>;
  servicesOf: LayeredMap<readonly Service[]>;
}

export const emptyTables = (): Tables => ({
  organisations: LayeredMap.empty(), sites: LayeredMap.empty(), devices: LayeredMap.empty(), services: LayeredMap.empty(), persons: LayeredMap.empty(),
  members: LayeredMap.empty(), aliases: LayeredMap.empty(), h323Ids: LayeredMap.empty(), numbers: LayeredMap.empty(), locals: LayeredMap.empty(),
  children: LayeredMap.empty(), sitesOf: LayeredMap.empty(), devicesOf: LayeredMap.empty(), servicesOf: LayeredMap.empty(),
});

/** The next state of tables while it is being made; the state that it came from stays as it is. */
export class Draft {
  readonly tables: Tables;
  /** Addresses and aliases that were not there before. */
  readonly addedAddresses: string[] = [];
  private readonly locals: ListDraft<string>;
  private readonly children: ListDraft<Organisation>;
  private readonly sitesOf: ListDraft<Site>;
  private readonly devicesOf: ListDraft<Device>;
  private readonly servicesOf: ListDraft<Service>;

  constructor(from: Tables) {
    this.tables = Object.fromEntries(Object.entries(from).map(([name, table]) => [name, (table as LayeredMap<unknown>).fork()])) as unknown as Tables;
    this.locals = new ListDraft(this.tables.locals);
    this.children = new ListDraft(this.tables.children);
    this.sitesOf = new ListDraft(this.tables.sitesOf);
    this.devicesOf = new ListDraft(this.tables.devicesOf);
    this.servicesOf = new ListDraft(this.tables.servicesOf);
  }

  /** `undefined` removes, here and below. */
  putOrganisation(key: string, record: Organisation | undefined): void {
    move(this.children, this.tables.organisations.get(key), record, ({ parent = '' }) => parent);
    this.tables.organisations.set(key, record);
  }

  putSite(key: string, record: Site | undefined): void {
    move(this.sitesOf, this.tables.sites.get(key), record, ({ organisation }) => organisation);
    this.tables.sites.set(key, record);
  }

  putPerson(key: string, record: Person | undefined): void {
    this.tables.persons.set(key, record);
  }

  putMembers(service: string, members: readonly Membership[]): void {
    this.tables.members.set(service, members.length === 0 ? undefined : members);
  }

  putDevice(address: string, record: Device | undefined): void {
    const { devices, h323Ids, numbers } = this.tables;
    const old = devices.get(address);
    if (old?.h323Id !== undefined) this.release(h323Ids, fold(old.h323Id), address);
    if (old?.e164 !== undefined) this.release(numbers, old.e164, address);
    move(this.devicesOf, old, record, ({ site }) => site);
    devices.set(address, record);
    if (record?.h323Id !== undefined) h323Ids.set(fold(record.h323Id), address);
    if (record?.e164 !== undefined) numbers.set(record.e164, address);
    this.listAddresses(old === undefined ? [] : [address], record === undefined ? [] : [address]);
  }

  putService(address: string, record: Service | undefined): void {
    const { services, aliases, numbers } = this.tables;
    const old = services.get(address);
    const [before, after] = [old, record].map((one) => (one === undefined ? [] : otherAddresses(one))) as [string[], string[]];
    for (const alias of before) this.release(aliases, alias, address);
    for (const number of numbersOf(old)) this.release(numbers, number, address);
    move(this.servicesOf, old, record, ({ organisation }) => organisation);
    services.set(address, record);
    for (const alias of after) aliases.set(alias, address);
    for (const number of numbersOf(record)) numbers.set(number, address);
    this.listAddresses(old === undefined ? [] : [address, ...before], record === undefined ? [] : [address, ...after]);
  }

  /** In one transaction a name may have gone to another owner, whose record was put first. */
  private release(table: LayeredMap<string>, name: string, owner: string): void {
    if (table.get(name) === owner) table.set(name, undefined);
  }

  private listAddresses(before: readonly string[], after: readonly string[]): void {
    for (const address of before) if (!after.includes(address)) this.locals.remove(localPart(address), address);
    for (const address of after) {
      if (before.includes(address)) continue;
      this.locals.add(localPart(address), address);
      this.addedAddresses.push(address);
    }
  }
}

/** Aliases and former addresses. */
const otherAddresses = ({ aliases = [], formerAddresses = [] }: Service): string[] => [...aliases, ...formerAddresses.map(({ address }) => address)];

/** Its number and those that it had. */
const numbersOf = (service: Service | undefined): string[] => [...(service?.numericAlias === undefined ? [] : [service.numericAlias]), ...(service?.formerNumbers ?? []).map(({ number }) => number)];

const localPart = (address: string): string => address.slice(0, address.indexOf('@'));

/** Puts a record's next state in the list where it now belongs. */
function move<T>(lists: ListDraft<T>, before: T | undefined, after: T | undefined, listOf: (record: T) => string): void {
  if (before !== undefined) lists.remove(listOf(before), before);
  if (after !== undefined) lists.add(listOf(after), after);
}
