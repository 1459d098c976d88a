'use strict';
// Calls a second through the gateway and through its peers, sipp at both ends on loopback, all in the same run.
//   node scripts/bench/calls.js [--only NAME[,NAME]] [--step SECONDS] [--max CALLS-A-SECOND]
// Run `npm run build` first. Peers join when they can be had:
//   ETASILTA_BENCH_ASTERISK=DIR                      an unpacked Asterisk with PJSIP
//   ETASILTA_TEST_DRACHTIO=HOST:PORT:SECRET:SIPPORT  a running drachtio-server (give it 4 MB UDP buffers)
// About five minutes a subject. Without --only the result is kept in results/calls.json.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { sippVersion, UDP_BUFFER_BYTES } = require('./lib/sipp');
const { freePort } = require('./lib/ports');
const { measureSubject, HOLD_MS } = require('./lib/call-bench');
const { printCallReport } = require('./lib/call-report');
const { keepResult } = require('./lib/results');
const { runProgram } = require('./lib/run-program');

const SUBJECTS = ['etasilta', 'embedded', 'drachtio', 'asterisk'].map((name) => require(`./lib/subjects/${name}`));
const SERVICES = 200;

function readArguments() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, step: { type: 'string' }, max: { type: 'string' } } });
  const names = values.only?.split(',');
  const unknown = names?.find((name) => !SUBJECTS.some((subject) => subject.name === name));
  if (unknown) throw new Error(`--only: no subject is called "${unknown}"; there are ${SUBJECTS.map((s) => s.name).join(', ')}`);
  return {
    subjects: names ? SUBJECTS.filter((subject) => names.includes(subject.name)) : SUBJECTS,
    keep: !names,
    plan: { stepSeconds: Number(values.step ?? 10), maxRate: Number(values.max ?? 4000), maxSteps: 9 },
  };
}

async function main() {
  const { subjects, keep, plan } = readArguments();
  const sipp = sippVersion();
  if (!sipp) throw new Error('sipp is not installed (Debian: apt-get install sip-tester)');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-bench-'));
  const namesFile = path.join(folder, 'names.csv');
  const names = Array.from({ length: SERVICES }, (_, n) => `palvelu-${n + 1}`);
  fs.writeFileSync(namesFile, `SEQUENTIAL\n${names.join('\n')}\n`);
  const measured = [];
  const leftOut = [];
  try {
    for (const subject of subjects) {
      const reason = subject.whyNot();
      if (reason) { leftOut.push({ name: subject.name, reason }); continue; }
      console.log(`\n${subject.title}`);
      try {
        measured.push(await measureSubject(subject, { folder, names, namesFile, contactPort: await freePort() }, plan, (line) => console.log(line)));
      } catch (error) {
        leftOut.push({ name: subject.name, reason: `failed: ${error.message}`, failed: true });
      }
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  if (measured.length > 0) printCallReport(measured);
  for (const { name, reason } of leftOut) console.log(`\nleft out: ${name}: ${reason}`);
  if (keep && measured.length > 0) {
    const method = { sipp, stepSeconds: plan.stepSeconds, holdMs: HOLD_MS, services: SERVICES, sippUdpBufferBytes: UDP_BUFFER_BYTES };
    console.log(`\nkept in results/${keepResult('calls', { method, measured, leftOut })}`);
  }
  if (leftOut.some(({ failed }) => failed)) process.exitCode = 1;
}

runProgram(main);
