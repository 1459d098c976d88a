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
    for (const { space, address, owner_kind: kind, owner } of await db.selectFrom('addresses').selectAll().execute()) {
      if (!touched.has(`${kind} ${owner}`)) owners.set(`${space} ${address}`, `${kind} ${owner}`);
    }
    let good = true;
    for (const { kind, record, fault } of this.claimants) {
      const self = `${kind.name} ${kind.keyOf(record)}`;
      for (const { space, address, field } of kind.claims?.(record) ?? []) {
        const owner = owners.get(`${space} ${address}`);
        if (owner === undefined) owners.set(`${space} ${address}`, self);
        else if (owner !== self) {
          good = false;
          fault(field, `${address} belongs to ${owner}`);
        }
      }
    }
    if (!good) return;
    for (const kind of [kindOf('device'), kindOf('service')]) {
      const records = this.claimants.filter((one) => one.kind === kind).map(({ record }) => record);
      await writer.release(kind, records.map((record) => kind.keyOf(record)));
    }
    for (const kind of [kindOf('device'), kindOf('service')]) {
      await writer.claim(kind, this.claimants.filter((one) => one.kind === kind).map(({ record }) => record));
    }
  }
}
