'use strict';
// PDUs of H.323 a second on one core: this program's PER codec and, in the same run, the codec that Erlang's ASN.1 compiler makes of
// the same schemas (Debian: apt-get install erlang-asn1).
//   node scripts/bench/h323-per.js [--seconds SECONDS]
// Run `npm run build` first. The PDUs are those that real stacks sent (test/fixtures/h323). Every round takes each subject in turn, so
// that the machine's other work hits all alike; the median of the rounds is shown.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { keepResult } = require('./lib/results');
const { printTable } = require('./lib/table');
const { per: { asn1Module, decode, encode }, schemas: { h225, h245 } } = require('../../dist/h323');

const ROUNDS = 5;
const SCHEMAS = { ras: ['RasMessage', h225.RasMessage], cs: ['H323-UserInformation', h225.H323UserInformation], h245: ['MultimediaSystemControlMessage', h245.MultimediaSystemControlMessage] };
const seconds = Number(parseArgs({ options: { seconds: { type: 'string' } } }).values.seconds ?? 1);

const pdus = fs.readFileSync(path.join(__dirname, '../../test/fixtures/h323/pdus.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const encoded = pdus.map(({ kind, hex }) => ({ schema: SCHEMAS[kind][1], octets: Buffer.from(hex, 'hex') }));
const values = encoded.map(({ schema, octets }) => ({ schema, value: decode(schema, octets) }));
const size = Math.round(encoded.reduce((sum, { octets }) => sum + octets.length, 0) / encoded.length);

/** PDUs a second of CPU time. */
function rate(work, items) {
  const start = process.cpuUsage();
  for (let done = 0; ;) {
    items.forEach(work);
    done += items.length;
    const { user, system } = process.cpuUsage(start);
    if (user + system >= seconds * 1e6) return Math.round((done * 1e6) / (user + system));
  }
}

const ours = () => ({
  decode: rate(({ schema, octets }) => decode(schema, octets), encoded),
  encode: rate(({ schema, value }) => encode(schema, value), values),
});

/** Erlang's codec, compiled of the schemas in ASN.1 notation; undefined where Erlang is not installed. */
function compileErlang(folder) {
  if (spawnSync('erlc', ['-help'], { stdio: 'ignore' }).error) return undefined;
  const all = Object.fromEntries([h225, h245].flatMap((members, index) => Object.entries(members)
    .filter(([, member]) => typeof member === 'object' && 'form' in member).map(([name, schema]) => [`H${index}-${name}`, schema])));
  fs.writeFileSync(path.join(folder, 'H323.asn1'), asn1Module('H323', { ...Object.fromEntries(Object.values(SCHEMAS)), ...all }));
  fs.copyFileSync(path.join(__dirname, 'lib/per_rate.erl'), path.join(folder, 'per_rate.erl'));
  fs.writeFileSync(path.join(folder, 'pdus.txt'), pdus.map(({ kind, hex }) => `${SCHEMAS[kind][0]} ${hex}\n`).join(''));
  console.log("compiling Erlang's codec ...");
  for (const args of [['-bper', 'H323.asn1'], ['per_rate.erl']]) {
    const { status, stdout, stderr } = spawnSync('erlc', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`erlc ${args.join(' ')}: ${stdout}${stderr}`);
  }
  return () => {
    const { status, stdout, stderr } = spawnSync('erl', ['+S', '1', '-noshell', '-s', 'per_rate', 'main', '--', 'pdus.txt', String(Math.ceil(seconds))], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`erl: ${stdout}${stderr}`);
    const [decoded, encodedAgain] = stdout.trim().split(' ').map(Number);
    return { decode: decoded, encode: encodedAgain };
  };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-h323-per-'));
try {
  const erlang = compileErlang(folder);
  if (!erlang) console.log('Erlang is not installed (Debian: erlang-asn1): its rows are left out');
  const subjects = [{ name: 'Etäsilta', run: ours }, ...(erlang ? [{ name: 'Erlang/OTP asn1', run: erlang }] : [])];
  ours();
  const rounds = Array.from({ length: ROUNDS }, () => subjects.map(({ run }) => run()));
  const rows = subjects.map(({ name }, index) => ({
    name, decodesPerSecond: median(rounds.map((round) => round[index].decode)), encodesPerSecond: median(rounds.map((round) => round[index].encode)),
  }));
  const times = (key) => (rows[1] ? Number((rows[0][key] / rows[1][key]).toFixed(1)) : undefined);
  printTable(`${pdus.length} PDUs of real stacks, ${size} octets on average; PDUs a second of one core (median of ${ROUNDS})`, [
    ['', 'decode', 'encode'],
    ...rows.map((row) => [row.name, row.decodesPerSecond, row.encodesPerSecond]),
    ...(rows[1] ? [['times', times('decodesPerSecond'), times('encodesPerSecond')]] : []),
  ]);
  const kept = keepResult('h323-per', { rounds: ROUNDS, secondsEach: seconds, pdus: pdus.length, rows, timesErlang: rows[1] && { decode: times('decodesPerSecond'), encode: times('encodesPerSecond') } });
  console.log(`\nkept in results/${kept}`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
