import { serveInThread } from '../worker-thread';
import type { MediaServerStats } from './options';
import { startMediaServer } from './server';
import type { WorkerFacts, WorkerOptions } from './worker';

/** The thread that `startMediaServerInWorker` starts. */
serveInThread<WorkerOptions, WorkerFacts, MediaServerStats>(async (options) => {
  const server = await startMediaServer(options);
  return {
    facts: { eslPort: server.eslPort, sipPort: server.sipPort }, stats: () => server.stats(), close: () => server.close(),
    isBusy: () => server.stats().sessions > 0,
  };
});
