'use strict';
// LDAP over the directory of a whole country, beside OpenLDAP's slapd with the same entries, indexes for the same searches and
// the same load: searches a second by equality, beginning, part and their mix; latency at half of slapd's rate; paged reading of
// everything; memory; and the import of the country as LDIF.
//   node scripts/bench/ldap.js [--persons 600000] [--services 20000] [--devices 40000] [--municipalities 300] [--seconds 10]
// Run `npm run build` first. With the default sizes the result is kept in results/ldap.json.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { spawnSync } = require('node:child_process');
const { keepResult } = require('./lib/results');
const { cpuMs, residentMiB, startProcess, stopProcess, waitUntil } = require('./lib/process');
const { closedLoop, fixedRate, paged } = require('./lib/ldap/load');
const { bindRequest, pageRequest, phoneBookQueries } = require('./lib/ldap/queries');
const { slapdIsThere, startSlapd } = require('./lib/ldap/slapd');
const { importDirectory, openDirectoryStore } = require('../../dist/directory');
const { hashAccountPassword, ReadableTree, treeSource, writeLdif } = require('../../dist/ldap');
const { randomFrom, sampleDirectory } = require('../../dist/directory/sample');
const { writeSample } = require('../../dist/directory/sample/write');
const { runProgram } = require('./lib/run-program');

const COUNTRY = { municipalities: 300, services: 20_000, devices: 40_000, persons: 600_000 };
const GOALS = { mixOfSlapd: 1, p99AtHalfMs: 5, importPerSecond: 20_000 };
const CONNECTIONS = 16;
const WARM_SECONDS = 2;
const PAGE = 500;
const SUFFIX = 'dc=palvelu,dc=example';
const PASSWORD = 'bench-password';

