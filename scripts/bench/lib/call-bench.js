'use strict';
// What is done to each peer: warm up, search for the highest clean rate, half of it for set-up times, half as much again
// for overload, then idle.
const { runLoadStep, settle, readHoldings } = require('./load-step');
const { findMaximum } = require('./search');
const { delay } = require('./process');

const HOLD_MS = 100;
const WARM_UP_CALLS = 1500;
// RFC 3261 section 17: every transaction is over after 64*T1 = 32 s; the gateway gives their memory back within 20 s of quiet.
const QUIET_AGAIN_MS = 60_000;

/**
 * Measures one peer. `subject` is a module of `subjects/`; `shared` has folder, names, namesFile and contactPort; `plan` has
 * stepSeconds, maxSteps and maxRate; `say(line)` reports progress.
 */
async function measureSubject(subject, shared, plan, say) {
  const { folder, namesFile, contactPort } = shared;
  const target = `127.0.0.1:${contactPort}`;
  let peer;
  let idle;
  const step = async (rate, { seconds = plan.stepSeconds, direct = false, names } = {}) => {
    const result = await runLoadStep({
      folder, namesFile, names, contactPort, holdMs: HOLD_MS, rate, seconds,
      target: direct ? target : peer.target, processes: direct ? {} : peer.processes,
    });
    say(describeStep(subject.name, direct ? ' (far end directly)' : '', result));
    return result;
  };
  // Compilers and pools are warm before anything counts.
  const start = async () => {
    peer = await subject.start({ folder, namesFile, contact: target });
    await step(subject.startRate / 2, { seconds: WARM_UP_CALLS / (subject.startRate / 2) });
    await settle(peer.processes);
    idle = await readHoldings(peer);
  };
  // What a failed step leaves behind must not fail the next one.
  const startAfresh = async () => {
    await settle(peer.processes);
    await peer.stop();
    await start();
  };
  try {
    await start();
    const steps = [];
    let fresh = true;
    const maximum = await findMaximum(async (rate) => {
      if (!fresh) await startAfresh();
      const result = await step(rate);
      steps.push(result);
      fresh = result.clean;
      return result.clean;
    }, { startRate: subject.startRate, maxRate: plan.maxRate, maxSteps: plan.maxSteps });
    const measured = { name: subject.name, title: subject.title, version: peer.version, maximum, steps };
    if (maximum === 0) return measured;
    if (!fresh) await startAfresh();
    measured.half = await step(Math.round(maximum / 2), { names: shared.names });
    measured.direct = await step(Math.round(maximum / 2), { direct: true, names: shared.names });
    measured.idle = idle;
    measured.overload = await step(Math.round(maximum * 1.5));
    await delay(QUIET_AGAIN_MS);
    measured.afterwards = await readHoldings(peer);
    return measured;
  } finally {
    await peer?.stop();
  }
}

function describeStep(name, where, r) {
  const cpu = Object.entries(r.cpuMsPerCall).map(([process, ms]) => `${process} ${ms}`).join(', ');
  return `  ${name}${where} ${r.rate}/s for ${r.seconds} s: ${r.answered} answered, ${r.refused} refused, ${r.failed} failed, `
    + `${r.retransmissions} retransmissions, set-up p50 ${r.setup.p50} p99 ${r.setup.p99} ms`
    + `${cpu ? `, CPU ms a call: ${cpu}` : ''}; ${r.clean ? 'clean' : 'not clean'}${r.others > 0.1 ? ` (other programs used ${Math.round(r.others * 100)} % of the machine)` : ''}`;
}

module.exports = { measureSubject, HOLD_MS };
