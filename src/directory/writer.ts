import type { Kysely } from 'kysely';
import { batches, insertRows } from './bulk';
import { type Change, recordChanges } from './changes';
import type { AnyKind, AnyRecord } from './kind';
import { keyColumnOf, type Row, toRow } from './rows';
import type { DirectoryDatabase } from './schema';

/** Writes canonical, checked records inside one transaction and notes every change. The last call is `finish`. */
export class DirectoryWriter {
  private readonly changes: Change[] = [];

  constructor(private readonly db: Kysely<DirectoryDatabase>) {}

  /** Adds records or replaces those of the same key. Claims of addresses are written by `claim`. */
  async write(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    await insertRows(this.db, kind.plural, records.map((record) => toRow(kind, record)), keyColumnOf(kind));
    if (kind.name === 'person') await this.linkDevices(records);
    for (const record of records) this.note(kind, record);
  }

  /** Makes the records' addresses, aliases and numbers theirs; what they had before and no longer claim becomes free. */
  async claim(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    if (!kind.claims) return;
    await this.release(kind, records.map((record) => kind.keyOf(record)));
    const rows: Row[] = [];
    for (const record of records) {
      for (const { space, address } of kind.claims(record)) rows.push({ space, address, owner_kind: kind.name, owner: kind.keyOf(record) });
    }
    await insertRows(this.db, 'addresses', rows);
  }

  async release(kind: AnyKind, keys: readonly string[]): Promise<void> {
    for (const part of batches(keys)) {
      await this.db.deleteFrom('addresses').where('owner_kind', '=', kind.name as 'device' | 'service').where('owner', 'in', part).execute();
    }
  }

  /** Removes records; whoever refers to them must be gone by the end of the transaction. */
  async remove(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    const keys = records.map((record) => kind.keyOf(record));
    if (kind.claims) await this.release(kind, keys);
    const column = keyColumnOf(kind);
    for (const part of batches(keys)) {
      await (this.db as unknown as Kysely<Record<string, Row>>).deleteFrom(kind.plural).where(column, 'in', part).execute();
    }
    for (const record of records) this.note(kind, record);
  }

  async finish(): Promise<void> {
    await recordChanges(this.db, this.changes);
  }

  private note(kind: AnyKind, record: AnyRecord): void {
    this.changes.push({ kind: kind.name, key: kind.name === 'membership' ? (record.service as string) : kind.keyOf(record) });
  }

  private async linkDevices(persons: readonly AnyRecord[]): Promise<void> {
    for (const part of batches(persons)) {
      await this.db.deleteFrom('person_devices').where('person', 'in', part.map(({ key }) => key as string)).execute();
    }
    await insertRows(this.db, 'person_devices', persons.flatMap(({ key, devices }) =>
      (devices as string[]).map((device) => ({ person: key as string, device }))));
  }
}
