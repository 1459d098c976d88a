import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../src/store';
import { type Binding, Location } from '../../src/sip/location';
import { type RegistrationDatabase, registrationMigrations, Registrations } from '../../src/sip/registrations';

const now = 1_800_000_000_000;
const binding = (change: Partial<Binding> = {}): Binding => ({
  aor: 'ex90-1@ahtari.palvelu.example', key: 'k1', contact: 'sip:ex90-1@192.0.2.10;transport=udp', params: { '+sip.instance': '<urn:uuid:1>', 'video': '' }, q: 0.7,
  registeredAt: now - 5000, refreshedAt: now, expiresAt: now + 600_000, callId: 'c1', cseq: 3, path: ['<sip:edge.example;lr>'], userAgent: 'TANDBERG/518 (TC7.3)',
  flow: { transport: 'udp', address: '192.0.2.10', port: 5060 }, state: 'reachable', ...change,
});
const tcp = { transport: 'tcp', address: '203.0.113.5', port: 40001 } as const;

let folder: string;
const opened: Store<RegistrationDatabase>[] = [];
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'etasilta-')); });
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true });
});

async function openFile() {
  const store = await openStore<RegistrationDatabase>(join(folder, 'state.sqlite'), registrationMigrations);
  opened.push(store);
  return store;
}

/** One run of the gateway over the same file. */
async function run(at = now, capacity?: number) {
  const store = await openFile();
  const location = new Location({ now: () => at, capacity });
  const registrations = await Registrations.open(store, location, { now: () => at });
  return { store, location, registrations };
}

describe('registrations in the database', () => {
  test('are valid after a restart: UDP at once, connections when they prove to be there', async () => {
    const first = await run();
    const udp = binding();
    const overTcp = binding({ key: 'k2', flow: tcp, q: 1 });
    first.location.put(udp);
    first.location.put(overTcp);
    await first.registrations.close();

    const second = await run(now + 1000);
    expect(second.location.contactsFor(udp.aor)).toEqual([udp]);
    const waiting = second.location.bindingsOf(udp.aor).find(({ key }) => key === 'k2')!;
    expect(waiting).toEqual({ ...overTcp, state: 'needs-refresh' });
    expect(second.location.bindingsOn(tcp)).toEqual([]);
    second.location.mark(waiting, 'reachable');
    expect(second.location.contactsFor(udp.aor).map(({ key }) => key)).toEqual(['k2', 'k1']);
    await second.registrations.close();
  });

  test('that expired meanwhile are gone, also from the file', async () => {
    const first = await run();
    first.location.put(binding());
    await first.registrations.close();
    const second = await run(now + 700_000);
    expect(second.location.size).toBe(0);
    expect(await second.store.db.selectFrom('registrations').selectAll().execute()).toEqual([]);
    await second.registrations.close();
  });

  test('are written together, the last state of each once', async () => {
    const { location, registrations, store } = await run();
    for (let cseq = 1; cseq <= 50; cseq++) location.put(binding({ cseq }));
    location.put(binding({ key: 'gone' }));
    location.unregister(location.bindingsOf(binding().aor).find(({ key }) => key === 'gone')!);
    expect(registrations.pending).toBe(2);
    await registrations.flush();
    expect(registrations.pending).toBe(0);
    expect(await store.db.selectFrom('registrations').select(['binding_key', 'cseq']).execute()).toEqual([{ binding_key: 'k1', cseq: 50 }]);
    await registrations.close();
  });

  test('write themselves within the given time', async () => {
    const store = await openFile();
    const location = new Location({ now: () => now });
    const registrations = await Registrations.open(store, location, { now: () => now, flushMs: 1 });
    const written = new Promise<void>((resolve, reject) => {
      const look = () => store.db.selectFrom('registrations').selectAll().execute().then((rows) => (rows.length > 0 ? resolve() : setImmediate(look)), reject);
      look();
    });
    location.put(binding());
    await written;
    await registrations.close();
  });

  test('a failed write loses nothing, and what changed meanwhile is newer', async () => {
    const { location, registrations, store } = await run();
    await store.db.schema.alterTable('registrations').renameTo('elsewhere').execute();
    location.put(binding());
    const failing = expect(registrations.flush()).rejects.toThrow();
    for (let turn = 0; turn < 5 && registrations.pending > 0; turn++) await Promise.resolve();
    expect(registrations.pending).toBe(0);
    location.put(binding({ cseq: 9 }));
    await failing;
    expect(registrations.pending).toBe(1);
    await store.db.schema.alterTable('elsewhere').renameTo('registrations').execute();
    await registrations.close();
    expect(await store.db.selectFrom('registrations').select('cseq').execute()).toEqual([{ cseq: 9 }]);
  });

  test('more changes than there can be bindings make it write the table anew', async () => {
    const { location, registrations, store } = await run(now, 20);
    for (let i = 0; i < 100; i++) {
      location.put(binding({ key: `k${i}` }));
      if (i < 90) location.unregister(location.bindingsOf(binding().aor)[0]!);
    }
    expect(registrations.pending).toBe(10);
    await registrations.flush();
    expect(await store.db.selectFrom('registrations').select('binding_key').execute()).toHaveLength(10);
    await registrations.close();
  });

  test('ten thousand are written and read back', async () => {
    const first = await run();
    for (let i = 0; i < 10_000; i++) first.location.put(binding({ aor: `d${i}@ahtari.palvelu.example` }));
    await first.registrations.close();
    const second = await run();
    expect(second.location.size).toBe(10_000);
    await second.registrations.close();
  });
});
