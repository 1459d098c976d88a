import fs from 'node:fs';
import { until } from '../peers/harness/until';
import { READY } from '../support/ready';
import { Bench, realServer } from './support/bench';

const CALLS = 500;
const WARM_UP = 50;

let bench: Bench;

beforeAll(async () => { bench = await Bench.start(); });
afterAll(() => bench.stop());

/** Files and sockets that this process has open. */
const open = (): number => fs.readdirSync('/proc/self/fd').length;

test('A thousand endpoints in a row leave nothing behind', async () => {
  const faults: unknown[] = [];
  const note = (fault: unknown): void => { faults.push(fault); };
  process.on('unhandledRejection', note);
  const embedded = realServer() ? undefined : await bench.embedded();
  const pool = await bench.pool(embedded && [embedded]);
  const ready = (): number => pool.usage().servers[0]?.ready ?? 0;
  const quiet = (): Promise<unknown> => until('only what is kept ready is left', () => pool.usage().used === 0 && ready() === READY && (!embedded || embedded.server.stats().sessions === READY));
  const offer = (await bench.phone(400)).sdp();
  const other = await bench.phone(1_000);
  let before = { open: 0, ports: 0 };
  for (let i = 0; i < CALLS; i++) {
    const call = await pool.open('call', { lost: note });
    const [caller, callee] = await Promise.all([call.answer(offer), call.offer('rtp', { video: true })]);
    if (i % 3 > 0) await callee.accept(other.answer(callee.localSdp));
    if (i % 3 > 1) await caller.bridge(callee);
    call.close();
    if (i % 20 === 19) await until('they are gone', () => pool.usage().used === 0);
    if (i !== WARM_UP - 1) continue;
    await quiet();
    before = { open: open(), ports: embedded?.server.stats().ports.used ?? 0 };
  }
  await quiet();
  await until('no socket is left', () => open() <= before.open + 2);
  if (embedded) expect(embedded.server.stats().ports.used).toBeLessThanOrEqual(before.ports);
  process.off('unhandledRejection', note);
  expect(faults).toEqual([]);
}, 180_000);
