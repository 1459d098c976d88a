'use strict';
// Asterisk, unpacked (not installed) in the folder that ETASILTA_BENCH_ASTERISK names: DIR/usr/sbin/asterisk or
// DIR/root/usr/sbin/asterisk. No log, no call records.
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { startProcess, stopProcess, waitUntil } = require('./process');

const root = () => {
  const folder = process.env.ETASILTA_BENCH_ASTERISK;
  return folder && [folder, path.join(folder, 'root')].find((dir) => fs.existsSync(path.join(dir, 'usr/sbin/asterisk')));
};

const modulesOf = (dir) => {
  const libraries = fs.readdirSync(path.join(dir, 'usr/lib')).map((name) => path.join(dir, 'usr/lib', name, 'asterisk/modules'));
  return [path.join(dir, 'usr/lib/asterisk/modules'), ...libraries].find((name) => fs.existsSync(name));
};

const environment = (dir) => {
  const libraries = fs.readdirSync(path.join(dir, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  return {
    ...process.env,
    LD_LIBRARY_PATH: [...libraries.map((name) => path.join(dir, 'usr/lib', name)), path.join(dir, 'usr/lib')].join(':'),
  };
};

/** Why there is no Asterisk with `channel` (a channel driver), or null. */
function whyNoAsterisk(channel) {
  if (!process.env.ETASILTA_BENCH_ASTERISK) return 'ETASILTA_BENCH_ASTERISK names no folder with an unpacked Asterisk';
  const dir = root();
  if (!dir) return 'the folder that ETASILTA_BENCH_ASTERISK names holds no usr/sbin/asterisk';
  return fs.existsSync(path.join(modulesOf(dir), `${channel}.so`)) ? null : `that Asterisk has no ${channel}`;
}

/** Starts it in a new folder below `folder` with these modules and further configuration files, name -> lines. */
async function startAsterisk({ folder, modules, files }) {
  const dir = root();
  const env = environment(dir);
  const own = fs.mkdtempSync(path.join(folder, 'asterisk-'));
  for (const name of ['etc', 'run', 'log', 'spool', 'lib', 'agi']) fs.mkdirSync(path.join(own, name));
  const configurations = {
    'asterisk.conf': [
      '[directories]', `astetcdir => ${own}/etc`, `astmoddir => ${modulesOf(dir)}`, `astvarlibdir => ${own}/lib`, `astdbdir => ${own}/lib`,
      `astkeydir => ${own}/lib`, `astdatadir => ${dir}/usr/share/asterisk`, `astagidir => ${own}/agi`,
      `astspooldir => ${own}/spool`, `astrundir => ${own}/run`, `astlogdir => ${own}/log`,
      '[options]', 'verbose = 0', 'debug = 0', 'maxfiles = 65536',
    ],
    'modules.conf': ['[modules]', 'autoload=no', ...modules.map((name) => `load = ${name}.so`)],
    'logger.conf': ['[general]', '[logfiles]'],
    'cdr.conf': ['[general]', 'enable=no'],
    'rtp.conf': ['[general]', 'rtpstart=10000', 'rtpend=29998', 'icesupport=no'],
    ...files,
  };
  for (const [name, lines] of Object.entries(configurations)) fs.writeFileSync(path.join(own, 'etc', name), `${lines.join('\n')}\n`);
  const configuration = path.join(own, 'etc/asterisk.conf');
  const binary = path.join(dir, 'usr/sbin/asterisk');
  const asterisk = startProcess(binary, ['-f', '-C', configuration], { env, cwd: own });
  const remote = (command) => {
    try {
      return execFileSync(binary, ['-C', configuration, '-rx', command], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
    } catch {
      return '';
    }
  };
  try {
    await waitUntil(() => remote('core waitfullybooted').includes('fully booted'), asterisk, 'Asterisk');
  } catch (error) {
    await stopProcess(asterisk);
    throw error;
  }
  return {
    version: remote('core show version').split(' ').slice(0, 2).join(' '),
    processes: { asterisk: asterisk.pid },
    openCalls: () => Number(/(\d+) active channel/.exec(remote('core show channels count'))?.[1] ?? NaN),
    stop: () => stopProcess(asterisk),
  };
}

module.exports = { whyNoAsterisk, startAsterisk };
