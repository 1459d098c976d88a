import { fold } from '../../addressing';
import type { Device, Membership, Organisation, Person, Service, Site } from '../model';
import { LayeredMap } from './layered-map';

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
}

export const emptyTables = (): Tables => ({
  organisations: LayeredMap.empty(), sites: LayeredMap.empty(), devices: LayeredMap.empty(), services: LayeredMap.empty(), persons: LayeredMap.empty(),
  members: LayeredMap.empty(), aliases: LayeredMap.empty(), h323Ids: LayeredMap.empty(), numbers: LayeredMap.empty(), locals: LayeredMap.empty(),
});

/** The next state of tables while it is being made; the state that it came from stays as it is. */
export class Draft {
  readonly tables: Tables;
  /** Addresses and aliases that were not there before. */
  readonly addedAddresses: string[] = [];
  /** Lists of `locals` that this draft made and may still write to. */
  private readonly ownLocals = new Map<string, string[]>();

  constructor(from: Tables) {
    this.tables = Object.fromEntries(Object.entries(from).map(([name, table]) => [name, (table as LayeredMap<unknown>).fork()])) as unknown as Tables;
  }

  /** `undefined` removes, here and below. */
  putOrganisation(key: string, record: Organisation | undefined): void {
    this.tables.organisations.set(key, record);
  }

  putSite(key: string, record: Site | undefined): void {
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
    devices.set(address, record);
    if (record?.h323Id !== undefined) h323Ids.set(fold(record.h323Id), address);
    if (record?.e164 !== undefined) numbers.set(record.e164, address);
    this.listAddresses(old === undefined ? [] : [address], record === undefined ? [] : [address]);
  }

  putService(address: string, record: Service | undefined): void {
    const { services, aliases, numbers } = this.tables;
    const old = services.get(address);
    for (const alias of old?.aliases ?? []) this.release(aliases, alias, address);
    if (old?.numericAlias !== undefined) this.release(numbers, old.numericAlias, address);
    services.set(address, record);
    for (const alias of record?.aliases ?? []) aliases.set(alias, address);
    if (record?.numericAlias !== undefined) numbers.set(record.numericAlias, address);
    this.listAddresses(old === undefined ? [] : [address, ...(old.aliases ?? [])], record === undefined ? [] : [address, ...(record.aliases ?? [])]);
  }

  /** In one transaction a name may have gone to another owner, whose record was put first. */
  private release(table: LayeredMap<string>, name: string, owner: string): void {
    if (table.get(name) === owner) table.set(name, undefined);
  }

  private listAddresses(before: readonly string[], after: readonly string[]): void {
    for (const address of before) if (!after.includes(address)) this.editLocal(address, (list) => list.splice(list.indexOf(address), 1));
    for (const address of after) {
      if (before.includes(address)) continue;
      this.editLocal(address, (list) => list.push(address));
      this.addedAddresses.push(address);
    }
  }

  private editLocal(address: string, edit: (list: string[]) => void): void {
    const local = address.slice(0, address.indexOf('@'));
    let list = this.ownLocals.get(local);
    if (list === undefined) this.ownLocals.set(local, list = [...(this.tables.locals.get(local) ?? [])]);
    edit(list);
    this.tables.locals.set(local, list.length === 0 ? undefined : list);
  }
}
