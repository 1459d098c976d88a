import type { Socket } from 'node:net';
import type { Release } from '../../src/calls';
import { freePorts } from '../peers/harness/ports';
import { until } from '../peers/harness/until';
import { Bench, realServer } from './support/bench';

let bench: Bench;

beforeAll(async () => { bench = await Bench.start(); });
afterEach(() => bench.reset());
afterAll(() => bench.stop());

test('A pool tells what its servers are and carry', async () => {
  const pool = await bench.pool([{ ...await bench.embedded({ maxSessions: 40 }), name: 'media-1' }]);
  expect(pool.usage()).toMatchObject({ used: 0, total: 40, servers: [{ name: 'media-1', state: 'up', sessions: 0, maxSessions: 40 }] });
  const call = await bench.call(pool);
  expect(call.server).toBe('media-1');
  await bench.caller(call, 400);
  expect(pool.usage().used).toBe(2);
});

test('A full pool takes no further call, to the last session, until one ends', async () => {
  const pool = await bench.pool([await bench.embedded({ maxSessions: 5 })]);
  const first = await bench.call(pool);
  await bench.call(pool);
  await expect(bench.call(pool)).rejects.toMatchObject({ code: 'media-full', message: 'no media capacity', sipStatus: 503, q850: 42 });
  // The last session is free for a third party of a call, and no more than that.
  await Promise.all([bench.caller(first, 400), bench.callee(first, 700), bench.callee(first, 1_000)]);
  await expect(bench.callee(first, 1_300)).rejects.toMatchObject({ code: 'media-full' });
  first.close();
  await until('its sessions are free again', () => pool.usage().used === 2);
  await bench.call(pool);
});

test('Calls go to the server with most room; those of one room stay together', async () => {
  const pool = await bench.pool([{ ...await bench.embedded({ maxSessions: 10 }), name: 'small' }, { ...await bench.embedded({ maxSessions: 14 }), name: 'large' }]);
  const names: string[] = [];
  for (let i = 0; i < 6; i++) names.push((await bench.call(pool)).server);
  expect(names.filter((name) => name === 'large')).toHaveLength(4);
  const meeting = await bench.call(pool, undefined, { room: 'meeting' });
  const other = meeting.server === 'large' ? 'small' : 'large';
  while ((await bench.call(pool)).server !== other);
  expect((await bench.call(pool, undefined, { room: 'meeting' })).server).toBe(meeting.server);
});

test('A server that dies takes its own calls only, at once, and is used again when it is back', async () => {
  const [dying, living] = [await bench.embedded({ maxSessions: 10 }), await bench.embedded({ maxSessions: 10 })];
  const pool = await bench.pool([{ ...dying, name: 'dying' }, { ...living, name: 'living' }]);
  const lost: Record<string, Release[]> = { dying: [], living: [] };
  for (let i = 0; i < 4; i++) {
    const call = await bench.call(pool, (why) => lost[call.server]?.push(why));
    await bench.caller(call, 400);
  }
  await dying.server.close();
  await until('its calls are told', () => lost.dying?.length === 2);
  expect(lost.dying?.[0]).toMatchObject({ status: 503, q850: 41 });
  expect(lost.living).toEqual([]);
  await until('it is known to be down', () => pool.usage().servers[0]?.state === 'down');
  expect(pool.usage()).toMatchObject({ used: 4, total: 10, servers: [{ state: 'down', problem: 'the event socket was closed' }, { state: 'up' }] });
  expect((await bench.call(pool)).server).toBe('living');
  await bench.embedded({ maxSessions: 10, port: dying.port, password: dying.password });
  await until('it is back', () => pool.usage().servers[0]?.state === 'up');
  expect((await bench.call(pool)).server).toBe('dying');
});

test('Without a server there is no call, and the reason is told', async () => {
  const port = await freePorts(1);
  const wrong = await bench.embedded();
  const pool = await bench.pool([{ host: '127.0.0.1', port, password: 'secret' }, { ...wrong, password: 'not it' }]);
  await expect(bench.call(pool)).rejects.toMatchObject({ code: 'media-down', sipStatus: 503 });
  const [nobody, stranger] = pool.usage().servers;
  expect(nobody?.problem).toContain('ECONNREFUSED');
  expect(stranger?.problem).toContain('wrong password');
  expect(JSON.stringify(pool.usage())).not.toMatch(/secret|not it/);
});

test('A server that is something else is not used, and harms nothing', async () => {
  const { createServer } = await import('node:net');
  const chatty = createServer((socket) => { socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'); });
  const left: Socket[] = [];
  const silent = createServer({ allowHalfOpen: true }, (socket) => { left.push(socket.on('error', () => undefined).resume()); });
  const ports = await Promise.all([chatty, silent].map((server) => new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  })));
  const pool = await bench.pool(ports.map((port) => ({ host: '127.0.0.1', port, password: 'secret' })));
  expect(pool.usage().servers.map(({ state }) => state)).toEqual(['down', 'down']);
  await pool.close();
  await until('nobody is left on the other side of the one that hangs', () => {
    for (const socket of left) socket.write('\n');
    return left.length > 0 && left.every(({ destroyed }) => destroyed);
  });
  for (const server of [chatty, silent]) server.close();
});

/** The embedded server ends with the process that it serves. */
const onRealServer = realServer() ? test : test.skip;

onRealServer('What an earlier run of the same gateway left on a server is ended, and nothing of others', async () => {
  const [before, other] = [await bench.pool(undefined, { owner: 'gateway-1' }), await bench.pool(undefined, { owner: 'gateway-2' })];
  const lost: string[] = [];
  await bench.caller(await bench.call(before, () => lost.push('answered')), 400);
  await bench.callee(await bench.call(before, () => lost.push('offered')), 400);
  const anna = await bench.caller(await bench.call(other, () => lost.push('of others')), 700);
  await bench.pool(undefined, { owner: 'gateway-1' });
  await until('they are gone', () => lost.length === 2);
  expect(lost.sort()).toEqual(['answered', 'offered']);
  await anna.endpoint.sendDtmf('1');
});
