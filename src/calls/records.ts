import { join } from 'node:path';
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { EtasiltaError } from '../errors';
import { openStore, type Migration, type Store } from '../store';
import type { CallRecord, Outcome } from './record';

/** The database of calls, `calls.sqlite`. */
export interface CallTables {
  call_records: {
    id: string;
    started_at: number;
    ended_at: number | null;
    outcome: Outcome;
    caller: string;
    service: string | null;
    device: string | null;
    /** The whole record as JSON; the columns beside it are what lists and reports select by. */
    record: string;
  };
}

const MIGRATIONS: Migration[] = [
  {
    id: 1,
    name: 'call-records',
    async up(db) {
      await db.schema.createTable('call_records')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('ended_at', 'bigint')
        .addColumn('outcome', 'text', (c) => c.notNull())
        .addColumn('caller', 'text', (c) => c.notNull())
        .addColumn('service', 'text')
        .addColumn('device', 'text')
        .addColumn('record', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('call_records_started').on('call_records').column('started_at').execute();
      await db.schema.createIndex('call_records_service').on('call_records').columns(['service', 'started_at']).execute();
      await db.schema.createIndex('call_records_outcome').on('call_records').columns(['outcome', 'started_at']).execute();
    },
  },
];

export type CallStore = Store<CallTables>;

/** Opens the database of calls in a data folder. Throws StoreError. */
export function openCallStore(dataDir: string): Promise<CallStore> {
  return openStore<CallTables>(dataDir === ':memory:' ? dataDir : join(dataDir, 'calls.sqlite'), MIGRATIONS);
}

/** The record of a call could not be written, so the call is not made: no call without a record. */
export class RecordError extends EtasiltaError {
  constructor(message: string, cause?: unknown) {
    super('call-record', message, {
      sipStatus: 503, q850: 41, cause, hint: 'Check free space and permissions of the data folder (`etasilta doctor`).',
    });
  }
}

/** At most this many records wait for the disk; above it new calls are refused rather than records lost. */
const MAX_PENDING = 20_000;
const RETRY_MS = 1_000;
/** Least time between two writes: in a rush more calls share one, and a quiet moment has no waiting. */
const GATHER_MS = 2;
/** What becomes of a call is written with the start of another, or so much later: nobody waits for it. */
const SAVE_MS = 20;
const PRUNE_ROWS = 1_000;

/**
 * Writes call records in groups: one statement for all that changed while the previous one was being written, so that a rush
 * costs few commits and a quiet moment no waiting. A write is made when a call waits for its start to be on disk.
 */
export class CallRecords {
  private readonly pending = new Map<string, CallRecord>();
  private readonly waiters = new Map<string, { resolve: () => void; reject: (error: Error) => void }[]>();
  private writing: Promise<void> | undefined;
  private later: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;
  private wroteAt = -Infinity;
  /** The last write error, until a write succeeds again. */
  lastError: Error | undefined;

  constructor(private readonly store: CallStore, private readonly onError: (error: Error) => void = () => undefined) {}

  /** Resolves when the record is on disk. Rejects with RecordError when it cannot be written. */
  start(record: CallRecord): Promise<void> {
    if (this.lastError || this.pending.size >= MAX_PENDING) {
      this.schedule();
      return Promise.reject(new RecordError('Call records cannot be written at the moment.', this.lastError));
    }
    return new Promise((resolve, reject) => {
      const waiting = this.waiters.get(record.id);
      if (waiting) waiting.push({ resolve, reject });
      else this.waiters.set(record.id, [{ resolve, reject }]);
      this.save(record);
    });
  }

  /** Queues the record's present state; later states of the same call replace earlier ones. */
  save(record: CallRecord): void {
    this.pending.set(record.id, record);
    this.schedule();
  }

  /** Writes what is queued now, without waiting for the next retry. Resolves when it is on disk, or could not be written. */
  async flush(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    for (;;) {
      if (this.writing) await this.writing;
      if (this.pending.size === 0) return;
      this.schedule(true);
      await this.writing;
      if (this.lastError) return;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    this.closed = true;
    clearTimeout(this.later);
    clearTimeout(this.retry);
  }

  /** Marks the calls that a dead process left running: their end is unknown, and says so. Returns how many. */
  async closeUnfinished(): Promise<number> {
    const rows = await this.store.db.selectFrom('call_records').select(['id', 'record']).where('outcome', '=', 'running').execute();
    for (const row of rows) {
      this.save({ ...parse(row.record), outcome: 'unknown', cause: 'the gateway stopped during the call; its end is unknown' });
    }
    await this.flush();
    return rows.length;
  }

  /** Removes the records of calls that started before `before`, a bounded number at a time. Returns how many. */
  async prune(before: number): Promise<number> {
    let removed = 0;
    for (;;) {
      const result = await this.store.db.deleteFrom('call_records').where('id', 'in', (q) =>
        q.selectFrom('call_records').select('id').where('started_at', '<', before).where('outcome', '!=', 'running').limit(PRUNE_ROWS),
      ).executeTakeFirst();
      const rows = Number(result.numDeletedRows);
      removed += rows;
      if (rows < PRUNE_ROWS) return removed;
    }
  }

  /** Newest first. */
  async list(filter: { limit?: number; since?: number; service?: string; outcome?: Outcome } = {}): Promise<CallRecord[]> {
    let query = this.store.db.selectFrom('call_records').select('record').orderBy('started_at', 'desc').limit(filter.limit ?? 50);
    if (filter.since !== undefined) query = query.where('started_at', '>=', filter.since);
    if (filter.service !== undefined) query = query.where('service', '=', filter.service);
    if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome);
    return (await query.execute()).map((row) => parse(row.record));
  }

  /** By whole identifier or an unambiguous beginning of it. */
  async get(id: string): Promise<CallRecord | undefined> {
    const rows = await this.store.db.selectFrom('call_records').select('record')
      .where('id', '>=', id).where('id', '<', `${id}\uffff`).limit(2).execute();
    return rows.length === 1 ? parse(rows[0]!.record) : undefined;
  }

  private schedule(awaited = this.waiters.size > 0): void {
    if (this.writing || this.closed || this.retry) return;
    if (!awaited) {
      this.later ??= setTimeout(() => this.schedule(true), SAVE_MS);
      return;
    }
    clearTimeout(this.later);
    this.later = undefined;
    const rested = performance.now() - this.wroteAt >= GATHER_MS;
    this.writing = (rested ? immediate() : delay(GATHER_MS))
      .then(() => this.write())
      .finally(() => {
        this.writing = undefined;
        this.wroteAt = performance.now();
        if (this.pending.size === 0) return;
        if (!this.lastError) this.schedule();
        else this.retry = setTimeout(() => { this.retry = undefined; this.schedule(); }, RETRY_MS).unref();
      });
  }

  private async write(): Promise<void> {
    const batch = [...this.pending.values()];
    this.pending.clear();
    try {
      await upsert(batch).execute(this.store.db);
      this.lastError = undefined;
      for (const record of batch) this.settle(record.id);
    } catch (error) {
      this.lastError = error as Error;
      this.onError(this.lastError);
      for (const record of batch) {
        // A call that never started has no record to keep; everything else waits for the disk to recover.
        const refused = this.settle(record.id, new RecordError('The call record could not be written.', error));
        if (!refused && !this.pending.has(record.id)) this.pending.set(record.id, record);
      }
    }
  }

  private settle(id: string, error?: RecordError): boolean {
    const waiting = this.waiters.get(id);
    if (!waiting) return false;
    this.waiters.delete(id);
    for (const { resolve, reject } of waiting) {
      if (error) reject(error);
      else resolve();
    }
    return true;
  }
}

/**
 * One statement whatever the number of records, so that it stays prepared and needs no transaction around it: a third of
 * the work of one row of parameters a record. json_each is SQLite's; PostgreSQL has the same as jsonb_array_elements.
 */
const upsert = (batch: readonly CallRecord[]) => sql`
  insert into call_records (id, started_at, ended_at, outcome, caller, service, device, record)
  select value->>'id', value->>'startedAt', value->>'endedAt', value->>'outcome', value->>'caller', value->>'service', value->>'device', value
  from json_each(${JSON.stringify(batch)}) where true
  on conflict (id) do update set
    ended_at = excluded.ended_at, outcome = excluded.outcome, service = excluded.service, device = excluded.device, record = excluded.record`;

const parse = (text: string): CallRecord => JSON.parse(text) as CallRecord;
