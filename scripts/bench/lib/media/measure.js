'use strict';
// What is done to each media server: bridged G.711 calls in growing number, a conference of 20, forwarded H.264 in growing
// number; CPU time, loss, delay and memory of each step.
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { startProcess, stopProcess, cpuMs, machineBusyMs, residentMiB, delay } = require('../process');
const os = require('node:os');
const { connect } = require('./application');

const CALL_STEPS = [25, 50, 100, 150, 200, 300, 400, 500];
const VIDEO_STEPS = [5, 10, 15, 20, 30, 40, 60];
const MEMBERS = 20;
const PACKETS_A_SECOND = { audio: 50, video: 200 };
const DELAY_GOAL_MS = 5;
const FULL_CORES = 0.95;
/** A load that was this late says little about the server. */
const LATE_LOAD_MS = 20;
const DISTURBED = 0.1;
/** One leg's H.264 on the wire, Mbit/s: payload and RTP header. */
const VIDEO_MBITS = (PACKETS_A_SECOND.video * 1_250 * 8) / 1e6;

function startLoad() {
  const load = startProcess(process.execPath, [path.join(__dirname, 'load.js')], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ask = (message) => new Promise((resolve, reject) => {
    load.child.once('message', (answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer)));
    load.child.send(message);
  });
  return { pid: load.pid, ask, stop: () => stopProcess(load) };
}

/** CPU shares of one core over `work()`: the media server's, the load's, and what programs outside used of all cores. */
async function withCpu(peer, load, work) {
  const read = () => ({ server: cpuMs(peer.pid), load: cpuMs(load.pid), own: cpuMs(process.pid), machine: machineBusyMs(), at: performance.now() });
  const before = read();
  const { ranMs, ...result } = await work();
  const after = read();
  const used = (name) => after[name] - before[name];
  const outside = Math.max(0, used('machine') - used('server') - used('load') - used('own')) / ((after.at - before.at) * os.cpus().length);
  return { ...result, cores: round(used('server') / ranMs, 3), loadCores: round(used('load') / ranMs, 3), others: round(outside, 3), residentMiB: round(residentMiB(peer.pid), 1) };
}

const round = (value, digits) => Number(value.toFixed(digits));
/** All packets that the calls have were sent, and came through. */
const isWhole = (step) => step.lost === 0 && step.sent >= 0.99 * step.expected;
const isClean = (step) => isWhole(step) && step.delay.p99 < DELAY_GOAL_MS;
/** Beyond this a step says nothing more: packets are lost or were never sent, the server's thread is full, or it is late with the machine to itself. */
const isEnd = (step) => !isWhole(step) || step.cores > FULL_CORES || (!step.clean && step.others < DISTURBED);

/**
 * Bridges `kind` in growing number. Each step that is not clean is tried twice. What a call costs is taken of the largest
 * step that lost nothing, be it late because of other programs or not.
 */
async function climb(subject, kind, steps, seconds, say) {
  const peer = await subject.start();
  const load = startLoad();
  const application = await connect(peer);
  const measured = [];
  try {
    const made = [];
    const idleMiB = residentMiB(peer.pid);
    for (const calls of steps) {
      const { ports } = await load.ask({ open: 2 * calls });
      made.push(...await application.bridges(kind, ports.slice(made.length)));
      const targets = made.map(({ target }) => target);
      let step;
      for (let attempt = 0; attempt < 2 && !step?.clean; attempt += 1) {
        const tried = { calls, expected: 2 * calls * PACKETS_A_SECOND[kind] * seconds, ...await withCpu(peer, load, () => load.ask({ run: { kind, targets, seconds } })) };
        tried.clean = isClean(tried);
        say(`  ${subject.name} ${calls} bridged ${kind} calls: ${tried.sent} sent, ${tried.lost} lost, delay p50 ${tried.delay.p50} p99 ${tried.delay.p99} ms, ${tried.cores} cores`
          + `${tried.ownLateness.p99 > LATE_LOAD_MS ? ` (the load itself was late: p99 ${tried.ownLateness.p99} ms)` : ''}`
          + `${tried.others > DISTURBED ? ` (other programs used ${Math.round(tried.others * 100)} % of the machine)` : ''}`);
        if (step === undefined || tried.clean || (isWhole(tried) && !isWhole(step))) step = tried;
      }
      measured.push(step);
      if (isEnd(step)) break;
    }
    const alone = await load.ask({ run: { kind, targets: made.map(({ target }) => target), echo: true, seconds: Math.min(4, seconds) } });
    await application.release(made);
    await delay(2_000);
    const best = measured.filter((step) => step.clean).at(-1);
    const whole = measured.filter(isWhole).at(-1);
    return {
      steps: measured, best, idleMiB: round(idleMiB, 1), afterMiB: round(residentMiB(peer.pid), 1), loadAlone: { delay: alone.delay, lost: alone.lost },
      ...(whole && { whole, perCore: Math.round(whole.calls / whole.cores), kibPerCall: Math.round(((whole.residentMiB - idleMiB) * 1024) / whole.calls) }),
      ...(whole && kind === 'video' && { forwardedMbits: best && round(2 * best.calls * VIDEO_MBITS, 0), mbitsPerCore: Math.round((2 * whole.calls * VIDEO_MBITS) / whole.cores) }),
    };
  } finally {
    await application.close().catch(() => {});
    await load.stop();
    await peer.stop();
  }
}

async function conference(subject, seconds, say) {
  const peer = await subject.start();
  const load = startLoad();
  const application = await connect(peer);
  try {
    const { ports } = await load.ask({ open: MEMBERS });
    const made = await application.conference(`bench-${process.pid}`, ports);
    const targets = made.map(({ target }) => target);
    await load.ask({ run: { kind: 'audio', targets, seconds: 2 } });
    const result = await withCpu(peer, load, () => load.ask({ run: { kind: 'audio', targets, seconds } }));
    const { tickLateness } = await peer.stats();
    await application.release(made);
    const measured = {
      members: MEMBERS, expected: MEMBERS * 50 * seconds, received: result.receivedInWindow, gap: result.gap, cores: result.cores, others: result.others,
      ...(tickLateness && { tickLateness }),
    };
    say(`  ${subject.name} conference of ${MEMBERS}: ${measured.received} of ${measured.expected} packets, ${measured.cores} cores, `
      + `${tickLateness ? `tick lateness p99 ${tickLateness.p99} ms, ` : ''}gap p99 ${measured.gap.p99} ms`);
    return measured;
  } finally {
    await application.close().catch(() => {});
    await load.stop();
    await peer.stop();
  }
}

/** All of it for one subject; `plan.seconds` is how long each step lasts. A part that fails says why and leaves the others. */
async function measureMediaServer(subject, plan, say) {
  const part = async (name, work) => {
    try {
      return await work();
    } catch (error) {
      say(`  ${subject.name} ${name} failed: ${error.message}`);
      return { failed: error.message };
    }
  };
  return {
    name: subject.name,
    title: subject.title,
    audio: await part('bridged audio', () => climb(subject, 'audio', CALL_STEPS.filter((calls) => calls <= plan.maxCalls), plan.seconds, say)),
    conference: await part('conference', () => conference(subject, plan.seconds, say)),
    video: await part('bridged video', () => climb(subject, 'video', VIDEO_STEPS, plan.seconds, say)),
  };
}

module.exports = { measureMediaServer, DELAY_GOAL_MS, DISTURBED };
