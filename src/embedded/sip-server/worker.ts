import { join } from 'node:path';
import { startInThread } from '../worker-thread';
import { SipServerError } from './server-error';
import type { SipServer, SipServerOptions, SipServerStats } from './options';

/** What can be handed to another thread: everything but functions. */
export type WorkerOptions = Omit<SipServerOptions, 'log' | 'resolver'>;

/** What the thread tells when the server has started. */
export type WorkerFacts = Pick<SipServer, 'adminPort' | 'contacts'>;

/**
 * Like `startSipServer`, in a thread of its own, so that the application and the SIP server each have a processor. A
 * `resolver` cannot be handed over; give `dnsServers`.
 */
export async function startSipServerInWorker({ log, ...options }: Omit<SipServerOptions, 'resolver'>): Promise<SipServer> {
  const { facts, stats, close } = await startInThread<WorkerOptions, WorkerFacts, SipServerStats>({
    entry: join(__dirname, 'worker-entry'), name: 'sip-server', options, log,
    fault: (code, message, hint) => new SipServerError(code, message, { hint }),
  });
  return { ...facts, stats, close };
}
