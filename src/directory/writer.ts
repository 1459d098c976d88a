import type { Kysely } from 'kysely';
import { batches, insertPacked, insertRows, packRows } from './bulk';
import { ChangeList } from './changes';
import type { AnyKind, AnyRecord, Claim } from './kind';
import { columnsToWrite, keyColumnOf, type Row, valuesToWrite } from './rows';
import type { DirectoryDatabase } from './schema';

/** A record, by its key, and the addresses, aliases and numbers that it claims. */
export interface Owner {
  kind: AnyKind;
  key: string;
  claims: readonly Claim[];
}

/** Writes canonical, checked records inside one transaction and notes every change. The last call is `finish`. */
export class DirectoryWriter {
  private readonly changes = new ChangeList();

  constructor(private readonly db: Kysely<DirectoryDatabase>) {}

  /** Writes records whose keys are new. Claims of addresses are written by `claim`. */
  add(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    const pack = this.pack(kind);
    for (const record of records) pack.add(record);
    return pack.write();
  }

  /** Writes records in place of those of the same keys. Claims of addresses are written by `release` and `claim`. */
  replace(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    const pack = this.pack(kind);
    for (const record of records) pack.replace(record);
    return pack.write();
  }

  /** Takes records of a kind one by one, which need not be held then until all are written. */
  pack(kind: AnyKind): RecordPack {
    return new RecordPack(this.db, kind, (record) => this.note(kind, record));
  }

  /** Makes the records' addresses, aliases and numbers theirs; what the records had before must be released. */
  claim(kind: AnyKind, records: readonly AnyRecord[]): Promise<void> {
    return this.give(records.map((record) => ({ kind, key: kind.keyOf(record), claims: kind.claims?.(record) ?? [] })));
  }

  /** Gives owners what they claim; it must be free. */
  async give(owners: readonly Owner[]): Promise<void> {
    await insertRows(this.db, 'addresses', owners.flatMap(({ kind, key, claims }) => claims.map(({ space, address }) => ({ space, address, owner_kind: kind.name, owner: key }))));
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

/** Records of one kind on their way into the database, as the text in which they go. */
class RecordPack {
  private readonly added: string[] = [];
  private readonly replacing: string[] = [];
  /** Which persons have which devices, and persons whose devices are to be forgotten before. */
  private readonly links: string[] = [];
  private readonly unlinked: string[] = [];

  constructor(private readonly db: Kysely<DirectoryDatabase>, private readonly kind: AnyKind, private readonly note: (record: AnyRecord) => void) {}

  /** A record whose key is new. */
  add(record: AnyRecord): void {
    this.added.push(JSON.stringify(valuesToWrite(this.kind, record)));
    this.link(record);
    this.note(record);
  }

  /** A record in place of that of the same key. */
  replace(record: AnyRecord): void {
    this.replacing.push(JSON.stringify(valuesToWrite(this.kind, record)));
    if (this.kind.name === 'person') this.unlinked.push(record.key as string);
    this.link(record);
    this.note(record);
  }

  async write(): Promise<void> {
    const columns = columnsToWrite(this.kind);
    await insertPacked(this.db, packRows(this.kind.plural, columns, this.added));
    await insertPacked(this.db, packRows(this.kind.plural, columns, this.replacing, keyColumnOf(this.kind)));
    for (const part of batches(this.unlinked)) await this.db.deleteFrom('person_devices').where('person', 'in', part).execute();
    await insertPacked(this.db, packRows('person_devices', ['person', 'device'], this.links));
  }

  private link(record: AnyRecord): void {
    if (this.kind.name !== 'person') return;
    for (const device of record.devices as string[]) this.links.push(JSON.stringify([record.key, device]));
  }
}
