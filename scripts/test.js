'use strict';
/** `npm test [-- jest arguments]`: set-up, the programs that tests run against, then type check, lint and jest. */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, setUp, step, runQuietly, installFromDebian, reportFailure } = require('./setup');
const { countTests, skippedSuites } = require('./test-results');

/** Programs, and modules of programs, that tests need, with the Debian package of each. */
const PROGRAMS = {
  sipp: 'sip-tester', baresip: 'baresip-core', '/usr/lib/baresip/modules/avcodec.so': 'baresip-ffmpeg', openssl: 'openssl', ffmpeg: 'ffmpeg', chromium: 'chromium',
  slapd: 'slapd', ldapsearch: 'ldap-utils', kamailio: 'kamailio', '/usr/lib/x86_64-linux-gnu/kamailio/modules/h350.so': 'kamailio-ldap-modules',
  samba: 'samba', '/usr/share/samba/setup/provision.ldif': 'samba-ad-provision', '/usr/lib/x86_64-linux-gnu/samba/ldb/samba_dsdb.so': 'samba-dsdb-modules',
  erlc: 'erlang-asn1', tshark: 'tshark',
};

/** Installs what is missing where that is possible; what cannot be had is said, and its suites say so again. */
async function installPrograms() {
  const missing = await installFromDebian(PROGRAMS);
  if (missing.length > 0) {
    process.stderr.write(`Not installed: ${missing.join(', ')}; tests against them ${process.env.CI === 'true' ? 'fail' : 'are skipped'}. `
      + `On Debian, as root: apt-get install ${missing.map((program) => PROGRAMS[program]).join(' ')}\n`);
  }
}

/** Runs a tool with its output shown; resolves its exit code. */
function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

const tool = (file) => path.join(ROOT, 'node_modules', file);

/** Runs type checks and lint side by side; returns the names of those that failed, after what they said. */
async function check() {
  const checks = {
    'type check': [tool('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
    'type check of the page': [tool('typescript/bin/tsc'), '--noEmit', '-p', 'src/web/page/tsconfig.json'],
    lint: [tool('eslint/bin/eslint.js'), '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'],
  };
  const results = await step('Type checks and lint', () => Promise.all(Object.entries(checks).map(async ([name, args]) => (
    { name, ...await runQuietly(process.execPath, args) }))));
  for (const { output } of results) process.stderr.write(output);
  return results.filter(({ code }) => code !== 0).map(({ name }) => name);
}

const temporaryFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-test-'));

/** Runs jest; resolves its exit code and its results, undefined where it wrote none. */
async function runJest(args) {
  const folder = temporaryFolder();
  try {
    const file = path.join(folder, 'results.json');
    const code = await run([tool('jest/bin/jest.js'), '--json', '--outputFile', file, ...args]);
    return { code, results: fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** More files than these do not fail by chance. */
const MOST_AGAIN = 6;

/**
 * Runs what failed once more, one file after the other: against real programs in real time a busy machine fails what a quiet one does
 * not. A file that passes then is named, for it is to be looked at; one that fails again has failed. `code` is jest's last.
 */
async function runAgain(code, files) {
  const failed = files.filter(({ status }) => status === 'failed').map(({ name }) => name);
  if (failed.length === 0 || failed.length > MOST_AGAIN) return { code, files, passedAlone: [] };
  console.log(`\nOnce more, one after the other: ${failed.map((name) => path.relative(ROOT, name)).join(', ')}`);
  const { code: codeAgain, results } = await runJest(['--runInBand', '--runTestsByPath', ...failed]);
  if (!results) return { code, files, passedAlone: [] };
  const again = new Map(results.testResults.map((file) => [file.name, file]));
  return {
    code: codeAgain,
    files: files.map((file) => again.get(file.name) ?? file),
    // A file of which some tests are skipped is "focused" to jest.
    passedAlone: failed.filter((name) => again.has(name) && again.get(name).status !== 'failed'),
  };
}

/** All tests; then what the H.323 stack sent in any of them is read by others' codecs. */
async function runAll() {
  const sent = process.env.ETASILTA_TEST_SENT = temporaryFolder();
  try {
    const { code: firstCode, results } = await runJest([]);
    if (!results) return { code: firstCode, files: [], passedAlone: [] };
    const { code, files, passedAlone } = await runAgain(firstCode, results.testResults);
    const { code: sentCode, results: read } = await runJest(['--testMatch', '**/*.check.ts']);
    return { code: code || sentCode, files: [...files, ...read?.testResults ?? []], passedAlone };
  } finally {
    fs.rmSync(sent, { recursive: true, force: true });
  }
}

/** The tests that jest's arguments choose. */
async function runSome(args) {
  const { code, results } = await runJest(args);
  return { code, files: results?.testResults ?? [], passedAlone: [] };
}

async function main() {
  let failedChecks = [];
  await setUp(async () => { failedChecks = await check(); });
  await installPrograms();
  const args = process.argv.slice(2);
  const { code, files, passedAlone } = await (args.length === 0 ? runAll() : runSome(args));
  // A pattern of test names leaves out most suites on purpose.
  const named = args.some((arg) => /^(-t|--testNamePattern)\b/.test(arg));
  for (const name of named ? [] : skippedSuites(files)) console.log(`skipped: ${name}`);
  for (const name of passedAlone) console.log(`passed only alone: ${path.relative(ROOT, name)}`);
  for (const name of failedChecks) console.log(`failed: ${name}`);
  const { passed, failed, skipped } = countTests(files);
  if (files.length > 0) console.log(`${passed} passed, ${failed + failedChecks.length} failed, ${skipped} skipped`);
  process.exitCode = failed + failedChecks.length > 0 || code !== 0 ? 1 : 0;
}

main().catch((error) => {
  reportFailure(error);
  process.exitCode = 1;
});
