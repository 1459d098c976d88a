import { ask, openEventSocket } from '../../src/media/event-socket';
import { until } from '../peers/harness/until';
import { READY } from '../support/ready';
import { Bench, type Pool } from './support/bench';

let bench: Bench;

beforeAll(async () => { bench = await Bench.start(); });
afterEach(() => bench.reset());
afterAll(() => bench.stop());

const ready = (pool: Pool): number | undefined => pool.usage().servers[0]?.ready;

async function server(maxSessions = 100) {
  const embedded = await bench.embedded({ maxSessions });
  const pool = await bench.pool([embedded]);
  const sessions = (): number => embedded.server.stats().sessions;
  return { embedded, pool, sessions };
}

async function withReady(maxSessions?: number) {
  const made = await server(maxSessions);
  await until('offers are ready', () => ready(made.pool) === READY && made.sessions() === READY);
  return made;
}

test('A callee rings with an offer that was ready, and another is made in its place', async () => {
  const { pool, sessions } = await withReady();
  expect(pool.usage()).toMatchObject({ used: 0, servers: [{ sessions: 0, ready: READY }] });
  const call = await bench.call(pool);
  const callee = await call.offer('rtp', { video: false });
  expect([ready(pool), sessions()]).toEqual([READY - 1, READY]);
  const [caller, phone] = [await bench.caller(call, 400), await bench.phone(700)];
  await callee.accept(phone.answer(callee.localSdp));
  await caller.endpoint.bridge(callee);
  expect(pool.usage().used).toBe(2);
  await until('one was made for the next callee', () => ready(pool) === READY && sessions() === READY + 2);
  call.close();
  await until('what is ready stays', () => sessions() === READY);
});

test('Keys and browsers get offers of their own', async () => {
  const { pool } = await withReady();
  const call = await bench.call(pool);
  expect((await call.offer('srtp', { video: true })).localSdp).toContain('a=crypto:');
  expect((await call.offer('webrtc', { video: true })).localSdp).toContain('a=fingerprint:');
  expect(ready(pool)).toBe(READY);
});

test('Where room is scarce nothing is kept ready, and calls get the last session', async () => {
  const { pool, sessions } = await withReady(40);
  const calls: Awaited<ReturnType<Bench['call']>>[] = [];
  await until('they make room', async () => {
    // Sessions that end just now may count as others' for a moment.
    while (pool.usage().used < 36) calls.push(await bench.call(pool));
    return ready(pool) === 0 && sessions() === 0;
  });
  while (pool.usage().used < 40) calls.push(await bench.call(pool));
  const offer = (await bench.phone(400)).sdp();
  for (const call of calls) await Promise.all([call.answer(offer), call.offer('rtp', { video: false })]);
  expect(sessions()).toBe(40);
  for (const call of calls) call.close();
  await until('there is room again', () => ready(pool) === READY && sessions() === READY);
});

test('What the server ends while it waits is given to nobody', async () => {
  const { embedded, pool, sessions } = await withReady();
  const connection = await openEventSocket(embedded);
  for (const [uuid] of (await ask(connection, 'show channels')).matchAll(/^[0-9a-f-]{36}/gm)) await ask(connection, `uuid_kill ${uuid}`);
  connection.disconnect();
  await until('they are known to be gone', () => ready(pool) === 0 && sessions() === 0);
  await expect(bench.callee(await bench.call(pool), 400)).resolves.toBeDefined();
});

test('A server that dies takes what was ready with it, and has offers ready when it is back', async () => {
  const { embedded, pool } = await withReady();
  await embedded.server.close();
  await until('it is known to be down', () => pool.usage().servers[0]?.state === 'down');
  expect(ready(pool)).toBe(0);
  await bench.embedded({ maxSessions: 100, port: embedded.port, password: embedded.password });
  await until('it has offers ready again', () => ready(pool) === READY);
  await expect(bench.callee(await bench.call(pool), 400)).resolves.toBeDefined();
});

test('A gateway that stops leaves no session behind', async () => {
  const { pool, sessions } = await withReady();
  await pool.close();
  await until('all are gone', () => sessions() === 0);
});
