'use strict';
const { printTable } = require('../table');
const { DISTURBED } = require('./measure');

const ratio = (value, to) => (value && to ? `${(value / to).toFixed(2)} x` : null);

/** Prints what was measured, with the ratios to FreeSWITCH when it was there. */
function printMediaReport(measured) {
  const peer = measured.find(({ name }) => name === 'freeswitch');
  const to = (subject, read) => (peer && subject.name !== peer.name ? ratio(read(subject), read(peer)) : null);
  printTable('Bridged G.711 calls, both directions, none lost and delay p99 below 5 ms', [
    ['', 'calls', 'delay p50 ms', 'p99', 'load alone p99', 'none lost up to', 'cores used', 'calls a core', 'to FreeSWITCH', 'KiB a call'],
    ...measured.map(({ title, audio, ...s }) => [title, audio.best?.calls ?? audio.failed ?? 'none', audio.best?.delay.p50, audio.best?.delay.p99, audio.loadAlone?.delay.p99,
      audio.whole?.calls, audio.whole?.cores, audio.perCore, to({ audio, ...s }, (other) => other.audio.perCore), audio.kibPerCall]),
  ]);
  printTable('Conference of 20, all of them talking', [
    ['', 'packets', 'expected', 'cores used', 'to FreeSWITCH', 'tick lateness p50 ms', 'p99', 'gap p99 ms'],
    ...measured.map((s) => [s.title, s.conference.received ?? s.conference.failed, s.conference.expected, s.conference.cores, to(s, ({ conference }) => conference.cores),
      s.conference.tickLateness?.p50, s.conference.tickLateness?.p99, s.conference.gap?.p99]),
  ]);
  printTable('Bridged H.264 calls of 2 Mbit/s each way, forwarded, none lost and delay p99 below 5 ms', [
    ['', 'calls', 'Mbit/s', 'delay p50 ms', 'p99', 'load alone p99', 'none lost up to', 'cores used', 'Mbit/s a core', 'to FreeSWITCH'],
    ...measured.map(({ title, video, ...s }) => [title, video.best?.calls ?? video.failed ?? 'none', video.forwardedMbits, video.best?.delay.p50, video.best?.delay.p99,
      video.loadAlone?.delay.p99, video.whole?.calls, video.whole?.cores, video.mbitsPerCore, to({ video, ...s }, (other) => other.video.mbitsPerCore)]),
  ]);
  const steps = measured.flatMap((s) => [...(s.audio.steps ?? []), ...(s.video.steps ?? []), s.conference]);
  const others = Math.max(0, ...steps.map((step) => step.others ?? 0));
  if (others > DISTURBED) console.log(`\nDisturbed: other programs used up to ${Math.round(others * 100)} % of the machine, so delays are too long and numbers of calls too low. Run it again on an idle machine.`);
}

module.exports = { printMediaReport };
