'use strict';
// Asterisk with PJSIP, unpacked (not installed) in the folder that ETASILTA_BENCH_ASTERISK names: DIR/usr/sbin/asterisk
// or DIR/root/usr/sbin/asterisk. Its dial plan does the same work: a name is matched and dialled at the far end.
// direct_media=no, because re-INVITEs to move the media would cost it two more transactions a leg; one codec at both
// ends, so nothing is transcoded; no log, no call records.
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { startProcess, stopProcess, waitUntil } = require('../process');
const { freePort } = require('../ports');

const MODULES = [
  'res_timing_timerfd', 'res_sorcery_config', 'res_sorcery_memory', 'res_sorcery_astdb', 'res_pjproject', 'res_rtp_asterisk',
  'codec_ulaw', 'bridge_simple', 'bridge_native_rtp', 'pbx_config', 'app_dial', 'res_pjsip', 'res_pjsip_session',
  'res_pjsip_sdp_rtp', 'res_pjsip_pubsub', 'res_pjsip_endpoint_identifier_ip', 'res_pjsip_caller_id', 'res_pjsip_rfc3326', 'chan_pjsip',
];

const root = () => {
  const folder = process.env.ETASILTA_BENCH_ASTERISK;
  return folder && [folder, path.join(folder, 'root')].find((dir) => fs.existsSync(path.join(dir, 'usr/sbin/asterisk')));
};

const environment = (dir) => {
  const libraries = fs.readdirSync(path.join(dir, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  return {
    ...process.env,
    LD_LIBRARY_PATH: [...libraries.map((name) => path.join(dir, 'usr/lib', name)), path.join(dir, 'usr/lib')].join(':'),
  };
};

function writeConfiguration({ dir, folder, sipPort, namesFile, contact }) {
  const etc = path.join(folder, 'etc');
  for (const name of ['etc', 'run', 'log', 'spool', 'lib', 'agi']) fs.mkdirSync(path.join(folder, name), { recursive: true });
  const libraries = fs.readdirSync(path.join(dir, 'usr/lib')).map((name) => path.join(dir, 'usr/lib', name, 'asterisk/modules'));
  const modules = [path.join(dir, 'usr/lib/asterisk/modules'), ...libraries].find((name) => fs.existsSync(name));
  const write = (name, lines) => fs.writeFileSync(path.join(etc, name), `${lines.join('\n')}\n`);
  write('asterisk.conf', [
    '[directories]', `astetcdir => ${etc}`, `astmoddir => ${modules}`, `astvarlibdir => ${folder}/lib`, `astdbdir => ${folder}/lib`,
    `astkeydir => ${folder}/lib`, `astdatadir => ${dir}/usr/share/asterisk`, `astagidir => ${folder}/agi`,
    `astspooldir => ${folder}/spool`, `astrundir => ${folder}/run`, `astlogdir => ${folder}/log`,
    '[options]', 'verbose = 0', 'debug = 0', 'maxfiles = 65536',
  ]);
  write('modules.conf', ['[modules]', 'autoload=no', ...MODULES.map((name) => `load = ${name}.so`)]);
  write('logger.conf', ['[general]', '[logfiles]']);
  write('cdr.conf', ['[general]', 'enable=no']);
  write('rtp.conf', ['[general]', 'rtpstart=10000', 'rtpend=29998', 'icesupport=no']);
  write('pjsip.conf', [
    '[udp]', 'type=transport', 'protocol=udp', `bind=127.0.0.1:${sipPort}`,
    '[sipp]', 'type=endpoint', 'context=services', 'disallow=all', 'allow=ulaw', 'direct_media=no',
    '[sipp]', 'type=identify', 'endpoint=sipp', 'match=127.0.0.1',
  ]);
  const names = fs.readFileSync(namesFile, 'utf8').split('\n').slice(1).filter(Boolean);
  write('extensions.conf', ['[services]', ...names.map((name) => `exten => ${name},1,Dial(PJSIP/sipp/sip:${name}@${contact},20)`)]);
  return path.join(etc, 'asterisk.conf');
}

module.exports = {
  name: 'asterisk',
  title: 'Asterisk PJSIP, Dial to the far end',
  startRate: 100,

  whyNot() {
    if (!process.env.ETASILTA_BENCH_ASTERISK) return 'ETASILTA_BENCH_ASTERISK names no folder with an unpacked Asterisk';
    return root() ? null : 'the folder that ETASILTA_BENCH_ASTERISK names holds no usr/sbin/asterisk';
  },

  async start({ folder, namesFile, contact }) {
    const dir = root();
    const env = environment(dir);
    const sipPort = await freePort();
    const own = fs.mkdtempSync(path.join(folder, 'asterisk-'));
    const configuration = writeConfiguration({ dir, folder: own, sipPort, namesFile, contact });
    const binary = path.join(dir, 'usr/sbin/asterisk');
    const asterisk = startProcess(binary, ['-f', '-C', configuration], { env, cwd: own });
    const remote = (command) => {
      try {
        return execFileSync(binary, ['-C', configuration, '-rx', command], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
      } catch {
        return '';
      }
    };
    await waitUntil(() => remote('core waitfullybooted').includes('fully booted'), asterisk, 'Asterisk');
    return {
      version: remote('core show version').split(' ').slice(0, 2).join(' '),
      target: `127.0.0.1:${sipPort}`,
      processes: { asterisk: asterisk.pid },
      openCalls: () => Number(/(\d+) active channel/.exec(remote('core show channels count'))?.[1] ?? NaN),
      stop: () => stopProcess(asterisk),
    };
  },
};
