import { isFault, parseServiceAddress } from '../../addressing';
import { DirectoryError } from '../errors';
import type { AnyRecord } from '../kind';
import { kindOf } from '../kinds';
import type { Organisation, Service } from '../model';
import type { DirectoryStore } from '../open';
import { DirectoryReader, getRecords } from '../reader';
import { readRecord } from '../record';
import { DirectoryWriter } from '../writer';
import { absorbService, moveService, type Move, type Moving, type Renaming } from './move-service';

export type { Move } from './move-service';

export interface MoveOptions {
  /** The last day, `YYYY-MM-DD`, on which old addresses and numbers are taken. */
  until: string;
  /** Tells what would be done and changes nothing. */
  dryRun?: boolean;
}

/**
 * A part of service addresses that changes, `ahtari` in `yhteispalvelu.fi.ahtari@palvelu.example`, or of their numbers: the code of
 * the municipality, `989` in `98900011`.
 */
export interface Replacement {
  from: string;
  to: string;
}

export interface MoveReport {
  /** Services with a new address or number. */
  services: Move[];
  /** Services that were closed because another had their new address. */
  absorbed: Move[];
  /** Other records that changed their organisation, by kind. */
  moved: { sites: number; persons: number; organisations: number };
}

/** Ends the transaction of a dry run without a trace. */
class DryRun extends Error {}

/**
 * Gives a service a new address (or the one that it has) and perhaps a new number; the old ones lead there until the last day.
 * Faults throw DirectoryError and nothing is changed.
 */
export function renameService(store: DirectoryStore, from: string, to: string, { number, ...options }: MoveOptions & { number?: string }): Promise<MoveReport> {
  return inOneMove(store, options, async (moving, report) => {
    const service = await existing<Service>(moving, 'service', from);
    report.services.push(await moveService(moving, service, { address: (address) => (address === service.address ? to : address), number: (old) => number ?? old }));
  });
}

/**
 * Changes an organisation and the addresses of its services: those with the qualifier `qualifier.from`, and those under the
 * organisation's domain where that changes; likewise their numbers, and its sites, where its municipality's code changes. Old
 * addresses and numbers lead to the services until the last day.
 */
export function renameOrganisation(store: DirectoryStore, key: string, change: (before: Organisation) => Organisation, options: MoveOptions & { qualifier?: Replacement }): Promise<MoveReport> {
  return inOneMove(store, options, async (moving, report) => {
    const before = await existing<Organisation>(moving, 'organisation', key);
    const after = await writeOrganisation(moving, change(before), key);
    const municipality = changed(before.municipality, after.municipality);
    const rename = renaming({ qualifier: options.qualifier, domain: changed(before.domain, after.domain), municipality });
    if (municipality) await rewrite(moving, 'site', 'organisation', key, (site) => ({ ...site, municipality: replaced(site.municipality as string | undefined, municipality) }));
    for (const service of await servicesOf(moving, key)) if (concerns(rename, service)) report.services.push(await moveService(moving, service, rename));
  });
}

/**
 * Makes two organisations one: what belonged to `from` belongs to `into`, and `from` is removed. Service addresses change their
 * qualifier as with a renaming, and numbers the code of the municipality where `numbers` says so. Where the new address is taken
 * the merge is refused or, with `absorb`, the service is closed and its addresses and number lead to the one that is there.
 */
export function mergeOrganisations(store: DirectoryStore, from: string, into: string, options: MoveOptions & { qualifier?: Replacement; numbers?: Replacement; absorb?: boolean }): Promise<MoveReport> {
  return inOneMove(store, options, async (moving, report) => {
    const old = await existing<Organisation>(moving, 'organisation', from);
    const target = await existing<Organisation>(moving, 'organisation', into);
    if (await isBelow(moving, target, old.key)) {
      throw new DirectoryError('directory-conflict', 'organisation', into, [{ field: '', reason: `is ${from} itself or below it` }], 'Merge into another organisation.');
    }
    const rename = renaming({ qualifier: options.qualifier, municipality: options.numbers });
    for (const service of await servicesOf(moving, from)) {
      const address = rename.address(service.address);
      const taken = (await getRecords(moving.db, kindOf('service'), [address])).get(address) as unknown as Service | undefined;
      if (options.absorb && taken !== undefined && taken.address !== service.address) report.absorbed.push(await absorbService(moving, service, taken));
      else report.services.push(await moveService(moving, { ...service, organisation: into }, rename));
    }
    report.services = report.services.filter((move) => move.from !== move.to || move.number !== undefined);
    report.moved = {
      sites: await rewrite(moving, 'site', 'organisation', from, (site) => ({ ...site, organisation: into, ...(site.municipality === old.municipality && target.municipality && { municipality: target.municipality }) })),
      persons: await rewrite(moving, 'person', 'organisation', from, (person) => ({ ...person, organisation: into })),
      organisations: await rewrite(moving, 'organisation', 'parent', from, (child) => ({ ...child, parent: into })),
    };
    await moving.writer.remove(kindOf('organisation'), [old as unknown as AnyRecord]);
  });
}

