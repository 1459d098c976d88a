import os from 'node:os';
import { RESULT } from '../../src/ldap/protocol';
import { account, accountDn, PASSWORD, startTestLdap, SUFFIX, type TestLdap } from './support/ldap-server';
import { envelope, int, present, RawLdap, searchRequest, tlv } from './support/raw-ldap';

const ENTRY = 0x64;
const EVERYTHING = present();

/** A search for all that there is, with limits of the client's. */
const limited = (size: number, seconds: number): Buffer =>
  tlv(0x63, tlv(4, SUFFIX), int(2, 10), int(0, 10), int(size), int(seconds), tlv(1, Buffer.from([0])), EVERYTHING, tlv(0x30, tlv(4, '1.1')));
const entries = (client: RawLdap): number => client.messages.filter(({ tag }) => tag === ENTRY).length;

let ldap: TestLdap | undefined;
const open: RawLdap[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const client of open.splice(0)) client.close();
  await ldap?.stop();
  ldap = undefined;
});
const connected = async (...to: Parameters<typeof RawLdap.connect>): Promise<RawLdap> => {
  const client = await RawLdap.connect(...to);
  open.push(client);
  return client;
};

describe('limits of a search', () => {
  const bound = async (limits: object, name = 'admin'): Promise<RawLdap> => {
    ldap = await startTestLdap({ limits, accounts: [await account('reader', { others: 'everything' })] });
    const client = await connected(ldap.port);
    expect(await client.bind(accountDn(name), PASSWORD)).toBe(RESULT.success);
    return client;
  };
  /** Each look at the clock is half a second later than the one before. */
  const slowClock = (): void => {
    let now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 500));
  };

  test('the client\'s time is up: what was found until then has been sent', async () => {
    const client = await bound({ timeLimitSeconds: 3_600 });
    slowClock();
    client.send(envelope(1, limited(0, 2)));
    expect((await client.result(1)).code).toBe(RESULT.timeLimitExceeded);
    const found = entries(client);
    expect(found).toBeGreaterThan(0);
    // None of its own: the server's is long.
    client.send(envelope(2, limited(0, 0)));
    expect((await client.result(2)).code).toBe(RESULT.success);
    expect(entries(client) - found).toBeGreaterThan(found);
  });

  test('the server\'s time is up, whatever the client would wait', async () => {
    const client = await bound({ timeLimitSeconds: 2 });
    slowClock();
    client.send(envelope(1, limited(0, 3_000)));
    expect((await client.result(1)).code).toBe(RESULT.timeLimitExceeded);
  });

  test('the lesser of the client\'s and the server\'s sizes counts', async () => {
    const client = await bound({ sizeLimit: 10 });
    client.send(envelope(1, limited(7, 0)));
    expect([(await client.result(1)).code, entries(client)]).toEqual([RESULT.sizeLimitExceeded, 7]);
    client.send(envelope(2, limited(500, 0)));
    expect([(await client.result(2)).code, entries(client)]).toEqual([RESULT.sizeLimitExceeded, 17]);
  });

  test('who is no administrator has no more entries looked at than that', async () => {
    const client = await bound({ examined: 64 }, 'reader');
    client.send(envelope(1, limited(0, 0)));
    expect((await client.result(1)).code).toBe(RESULT.adminLimitExceeded);
    // It is looked at once in 32 entries.
    expect(entries(client)).toBeLessThan(64 + 32);
  });
});

describe('who may read and bind without TLS', () => {
  const own = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []).find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  test('what is seen without a password is what the operator says', async () => {
    ldap = await startTestLdap({ anonymous: 'services' });
    const client = await connected(ldap.port);
    client.send(envelope(1, searchRequest(tlv(0xa3, tlv(4, 'objectClass'), tlv(4, 'etasiltaService')))), envelope(2, searchRequest(tlv(0xa3, tlv(4, 'objectClass'), tlv(4, 'inetOrgPerson')))));
    expect((await client.result(1)).code).toBe(RESULT.success);
    expect(entries(client)).toBeGreaterThan(20);
    const services = entries(client);
    expect((await client.result(2)).code).toBe(RESULT.success);
    expect(entries(client)).toBe(services);
  });

  // A machine that has no address but loopback cannot ask from elsewhere.
  (own === undefined ? test.skip : test)('a password in clear from another machine is refused, before it is looked at', async () => {
    for (const [clearTextBind, code] of [['loopback', RESULT.confidentialityRequired], ['always', RESULT.success]] as const) {
      ldap = await startTestLdap({ listen: [`ldap://${own}:0`], clearTextBind });
      const client = await connected(ldap.port, own, own);
      expect(await client.bind(accountDn('admin'), PASSWORD)).toBe(code);
      client.close();
      await ldap.stop();
      ldap = undefined;
    }
  });
});
