import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SipServerError } from './server-error';
import type { SipServer, SipServerOptions, SipServerStats } from './options';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-messages';

/** Run from TypeScript sources (tests), the thread translates what it loads; the compiled program never comes here. */
const FROM_SOURCES = `
  const { readFileSync } = require('node:fs');
  const { workerData } = require('node:worker_threads');
  const { transformSync } = require('node:module').createRequire(workerData.entry)('@swc/core');
  require.extensions['.ts'] = (module, filename) => module._compile(transformSync(readFileSync(filename, 'utf8'), {
    filename, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' },
  }).code, filename);
  require(workerData.entry);
`;

function startWorker(options: WorkerOptions): Worker {
  const compiled = join(__dirname, 'worker-entry.js');
  if (existsSync(compiled)) return new Worker(compiled, { workerData: options, name: 'sip-server' });
  return new Worker(FROM_SOURCES, { eval: true, workerData: { ...options, entry: join(__dirname, 'worker-entry.ts') }, name: 'sip-server' });
}

/**
 * Like `startSipServer`, in a thread of its own, so that the application and the SIP server each have a processor. A
 * `resolver` cannot be handed over; give `dnsServers`.
 */
export async function startSipServerInWorker(options: Omit<SipServerOptions, 'resolver'>): Promise<SipServer> {
  const { log, ...rest } = options;
  const worker = startWorker(rest);
  const asked = new Map<number, { resolve: (stats: SipServerStats) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let ended: SipServerError | undefined;
  const tell = (message: ToWorker): void => worker.postMessage(message);
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const started = await new Promise<Extract<FromWorker, { kind: 'started' }>>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'log') log?.(message.level, message.event, message.detail);
      else if (message.kind === 'started') resolve(message);
      else if (message.kind === 'failed') reject(new SipServerError(message.code, message.message, { hint: message.hint }));
      else {
        asked.get(message.id)?.resolve(message.stats);
        asked.delete(message.id);
      }
    });
    const gone = (error?: Error): void => {
      ended ??= new SipServerError('worker-ended', `The SIP server's thread has ended${error === undefined ? '' : `: ${error.message}`}`);
      for (const { reject: fail } of asked.values()) fail(ended);
      asked.clear();
      reject(ended);
    };
    worker.on('error', (error: Error) => log?.('warn', 'worker-ended', { reason: error.message }));
    worker.on('error', gone);
    worker.on('exit', () => gone());
  });
  return {
    adminPort: started.adminPort,
    contacts: started.contacts,
    stats: () => new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      asked.set(++lastId, { resolve, reject });
      tell({ kind: 'stats', id: lastId });
    }),
    close: async () => {
      tell({ kind: 'close' });
      await exited;
    },
  };
}
