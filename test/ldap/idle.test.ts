import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RESULT } from '../../src/ldap/protocol';
import { until } from '../peers/harness';
import { accountDn, PASSWORD, startTestLdap, type TestLdap } from './support/ldap-server';
import { envelope, RawLdap, searchRequest, substring } from './support/raw-ldap';

const SOURCES = 40;
const EACH = 250;
const CONNECTIONS = SOURCES * EACH;
/** Files and sockets that a process of the test has open besides. */
const SPARE = 500;
/** What an idle connection may cost, octets of this process. */
const MEMORY_EACH = 16 * 1024;

/** Node raises its own limit up to this one. */
const hardLimit = Number(/^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
const describeIdle = hardLimit >= CONNECTIONS + SPARE ? describe : describe.skip;

describeIdle(`${CONNECTIONS} idle connections (limit of open files ${hardLimit})`, () => {
  let ldap: TestLdap;
  let clients: ChildProcess;
  let now = 1_000_000;

  beforeAll(async () => {
    ldap = await startTestLdap({ limits: { connections: CONNECTIONS + 10, connectionsPerAddress: EACH, idleSecondsBeforeBind: 30, idleSeconds: 600 } }, () => now);
  });
  afterAll(async () => {
    clients.kill();
    await ldap.stop();
  });

  /** Somebody else's bind and search. */
  const search = async (): Promise<void> => {
    const other = await RawLdap.connect(ldap.port, '127.0.0.2');
    expect(await other.bind(accountDn('admin'), PASSWORD)).toBe(RESULT.success);
    other.send(envelope(1, searchRequest(substring('cn', 'kela'))));
    expect((await other.result(1)).code).toBe(RESULT.success);
    expect(other.messages.length).toBeGreaterThan(2);
    other.close();
    await other.ended();
  };

  test('cost little memory each and leave others served; a source beyond its share is refused', async () => {
    await search();
    global.gc?.();
    const before = process.memoryUsage();
    clients = fork(path.join(__dirname, 'support/idle-clients.ts'), [ldap.port, SOURCES, EACH].map(String), { execArgv: ['-r', path.join(__dirname, '../support/typescript.js')], stdio: 'inherit' });
    expect((await once(clients, 'message'))[0]).toBe('all open');
    await until('all are accepted', () => ldap.server.connections === CONNECTIONS);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(CONNECTIONS * MEMORY_EACH);
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(CONNECTIONS * 4_096);
    await search();

    const beyond = await RawLdap.connect(ldap.port, '127.0.1.1');
    expect((await beyond.result(0)).code).toBe(RESULT.busy);
    await beyond.ended();
  }, 120_000);

  test('are ended when nothing has happened for too long', async () => {
    now += 31_000;
    ldap.server.sweep();
    const [ended] = await Promise.all([once(clients, 'message'), until('the server has none left', () => ldap.server.connections === 0, 60_000)]);
    expect(ended[0]).toBe('all ended');
    await search();
    expect(ldap.errors).toEqual([]);
  }, 120_000);
});
