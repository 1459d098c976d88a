'use strict';
// One step of load: calls at a rate through a peer (or straight to the far end), and what they cost.
const { startAnswerer, placeCalls } = require('./sipp');
const { cpuMs, machineBusyMs, residentMiB, openSockets, delay } = require('./process');
const { freePort } = require('./ports');
const { percentile } = require('./search');
const { probeSetUp } = require('./set-up-probe');
const os = require('node:os');

const PROBE_RATE = 50;

/**
 * Runs `rate` calls a second for `seconds`. `target` is host:port of the peer, or of the far end itself; `contactPort` is
 * the UDP port of the far end; `processes` are the peer's, name -> pid. `startFarEnd()` gives another far end than sipp, as `startAnswerer` does.
 * Result: counts, `clean`, set-up times in ms, CPU ms a placed call by process, resident MiB by process, and `others`: the
 * share of all cores that programs outside the measurement used meanwhile. `names` adds a probe that times the set-up in
 * microseconds (`setup` is sipp's otherwise, in ticks of 4 ms).
 */
async function runLoadStep({ folder, target, contactPort, processes, rate, seconds, holdMs, namesFile, names, startFarEnd = () => startAnswerer(folder, contactPort) }) {
  const answerer = await startFarEnd();
  const cpu = new Map();
  const read = (pid) => { const ms = cpuMs(pid); if (ms !== null) cpu.set(pid, { first: cpu.get(pid)?.first ?? ms, last: ms }); };
  const server = Object.values(processes);
  for (const pid of [...server, answerer.pid]) read(pid);
  const busyBefore = machineBusyMs();
  const startedAt = Date.now();
  let callerPid = null;
  const probing = names && probeSetUp({ target, names, rate: PROBE_RATE, seconds: seconds - 1, holdMs });
  const placed = await placeCalls({
    folder, target, rate, seconds, holdMs, namesFile, port: await freePort(),
    onTick: (pid) => { callerPid = pid; read(pid); },
  }).catch(async (error) => { await answerer.stop(); throw error; });
  for (const pid of [...server, answerer.pid]) read(pid);
  const busy = machineBusyMs() - busyBefore;
  const elapsed = Date.now() - startedAt;
  const used = (pid) => { const times = cpu.get(pid); return times ? times.last - times.first : 0; };
  // The caller is gone when its time is read: what it used before the first reading is its start-up, not load.
  const ours = [...server, answerer.pid, callerPid].reduce((sum, pid) => sum + used(pid), 0);
  const calls = Math.max(1, placed.placed + (names ? PROBE_RATE * (seconds - 1) : 0));
  const rss = byProcess(processes, residentMiB);
  const far = await answerer.stop();
  const probe = await probing;
  const { setupMs: ticks, ...counts } = placed;
  const setupMs = probe?.setupMs ?? ticks;
  return {
    rate, seconds, ...counts,
    retransmissions: counts.retransmissions + far.retransmissions,
    endedAtFarEnd: far.ended,
    clean: isClean(counts, far),
    setup: Object.fromEntries([['p50', 0.5], ['p95', 0.95], ['p99', 0.99], ['max', 1]].map(([name, share]) => [name, round(percentile(setupMs, share), 2)])),
    ...(probe && { probe: { answered: probe.setupMs.length, refused: probe.refused, lost: probe.lost } }),
    cpuMsPerCall: byProcess(processes, (pid) => round(used(pid) / calls, 3)),
    farEndCpuMsPerCall: round(used(answerer.pid) / calls, 3),
    residentMiB: rss,
    others: round(Math.max(0, busy - ours) / (elapsed * os.cpus().length), 3),
  };
}

/** Clean: every call answered, and ended at both ends, at the rate asked for, and fewer than 1 % of them needed a retransmission. */
const isClean = (counts, far) => counts.failed === 0 && counts.refused === 0 && counts.onTime && far.ended >= counts.answered
  && counts.retransmissions + far.retransmissions < counts.placed * 0.01;

/** Waits until the peer's processes are idle (below 5 % of a core), because what a failed step left behind must not fail the next one. */
async function settle(processes, limitMs = 40_000) {
  const total = () => Object.values(processes).reduce((sum, pid) => sum + (cpuMs(pid) ?? 0), 0);
  for (const deadline = Date.now() + limitMs; Date.now() < deadline;) {
    const before = total();
    await delay(1000);
    if (total() - before < 50) return;
  }
}

/** What the peer holds now: sockets and resident MiB by process; calls, dialogs or transactions when it tells. */
const readHoldings = async ({ processes, openCalls }) => ({
  sockets: byProcess(processes, openSockets), residentMiB: byProcess(processes, residentMiB), open: await openCalls?.(),
});

const byProcess = (processes, read) => Object.fromEntries(Object.entries(processes).map(([name, pid]) => {
  const value = read(pid);
  return [name, typeof value === 'number' ? round(value, 3) : value];
}));

const round = (value, digits) => (value === null ? null : Number(value.toFixed(digits)));

module.exports = { runLoadStep, settle, readHoldings };
