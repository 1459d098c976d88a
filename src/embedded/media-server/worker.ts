import { join } from 'node:path';
import { startInThread } from '../worker-thread';
import { MediaServerError } from './media-server-error';
import type { MediaServer, MediaServerOptions, MediaServerStats } from './options';

/** What can be handed to another thread: everything but functions. */
export type WorkerOptions = Omit<MediaServerOptions, 'log'>;

/** What the thread tells when the server has started. */
export type WorkerFacts = Pick<MediaServer, 'eslPort' | 'sipPort'>;

/** Like `startMediaServer`, in a thread of its own, so that signalling never waits for media. */
export async function startMediaServerInWorker({ log, ...options }: MediaServerOptions): Promise<MediaServer> {
  const { facts, stats, close } = await startInThread<WorkerOptions, WorkerFacts, MediaServerStats>({
    entry: join(__dirname, 'worker-entry'), name: 'media-server', options, log,
    fault: (code, message, hint) => new MediaServerError(code, message, hint),
  });
  return { ...facts, stats, close };
}
