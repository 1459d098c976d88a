import { existsSync } from 'node:fs';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { collectWhenIdle } from './idle-collection';

type Log = (level: 'debug' | 'info' | 'warn', event: string, detail: Record<string, unknown>) => void;

type ToWorker = { kind: 'stats'; id: number } | { kind: 'close' };

type FromWorker<Facts, Stats> =
  | { kind: 'started'; facts: Facts }
  | { kind: 'failed'; code: string; message: string; hint?: string }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn'; event: string; detail: Record<string, unknown> }
  | { kind: 'stats'; id: number; stats: Stats };

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

export interface ThreadOptions<Options> {
  /** The module that calls `serveInThread`, without its ending. */
  entry: string;
  /** Of the thread, as the system shows it. */
  name: string;
  /** What the server is started with: everything but functions. */
  options: Options;
  log: Log | undefined;
  /** Makes the server's own error from what the thread tells. */
  fault(code: string, message: string, hint: string | undefined): Error;
}

/** A server that runs in a thread of its own. */
export interface ThreadServer<Facts, Stats> {
  /** What it told when it had started. */
  readonly facts: Facts;
  stats(): Promise<Stats>;
  close(): Promise<void>;
}

/** Starts a server in a thread; rejects with what `fault` makes of its failure. */
export async function startInThread<Options extends object, Facts, Stats>(thread: ThreadOptions<Options>): Promise<ThreadServer<Facts, Stats>> {
  const { entry, name, options, log, fault } = thread;
  const worker = existsSync(`${entry}.js`)
    ? new Worker(`${entry}.js`, { workerData: options, name })
    : new Worker(FROM_SOURCES, { eval: true, workerData: { ...options, entry: `${entry}.ts` }, name });
  const asked = new Map<number, { resolve: (stats: Stats) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let ended: Error | undefined;
  const tell = (message: ToWorker): void => worker.postMessage(message);
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const facts = await new Promise<Facts>((resolve, reject) => {
    worker.on('message', (message: FromWorker<Facts, Stats>) => {
      if (message.kind === 'log') log?.(message.level, message.event, message.detail);
      else if (message.kind === 'started') resolve(message.facts);
      else if (message.kind === 'failed') reject(fault(message.code, message.message, message.hint));
      else {
        asked.get(message.id)?.resolve(message.stats);
        asked.delete(message.id);
      }
    });
    const gone = (error?: Error): void => {
      ended ??= fault('worker-ended', `The ${name} thread has ended${error === undefined ? '' : `: ${error.message}`}`, undefined);
      for (const { reject: fail } of asked.values()) fail(ended);
      asked.clear();
      reject(ended);
    };
    worker.on('error', (error: Error) => log?.('warn', 'worker-ended', { reason: error.message }));
    worker.on('error', gone);
    worker.on('exit', () => gone());
  });
  return {
    facts,
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

interface Serving<Facts, Stats> {
  facts: Facts;
  stats(): Stats;
  isBusy(): boolean;
  close(): Promise<void>;
}

/** The other side, in the thread: starts the server with the options handed over and serves `startInThread`. */
export function serveInThread<Options, Facts, Stats>(start: (options: Options & { log: Log }) => Promise<Serving<Facts, Stats>>): void {
  const parent = parentPort;
  if (parent === null) return;
  const tell = (message: FromWorker<Facts, Stats>): void => parent.postMessage(message);
  const log: Log = (level, event, detail) => tell({ kind: 'log', level, event, detail });
  start({ ...workerData as Options, log }).then((server) => {
    const stopCollecting = collectWhenIdle(() => server.isBusy());
    parent.on('message', (message: ToWorker) => {
      if (message.kind === 'stats') return tell({ kind: 'stats', id: message.id, stats: server.stats() });
      stopCollecting();
      void server.close().then(() => parent.close());
    });
    tell({ kind: 'started', facts: server.facts });
  }, (error: Error & { code?: string; hint?: string }) => {
    tell({ kind: 'failed', code: error.code ?? 'start-failed', message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
    parent.close();
  });
}
