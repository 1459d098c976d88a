import { join } from 'node:path';
import { openStore, type Migration, type Store } from '../../store';

export interface H323Database {
  registrations: {
    endpoint_identifier: string;
    /** Address of the device. */
    name: string;
    /** `192.0.2.10:1719`. */
    source: string;
    /** JSON array of the same. */
    signalling: string;
    /** JSON array of aliases, each as the PDU's value. */
    aliases: string;
    kind: string;
    vendor: string | null;
    signs: 0 | 1;
    behind_nat: 0 | 1;
    traversal: 0 | 1;
    /** Seconds. */
    time_to_live: number;
    /** Milliseconds since 1970. */
    registered_at: number;
    expires_at: number;
  };
  /** Passwords of devices, encrypted: H.235.1 and the Cisco access token are made of the password itself. */
  passwords: { device: string; sealed: string };
}

export type H323Store = Store<H323Database>;

const MIGRATIONS: readonly Migration[] = [{
  id: 1,
  name: 'registrations and passwords',
  async up(db) {
    await db.schema.createTable('registrations')
      .addColumn('endpoint_identifier', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('signalling', 'text', (c) => c.notNull())
      .addColumn('aliases', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('vendor', 'text')
      .addColumn('signs', 'integer', (c) => c.notNull())
      .addColumn('behind_nat', 'integer', (c) => c.notNull())
      .addColumn('traversal', 'integer', (c) => c.notNull())
      .addColumn('time_to_live', 'integer', (c) => c.notNull())
      .addColumn('registered_at', 'integer', (c) => c.notNull())
      .addColumn('expires_at', 'integer', (c) => c.notNull())
      .execute();
    await db.schema.createTable('passwords')
      .addColumn('device', 'text', (c) => c.primaryKey())
      .addColumn('sealed', 'text', (c) => c.notNull())
      .execute();
  },
}];

/** Opens the database of H.323 in a data folder. Throws StoreError. */
export function openH323Store(dataDir: string): Promise<H323Store> {
  return openStore<H323Database>(dataDir === ':memory:' ? dataDir : join(dataDir, 'h323.sqlite'), MIGRATIONS);
}
