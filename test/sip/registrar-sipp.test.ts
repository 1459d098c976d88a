import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePeer, expectAllSuccessful, runSipp } from '../peers/harness';
import { DOMAIN, PASSWORD, serverKinds, startGateway, type TestServer } from './edge-gateway';

const scenario = join(__dirname, '../peers/harness/scenarios/register-digest.xml');

describePeer('sipp', 'sipp registers', () => {
  describe.each(serverKinds())('behind $name', ({ start }) => {
    let server: TestServer;
    let folder: string;
    let gateway: Awaited<ReturnType<typeof startGateway>>;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'etasilta-'));
      server = await start();
      // sipp gives up when the first challenge is not for MD5.
      gateway = await startGateway(server, join(folder, 'state.sqlite'), ['MD5']);
    });
    afterEach(async () => {
      await gateway.stop();
      await server.close();
      rmSync(folder, { recursive: true });
    });

    const remote = (transport: string) => server.contacts.find((contact) => contact.startsWith(`${transport}/`))!.slice(transport.length + 1);
    const fields = (users: string[], password = PASSWORD) => users.map((user) => [user, `[authentication username=${user} password=${password}]`]);

    test.each(['udp', 'tcp'] as const)('a hundred devices over %s, each with its own credentials', async (transport) => {
      const users = Array.from({ length: 100 }, (_, i) => `d${i}`);
      expectAllSuccessful(await runSipp({
        scenario, transport, remote: remote(transport), fields: fields(users), keys: { domain: DOMAIN, expires: '600' }, calls: 100, rate: 50,
      }), 100);
      expect(gateway.location.aors).toBe(100);
      expect(users.filter((user) => gateway.location.contactsFor(`${user}@${DOMAIN}`).length !== 1)).toEqual([]);
    });

    test('a wrong password and an unknown user are refused alike', async () => {
      for (const rows of [fields(['d1'], 'guess'), fields(['nobody'])]) {
        const result = await runSipp({ scenario, remote: remote('udp'), fields: rows, keys: { domain: DOMAIN, expires: '600' } });
        expect(result).toMatchObject({ successful: 0, failed: 1 });
        expect(result.errors).toMatch(/index 4\), received 'SIP\/2.0 401/);
      }
      expect(gateway.location.size).toBe(0);
    });

    test('a device that keeps guessing is not answered any more, another one beside it is', async () => {
      expectAllSuccessful(await runSipp({ scenario, remote: remote('udp'), fields: fields(['d2']), keys: { domain: DOMAIN, expires: '600' } }), 1);
      await runSipp({ scenario, remote: remote('udp'), fields: fields(['d1'], 'guess'), keys: { domain: DOMAIN, expires: '600' }, calls: 30, rate: 30, timeoutSeconds: 5, keepMessages: false });
      expect(gateway.guard.counters(Date.now()).bans).toBeGreaterThan(0);
      const ignored = gateway.guard.counters(Date.now()).ignored;
      expectAllSuccessful(await runSipp({ scenario, remote: remote('udp'), fields: fields(['d2']), keys: { domain: DOMAIN, expires: '600' } }), 1);
      expect(ignored).toBeGreaterThan(0);
    });
  });
});
