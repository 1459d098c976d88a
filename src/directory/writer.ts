import type { Kysely } from 'kysely';
import { batches, insertPacked, insertRows, type NewRow, packRows } from './bulk';
import { ChangeList } from './changes';
import type { AnyKind, AnyRecord } from './kind';
import { keyColumnOf, type Row, toRow } from './rows';
import type { DirectoryDatabase } from './schema';

/** Writes canonical, checked records inside one transaction and notes every change. The last call is `finish`. */
export class DirectoryWriter {
  private readonly changes = new ChangeList();

  constructor(private readonly db: Kysely<DirectoryDatabase>) {}

  /** Writes records whose keys are new. Claims of addresses are written by `claim`. */
  add(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    return this.prepare(kind, records, [])();
  }

  /** Writes records in place of those of the same keys. Claims of addresses are written by `release` and `claim`. */
  replace(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    return this.prepare(kind, [], records)();
  }

  /** What adds and replaces records when it is called; the records themselves are no longer needed then. */
  prepare(kind: AnyKind, added: readonly AnyRecord[], replacing: readonly AnyRecord[]): () => Promise<void> {
    const rowsOf = (records: readonly AnyRecord[]): NewRow[] => records.map((record) => toRow(kind, record));
    const rows = [packRows(kind.plural, rowsOf(added)), packRows(kind.plural, rowsOf(replacing), keyColumnOf(kind))];
    const persons = kind.name === 'person' ? [...added, ...replacing] : [];
    const unlinked = kind.name === 'person' ? replacing.map(({ key }) => key as string) : [];
    const links = packRows('person_devices', persons.flatMap(({ key, devices }) => (devices as string[]).map((device) => ({ person: key, device }))));
    for (const record of [...added, ...replacing]) this.note(kind, record);
    return async () => {
      for (const packed of rows) await insertPacked(this.db, packed);
      for (const part of batches(unlinked)) await this.db.deleteFrom('person_devices').where('person', 'in', part).execute();
      await insertPacked(this.db, links);
    };
  }

  /** Makes the records' addresses, aliases and numbers theirs; what the records had before must be released. */
  async claim(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    await insertRows(this.db, 'addresses', records.flatMap((record) => (kind.claims?.(record) ?? []).map(({ space, address }) =>
      ({ space, address, owner_kind: kind.name, owner: kind.keyOf(record) }))));
  }

  /** Frees all addresses, aliases and numbers of the records with these keys. */
  async release(kind: AnyKind, keys: readonly string[]): Promise<void> {
    if (!kind.claims) return;
    for (const part of batches(keys)) {
      await this.db.deleteFrom('addresses').where('owner_kind', '=', kind.name as 'device' | 'service').where('owner', 'in', part).execute();
    }
  }

  /** Removes records; whoever refers to them must be gone by the end of the transaction. */
  async remove(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    const keys = records.map((record) => kind.keyOf(record));
    await this.release(kind, keys);
    const column = keyColumnOf(kind);
    for (const part of batches(keys)) {
      await (this.db as unknown as Kysely<Record<string, Row>>).deleteFrom(kind.plural).where(column, 'in', part).execute();
    }
    for (const record of records) this.note(kind, record);
  }

  async finish(): Promise<void> {
    await this.changes.write(this.db);
  }

  private note(kind: AnyKind, record: AnyRecord): void {
    this.changes.add(kind.name, kind.name === 'membership' ? (record.service as string) : kind.keyOf(record));
  }
}
