import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { loadDialPlan } from '../addressing';
import type { Config } from '../config';
import { checkDirectory, DEVICE_KINDS, openDirectoryStore, type DirectoryStore } from '../directory';
import { ControlError, controlRequest } from '../web';
import type { RegisterCommands } from './context';
import { controlSocket } from './control-socket';
import { NegativeResult } from './usage-error';

interface Finding {
  level: 'ok' | 'warning' | 'error';
  what: string;
  /** What to do about it. */
  hint?: string;
}

const ok = (what: string): Finding => ({ level: 'ok', what });
const warning = (what: string, hint: string): Finding => ({ level: 'warning', what, hint });
const fault = (what: string, hint: string): Finding => ({ level: 'error', what, hint });
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const MIN_FREE_MIB = 500;
const DAY_MS = 86_400_000;

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return [20, 22, 24].includes(major) ? ok(`Node ${process.versions.node}`)
    : warning(`Node ${process.versions.node} is not one that this program is tested with`, 'Use Node 20, 22 or 24.');
}

function checkDataDir({ dataDir }: Config): Finding[] {
  try {
    fs.mkdirSync(dataDir, { recursive: true });
    fs.accessSync(dataDir, fs.constants.W_OK);
    const { bavail, bsize } = fs.statfsSync(dataDir);
    const free = Math.floor((bavail * bsize) / 1_048_576);
    return [free >= MIN_FREE_MIB ? ok(`data folder ${dataDir}, ${free} MiB free`)
      : fault(`data folder ${dataDir} has only ${free} MiB free`, `Free at least ${MIN_FREE_MIB} MiB; records cannot be written on a full disk and calls are then refused.`)];
  } catch (error) {
    return [fault(`data folder ${dataDir} cannot be used: ${message(error)}`, 'Create it and give this user write permission, or set dataDir.')];
  }
}

async function checkDirectoryData(config: Config): Promise<Finding[]> {
  let store: DirectoryStore | undefined;
  try {
    store = await openDirectoryStore(config.dataDir);
    const findings = await checkDirectory(store);
    const errors = findings.filter((finding) => finding.severity === 'error').length;
    const warnings = findings.filter((finding) => finding.severity === 'warning').length;
    if (errors > 0) return [fault(`directory: ${errors} errors, ${warnings} warnings`, 'Run `etasilta directory check` to see them.')];
    if (warnings > 0) return [warning(`directory: ${warnings} warnings`, 'Run `etasilta directory check` to see them.')];
    const { count } = await store.db.selectFrom('services').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    return [Number(count) > 0 ? ok(`directory: ${count} services, consistent`)
      : warning('directory: no services', 'Import one, e.g. `etasilta directory import directory-data/pilot`.')];
  } catch (error) {
    return [fault(`directory: ${message(error)}`, 'Restore directory.sqlite from a back-up, or import the directory anew.')];
  } finally {
    await store?.close();
  }
}

async function checkDialPlan({ dialplans, domain, sip, h323 }: Config): Promise<Finding> {
  try {
    await loadDialPlan(dialplans, { domain, peers: [...sip.peers, ...h323.neighbours].map(({ name }) => name), deviceKinds: DEVICE_KINDS });
    return ok(`dial plan ${dialplans}`);
  } catch (error) {
    return fault(`dial plan: ${message(error)}`, 'Correct the file and line named.');
  }
}

function checkTls({ sip }: Config): Finding[] {
  if (!sip.tls) {
    return sip.listen.some((contact) => /^sips:|transport=[^;]*(tls|wss)/i.test(contact))
      ? [fault('sip.listen asks for TLS, but there is no certificate', 'Set sip.tls.certFile and sip.tls.keyFile.')] : [];
  }
  try {
    const certificate = new X509Certificate(fs.readFileSync(sip.tls.certFile));
    if (!certificate.checkPrivateKey(createPrivateKey(fs.readFileSync(sip.tls.keyFile)))) {
      return [fault(`the key ${sip.tls.keyFile} is not that of the certificate ${sip.tls.certFile}`, 'Name the key that the certificate was made for.')];
    }
    const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS);
    if (days < 0) return [fault(`the certificate ${sip.tls.certFile} expired ${-days} days ago`, 'Renew it and restart.')];
    return [days < 21 ? warning(`the certificate ${sip.tls.certFile} expires in ${days} days`, 'Renew it and restart.') : ok(`certificate valid for ${days} days`)];
  } catch (error) {
    return [fault(`TLS: ${message(error)}`, 'Check sip.tls.certFile and sip.tls.keyFile.')];
  }
}

