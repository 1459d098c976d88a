import type { Kysely } from 'kysely';
import type { AnyKind, AnyRecord } from '../kind';
import { kindOf } from '../kinds';
import type { DirectoryDatabase } from '../schema';
import type { DirectoryWriter } from '../writer';

interface Claimant {
  kind: AnyKind;
  record: AnyRecord;
  fault(field: string, reason: string): void;
}

/**
 * Claims of addresses, aliases and numbers of an import. They are settled when all records are known, so that an alias may go
 * from one service to another in the same import, whichever comes first in it.
 */
export class Claims {
  private readonly claimants: Claimant[] = [];

  add(claimant: Claimant): void {
    this.claimants.push(claimant);
  }

  /** Reports addresses of two owners; writes the claims when there are none. Removed records must be released before. */
  async settle(db: Kysely<DirectoryDatabase>, writer: DirectoryWriter): Promise<void> {
    const touched = new Set(this.claimants.map(({ kind, record }) => `${kind.name} ${kind.keyOf(record)}`));
    const owners = new Map<string, string>();
    const held = new Map<string, string[]>();
    for (const { space, address, owner_kind: kind, owner } of await db.selectFrom('addresses').selectAll().execute()) {
      const [name, holder] = [`${space} ${address}`, `${kind} ${owner}`];
      if (touched.has(holder)) held.set(holder, [...held.get(holder) ?? [], name]);
      else owners.set(name, holder);
    }
    const moved: Claimant[] = [];
    let good = true;
    for (const claimant of this.claimants) {
      const { kind, record, fault } = claimant;
      const self = `${kind.name} ${kind.keyOf(record)}`;
      const claims = kind.claims?.(record) ?? [];
      for (const { space, address, field } of claims) {
        const owner = owners.get(`${space} ${address}`) ?? self;
        owners.set(`${space} ${address}`, owner);
        if (owner === self) continue;
        good = false;
        fault(field, `${address} belongs to ${owner}`);
      }
      const has = held.get(self) ?? [];
      if (has.length !== claims.length || claims.some(({ space, address }) => !has.includes(`${space} ${address}`))) moved.push(claimant);
    }
    if (good) await write(moved, writer);
  }
}

/** What moves is free before anybody takes it. */
async function write(moved: readonly Claimant[], writer: DirectoryWriter): Promise<void> {
  const byKind = [kindOf('device'), kindOf('service')].map((kind) => ({ kind, records: moved.filter((one) => one.kind === kind).map(({ record }) => record) }));
  for (const { kind, records } of byKind) await writer.release(kind, records.map((record) => kind.keyOf(record)));
  for (const { kind, records } of byKind) await writer.claim(kind, records);
}
