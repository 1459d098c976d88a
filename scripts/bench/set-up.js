'use strict';
// What anchoring costs a caller: time from INVITE to 200 with media at the embedded media server and with direct media, two
// gateways side by side, called in turn at a rate that troubles neither. The far end is sipp.
//   node scripts/bench/set-up.js [--calls N]
// Run `npm run build` first. With the default number the result is kept in results/set-up.json.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const etasilta = require('./lib/subjects/etasilta');
const { freePort } = require('./lib/ports');
const { startAnswerer } = require('./lib/sipp');
const { probeSetUp } = require('./lib/set-up-probe');
const { printTable } = require('./lib/table');
const { keepResult } = require('./lib/results');
const { runProgram } = require('./lib/run-program');

const GOAL = 1.5;
const RATE = 10;
const HOLD_MS = 100;
const ROUNDS = 4;
const CALLS = 800;

const quantile = (times, q) => times[Math.min(times.length - 1, Math.floor(times.length * q))];
const round = (ms) => Number(ms.toFixed(2));

async function main() {
  const calls = Number(parseArgs({ options: { calls: { type: 'string' } } }).values.calls ?? CALLS);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-bench-'));
  const names = Array.from({ length: 20 }, (_, n) => `palvelu-${n + 1}`);
  const namesFile = path.join(folder, 'names.csv');
  fs.writeFileSync(namesFile, `SEQUENTIAL\n${names.join('\n')}\n`);
  const contactPort = await freePort();
  const answerer = await startAnswerer(folder, contactPort);
  const gateways = [];
  const times = { direct: [], anchored: [] };
  const lost = { direct: 0, anchored: 0 };
  try {
    for (const media of Object.keys(times)) gateways.push({ media, ...await etasilta.start({ folder, namesFile, contact: `127.0.0.1:${contactPort}`, media }) });
    const seconds = calls / ROUNDS / 2 / RATE;
    // The first round warms up.
    for (let turn = 0; turn <= ROUNDS; turn++) {
      for (const { media, target } of gateways) {
        const { setupMs, refused, lost: unanswered } = await probeSetUp({ target, names, rate: RATE, seconds, holdMs: HOLD_MS });
        if (turn === 0) continue;
        times[media].push(...setupMs);
        lost[media] += refused + unanswered;
      }
    }
  } finally {
    for (const gateway of gateways) await gateway.stop();
    await answerer.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  const measured = Object.fromEntries(Object.entries(times).map(([media, all]) => {
    const sorted = all.sort((a, b) => a - b);
    return [media, { calls: sorted.length, lost: lost[media], p50: round(quantile(sorted, 0.5)), p95: round(quantile(sorted, 0.95)), p99: round(quantile(sorted, 0.99)) }];
  }));
  const ratio = Number((measured.anchored.p50 / measured.direct.p50).toFixed(2));
  printTable(`Set-up time, ms, at ${RATE} calls a second; anchored is to take at most ${GOAL} times direct (p50): ${ratio} times`, [
    ['', 'calls', 'lost', 'p50', 'p95', 'p99'],
    ...Object.entries(measured).map(([media, m]) => [media, m.calls, m.lost, m.p50, m.p95, m.p99]),
  ]);
  if (calls === CALLS) console.log(`\nkept in results/${keepResult('set-up', { goal: GOAL, rate: RATE, ratio, measured })}`);
}

runProgram(main);
