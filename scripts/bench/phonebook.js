'use strict';
// Phone books of a whole country: TMS Search, UDS and JSON requests per second over 16 connections, and their times at half
// of that rate.
//   node scripts/bench/phonebook.js [--seconds 10] [--persons 600000] [--services 20000] [--devices 40000] [--municipalities 300]
// Run `npm run build` first. The server is a process of its own. With the default sizes the result is kept in
// results/phonebook.json.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { parseArgs } = require('node:util');
const { spawn, spawnSync } = require('node:child_process');
const { createInterface } = require('node:readline');
const { cpuMs, machineBusyMs } = require('./lib/process');
const { keepResult } = require('./lib/results');
const { printTable } = require('./lib/table');
const { fullLoad, steadyLoad } = require('./lib/phonebook/load');
const { requestsFor } = require('./lib/phonebook/requests');
const { sampleDirectory } = require('../../dist/directory/sample');
const { writeSample } = require('../../dist/directory/sample/write');
const { runProgram } = require('./lib/run-program');

const COUNTRY = { municipalities: 300, services: 20_000, devices: 40_000, persons: 600_000 };
const GOALS = { p99Ms: 10 };
const CONNECTIONS = 16;
const WARM_SECONDS = 2;

function readOptions() {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, ...Object.fromEntries(Object.keys(COUNTRY).map((name) => [name, { type: 'string' }])) } });
  return { seconds: Number(values.seconds), size: Object.fromEntries(Object.entries(COUNTRY).map(([name, count]) => [name, Number(values[name] ?? count)])) };
}

/** Starts the server; returns its URL and what it says at its end. */
async function startServer(folder, organisation) {
  const child = spawn(process.execPath, [path.join(__dirname, 'lib/phonebook/serve.js'), folder, organisation], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('the server ended');
    return JSON.parse(value);
  };
  const { url } = await line();
  return {
    url,
    pid: child.pid,
    async stop() {
      child.stdin.end();
      return line();
    },
  };
}

/** Runs `work` and tells beside its result what the server computed meanwhile, and the share of all cores that other programs took. */
async function accounted(pid, work) {
  const before = { server: cpuMs(pid), machine: machineBusyMs(), own: process.cpuUsage(), at: performance.now() };
  const result = await work();
  const serverMs = cpuMs(pid) - before.server;
  const own = process.cpuUsage(before.own);
  const others = machineBusyMs() - before.machine - serverMs - (own.user + own.system) / 1000;
  return { ...result, cpuMs: serverMs / result.count, others: Math.max(0, others) / ((performance.now() - before.at) * os.cpus().length) };
}

async function main() {
  const { size, seconds } = readOptions();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-phonebook-bench-'));
  try {
    const loadBefore = os.loadavg()[0];
    const sample = sampleDirectory({ ...size, seed: 1 });
    await writeSample(sample, path.join(folder, 'csv'), 'csv');
    if (spawnSync(process.execPath, [path.join(__dirname, 'lib/directory/import.js'), folder], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) throw new Error('the import failed');
    const server = await startServer(folder, [...sample.organisations][0].key);
    const measured = {};
    for (const [sort, requests] of Object.entries(requestsFor(sample))) {
      await fullLoad(server.url, requests, { connections: CONNECTIONS, seconds: WARM_SECONDS });
      const full = await accounted(server.pid, () => fullLoad(server.url, requests, { connections: CONNECTIONS, seconds }));
      const half = await accounted(server.pid, () => steadyLoad(server.url, requests, { connections: CONNECTIONS, seconds, perSecond: full.perSecond / 2 }));
      measured[sort] = { full, half };
    }
    const { rssMiB } = await server.stop();
    const result = { size, connections: CONNECTIONS, seconds, goals: GOALS, loadBefore, measured, rssMiB };
    const ms = (time) => Number(time.toPrecision(3));
    printTable(`${size.services} services, ${size.devices} devices, ${size.persons} persons; load average before ${loadBefore.toFixed(1)}; memory ${Math.round(rssMiB)} MiB; goal p99 < ${GOALS.p99Ms} ms; others: what other programs took of the processors at half the rate, and late: how late this program sent at p99; p99 suffers from both`, [
      ['requests', 'per second', 'CPU ms each', 'bytes each', 'p50 / p99 ms', 'at half the rate: p50 / p99 ms', 'others', 'late, ms'],
      ...Object.entries(measured).map(([sort, { full, half }]) => [
        sort, Math.round(full.perSecond), ms(full.cpuMs), full.bytesAnAnswer, `${ms(full.p50)} / ${ms(full.p99)}`, `${ms(half.p50)} / ${ms(half.p99)}`, `${Math.round(100 * half.others)} %`, ms(half.late99),
      ]),
    ]);
    if (Object.entries(COUNTRY).every(([name, count]) => size[name] === count)) console.log(`\nkept in results/${keepResult('phonebook', result)}`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

runProgram(main);
