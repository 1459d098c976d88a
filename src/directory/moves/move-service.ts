import type { Transaction } from 'kysely';
import { DirectoryError } from '../errors';
import type { AnyRecord } from '../kind';
import { kindOf } from '../kinds';
import type { Membership, Service } from '../model';
import { DirectoryReader, getRecords } from '../reader';
import { readRecord } from '../record';
import { findReferrers } from '../referrers';
import type { DirectoryDatabase } from '../schema';
import type { DirectoryWriter } from '../writer';

/** A service's old and new address, and its number where that changes. */
export interface Move {
  from: string;
  to: string;
  number?: { from: string; to: string };
}

/** What becomes of addresses and of numbers; what it leaves alone it returns as it is. */
export interface Renaming {
  address(address: string): string;
  number(number: string): string;
}

/** The transaction that moves are made in. */
export interface Moving {
  db: Transaction<DirectoryDatabase>;
  writer: DirectoryWriter;
  /** The last day, `YYYY-MM-DD`, on which old addresses and numbers are taken. */
  until: string;
}

const SERVICE = kindOf('service');
const MEMBERSHIP = kindOf('membership');

/**
 * Gives a service another address or number. Its members and overflows that lead to it go with it; the old address, and the
 * aliases and the number that `rename` changes, lead there until the last day. Throws DirectoryError where the new one is taken.
 */
export async function moveService(moving: Moving, service: Service, rename: Renaming): Promise<Move> {
  const { db, writer, until } = moving;
  const { address: from, numericAlias: oldNumber } = service;
  const to = rename.address(from);
  const number = oldNumber === undefined ? undefined : rename.number(oldNumber);
  const aliases = service.aliases?.map(rename.address);
  const given = new Set([to, ...aliases ?? []]);
  const left = [from, ...service.aliases ?? []].filter((address) => !given.has(address)).map((address) => ({ address, until }));
  const leftNumbers = oldNumber === undefined || oldNumber === number ? [] : [{ number: oldNumber, until }];
  const record = checked({
    ...service, address: to, aliases, numericAlias: number,
    formerAddresses: merged('address', [...service.formerAddresses ?? [], ...left], given), formerNumbers: merged('number', [...service.formerNumbers ?? [], ...leftNumbers], new Set([number])),
  }, from);
  const members = await new DirectoryReader(db).membersOf([from]);
  await remove(moving, service, members);
  await refuseTaken(moving, record);
  await writer.add(SERVICE, [record]);
  await writer.claim(SERVICE, [record]);
  await writer.add(MEMBERSHIP, members.map((member) => ({ ...member, service: to })));
  await redirectOverflows(moving, from, to);
  // An import that brings the service again finds it under its new address.
  await db.updateTable('imported_records').set({ key: to }).where('kind', '=', 'service').where('key', '=', from).execute();
  return { from, to, ...(oldNumber !== undefined && number !== undefined && oldNumber !== number && { number: { from: oldNumber, to: number } }) };
}

/** Closes a service whose new address another one has: all its addresses and its number lead to that one until the last day. */
export async function absorbService(moving: Moving, service: Service, into: Service): Promise<Move> {
  const { writer, until } = moving;
  const left = [service.address, ...service.aliases ?? []].map((address) => ({ address, until }));
  const leftNumbers = service.numericAlias === undefined ? [] : [{ number: service.numericAlias, until }];
  await redirectOverflows(moving, service.address, into.address);
  await remove(moving, service, await new DirectoryReader(moving.db).membersOf([service.address]));
  // Read again: its overflow may have been the service that is closed now.
  const current = (await getRecords(moving.db, SERVICE, [into.address])).get(into.address) as unknown as Service;
  const given = new Set([current.address, ...current.aliases ?? []]);
  const record = checked({
    ...current, formerAddresses: merged('address', [...current.formerAddresses ?? [], ...service.formerAddresses ?? [], ...left], given),
    formerNumbers: merged('number', [...current.formerNumbers ?? [], ...service.formerNumbers ?? [], ...leftNumbers], new Set([current.numericAlias])),
  }, into.address);
  await writer.replace(SERVICE, [record]);
  await writer.release(SERVICE, [into.address]);
  await writer.claim(SERVICE, [record]);
  return { from: service.address, to: into.address };
}

async function remove({ writer }: Moving, service: Service, members: readonly Membership[]): Promise<void> {
  await writer.remove(MEMBERSHIP, members.map((member) => ({ ...member })));
  await writer.remove(SERVICE, [service as unknown as AnyRecord]);
}

async function redirectOverflows({ db, writer }: Moving, from: string, to: string): Promise<void> {
  const keys = (await findReferrers(db, 'service', [from])).filter(({ field }) => field === 'plan.overflow').map(({ key }) => key);
  for (const record of (await getRecords(db, SERVICE, keys)).values()) {
    const { overflow: _, ...plan } = (record as unknown as Service).plan;
    await writer.replace(SERVICE, [{ ...record, plan: record.address === to ? plan : { ...plan, overflow: to } }]);
  }
}

/** What a service had, each once with its latest last day; what is in use again is not among it. */
function merged<F extends 'address' | 'number', T extends Record<F, string>>(field: F, former: readonly T[], given: ReadonlySet<string | undefined>): T[] | undefined {
  const all = new Map(former.filter(({ [field]: name }) => !given.has(name)).map((one) => [one[field], one]));
  return all.size === 0 ? undefined : [...all.values()];
}

function checked(service: Service, key: string): AnyRecord {
  const { record, faults } = readRecord(SERVICE, service as unknown as AnyRecord);
  if (!record) throw new DirectoryError('directory-invalid', 'service', key, faults);
  return record;
}

async function refuseTaken({ db }: Moving, record: AnyRecord): Promise<void> {
  for (const { space, address, field } of SERVICE.claims?.(record) ?? []) {
    const owner = await db.selectFrom('addresses').selectAll().where('space', '=', space).where('address', '=', address).executeTakeFirst();
    if (owner === undefined) continue;
    throw new DirectoryError('directory-conflict', 'service', String(record.address), [{ field, reason: `${address} belongs to ${owner.owner_kind} ${owner.owner}` }],
      'Choose another new address or number, or with a merge let the service that has the address take over (--absorb).');
  }
}
