import { type Kysely, sql } from 'kysely';
import type { Migration, Store } from '../store';
import type { Binding, Location } from './location';
import type { Transport } from './request';
import { steadyNow } from './steady-clock';

export interface RegistrationTable {
  aor: string;
  binding_key: string;
  contact: string;
  /** JSON object. */
  params: string;
  q: number;
  registered_at: number;
  refreshed_at: number;
  expires_at: number;
  call_id: string;
  cseq: number;
  /** JSON array. */
  path: string;
  user_agent: string | null;
  transport: string;
  address: string;
  port: number;
}

export interface RegistrationDatabase {
  registrations: RegistrationTable;
}

/** Schema of the registrations; times are milliseconds since 1970. */
export const registrationMigrations: readonly Migration[] = [{
  id: 1,
  name: 'registrations',
  async up(db) {
    await db.schema.createTable('registrations')
      .addColumn('aor', 'text', (c) => c.notNull())
      .addColumn('binding_key', 'text', (c) => c.notNull())
      .addColumn('contact', 'text', (c) => c.notNull())
      .addColumn('params', 'text', (c) => c.notNull())
      .addColumn('q', 'real', (c) => c.notNull())
      .addColumn('registered_at', 'integer', (c) => c.notNull())
      .addColumn('refreshed_at', 'integer', (c) => c.notNull())
      .addColumn('expires_at', 'integer', (c) => c.notNull())
      .addColumn('call_id', 'text', (c) => c.notNull())
      .addColumn('cseq', 'integer', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('user_agent', 'text')
      .addColumn('transport', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('port', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('registrations_key', ['aor', 'binding_key'])
      .execute();
  },
}];

export interface RegistrationsOptions {
  now?(): number;
  /** How long a change may wait for others to be written with it. */
  flushMs?: number;
  /** A write failed; what it held is kept and tried again. */
  onError?(error: unknown): void;
}

const CHUNK = 500;
const RETRY_MS = 5_000;

/**
 * Keeps the location service's bindings in the database, behind the answers: changes are gathered and written together, the
 * last state of each binding once. A crash loses at most `flushMs` of refreshes, which the endpoints soon repeat.
 */
export class Registrations {
  /** Bindings to write; undefined: to delete. Bounded by `everything`. */
  private changed = new Map<string, Pick<Binding, 'aor' | 'key'> & { binding?: Binding }>();
  /** More has changed than is worth noting singly: the table is written anew. */
  private everything = false;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly options: Required<RegistrationsOptions>;

  private constructor(private readonly store: Store<RegistrationDatabase>, private readonly location: Location, options: RegistrationsOptions) {
    this.options = { now: steadyNow, flushMs: 200, onError: () => undefined, ...options };
    location.on('registered', this.note).on('refreshed', this.note).on('unregistered', this.noteGone).on('expired', this.noteGone);
  }

  /** Gives the location service the bindings of an earlier run that are still valid, and writes its changes from now on. */
  static async open(store: Store<RegistrationDatabase>, location: Location, options: RegistrationsOptions = {}): Promise<Registrations> {
    const now = (options.now ?? steadyNow)();
    await store.db.deleteFrom('registrations').where('expires_at', '<=', now).execute();
    const rows = await store.db.selectFrom('registrations').selectAll().orderBy('refreshed_at').limit(location.capacity).execute();
    location.restore(rows.map(toBinding));
    return new Registrations(store, location, options);
  }

  /** Bindings whose change is not written yet. */
  get pending(): number {
    return this.everything ? this.location.size : this.changed.size;
  }

  /** Writes what has changed up to now. Throws what the store throws; nothing is lost by that. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    // Writes follow each other, so that a later state is never overwritten by an earlier one.
    this.writing = this.writing.catch(() => undefined).then(() => this.write());
    return this.writing;
  }

  /** Writes what is left and stops listening; the store stays open. */
  async close(): Promise<void> {
    this.closed = true;
    this.location.off('registered', this.note).off('refreshed', this.note).off('unregistered', this.noteGone).off('expired', this.noteGone);
    await this.flush();
  }

  private readonly note = (binding: Binding): void => this.change(binding, binding);
  private readonly noteGone = (binding: Binding): void => this.change(binding);

  private change({ aor, key }: Binding, binding?: Binding): void {
    if (!this.everything) this.changed.set(`${aor} ${key}`, { aor, key, binding });
    if (this.changed.size > this.location.capacity) {
      this.everything = true;
      this.changed.clear();
    }
    this.schedule(this.options.flushMs);
  }

  private schedule(ms: number): void {
    if (this.closed) return;
    this.timer ??= setTimeout(() => {
      this.flush().catch((error: unknown) => {
        this.options.onError(error);
        this.schedule(RETRY_MS);
      });
    }, ms);
  }

  private async write(): Promise<void> {
    const { changed, everything } = this;
    if (changed.size === 0 && !everything) return;
    this.changed = new Map();
    this.everything = false;
    const bindings = everything ? this.location.all() : [...changed.values()].flatMap(({ binding }) => binding ?? []);
    const gone = [...changed.values()].filter(({ binding }) => !binding);
    try {
      await this.store.transaction(async (trx) => {
        if (everything) await trx.deleteFrom('registrations').execute();
        for (const { aor, key } of gone) await trx.deleteFrom('registrations').where('aor', '=', aor).where('binding_key', '=', key).execute();
        for (let i = 0; i < bindings.length; i += CHUNK) await upsert(trx, bindings.slice(i, i + CHUNK));
      });
    } catch (error) {
      this.everything ||= everything;
      // What changed meanwhile is newer than what could not be written.
      this.changed = this.everything ? new Map() : new Map([...changed, ...this.changed]);
      throw error;
    }
  }
}

async function upsert(db: Kysely<RegistrationDatabase>, bindings: readonly Binding[]): Promise<void> {
  const rows = bindings.map(toRow);
  const updated = Object.keys(rows[0]!).filter((column) => column !== 'aor' && column !== 'binding_key');
  await db.insertInto('registrations').values(rows)
    .onConflict((conflict) => conflict.columns(['aor', 'binding_key'])
      .doUpdateSet(Object.fromEntries(updated.map((column) => [column, sql.ref(`excluded.${column}`)]))))
    .execute();
}

const toRow = (b: Binding): RegistrationTable => ({
  aor: b.aor, binding_key: b.key, contact: b.contact, params: JSON.stringify(b.params), q: b.q, registered_at: b.registeredAt,
  refreshed_at: b.refreshedAt, expires_at: b.expiresAt, call_id: b.callId, cseq: b.cseq, path: JSON.stringify(b.path),
  user_agent: b.userAgent ?? null, transport: b.flow.transport, address: b.flow.address, port: b.flow.port,
});

const toBinding = (row: RegistrationTable): Binding => ({
  aor: row.aor, key: row.binding_key, contact: row.contact, params: JSON.parse(row.params) as Record<string, string>, q: row.q,
  registeredAt: row.registered_at, refreshedAt: row.refreshed_at, expiresAt: row.expires_at, callId: row.call_id, cseq: row.cseq,
  path: JSON.parse(row.path) as string[], userAgent: row.user_agent ?? undefined,
  flow: { transport: row.transport as Transport, address: row.address, port: row.port }, state: 'reachable',
});
