'use strict';
/**
 * What `npm start` and `npm test` need before they can work: the right Node, the dependencies, sqlite3's native part and
 * the build. Each step is left out when its result is already there. Plain JavaScript without dependencies, because it runs
 * on a fresh clone. Progress goes to standard error, so that standard output stays the program's own.
 */
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '..');
const OLDEST_NODE = 20;
const MINUTE = 60_000;
/** How much of a failed tool's output is shown: tools say why at the start or at the end. */
const HEAD_LINES = 8;
const TAIL_LINES = 32;
const OUTPUT_LIMIT = 4 * 1024 * 1024;
/** Written when a build has passed; sources newer than it are built again. */
const BUILD_STAMP = path.join(ROOT, 'dist', '.built');

/** A step that failed: what it was, what its tool said, and what to do. */
class SetupError extends Error {
  constructor(what, output, hint) {
    super(what);
    this.output = output;
    this.hint = hint;
  }
}

/** Runs a program quietly. Resolves `{code, output}`; `output` is what it wrote, the last 4 MiB. */
function runQuietly(program, args, { timeout = 10 * MINUTE, env, cwd = ROOT } = {}) {
  return new Promise((resolve) => {
    let output = '';
    let expired = false;
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => {
      expired = true;
      child.kill('SIGTERM');
    }, timeout);
    const keep = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_LIMIT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => keep(`${program}: ${error.message}\n`));
    child.on('close', (code) => {
      clearTimeout(timer);
      if (expired) keep(`stopped: took longer than ${Math.round(timeout / 1000)} s\n`);
      resolve({ code: code ?? 1, output });
    });
  });
}

/** One step with its progress: `what ...` when it begins, `what: 12.3 s` when it is done. Steps may overlap. */
async function step(what, work) {
  const started = Date.now();
  process.stderr.write(`${what} ...\n`);
  try {
    const result = await work();
    process.stderr.write(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write(`${what}: failed\n`);
    throw error;
  }
}

/** A step that is one program; anything but exit code 0 is a SetupError. */
const runStep = (what, program, args, { hint, ...options } = {}) =>
  step(what, async () => {
    const { code, output } = await runQuietly(program, args, options);
    if (code !== 0) throw new SetupError(`${what} failed (exit code ${code})`, output, hint);
  });

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new SetupError(`Node ${OLDEST_NODE} or newer is needed, this is ${process.version}`, '',
      'Install Node 20, 22 or 24 (https://nodejs.org) and run the command again.');
  }
}

/** npm as this process was started by it, or the one on the path. */
const npm = (...args) => (process.env.npm_execpath?.endsWith('.js')
  ? [process.execPath, [process.env.npm_execpath, ...args]]
  : ['npm', args]);

/**
 * Whether node_modules holds what the lock file names: npm writes `node_modules/.package-lock.json` at the end of an
 * installation, so that file is the stamp. Optional packages are those of other platforms.
 */
function dependenciesInstalled() {
  const packagesOf = (file) => JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8')).packages;
  let installed;
  try {
    installed = packagesOf('node_modules/.package-lock.json');
  } catch {
    return false;
  }
  return Object.entries(packagesOf('package-lock.json')).every(([where, wanted]) =>
    where === '' || wanted.optional || installed[where]?.version === wanted.version);
}

async function installDependencies() {
  if (dependenciesInstalled()) return;
  // Without the packages' own scripts: sqlite3's is the only one that matters here, and it cannot compile in a path with spaces.
  await runStep('Installing dependencies', ...npm('ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'),
    { timeout: 20 * MINUTE, hint: 'Check the network and the address of the npm registry: npm config get registry' });
}

const MODULES = path.join(ROOT, 'node_modules');
const sqliteLoads = () =>
  spawnSync(process.execPath, ['-e', "require('sqlite3')"], { cwd: ROOT, timeout: MINUTE, stdio: 'ignore' }).status === 0;

/** Native parts compile against the headers that came with this Node where there are some, without a download. */
function compilerEnvironment() {
  const prefix = path.resolve(path.dirname(fs.realpathSync(process.execPath)), '..');
  const headers = path.join(prefix, 'include', 'node', 'node.h');
  return !process.env.npm_config_nodedir && fs.existsSync(headers) ? { npm_config_nodedir: prefix } : {};
}

const onPath = (program) => (path.isAbsolute(program) ? fs.existsSync(program)
  : (process.env.PATH ?? '').split(path.delimiter).some((folder) => folder !== '' && fs.existsSync(path.join(folder, program))));

/**
 * Installs Debian's packages of the programs that are missing, where this is Debian and we are root. Takes program names
 * with their packages; returns the names that are still missing.
 */
