import { join } from 'node:path';
import { loadDialPlan } from '../../../src/addressing';
import { importDirectory, hashPassword } from '../../../src/directory';
import { openLiveDirectory } from '../../../src/directory/live';
import { createPhonebookServer, type PhonebookServer } from '../../../src/phonebook';
import { createReach } from '../../../src/routing';
import { TmsClient } from '../../phonebook/tms-client';
import { MONDAY, PILOT, reader } from '../../phonebook/support';
import { lastRecord } from '../../support/records';
import { DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { Baresip, describePeer } from '../harness';

const CALLER = 'ex90-1@ahtari.etela-pohjanmaa.example';
const AGENT = 'ex90-1@seinajoki.kela.example';

/** An EX90's day: open the phone book, a folder, the next page, search, and dial the route that came back. */
describePeer('baresip', 'an adviser browses the phone book and calls what it shows', () => {
  let gateway: TestGateway;
  let server: PhonebookServer;
  let tms: TmsClient;
  const phones: Baresip[] = [];

  beforeAll(async () => {
    gateway = await startTestGateway();
    const store = gateway.gateway.directoryDatabase;
    await importDirectory(store, PILOT);
    for (const address of [CALLER, AGENT]) {
      await gateway.directory.update('device', address, (device) => ({ ...device, credentials: hashPassword('ex90-1', DOMAIN, PASSWORD) }));
    }
    // Whenever the test runs, Kela is open.
    await gateway.directory.update('service', `kela.fi@${DOMAIN}`, ({ hours: _, ...service }) => service);
    const dialPlan = await loadDialPlan(join(__dirname, '../../../dialplans'), { domain: DOMAIN });
    server = await createPhonebookServer({
      directory: await openLiveDirectory(store), reach: createReach(dialPlan), now: () => MONDAY, log: { error: () => undefined } as never,
    }, {
      listen: ['http://127.0.0.1:0'], requestsPerSecond: 100,
      readers: [{ ...reader(), identities: {}, networks: [], secret: 'yhteispalvelupiste-1' }],
    });
    tms = new TmsClient(`${server.urls[0]}/phonebook/yhteispalvelupiste-1/fi/tms`);
  });
  afterEach(async () => { for (const phone of phones.splice(0)) await phone.close(); });
  afterAll(async () => {
    await server.close();
    await gateway.stop();
  });

  const phone = async (address: string): Promise<Baresip> => {
    const [user = '', domain] = address.split('@');
    const started = await Baresip.start({ user, domain, password: PASSWORD, registrar: gateway.address('udp'), toneHz: 400 });
    phones.push(started);
    expect(await started.registration()).toBe('200 OK');
    return started;
  };

  test('from the root through a folder and its pages to a service that answers', async () => {
    const root = await tms.search({ limit: 50 });
    const authorities = root.catalogs.find(({ name }) => name === 'Viranomaiset');
    const kela = (await tms.search({ path: authorities?.id, limit: 50 })).catalogs.find(({ name }) => name.includes('Kela'));
    const first = await tms.search({ path: kela?.id, limit: 3 });
    const second = await tms.search({ path: kela?.id, limit: 3, from: [...first.catalogs, ...first.entries].at(-1)?.id });
    expect([first.isLast, second.isLast]).toEqual([false, true]);
    const inFolder = [...first.entries, ...second.entries].find(({ name }) => name === 'Kela, suomeksi');
    const found = (await tms.search({ text: 'kela suom', limit: 50 })).entries[0];
    expect(found).toEqual(inFolder);

    const [route] = found?.routes ?? [];
    expect(route?.protocol).toBe('SIP');
    const agent = await phone(AGENT);
    const caller = await phone(CALLER);
    await caller.dial(`sip:${route?.dial}`);
    await caller.waitFor('CALL_ESTABLISHED');
    await agent.waitFor('CALL_ESTABLISHED');
    await caller.hangUp();
    await caller.waitFor('CALL_CLOSED');
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ caller: CALLER, service: `kela.fi@${DOMAIN}`, device: AGENT, outcome: 'answered' });
  });

  test('every SIP route that the book shows leads where it says', async () => {
    const entries = (await Promise.all(['kela', 'tulkki', 'ähtäri', 'verotus', 'jyväskylä'].map((text) => tms.search({ text, limit: 100 })))).flatMap((page) => page.entries);
    expect(entries.length).toBeGreaterThan(40);
    const view = await (await openLiveDirectory(gateway.gateway.directoryDatabase)).view();
    for (const { id, routes } of entries) expect(view.find(routes[0]?.dial ?? '')).toMatchObject({ [view.service(id.slice(2)) ? 'service' : 'device']: { address: id.slice(2) } });
  });
});
