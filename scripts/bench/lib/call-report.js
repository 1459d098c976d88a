'use strict';
const { printTable } = require('./table');

const PEERS = ['asterisk', 'drachtio'];
const DISTURBED = 0.1;
const sum = (byProcess) => Object.values(byProcess).reduce((total, value) => total + value, 0);
const perProcess = (byProcess, digits = 2) => Object.entries(byProcess ?? {}).map(([name, value]) => `${name} ${value.toFixed(digits)}`).join(' + ');

/** Prints what was measured: rates and their ratios to the peers, cost, set-up time, overload, and what stays behind. */
function printCallReport(measured) {
  const of = (name) => measured.find((subject) => subject.name === name && subject.maximum > 0);
  const ratio = (subject, peer) => (of(peer) && peer !== subject.name ? `${(subject.maximum / of(peer).maximum).toFixed(2)} x` : null);
  printTable('Highest clean rate: set-up and tear-down of a call to a service by name', [
    ['', 'calls/s', ...PEERS.map((peer) => `to ${peer}`), 'CPU ms a call', 'of it'],
    ...measured.map((s) => [s.title, s.maximum, ...PEERS.map((peer) => ratio(s, peer)),
      s.half && sum(s.half.cpuMsPerCall).toFixed(2), s.half && perProcess(s.half.cpuMsPerCall)]),
  ]);
  const others = Math.max(...measured.flatMap((s) => [...s.steps, s.half, s.overload]).map((step) => step?.others ?? 0));
  if (others > DISTURBED) console.log(`\nDisturbed: other programs used up to ${Math.round(others * 100)} % of the machine, so these rates are too low. Run it again on an idle machine.`);
  const complete = measured.filter((subject) => subject.half);
  if (complete.length === 0) return;
  printTable('At half of that rate: set-up time (INVITE to 200) in ms, against the far end answering directly', [
    ['', 'calls/s', 'p50', 'p99', 'direct p50', 'direct p99', 'added p95', 'resident MiB'],
    ...complete.map((s) => [s.title, s.half.rate, s.half.setup.p50, s.half.setup.p99, s.direct.setup.p50, s.direct.setup.p99,
      (s.half.setup.p95 - s.direct.setup.p95).toFixed(2), perProcess(s.half.residentMiB, 0)]),
  ]);
  printTable('At 150 % of it', [
    ['', 'calls/s', 'placed', 'answered', 'refused 503', 'failed', 'retransmissions', 'p99 ms'],
    ...complete.map(({ title, overload: o }) => [title, o.rate, o.placed, o.answered, o.refused, o.failed, o.retransmissions, o.setup.p99]),
  ]);
  printTable('A minute after that, and when it had just started and warmed up', [
    ['', 'sockets', 'at start', 'resident MiB', 'at start', 'still open'],
    ...complete.map(({ title, afterwards: a, idle }) => [title, perProcess(a.sockets, 0), perProcess(idle.sockets, 0),
      perProcess(a.residentMiB, 0), perProcess(idle.residentMiB, 0), a.open]),
  ]);
}

module.exports = { printCallReport };
