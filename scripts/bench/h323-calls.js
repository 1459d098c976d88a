'use strict';
// Calls a second from SIP to H.323: sipp calls, a telephone of our own H.323 stack in a process of its own answers (fast start, tunnelled
// H.245), the gateway or Asterisk's chan_ooh323 is in between; all in the same run.
//   node scripts/bench/h323-calls.js [--only NAME[,NAME]] [--step SECONDS]
// Run `npm run build` first. ETASILTA_BENCH_ASTERISK=DIR names an unpacked Asterisk with PJSIP and chan_ooh323 (Debian 11's is the last).
// About four minutes a subject. Without options the result is kept in results/h323-calls.json.
// The far end is the same for all, and none of the measured: what it costs a call is shown beside, so that one can see that it is not what
// limits them. About 160 a second were seen with chan_ooh323 at both ends; with this far end it places more.
// Media: Asterisk's pass through it, so its like is the gateway with anchored media; direct media (each end told of the other's address) are what
// the gateway can do besides. No end sends any packets: what is compared is the setting up of calls, media ports among it.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { anchored, direct } = require('./lib/h323/etasilta');
const asterisk = require('./lib/h323/asterisk');
const { runLoadStep, settle } = require('./lib/load-step');
const { findMaximum } = require('./lib/search');
const { sippVersion } = require('./lib/sipp');
const { printTable } = require('./lib/table');
const { keepResult } = require('./lib/results');
const { runProgram } = require('./lib/run-program');

const SUBJECTS = [anchored, direct, asterisk];
/** Times Asterisk's rate. */
const GOAL = 2;
const SERVICES = 200;
const HOLD_MS = 100;
const STEP_SECONDS = 6;
/** Longer, for enough set-ups to tell the slowest of a hundred. */
const HALF_SECONDS = 10;
/** For so long the processor time of a call goes on falling, as V8 gets to compile its parts. */
const WARM_UP_CALLS = 3000;
const SEARCH = { maxRate: 2000, maxSteps: 5 };

/** Warms a subject up, searches for its highest clean rate and times set-ups at half of that. */
async function measureSubject(subject, shared, seconds) {
  let peer;
  const step = async (rate, more = {}) => {
    const result = await runLoadStep({ ...shared, seconds, holdMs: HOLD_MS, rate, target: peer.target, processes: peer.processes, startFarEnd: () => peer.farEnd.measure(), ...more });
    console.log(`  ${subject.name} ${rate}/s: ${result.answered} answered, ${result.refused} refused, ${result.failed} failed, set-up p50 ${result.setup.p50} p99 ${result.setup.p99} ms, CPU ms a call: `
      + `${Object.values(result.cpuMsPerCall)[0]}, far end ${result.farEndCpuMsPerCall}; ${result.clean ? 'clean' : 'not clean'}`);
    return result;
  };
  const startAfresh = async () => {
    await peer?.stop();
    peer = await subject.start(shared);
    await step(subject.startRate, { seconds: WARM_UP_CALLS / subject.startRate });
    await settle(peer.processes);
  };
  try {
    await startAfresh();
    const { version } = peer;
    const steps = [];
    const maximum = await findMaximum(async (rate) => {
      // What a failed step leaves behind must not fail the next one.
      if (steps.at(-1)?.clean === false) await startAfresh();
      steps.push(await step(rate));
      return steps.at(-1).clean;
    }, { startRate: subject.startRate, ...SEARCH });
    if (maximum > 0 && !steps.at(-1).clean) await startAfresh();
    return { name: subject.name, title: subject.title, media: subject.media, version, maximum, steps, ...(maximum > 0 && { half: await step(Math.round(maximum / 2), { names: shared.names, seconds: HALF_SECONDS }) }) };
  } finally {
    await peer?.stop();
  }
}

function printReport(measured) {
  const peer = measured.find(({ name, maximum }) => name === asterisk.name && maximum > 0);
  printTable(`Highest clean rate, SIP to H.323; the gateway is to reach at least ${GOAL} times Asterisk's`, [
    ['', 'media', 'calls/s', 'to asterisk', 'CPU ms a call', 'far end'],
    ...measured.map((s) => [s.title, s.media, s.maximum, peer && s !== peer ? `${(s.maximum / peer.maximum).toFixed(2)} x` : null,
      s.half && Object.values(s.half.cpuMsPerCall)[0].toFixed(2), s.half?.farEndCpuMsPerCall.toFixed(2)]),
  ]);
  console.log(`\nMedia of ${asterisk.title} are ${asterisk.media}: like for like is the subject whose are, too.`);
  printTable('At half of that rate: set-up time (INVITE to 200) in ms', [
    ['', 'calls/s', 'p50', 'p95', 'p99', 'resident MiB'],
    ...measured.filter(({ half }) => half).map(({ title, half: h }) => [title, h.rate, h.setup.p50, h.setup.p95, h.setup.p99, Math.round(Object.values(h.residentMiB)[0])]),
  ]);
  const others = Math.max(...measured.flatMap((s) => s.steps).map((one) => one.others));
  if (others > 0.1) console.log(`\nDisturbed: other programs used up to ${Math.round(others * 100)} % of the machine, so these rates are too low. Run it again on an idle machine.`);
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, step: { type: 'string' } } });
  const wanted = values.only?.split(',');
  const unknown = wanted?.find((name) => !SUBJECTS.some((subject) => subject.name === name));
  if (unknown) throw new Error(`--only: no subject is called "${unknown}"; there are ${SUBJECTS.map(({ name }) => name).join(', ')}`);
  const sipp = sippVersion();
  if (!sipp) throw new Error('sipp is not installed (Debian: apt-get install sip-tester)');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-bench-'));
  const names = Array.from({ length: SERVICES }, (_, n) => `palvelu-${n + 1}`);
  const namesFile = path.join(folder, 'names.csv');
  fs.writeFileSync(namesFile, `SEQUENTIAL\n${names.join('\n')}\n`);
  const seconds = Number(values.step ?? STEP_SECONDS);
  const measured = [];
  const leftOut = [];
  try {
    for (const subject of SUBJECTS.filter(({ name }) => !wanted || wanted.includes(name))) {
      const reason = subject.whyNot();
      if (reason) { leftOut.push({ name: subject.name, reason }); continue; }
      console.log(`\n${subject.title}`);
      measured.push(await measureSubject(subject, { folder, names, namesFile }, seconds));
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  if (measured.length > 0) printReport(measured);
  for (const { name, reason } of leftOut) console.log(`\nleft out: ${name}: ${reason}`);
  if (measured.length > 0 && !wanted && values.step === undefined) {
    const method = { sipp, stepSeconds: seconds, halfSeconds: HALF_SECONDS, warmUpCalls: WARM_UP_CALLS, holdMs: HOLD_MS, services: SERVICES, farEnd: 'own stack, fast start, tunnelled H.245' };
    console.log(`\nkept in results/${keepResult('h323-calls', { goal: GOAL, method, measured, leftOut })}`);
  }
}

runProgram(main);
