'use strict';
// sipp (https://github.com/SIPp/sipp) as caller and answerer on loopback.
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { setInterval, clearInterval } = require('node:timers');
const { startProcess, stopProcess, delay } = require('./process');

const SCENARIOS = path.join(__dirname, 'scenarios');
// Large socket buffers at both ends: the peers under test, not the generators, must be the ones that lose datagrams.
const UDP_BUFFER_BYTES = 4 * 2 ** 20;
const COMMON = ['-i', '127.0.0.1', '-nostdin', '-buff_size', String(UDP_BUFFER_BYTES), '-timer_resol', '1', '-trace_stat', '-fd', '1'];
// T1 = 500 ms: four retransmissions of an INVITE end after 7.5 s, so a dead peer cannot stretch a step to 32 s.
const GIVE_UP = ['-max_invite_retrans', '4', '-max_non_invite_retrans', '4', '-recv_timeout', '8000'];
const GIVE_UP_MS = 9000;

/** sipp's version line, or null when it is not installed. */
function sippVersion() {
  try {
    // sipp -v exits with a code of its own; what it prints is what counts.
    execFileSync('sipp', ['-v'], { stdio: 'pipe' });
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    return /SIPp v[\w.-]+/.exec(String(error.stdout ?? ''))?.[0] ?? 'sipp';
  }
  return 'sipp';
}

/** The names of a sipp names file, whose first line says how sipp reads it. */
const namesIn = (namesFile) => fs.readFileSync(namesFile, 'utf8').split('\n').slice(1).filter(Boolean);

/** Starts the far end on a UDP port; it answers until it is stopped. */
async function startAnswerer(folder, port) {
  const statFile = path.join(folder, `answerer-${port}.csv`);
  fs.rmSync(statFile, { force: true });
  const sipp = startProcess('sipp', ['-sf', path.join(SCENARIOS, 'answerer.xml'), ...COMMON, '-p', String(port), '-stf', statFile], { cwd: folder });
  await delay(300);
  if (sipp.child.exitCode != null) throw new Error(`sipp did not start as answerer: ${sipp.output}`);
  return {
    pid: sipp.pid,
    /** Ends it, and tells how many calls a BYE has ended, and how often it had to send again. */
    async stop() {
      await delay(1100); // its statistics are written once a second
      await stopProcess(sipp, 1000);
      const last = lastRow(statFile);
      return { ended: Number(last?.['GenericCounter1(C)'] ?? 0), retransmissions: Number(last?.['Retransmissions(C)'] ?? 0) };
    },
  };
}

/**
 * Places `rate` calls a second for `seconds` to `target` (host:port), each to the next name of `namesFile`, each held for
 * `holdMs` after the answer. `onTick(pid)` is called twice a second.
 * Resolves to counts, to the set-up times (INVITE to 200, ms, sorted) of the answered calls, and to `onTime`: whether sipp
 * could place the calls at that rate.
 */
async function placeCalls({ folder, target, rate, seconds, holdMs, namesFile, port, onTick }) {
  const statFile = path.join(folder, 'caller.csv');
  removeMatching(folder, /^caller.*\.csv$/);
  const calls = Math.round(rate * seconds);
  const sipp = startProcess('sipp', [
    target, '-sf', path.join(SCENARIOS, 'caller.xml'), '-inf', namesFile, ...COMMON, ...GIVE_UP, '-p', String(port),
    '-r', String(rate), '-m', String(calls), '-l', String(Math.ceil(rate * 12)), '-d', String(holdMs),
    '-trace_rtt', '-rtt_freq', '20', '-stf', statFile, '-timeout', String(Math.ceil(seconds + 30)),
  ], { cwd: folder });
  const ticker = setInterval(() => onTick?.(sipp.pid), 500);
  const force = setTimeout(() => sipp.child.kill('SIGKILL'), (seconds + 30) * 1000 + GIVE_UP_MS);
  const exit = await sipp.exited;
  clearInterval(ticker);
  clearTimeout(force);
  const rows = readRows(statFile);
  if (rows.length === 0) throw new Error(`sipp placed no calls (exit ${exit}): ${sipp.output}`);
  const last = rows[rows.length - 1];
  const count = (column) => Number(last[column] ?? 0);
  const refused = count('GenericCounter1(C)');
  const allPlaced = rows.find((row) => Number(row.TotalCallCreated) >= calls);
  return {
    placed: count('TotalCallCreated'),
    answered: count('SuccessfulCall(C)') - refused,
    refused,
    failed: count('FailedCall(C)') + (calls - count('TotalCallCreated')),
    failures: failureReasons(last),
    retransmissions: count('Retransmissions(C)'),
    onTime: allPlaced !== undefined && secondsOf(allPlaced['ElapsedTime(C)']) <= seconds + 2,
    setupMs: readSetupTimes(folder),
  };
}

/** Registers `names` at `domain` with digest, for calls to go to `contact` (host:port). Throws when one is refused. */
async function registerDevices({ folder, target, domain, names, password, contact }) {
  const rows = path.join(folder, 'devices.csv');
  fs.writeFileSync(rows, `SEQUENTIAL\n${names.map((name) => `${name};[authentication username=${name} password=${password}]`).join('\n')}\n`);
  const sipp = startProcess('sipp', [
    target, '-sf', path.join(SCENARIOS, 'register.xml'), '-inf', rows, ...COMMON, '-stf', path.join(folder, 'register.csv'), '-key', 'domain', domain,
    '-key', 'contact', contact, '-m', String(names.length), '-r', '100', '-timeout', '30',
  ], { cwd: folder });
  const exit = await sipp.exited;
  if (exit !== 0) throw new Error(`sipp could not register the devices (exit ${exit}): ${sipp.output}`);
}

function failureReasons(row) {
  return Object.fromEntries(Object.entries(row)
    .filter(([column, value]) => /^Failed\w+\(C\)$/.test(column) && column !== 'FailedCall(C)' && Number(value) > 0)
    .map(([column, value]) => [column.slice('Failed'.length, -'(C)'.length), Number(value)]));
}

function readSetupTimes(folder) {
  const times = fs.readdirSync(folder).filter((name) => /^caller_\d+_rtt\.csv$/.test(name))
    .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n').slice(1))
    .map((row) => row.split(';')).filter((fields) => fields.length >= 3)
    .map((fields) => Number(fields[1]));
  return times.sort((a, b) => a - b);
}

function readRows(statFile) {
  if (!fs.existsSync(statFile)) return [];
  const [heading, ...lines] = fs.readFileSync(statFile, 'utf8').split('\n').filter((row) => row.includes(';'));
  const columns = heading?.split(';') ?? [];
  return lines.map((row) => Object.fromEntries(row.split(';').map((value, index) => [columns[index], value])));
}

const lastRow = (statFile) => readRows(statFile).pop();

function removeMatching(folder, pattern) {
  for (const name of fs.readdirSync(folder)) if (pattern.test(name)) fs.rmSync(path.join(folder, name));
}

/** "00:01:05" in seconds. */
const secondsOf = (clock) => clock.split(':').slice(0, 3).reduce((sum, part) => sum * 60 + Number(part), 0);

module.exports = { sippVersion, namesIn, startAnswerer, placeCalls, registerDevices, UDP_BUFFER_BYTES };
