import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Child, until } from '../../peers/harness';
import { withDebian } from './debian';

/** Debian 11's is the last Asterisk with chan_ooh323, the H.323 channel built on ooh323c. It is unpacked, not installed. */
const ROOT = path.resolve(__dirname, '../../../node_modules/.cache/h323-asterisk');
const PACKAGES = ['asterisk', 'asterisk-modules', 'asterisk-ooh323', 'libssl1.1', 'liburiparser1', 'libsrtp2-1'];
const PROGRAM = path.join(ROOT, 'usr/sbin/asterisk');
const ENVIRONMENT = { ...process.env, LD_LIBRARY_PATH: [path.join(ROOT, 'usr/lib/x86_64-linux-gnu'), path.join(ROOT, 'usr/lib')].join(':') };
const MODULES = [
  'res_timing_timerfd', 'res_sorcery_config', 'res_sorcery_memory', 'res_sorcery_astdb', 'res_pjproject', 'res_rtp_asterisk', 'codec_ulaw', 'codec_alaw',
  'format_pcm', 'bridge_simple', 'bridge_softmix', 'pbx_config', 'app_milliwatt', 'app_echo', 'app_dial', 'app_playtones', 'func_global', 'res_clioriginate', 'chan_ooh323',
];

/** Why Asterisk cannot be run here, undefined when it can. */
export function asteriskMissing(): string | undefined {
  if (process.arch !== 'x64') return 'Asterisk with chan_ooh323 is fetched for x86-64 only';
  if (!fs.existsSync(PROGRAM) && !fetch()) return 'Asterisk 16 with chan_ooh323 cannot be had from Debian 11';
  const { stdout } = spawnSync(PROGRAM, ['-V'], { env: ENVIRONMENT, encoding: 'utf8' });
  return /^Asterisk/.test(stdout ?? '') ? undefined : 'Asterisk 16 does not run here';
}

function fetch(): boolean {
  return withDebian('deb', 'bullseye', (folder, apt, run) => {
    if (!apt('download', ...PACKAGES)) return false;
    const unpacked = path.join(folder, 'root');
    for (const archive of fs.readdirSync(folder).filter((name) => name.endsWith('.deb'))) if (!run('dpkg-deb', '-x', archive, unpacked)) return false;
    fs.mkdirSync(path.dirname(ROOT), { recursive: true });
    fs.cpSync(unpacked, ROOT, { recursive: true, verbatimSymlinks: true });
    return true;
  }) ?? false;
}

export interface AsteriskOptions {
  /** A loopback address of its own: H.225.0 listens on its port 1720. */
  address: string;
  h323Id: string;
  e164: string;
  /** Address of the gatekeeper, which answers on port 1719; default: it goes without. */
  gatekeeper?: string;
  /** Whom it calls without a gatekeeper, as `OOH323/number@peer`. */
  peer?: { host: string; port: number };
  /** Default: yes. */
  fastStart?: boolean;
  /** Whether it tunnels H.245; default: yes. */
  tunnelling?: boolean;
  /** The only one that it has; default: ulaw. */
  codec?: 'ulaw' | 'alaw';
}

/**
 * A running Asterisk with an H.323 channel. Who calls its own number hears a tone; other numbers: 600 answers and echoes, 602 gives early
 * media and is busy after a second, 603 rings for two seconds and answers, 604 is busy, 605 rings and does not answer, 609 is not
 * assigned. 7 and a number dials that at the peer; the global variable ENDED says how that ended.
 */
export class Asterisk {
  private constructor(private readonly folder: string, private readonly child: Child) {}

  static async start(options: AsteriskOptions): Promise<Asterisk> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-asterisk-'));
    for (const part of ['etc', 'run', 'log', 'spool', 'lib', 'agi']) fs.mkdirSync(path.join(folder, part));
    for (const [name, text] of Object.entries(configuration(options, folder))) fs.writeFileSync(path.join(folder, 'etc', name), text);
    const asterisk = new Asterisk(folder, new Child(PROGRAM, ['-f', '-C', path.join(folder, 'etc/asterisk.conf')], { env: ENVIRONMENT }));
    await until('Asterisk has booted', async () => (await asterisk.command('core waitfullybooted').catch(() => '')).includes('booted'), 30_000);
    return asterisk;
  }

  /** Runs a command of its console; what it prints. */
  async command(command: string): Promise<string> {
    const { stdout } = await promisify(execFile)(PROGRAM, ['-C', path.join(this.folder, 'etc/asterisk.conf'), '-rx', command], { env: ENVIRONMENT, timeout: 10_000 });
    return stdout;
  }

  async stop(): Promise<void> {
    await this.child.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration({ address, h323Id, e164, gatekeeper, peer, fastStart, tunnelling, codec = 'ulaw' }: AsteriskOptions, folder: string): Record<string, string> {
  return {
    'asterisk.conf': [
      '[directories]', `astetcdir => ${folder}/etc`, `astmoddir => ${ROOT}/usr/lib/asterisk/modules`, `astvarlibdir => ${folder}/lib`, `astdbdir => ${folder}/lib`,
      `astkeydir => ${folder}/lib`, `astdatadir => ${ROOT}/usr/share/asterisk`, `astagidir => ${folder}/agi`, `astspooldir => ${folder}/spool`,
      `astrundir => ${folder}/run`, `astlogdir => ${folder}/log`, '',
    ].join('\n'),
    'modules.conf': ['[modules]', 'autoload=no', ...MODULES.map((module) => `load = ${module}.so`), ''].join('\n'),
    'logger.conf': '[general]\n[logfiles]\n',
    'rtp.conf': '[general]\nicesupport=no\n',
    'ooh323.conf': [
      '[general]', 'port=1720', `bindaddr=${address}`, 'h225portrange=13000,13198', 'gateway=no', `faststart=${yesNo(fastStart)}`, `h245tunneling=${yesNo(tunnelling)}`,
      `h323id=${h323Id}`, `e164=${e164}`, `callerid=${h323Id}`, ...(gatekeeper === undefined ? ['gatekeeper=DISABLE'] : [`gatekeeper=${gatekeeper}`, `localras=${address}`]),
      `logfile=${folder}/log/h323_log`, 'context=from-h323', 'disallow=all', `allow=${codec}`, 'mediawaitforconnect=no',
      ...(peer ? ['[peer]', 'type=friend', 'context=from-h323', `ip=${peer.host}`, `port=${peer.port}`, 'disallow=all', `allow=${codec}`] : []), '',
    ].join('\n'),
    'extensions.conf': ['[from-h323]', `exten => s,1,Goto(${e164},1)`, ...DIAL_PLAN(e164).map(([number, ...steps]) => steps.map((step, i) => `exten => ${number},${i + 1},${step}`).join('\n')), ''].join('\n'),
  };
}

const yesNo = (value: boolean | undefined): string => (value === false ? 'no' : 'yes');

const DIAL_PLAN = (e164: string): string[][] => [
  [e164, 'Answer()', 'Milliwatt()'],
  ['600', 'Answer()', 'Echo()'],
  ['602', 'Progress()', 'Playtones(425)', 'Wait(1)', 'Hangup(17)'],
  ['603', 'Ringing()', 'Wait(2)', 'Answer()', 'Milliwatt()'],
  ['604', 'Busy(3)'],
  ['605', 'Ringing()', 'Wait(60)'],
  ['609', 'Wait(1)', 'Hangup(1)'],
  ['_7X.', 'Dial(OOH323/${EXTEN:1}@peer,20)', 'Set(GLOBAL(ENDED)=${DIALSTATUS} ${HANGUPCAUSE})'],
];
