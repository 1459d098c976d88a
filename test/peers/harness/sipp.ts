import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Child } from './child';
import { freePorts } from './ports';
import { until } from './until';

export interface SippOptions {
  /** Scenario file, or the name of one built into sipp (`uac`, `uas`, ...) as `{ builtin }`. */
  scenario: string | { builtin: string };
  /** `host:port` that requests go to; absent for scenarios that wait for calls. */
  remote?: string;
  /** Debian's sipp is built without TLS: for that, put a TLS relay between (`tls-relay.ts`). */
  transport?: 'udp' | 'tcp';
  /** Calls in all; sipp ends after them. */
  calls?: number;
  /** Calls started a second. */
  rate?: number;
  /** Calls at the same time. */
  limit?: number;
  /** Rows of `[field0]`, `[field1]`, ... used one after another. */
  fields?: readonly (readonly string[])[];
  /** Keywords of the scenario, `[name]`. */
  keys?: Record<string, string>;
  /** The `[service]` keyword: user part of the request-URI. */
  service?: string;
  /** The whole run ends after this, as failed. */
  timeoutSeconds?: number;
  /** False for long runs: their messages are not written down. Default true. */
  keepMessages?: boolean;
  /** Further command-line arguments, e.g. `-d 500`, `-rtp_echo`, `-3pcc 127.0.0.1:...`. */
  args?: readonly string[];
}

export interface SippResult {
  /** 0: every call succeeded; 1: at least one failed; 97: ended by its timeout; 99: normal exit without calls; 254, 255: fatal. */
  exitCode: number | NodeJS.Signals;
  successful: number;
  failed: number;
  retransmissions: number;
  /** sipp's last statistics line by column, e.g. `FailedUnexpectedMessage(C)`. */
  statistics: Record<string, string>;
  /** The SIP messages sent and received, the last 1 MiB. */
  messages: string;
  /** What sipp complained of. */
  errors: string;
}

export interface Sipp {
  /** Local SIP port on 127.0.0.1. */
  readonly port: number;
  /** Local media port, for `[media_port]`. */
  readonly mediaPort: number;
  /** The SIP messages sent and received so far, the last 1 MiB. */
  messages(): string;
  /** The result, once the calls are done or it was stopped. */
  readonly finished: Promise<SippResult>;
  /** Ends a scenario that waits for calls, and gives its result. */
  stop(): Promise<SippResult>;
}

const MESSAGES_LIMIT = 1024 * 1024;

const readText = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').slice(-MESSAGES_LIMIT) : '');

function readStatistics(file: string): Record<string, string> {
  const lines = readText(file).trim().split('\n');
  const head = lines[0]?.split(';') ?? [];
  const last = lines.length > 1 ? lines.at(-1)?.split(';') ?? [] : [];
  return Object.fromEntries(head.map((name, i) => [name, last[i] ?? '']).filter(([name]) => name !== ''));
}

/** Whether a process has bound a local port, from the kernel's own tables. */
function bound(pid: number, port: number, transport: 'udp' | 'tcp'): boolean {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = fs.readFileSync(`/proc/net/${transport}`, 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local?.endsWith(hex)).map((fields) => `socket:[${fields[9]}]`);
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(fs.readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // It has ended, or has just closed what was listed.
    return false;
  }
}

const PORT_TAKEN = /Address already in use/;

/**
 * Starts sipp on a loopback port of its own; resolves when that port is open. Another program may take the port between the look for a
 * free one and its use; then another one is tried.
 */
export async function startSipp(options: SippOptions): Promise<Sipp> {
  for (let tries = 1; ; tries++) {
    const { sipp, opened } = await launchSipp(options);
    if (opened || tries === 3 || !PORT_TAKEN.test((await sipp.finished).errors)) return sipp;
  }
}

async function launchSipp(options: SippOptions): Promise<{ sipp: Sipp; opened: boolean }> {
  const transport = options.transport ?? 'udp';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-sipp-'));
  const port = await freePorts(8);
  const mediaPort = port + 2;
  const file = (name: string): string => path.join(folder, name);
  const args = [
    ...(typeof options.scenario === 'string' ? ['-sf', path.resolve(options.scenario)] : ['-sn', options.scenario.builtin]),
    '-i', '127.0.0.1', '-p', String(port), '-mi', '127.0.0.1', '-mp', String(mediaPort), '-cp', String(port + 7), '-ci', '127.0.0.1',
    '-t', transport === 'tcp' ? 't1' : 'u1', '-nostdin',
    '-trace_stat', '-stf', file('statistics.csv'), '-fd', '1',
    ...(options.keepMessages === false ? [] : ['-trace_msg', '-message_file', file('messages.log')]),
    '-trace_err', '-error_file', file('errors.log'),
    '-timeout', `${options.timeoutSeconds ?? 30}s`, '-timeout_error',
    '-m', String(options.calls ?? 1),
  ];
  if (options.rate !== undefined) args.push('-r', String(options.rate));
  if (options.limit !== undefined) args.push('-l', String(options.limit));
  if (options.service !== undefined) args.push('-s', options.service);
  for (const [name, value] of Object.entries(options.keys ?? {})) args.push('-key', name, value);
  if (options.fields !== undefined) {
    fs.writeFileSync(file('fields.csv'), ['SEQUENTIAL', ...options.fields.map((row) => row.join(';')), ''].join('\n'));
    args.push('-inf', file('fields.csv'));
  }
  args.push(...(options.args ?? []));
  if (options.remote !== undefined) args.push(options.remote);

  const child = new Child('sipp', args, { cwd: folder, env: { ...process.env, TERM: 'dumb' } });
  const finished = child.ended.then((exitCode): SippResult => {
    const statistics = readStatistics(file('statistics.csv'));
    const result = {
      exitCode,
      successful: Number(statistics['SuccessfulCall(C)'] ?? 0),
      failed: Number(statistics['FailedCall(C)'] ?? 0),
      retransmissions: Number(statistics['Retransmissions(C)'] ?? 0),
      statistics,
      messages: readText(file('messages.log')),
      errors: readText(file('errors.log')) + (Object.keys(statistics).length === 0 ? child.output : ''),
    };
    fs.rmSync(folder, { recursive: true, force: true });
    return result;
  });
  const isOpen = (): boolean => bound(child.process.pid ?? 0, port, transport);
  const opened = await until(`sipp opens ${transport} port ${port}`, () => (isOpen() ? 'opened' : !child.running && 'ended')) === 'opened';
  const sipp: Sipp = {
    port,
    mediaPort,
    messages: () => readText(file('messages.log')),
    finished,
    stop: async () => {
      // SIGUSR1 lets sipp write its statistics and end in order.
      child.signal('SIGUSR1');
      await Promise.race([child.ended, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
      await child.stop();
      return finished;
    },
  };
  return { sipp, opened };
}

/** Runs a scenario to its end. */
export async function runSipp(options: SippOptions): Promise<SippResult> {
  return (await startSipp(options)).finished;
}

/** Throws with sipp's errors and the messages where a run was not all success; the result otherwise. */
export function expectAllSuccessful(result: SippResult, calls = 1): SippResult {
  if (result.exitCode !== 0 || result.successful !== calls || result.failed !== 0) {
    throw new Error(`sipp: ${result.successful} of ${calls} successful, ${result.failed} failed, exit code ${result.exitCode}\n`
      + `${result.errors.slice(-4_000)}\n${result.messages.slice(-12_000)}`);
  }
  return result;
}
