import path from 'node:path';
import { DirectoryRepository, importDirectory, openDirectoryStore, type DirectoryStore } from '../../../src/directory';
import { createLdapServer, hashAccountPassword, type Account, type LdapServer, type LdapServerOptions } from '../../../src/ldap';

export const SUFFIX = 'dc=palvelu,dc=example';
export const PASSWORD = 'kissakala-42';
const PILOT = path.resolve(__dirname, '../../../directory-data/pilot');

export interface TestLdap {
  server: LdapServer;
  store: DirectoryStore;
  directory: DirectoryRepository;
  url: string;
  port: number;
  /** What was logged as an error. */
  errors: object[];
  stop(): Promise<void>;
}

let passwordHash: Promise<string> | undefined;

export async function account(name: string, more: Partial<Account> = {}): Promise<Account> {
  passwordHash ??= hashAccountPassword(PASSWORD);
  return { name, passwordHash: await passwordHash, role: 'reader', organisations: [], others: 'nothing', credentials: false, ...more };
}

export const accountDn = (name: string): string => `cn=${name},ou=accounts,${SUFFIX}`;

/** A server over the pilot directory, on a port of its own; `admin` may do everything. */
export async function startTestLdap(options: Partial<LdapServerOptions> = {}, now?: () => number): Promise<TestLdap> {
  const store = await openDirectoryStore(':memory:');
  await importDirectory(store, PILOT);
  const errors: object[] = [];
  const server = await createLdapServer({ store, version: 'test', now, log: { info: () => undefined, warn: () => undefined, error: (fields) => errors.push(fields) } }, {
    listen: ['ldap://127.0.0.1:0'], suffix: SUFFIX, domain: 'palvelu.example', realm: 'palvelu.example', anonymous: 'nothing', clearTextBind: 'loopback',
    ...options, accounts: [await account('admin', { role: 'administrator' }), ...(options.accounts ?? [])], limits: { failureDelayMs: 0, ...options.limits },
  });
  const url = server.addresses[0] as string;
  return {
    server, store, errors, url, port: Number(new URL(url).port), directory: new DirectoryRepository(store),
    async stop() {
      await server.close();
      await store.close();
    },
  };
}
