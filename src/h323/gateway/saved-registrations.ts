import { type Kysely, sql } from 'kysely';
import { fromJson, sequenceOf, toJson } from '../per';
import { addressText, parseAddressText, type EndpointKind, type GatekeeperObserver, type Registration } from '../ras';
import { h225 } from '../schemas';
import type { H323Database, H323Store } from './store';

const Aliases = sequenceOf(h225.AliasAddress);
const CHUNK = 200;
/** Who comes and goes is written at once; who stays is written now and then, as he says again soon that he does. */
const SOON_MS = 200;
const RENEWALS_MS = 10_000;
const RETRY_MS = 5_000;

type Row = H323Database['registrations'];

/** Keeps registrations in the database, behind the answers: changes are gathered and written together. */
export class SavedRegistrations {
  /** Registrations to write; undefined: to delete. Bounded by the number of registrations. */
  private changed = new Map<string, Registration | undefined>();
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private writing: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly store: H323Store, private readonly onError: (error: unknown) => void) {}

  /** What the gatekeeper tells of, so that it is written. */
  readonly observer: GatekeeperObserver = {
    registered: (registration) => this.note(registration.endpointIdentifier, registration, SOON_MS),
    refreshed: (registration) => this.note(registration.endpointIdentifier, registration, RENEWALS_MS),
    unregistered: ({ endpointIdentifier }) => this.note(endpointIdentifier, undefined, SOON_MS),
  };

  /** Registrations of an earlier run that are still valid, without their passwords and sites. */
  async load(now: number): Promise<Registration[]> {
    // The last renewals before a crash are not written.
    await this.store.db.deleteFrom('registrations').where('expires_at', '<=', now - RENEWALS_MS).execute();
    const rows = await this.store.db.selectFrom('registrations').selectAll().execute();
    return rows.map((row) => ({ ...toRegistration(row), expires: Math.max(row.expires_at, now + RENEWALS_MS) }));
  }

  /** Forgets what is saved of these. */
  async forget(registrations: readonly Registration[]): Promise<void> {
    for (const { endpointIdentifier } of registrations) this.changed.set(endpointIdentifier, undefined);
    await this.flush();
  }

  /** Writes what has changed up to now. Throws what the store throws; nothing is lost by that. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.due = Infinity;
    this.writing = this.writing.catch(() => undefined).then(() => this.write());
    return this.writing;
  }

  /** Writes what is left; the store stays open. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flush();
  }

  private note(endpointIdentifier: string, registration: Registration | undefined, ms: number): void {
    this.changed.set(endpointIdentifier, registration);
    this.schedule(ms);
  }

  private schedule(ms: number): void {
    const due = Date.now() + ms;
    if (this.closed || due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.flush().catch((error: unknown) => {
        this.onError(error);
        this.schedule(RETRY_MS);
      });
    }, ms);
  }

  private async write(): Promise<void> {
    const { changed } = this;
    if (changed.size === 0) return;
    this.changed = new Map();
    const rows = [...changed.values()].flatMap((registration) => (registration ? [toRow(registration)] : []));
    const gone = [...changed].flatMap(([identifier, registration]) => (registration ? [] : [identifier]));
    try {
      await this.store.transaction(async (trx) => {
        for (let i = 0; i < gone.length; i += CHUNK) await trx.deleteFrom('registrations').where('endpoint_identifier', 'in', gone.slice(i, i + CHUNK)).execute();
        for (let i = 0; i < rows.length; i += CHUNK) await upsert(trx, rows.slice(i, i + CHUNK));
      });
    } catch (error) {
      // What changed meanwhile is newer than what could not be written.
      this.changed = new Map([...changed, ...this.changed]);
      throw error;
    }
  }
}

async function upsert(db: Kysely<H323Database>, rows: Row[]): Promise<void> {
  const updated = Object.keys(rows[0]!).filter((column) => column !== 'endpoint_identifier');
  await db.insertInto('registrations').values(rows)
    .onConflict((conflict) => conflict.column('endpoint_identifier').doUpdateSet(Object.fromEntries(updated.map((column) => [column, sql.ref(`excluded.${column}`)]))))
    .execute();
}

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

const toRow = (r: Registration): Row => ({
  endpoint_identifier: r.endpointIdentifier, name: r.name, source: addressText(r.source), signalling: JSON.stringify(r.signalling.map(addressText)),
  aliases: JSON.stringify(toJson(Aliases, [...r.aliases])), kind: r.kind, vendor: r.vendor ?? null, signs: flag(r.signs), behind_nat: flag(r.behindNat),
  traversal: flag(r.traversal), time_to_live: r.timeToLive, registered_at: r.registeredAt, expires_at: r.expires,
});

const toRegistration = (row: Row): Registration => ({
  endpointIdentifier: row.endpoint_identifier, name: row.name, source: parseAddressText(row.source, 0),
  signalling: (JSON.parse(row.signalling) as string[]).map((text) => parseAddressText(text, 0)), aliases: fromJson(Aliases, JSON.parse(row.aliases)),
  kind: row.kind as EndpointKind, ...(row.vendor !== null && { vendor: row.vendor }), signs: row.signs === 1, behindNat: row.behind_nat === 1,
  traversal: row.traversal === 1, timeToLive: row.time_to_live, registeredAt: row.registered_at, expires: row.expires_at,
});