/** Free ports when nothing runs here; a reachable drachtio-server when that is the engine. */
async function checkSip(config: Config): Promise<Finding[]> {
  if (config.sip.engine === 'drachtio') {
    const { host, port } = config.sip.drachtio;
    const reached = await new Promise<Error | undefined>((resolve) => {
      const socket = net.connect({ host, port, timeout: 3_000 });
      socket.on('connect', () => { socket.destroy(); resolve(undefined); });
      socket.on('timeout', () => socket.destroy(new Error('no answer')));
      socket.on('error', resolve);
    });
    return [reached ? fault(`drachtio-server at ${host}:${port}: ${reached.message}`, 'Start drachtio-server, or correct sip.drachtio.') : ok(`drachtio-server at ${host}:${port} takes connections`)];
  }
  return Promise.all(config.sip.listen.map(async (contact) => {
    const [, host = '', port = '5060', parameters = ''] = /^sips?:(\[[^\]]+\]|[^:;]+)(?::(\d+))?(.*)$/.exec(contact) ?? [];
    const taken = await portTaken(host.replace(/[[\]]/g, ''), Number(port), /udp/i.test(parameters) || !/transport=/i.test(parameters));
    return taken ? fault(`${contact} cannot be listened on: ${taken}`, 'Another program has the port, or the address is not this machine\'s: `ss -lntup`.') : ok(`${contact} is free`);
  }));
}

async function checkH323({ h323 }: Config): Promise<Finding[]> {
  if (!h323.enabled) return [];
  const ports = [{ name: `RAS, UDP port ${h323.rasPort}`, port: h323.rasPort, udp: true }, { name: `call signalling, TCP port ${h323.signallingPort}`, port: h323.signallingPort, udp: false }];
  return Promise.all(ports.map(async ({ name, port, udp }) => {
    const taken = await portTaken(h323.address, port, udp);
    return taken ? fault(`H.323 ${name} of ${h323.address} cannot be listened on: ${taken}`, 'Another gatekeeper or gateway has the port, or the address is not this machine\'s: `ss -lntup`; or change h323.rasPort and h323.signallingPort.') : ok(`H.323 ${name} is free`);
  }));
}

function portTaken(host: string, port: number, udp: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (udp) {
      const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
      socket.on('error', (error) => { socket.close(); resolve(error.message); });
      socket.bind(port, host, () => { socket.close(); resolve(undefined); });
      return;
    }
    const server = net.createServer();
    server.on('error', (error) => resolve(error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function checkRunning(config: Config): Promise<{ running: boolean; findings: Finding[] }> {
  try {
    const findings = await controlRequest<Finding[]>(controlSocket(config), 'GET', '/doctor');
    return { running: true, findings };
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-running') return { running: false, findings: [warning('no gateway runs', 'Start it with `etasilta serve`.')] };
    return { running: true, findings: [fault(`the running gateway does not answer: ${message(error)}`, 'See its log; restart it.')] };
  }
}

const MARK = { ok: 'ok     ', warning: 'WARNING', error: 'ERROR  ' } as const;

export const register: RegisterCommands = (program, context) => {
  program.command('doctor')
    .description('what is wrong here and how to mend it')
    .addHelpText('after', `
Exit code 0 when nothing is an error, 1 otherwise.

Examples:
  etasilta doctor
  etasilta doctor --json`)
    .action(async () => {
      const config = await context.config();
      const { running, findings } = await checkRunning(config);
      const all = [
        checkNode(), ok(`configuration ${config.file ?? '(built-in defaults)'}`), ...checkDataDir(config), await checkDialPlan(config),
        ...checkTls(config), ...await checkDirectoryData(config), ...(running ? [] : [...await checkSip(config), ...await checkH323(config)]), ...findings,
      ];
      context.print(all, () => all.map(({ level, what, hint }) => `${MARK[level]}  ${what}${hint ? `\n         ${hint}` : ''}`).join('\n'));
      if (all.some(({ level }) => level === 'error')) throw new NegativeResult();
    });
};
