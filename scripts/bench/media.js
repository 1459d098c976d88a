'use strict';
// Media through the embedded media server, and through a FreeSWITCH in the same run: bridged calls, a conference, video.
//   node scripts/bench/media.js [--seconds SECONDS-A-STEP] [--max-calls CALLS] [--only NAME]
// Run `npm run build` first. RTP is sent and received by a process of its own on loopback; about four minutes a subject.
//   ETASILTA_TEST_FREESWITCH=HOST:PORT:PASSWORD      a FreeSWITCH of this machine with the drachtio_mrf profile
// Without --only the result is kept in results/media.json.
const { parseArgs } = require('node:util');
const { SUBJECTS } = require('./lib/media/subjects');
const { measureMediaServer, DELAY_GOAL_MS } = require('./lib/media/measure');
const { printMediaReport } = require('./lib/media/report');
const { keepResult } = require('./lib/results');

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string' }, 'max-calls': { type: 'string' } } });
  const subjects = SUBJECTS.filter(({ name }) => values.only === undefined || values.only === name);
  if (subjects.length === 0) throw new Error(`--only: no subject is called "${values.only}"; there are ${SUBJECTS.map(({ name }) => name).join(', ')}`);
  const plan = { seconds: Number(values.seconds ?? 8), maxCalls: Number(values['max-calls'] ?? 500) };
  const measured = [];
  const leftOut = [];
  for (const subject of subjects) {
    const reason = subject.whyNot();
    if (reason) { leftOut.push({ name: subject.name, reason }); continue; }
    console.log(`\n${subject.title}`);
    measured.push(await measureMediaServer(subject, plan, (line) => console.log(line)));
  }
  if (measured.length > 0) printMediaReport(measured);
  for (const { name, reason } of leftOut) console.log(`\nleft out: ${name}: ${reason}`);
  if (values.only === undefined && measured.length > 0) {
    console.log(`\nkept in results/${keepResult('media', { method: { ...plan, delayGoalMs: DELAY_GOAL_MS }, measured, leftOut })}`);
  }
  if (measured.some(({ audio, conference, video }) => audio.failed ?? conference.failed ?? video.failed)) process.exitCode = 1;
}

main().then(() => process.exit(), (error) => { console.error(error.message); process.exit(1); });
