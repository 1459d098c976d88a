import { isFault, parseServiceAddress } from '../../addressing';
import { DirectoryError } from '../errors';
import type { AnyRecord } from '../kind';
import { kindOf } from '../kinds';
import type { Organisation, Service } from '../model';
import type { DirectoryStore } from '../open';
import { DirectoryReader, getRecords } from '../reader';
import { readRecord } from '../record';
import { DirectoryWriter } from '../writer';
import { absorbService, moveService, type Move, type Moving } from './move-service';

export type { Move } from './move-service';

export interface MoveOptions {
  /** The last day, `YYYY-MM-DD`, on which old addresses are taken. */
  until: string;
  /** Tells what would be done and changes nothing. */
  dryRun?: boolean;
}

/** A part of service addresses that changes: `ahtari` in `yhteispalvelu.fi.ahtari@palvelu.example`. */
export interface Replacement {
  from: string;
  to: string;
}

export interface MoveReport {
  /** Services with a new address. */
  services: Move[];
  /** Services that were closed because another had their new address. */
  absorbed: Move[];
  /** Other records that changed their organisation, by kind. */
  moved: { sites: number; persons: number; organisations: number };
}

/** Ends the transaction of a dry run without a trace. */
class DryRun extends Error {}

/**
 * Gives a service a new address; the old one leads there until the last day. Faults throw DirectoryError and nothing is changed.
 */
export function renameService(store: DirectoryStore, from: string, to: string, options: MoveOptions): Promise<MoveReport> {
  return inOneMove(store, options, async (moving, report) => {
    const service = await existing<Service>(moving, 'service', from);
    report.services.push(await moveService(moving, service, (address) => (address === service.address ? to : address)));
  });
}

/**
 * Changes an organisation and the addresses of its services: those with the qualifier `qualifier.from`, and those under the
 * organisation's domain where that changes. Old addresses lead to the services until the last day.
 */
export function renameOrganisation(store: DirectoryStore, key: string, change: (before: Organisation) => Organisation, options: MoveOptions & { qualifier?: Replacement }): Promise<MoveReport> {
  return inOneMove(store, options, async (moving, report) => {
    const before = await existing<Organisation>(moving, 'organisation', key);
    const after = await writeOrganisation(moving, change(before), key);
    const rename = renaming(options.qualifier, before.domain === after.domain ? undefined : { from: before.domain, to: after.domain });
    for (const service of await servicesOf(moving, key)) {
      if (rename(service.address) !== service.address || service.aliases?.some((alias) => rename(alias) !== alias)) {
        report.services.push(await moveService(moving, service, rename));
      }
    }
  });
}

/**
 * Makes two organisations one: what belonged to `from` belongs to `into`, and `from` is removed. Service addresses change their
 * qualifier as with a renaming. Where the new address is taken the merge is refused or, with `absorb`, the service is closed
 * and its addresses lead to the one that is there.
 */
export function mergeOrganisations(store: DirectoryStore, from: string, into: string, options: MoveOptions & { qualifier?: Replacement; absorb?: boolean }): Promise<MoveReport> {
  return inOneMove(store, options, async (moving, report) => {
    const old = await existing<Organisation>(moving, 'organisation', from);
    const target = await existing<Organisation>(moving, 'organisation', into);
    if (await isBelow(moving, target, old.key)) {
      throw new DirectoryError('directory-conflict', 'organisation', into, [{ field: '', reason: `is ${from} itself or below it` }], 'Merge into another organisation.');
    }
    const rename = renaming(options.qualifier);
    for (const service of await servicesOf(moving, from)) {
      const taken = (await getRecords(moving.db, kindOf('service'), [rename(service.address)])).get(rename(service.address)) as unknown as Service | undefined;
      if (options.absorb && taken !== undefined && taken.address !== service.address) report.absorbed.push(await absorbService(moving, service, taken));
      else report.services.push(await moveService(moving, { ...service, organisation: into }, rename));
    }
    report.services = report.services.filter((move) => move.from !== move.to);
    report.moved = {
      sites: await change(moving, 'site', 'organisation', from, (site) => ({ ...site, organisation: into, ...(site.municipality === old.municipality && target.municipality && { municipality: target.municipality }) })),
      persons: await change(moving, 'person', 'organisation', from, (person) => ({ ...person, organisation: into })),
      organisations: await change(moving, 'organisation', 'parent', from, (child) => ({ ...child, parent: into })),
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

/** An address with its qualifier and domain changed, and otherwise as it was. */
const renaming = (qualifier?: Replacement, domain?: Replacement) => (address: string): string => {
  const parsed = parseServiceAddress(address);
  if (isFault(parsed)) return address;
  const changed = (part: string | undefined, change: Replacement | undefined): string | undefined => (change !== undefined && part === change.from ? change.to : part);
  const local = [parsed.service, parsed.language, changed(parsed.qualifier, qualifier)].filter((part) => part !== undefined).join('.');
  return `${local}@${changed(parsed.domain, domain)}`;
};

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
async function change({ db, writer }: Moving, name: 'site' | 'person' | 'organisation', field: string, value: string, next: (record: AnyRecord) => AnyRecord): Promise<number> {
  const records = await new DirectoryReader(db).list(name, { where: { [field]: value } }) as unknown as AnyRecord[];
  await writer.replace(kindOf(name), records.map(next));
  return records.length;
}