async function installFromDebian(packagesOf) {
  const missing = () => Object.keys(packagesOf).filter((program) => !onPath(program));
  const wanted = missing().map((program) => packagesOf[program]);
  if (wanted.length === 0 || process.getuid?.() !== 0 || !onPath('apt-get')) return missing();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const { output } = await step(`Installing ${wanted.join(', ')} from Debian`, () => withoutServices(async () => {
    await runQuietly('apt-get', ['-qq', 'update'], { timeout: 3 * MINUTE, env });
    const install = (packages) => runQuietly('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...packages], { timeout: 10 * MINUTE, env });
    const all = await install(wanted);
    // One that this Debian lacks keeps the others from being installed with it.
    if (all.code !== 0) for (const name of wanted) await install([name]);
    return all;
  }));
  if (missing().length > 0) process.stderr.write(`${output.trimEnd().split('\n').slice(-10).join('\n')}\n`);
  return missing();
}

const POLICY = '/usr/sbin/policy-rc.d';

/** Debian starts the servers that it installs, unless a policy forbids it; one that is there already stays as it is. */
async function withoutServices(work) {
  if (fs.existsSync(POLICY)) return work();
  fs.writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    fs.rmSync(POLICY, { force: true });
  }
}

/** Compiles sqlite3's native part in a temporary folder, because the build tools split paths at spaces. */
async function compileSqlite() {
  await installFromDebian({ 'python3': 'python3', 'make': 'make', 'g++': 'g++' });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-sqlite3-'));
  try {
    for (const name of ['sqlite3', 'node-addon-api']) {
      fs.cpSync(path.join(MODULES, name), path.join(folder, 'node_modules', name), { recursive: true });
    }
    await runStep('Compiling sqlite3 (about two minutes)', process.execPath, [path.join(MODULES, 'node-gyp/bin/node-gyp.js'), 'rebuild'], {
      cwd: path.join(folder, 'node_modules/sqlite3'),
      timeout: 20 * MINUTE,
      // Its unpacking script needs `tar`, which stays where it is.
      env: { ...compilerEnvironment(), NODE_PATH: MODULES },
      hint: 'A C++ compiler and Python are needed; on Debian: apt-get install python3 make g++',
    });
    const product = 'sqlite3/build/Release/node_sqlite3.node';
    fs.mkdirSync(path.dirname(path.join(MODULES, product)), { recursive: true });
    fs.copyFileSync(path.join(folder, 'node_modules', product), path.join(MODULES, product));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Sees to it that sqlite3's native part loads: the published binary where one fits this system, compiled otherwise. */
async function prepareSqlite() {
  if (sqliteLoads()) return;
  await step('Fetching the published binary of sqlite3', () =>
    runQuietly(process.execPath, [path.join(MODULES, 'prebuild-install/bin.js'), '-r', 'napi'], { cwd: path.join(MODULES, 'sqlite3'), timeout: MINUTE }));
  if (sqliteLoads()) return;
  await compileSqlite();
  if (!sqliteLoads()) throw new SetupError('sqlite3 was compiled but does not load', '', 'Remove node_modules and run the command again.');
}

/** Newest modification time under a path, ms; folders count too, so that a removed file is seen. */
function newest(where) {
  const stat = fs.statSync(where);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...fs.readdirSync(where).map((name) => newest(path.join(where, name))));
}

async function build() {
  const sources = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) => path.join(ROOT, name));
  // Taken before the build: a source saved while it runs is built the next time.
  const started = new Date();
  if (fs.existsSync(BUILD_STAMP) && Math.max(...sources.map(newest)) < fs.statSync(BUILD_STAMP).mtimeMs) return;
  await runStep('Building', process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { timeout: 5 * MINUTE, hint: 'The sources above do not compile; `git status` shows what differs from the released ones.' });
  await runStep('Bundling the page', process.execPath, [path.join(ROOT, 'scripts/build-page.js')]);
  fs.writeFileSync(BUILD_STAMP, '');
  fs.utimesSync(BUILD_STAMP, started, started);
}

/** All set-up; what `alongside` does needs the dependencies and the build alone. Throws SetupError. */
async function setUp(alongside = () => undefined) {
  checkNode();
  await installDependencies();
  // The compiler of sqlite3 keeps one core busy.
  await Promise.all([prepareSqlite(), build().then(alongside)]);
}

/** Prints why the set-up failed and what to do. */
function reportFailure(error) {
  const lines = (error.output ?? '').trimEnd().split('\n');
  if (lines.length > HEAD_LINES + TAIL_LINES) lines.splice(HEAD_LINES, lines.length - HEAD_LINES - TAIL_LINES, '[...]');
  if (error.output) process.stderr.write(`${lines.join('\n')}\n\n`);
  process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n${error.hint ? `${error.hint}\n` : ''}`);
}

module.exports = { ROOT, MINUTE, SetupError, setUp, runQuietly, step, reportFailure, installFromDebian };
