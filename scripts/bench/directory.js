'use strict';
// The directory of a whole country: import, start, search, resolution of addresses and memory; beside it the search of
// SQLite's own full-text index (FTS5) over the same records, and a plain LIKE scan.
//   node scripts/bench/directory.js [--persons 600000] [--services 20000] [--devices 40000] [--municipalities 300]
// Run `npm run build` first. Each subject is a process of its own. With the default sizes the result is kept in
// results/directory.json.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { spawnSync } = require('node:child_process');
const { keepResult } = require('./lib/results');
const { queriesFor } = require('./lib/directory/queries');
const { sampleDirectory } = require('../../dist/directory/sample');
const { writeSample } = require('../../dist/directory/sample/write');
const { runProgram } = require('./lib/run-program');

const COUNTRY = { municipalities: 300, services: 20_000, devices: 40_000, persons: 600_000 };
const GOALS = { importSeconds: 60, startSeconds: 5, searchP99Ms: 5, resolutionsPerSecond: 100_000, rssMiB: 1024 };

function readSize() {
  const { values } = parseArgs({ options: Object.fromEntries(Object.keys(COUNTRY).map((name) => [name, { type: 'string' }])) });
  return Object.fromEntries(Object.entries(COUNTRY).map(([name, count]) => [name, Number(values[name] ?? count)]));
}

/** Runs a part of this bench in a process of its own and returns what it measured. */
function runPart(name, folder) {
  const { status, stdout } = spawnSync(process.execPath, [path.join(__dirname, 'lib/directory', `${name}.js`), folder], { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`${name} failed`);
  return JSON.parse(stdout);
}

const round = (number) => Number(number.toPrecision(3));
const latencies = ({ p50, p99 }) => `${round(p50)} / ${round(p99)}`;

function print({ size, loadBefore, imported, first, served, peers }) {
  console.log(`\n${size.municipalities} municipalities, ${size.services} services, ${size.devices} devices, ${size.persons} persons; load average before ${loadBefore.toFixed(1)}`);
  const rows = [
    ['import, s', round(imported.seconds), `< ${GOALS.importSeconds}`],
    ['memory of the import, MiB', Math.round(imported.rssMiB), ''],
    ['first start after it: index built and kept, s', round(first.startSeconds), ''],
    ['  processor time of all its threads, s', round(first.startCpuSeconds), ''],
    ['  memory, MiB', Math.round(first.rssMiB), `< ${GOALS.rssMiB}`],
    ['  kept index, MiB', Math.round(first.keptMiB), ''],
    ['start until indexes are warm, s', round(served.startSeconds), `< ${GOALS.startSeconds}`],
    ['  processor time of all its threads, s', round(served.startCpuSeconds), ''],
    ['  until calls can be routed, s', round(served.routableSeconds), ''],
    ['search p50, ms', round(served.search.all.p50), ''],
    ['search p99, ms', round(served.search.all.p99), `< ${GOALS.searchP99Ms}`],
    ['suggestions for a mistyped address p50 / p99, ms', latencies(served.nearest), ''],
    ['check for changes (view) p50 / p99, ms', latencies(served.view), ''],
    ['a change by another process until found, ms', round(served.changeMs), ''],
    ['addresses resolved per second', Math.round(served.resolutionsPerSecond), `> ${GOALS.resolutionsPerSecond}`],
    ['memory after all that, MiB', Math.round(served.rssMiB), `< ${GOALS.rssMiB}`],
  ];
  for (const [what, value, goal] of rows) console.log(`  ${what.padEnd(50)}${String(value).padStart(12)}  ${goal}`);
  console.log('\nsearch, p50 / p99 ms by kind of query'.padEnd(42) + ['this', ...Object.keys(peers)].map((name) => name.padStart(20)).join(''));
  for (const sort of Object.keys(served.search)) {
    const cells = [served.search, ...Object.values(peers)].map((one) => (one[sort] ? latencies(one[sort]) : '-').padStart(20));
    console.log(`  ${sort.padEnd(40)}${cells.join('')}`);
  }
}

async function main() {
  const size = readSize();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-directory-bench-'));
  try {
    // What else runs on the machine makes all times longer.
    const loadBefore = os.loadavg()[0];
    const sample = sampleDirectory({ ...size, seed: 1 });
    await writeSample(sample, path.join(folder, 'csv'), 'csv');
    fs.writeFileSync(path.join(folder, 'queries.json'), JSON.stringify(queriesFor(sample)));
    const imported = runPart('import', folder);
    const first = { ...runPart('start', folder), keptMiB: (fs.statSync(path.join(folder, 'directory.search'), { throwIfNoEntry: false })?.size ?? 0) / 2 ** 20 };
    const served = runPart('serve', folder);
    const peers = runPart('peers', folder);
    const result = { size, goals: GOALS, loadBefore, imported, first, served, peers };
    print(result);
    const whole = Object.entries(COUNTRY).every(([name, count]) => size[name] === count);
    if (whole) console.log(`\nkept in results/${keepResult('directory', result)}`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

runProgram(main);
