import type { SipServerOptions, SipServerStats } from './options';

/** What can be handed to another thread: everything but functions. */
export type WorkerOptions = Omit<SipServerOptions, 'log' | 'resolver'>;

export type ToWorker = { kind: 'stats'; id: number } | { kind: 'close' };

export type FromWorker =
  | { kind: 'started'; adminPort: number; contacts: string[] }
  | { kind: 'failed'; code: string; message: string; hint?: string }
  | { kind: 'log'; level: 'debug' | 'info' | 'warn'; event: string; detail: Record<string, unknown> }
  | { kind: 'stats'; id: number; stats: SipServerStats };