function readOptions() {
  const defaults = { ...COUNTRY, seconds: 10 };
  const { values } = parseArgs({ options: Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' }])) });
  return Object.fromEntries(Object.keys(defaults).map((name) => [name, Number(values[name] ?? defaults[name])]));
}

/** The sample with e-mail addresses, which phone books look for. */
function country(size) {
  const sample = sampleDirectory({ ...size, seed: 1 });
  const { persons } = sample;
  return { ...sample, persons: { *[Symbol.iterator]() { for (const person of persons) yield { ...person, email: `${person.key}@${person.organisation}.example` }; } } };
}

/** Writes the directory into a database and as LDIF. */
async function prepare(sample, folder) {
  await writeSample(sample, path.join(folder, 'csv'), 'csv');
  const store = await openDirectoryStore(path.join(folder, 'data'));
  await importDirectory(store, path.join(folder, 'csv'));
  const tree = new ReadableTree(await treeSource(store, { suffix: SUFFIX, domain: 'palvelu.example' }).current(), { levelOf: () => 'everything' });
  const ldif = path.join(folder, 'country.ldif');
  const output = fs.createWriteStream(ldif);
  const entries = await writeLdif(tree, output);
  await new Promise((resolve) => { output.end(resolve); });
  await store.close();
  return { ldif, entries };
}

async function measure(server, queries, size, seconds, rate) {
  const { port, bindDn, pid } = server;
  const load = { port, bind: bindRequest(bindDn, PASSWORD), connections: CONNECTIONS, warmSeconds: WARM_SECONDS, seconds };
  const result = { startMiB: residentMiB(pid) };
  for (const kind of Object.keys(queries)) {
    const before = cpuMs(pid);
    const loop = await closedLoop({ ...load, queries: queries[kind] });
    // Over the warming too: it is the same load.
    result[kind] = { ...loop, cpuUs: ((cpuMs(pid) - before) * 1_000) / (loop.perSecond * (seconds + WARM_SECONDS)) };
  }
  result.half = await fixedRate({ ...load, queries: queries.mix, perSecond: (rate ?? result.mix.perSecond) / 2 });
  result.paged = await paged({ ...load, pageOf: (cookie) => pageRequest(SUFFIX, PAGE, cookie), limit: Math.min(size.persons, 200_000) });
  result.residentMiB = residentMiB(pid);
  return result;
}

async function serveOurs(folder) {
  const started = startProcess(process.execPath, [path.join(__dirname, 'lib/ldap/serve.js'), path.join(folder, 'data'), await hashAccountPassword(PASSWORD)]);
  await waitUntil(() => started.output.includes('\n'), started, 'the LDAP server', 300_000);
  const { port, warmSeconds } = JSON.parse(started.output.trim().split('\n').at(-1));
  return { started, pid: started.pid, port, warmSeconds, bindDn: `cn=bench,ou=accounts,${SUFFIX}` };
}

function runImport(ldif, folder) {
  const { status, stdout } = spawnSync(process.execPath, [path.join(__dirname, 'lib/ldap/import.js'), ldif, path.join(folder, 'imported')], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error('the import failed');
  return JSON.parse(stdout);
}

const round = (number) => (number === undefined ? '-' : Number(number.toPrecision(3)));

function print({ size, entries, loadBefore, imported, ours, slapd }) {
  console.log(`\n${entries} entries (${size.persons} persons, ${size.devices} devices, ${size.services} services), ${CONNECTIONS} connections, at most 20 entries a search; load average before ${loadBefore.toFixed(1)}`);
  const row = (what, ...cells) => console.log(`  ${what.padEnd(52)}${cells.map((cell) => String(cell).padStart(22)).join('')}`);
  row('', 'this', slapd ? 'slapd' : '(slapd is not there)');
  for (const kind of ['equality', 'prefix', 'substring', 'mix']) {
    const cell = (one) => (one ? `${Math.round(one[kind].perSecond)} (${round(one[kind].p50)} / ${round(one[kind].p99)})` : '-');
    row(`${kind}, searches a second (p50 / p99 ms)`, cell(ours), cell(slapd));
    row('  processor time of the server a search, us', Math.round(ours[kind].cpuUs), slapd ? Math.round(slapd[kind].cpuUs) : '-');
  }
  const half = (one) => (one ? `${round(one.half.p50)} / ${round(one.half.p99)}` : '-');
  row(`mix at ${Math.round(ours.half.asked)} a second: p50 / p99 ms (goal < ${GOALS.p99AtHalfMs})`, half(ours), half(slapd));
  row('  of which this program was late to ask at p99, ms', round(ours.half.late99), slapd ? round(slapd.half.late99) : '-');
  row('everything by pages, entries a second', Math.round(ours.paged.entriesPerSecond), slapd ? Math.round(slapd.paged.entriesPerSecond) : '-');
  row('memory at start / after all that, MiB', `${Math.round(ours.startMiB)} / ${Math.round(ours.residentMiB)}`, slapd ? `${Math.round(slapd.startMiB)} / ${Math.round(slapd.residentMiB)}` : '-');
  row('start until all is indexed, s (slapd: slapadd)', round(ours.warmSeconds), slapd ? round(slapd.loadSeconds) : '-');
  console.log(`  import of the LDIF: ${round(imported.seconds)} s, ${Math.round(imported.perSecond)} records a second (goal > ${GOALS.importPerSecond}), ${round(imported.cpuSeconds)} s of processor time in all threads, ${Math.round(imported.rssMiB)} MiB; the same again, nothing changed: ${round(imported.againSeconds)} s`);
  if (slapd) console.log(`  the mix: ${round(ours.mix.perSecond / slapd.mix.perSecond)} times slapd's rate (goal >= ${GOALS.mixOfSlapd})`);
}

async function main() {
  const { seconds, ...size } = readOptions();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-ldap-bench-'));
  try {
    const loadBefore = os.loadavg()[0];
    const sample = country(size);
    const { ldif, entries } = await prepare(sample, folder);
    const imported = runImport(ldif, folder);
    const queries = phoneBookQueries(SUFFIX, Array.from(sample.persons, ({ name, email }) => ({ name, email })), Array.from(sample.services, ({ address }) => ({ address })), randomFrom(5));

    // One server at a time, so that neither takes the other's processor.
    let slapd;
    if (slapdIsThere()) {
      const { started, port, loadSeconds } = await startSlapd(folder, ldif, SUFFIX, `cn=manager,${SUFFIX}`, PASSWORD);
      slapd = { loadSeconds, ...await measure({ port, pid: started.pid, bindDn: `cn=manager,${SUFFIX}` }, queries, size, seconds) };
      await stopProcess(started);
    } else {
      console.log('slapd is left out: it is not installed (Debian: slapd)');
    }
    const server = await serveOurs(folder);
    const ours = { warmSeconds: server.warmSeconds, ...await measure(server, queries, size, seconds, slapd?.mix.perSecond) };
    await stopProcess(server.started);

    const result = { size, entries, goals: GOALS, loadBefore, imported, ours, slapd };
    print(result);
    const whole = Object.entries(COUNTRY).every(([name, count]) => size[name] === count);
    if (whole) console.log(`\nkept in results/${keepResult('ldap', result)}`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

runProgram(main);
