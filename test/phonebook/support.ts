import { join } from 'node:path';
import { loadDialPlan } from '../../src/addressing';
import { DirectoryRepository, importDirectory, openDirectoryStore, type DirectoryStore } from '../../src/directory';
import { openLiveDirectory } from '../../src/directory/live';
import { createPhonebookServer, type PhonebookSettings, type Reader } from '../../src/phonebook';
import { createReach } from '../../src/routing';

type PhonebookLog = Parameters<typeof createPhonebookServer>[0]['log'];

export const PILOT = join(__dirname, '../../directory-data/pilot');
/** A Monday, 10:30 in Finland: everything is open. */
export const MONDAY = Date.UTC(2026, 10, 23, 8, 30);

export const reader = (changes: Partial<Reader> = {}): Reader => ({
  name: 'ahtari', organisation: 'ahtari', protocols: ['sip'], language: 'fi', openState: 'off', persons: 'none', ...changes,
});

export interface Served {
  /** `http://127.0.0.1:PORT` of each listener; the first is `origin`. */
  urls: string[];
  origin: string;
  store: DirectoryStore;
  directory: DirectoryRepository;
  clock: { now: number };
  errors: object[];
  /** `http://127.0.0.1:PORT/phonebook/SECRET/fi/PATH` of the reader `ahtari`, or of another. */
  url(path: string, name?: string, language?: string): string;
  close(): Promise<void>;
}

const secretOf = (name: string): string => `${name}-secret-0123456789`;

/** The pilot directory (or these files of it) served to these readers. */
export async function serve(readers: readonly Reader[] = [reader()], { files = [''], ...settings }: { files?: string[] } & Partial<PhonebookSettings> = {}): Promise<Served> {
  const store = await openDirectoryStore(':memory:');
  for (const file of files) await importDirectory(store, join(PILOT, file));
  const dialPlan = await loadDialPlan(join(__dirname, '../../dialplans'), { domain: 'palvelu.example' });
  const clock = { now: MONDAY };
  const errors: object[] = [];
  const server = await createPhonebookServer({
    directory: await openLiveDirectory(store), reach: createReach(dialPlan), now: () => clock.now, log: { error: (detail: object) => void errors.push(detail) } as PhonebookLog,
  }, {
    listen: ['http://127.0.0.1:0'], requestsPerSecond: 1000, ...settings,
    readers: readers.map(({ identities = {}, ...one }) => ({ ...one, identities, networks: [], secret: secretOf(one.name) })),
  });
  const origin = server.urls[0] as string;
  return {
    urls: server.urls, origin, store, directory: new DirectoryRepository(store), clock, errors,
    url: (path, name = 'ahtari', language = 'fi') => `${origin}/phonebook/${secretOf(name)}/${language}/${path}`,
    async close() {
      await server.close();
      await store.close();
    },
  };
}