/** Runs `work` in one transaction. The date is checked with the records that it gets into. */
async function inOneMove(store: DirectoryStore, { until, dryRun }: MoveOptions, work: (moving: Moving, report: MoveReport) => Promise<void>): Promise<MoveReport> {
  const report: MoveReport = { services: [], absorbed: [], moved: { sites: 0, persons: 0, organisations: 0 } };
  try {
    await store.transaction(async (db) => {
      const writer = new DirectoryWriter(db);
      await work({ db, writer, until }, report);
      await writer.finish();
      if (dryRun) throw new DryRun();
    });
  } catch (error) {
    if (!(error instanceof DryRun)) throw error;
  }
  return report;
}

/** Addresses with their qualifier and domain changed, numbers with the code of their municipality, and otherwise as they were. */
const renaming = (changes: { qualifier?: Replacement; domain?: Replacement; municipality?: Replacement }): Renaming => ({
  address(address) {
    const parsed = parseServiceAddress(address);
    if (isFault(parsed)) return address;
    const local = [parsed.service, parsed.language, replaced(parsed.qualifier, changes.qualifier)].filter((part) => part !== undefined).join('.');
    return `${local}@${replaced(parsed.domain, changes.domain)}`;
  },
  number: (number) => `${replaced(number.slice(0, MUNICIPALITY_DIGITS), changes.municipality)}${number.slice(MUNICIPALITY_DIGITS)}`,
});

const MUNICIPALITY_DIGITS = 3;
const replaced = (part: string | undefined, change: Replacement | undefined): string | undefined => (change !== undefined && part === change.from ? change.to : part);
const changed = (from: string | undefined, to: string | undefined): Replacement | undefined => (from === undefined || to === undefined || from === to ? undefined : { from, to });

const concerns = (rename: Renaming, { address, aliases = [], numericAlias }: Service): boolean =>
  [address, ...aliases].some((one) => rename.address(one) !== one) || (numericAlias !== undefined && rename.number(numericAlias) !== numericAlias);

async function existing<T>({ db }: Moving, kind: 'service' | 'organisation', key: string): Promise<T> {
  const record = (await getRecords(db, kindOf(kind), [key])).get(key);
  if (!record) throw new DirectoryError('directory-unknown', kind, key, [{ field: '', reason: 'there is none of this key' }], 'See what there is with "list".');
  return record as T;
}

async function isBelow({ db }: Moving, organisation: Organisation, key: string): Promise<boolean> {
  for (let at: Organisation | undefined = organisation; at !== undefined;) {
    if (at.key === key) return true;
    // The parents of an organisation never lead back to it.
    at = at.parent === undefined ? undefined : (await getRecords(db, kindOf('organisation'), [at.parent])).get(at.parent) as unknown as Organisation | undefined;
  }
  return false;
}

const servicesOf = ({ db }: Moving, organisation: string): Promise<Service[]> => new DirectoryReader(db).list('service', { where: { organisation } });

async function writeOrganisation({ db, writer }: Moving, given: Organisation, key: string): Promise<Organisation> {
  const kind = kindOf('organisation');
  const { record, faults } = readRecord(kind, given as unknown as AnyRecord);
  if (!record || record.key !== key) throw new DirectoryError('directory-invalid', 'organisation', key, record ? [{ field: 'key', reason: 'a key cannot be changed' }] : faults);
  const parent = record.parent as string | undefined;
  if (parent !== undefined && (await getRecords(db, kind, [parent])).size === 0) throw new DirectoryError('directory-dangling', 'organisation', key, [{ field: 'parent', reason: `there is no organisation ${parent}` }]);
  await writer.replace(kind, [record]);
  return record as unknown as Organisation;
}

/** Rewrites all records whose field has a value; returns how many. */
async function rewrite({ db, writer }: Moving, name: 'site' | 'person' | 'organisation', field: string, value: string, next: (record: AnyRecord) => AnyRecord): Promise<number> {
  const records = await new DirectoryReader(db).list(name, { where: { [field]: value } }) as unknown as AnyRecord[];
  await writer.replace(kindOf(name), records.map(next));
  return records.length;
}
