import { serveInThread } from '../worker-thread';
import type { SipServerStats } from './options';
import { startSipServer } from './server';
import type { WorkerFacts, WorkerOptions } from './worker';

/** The thread that `startSipServerInWorker` starts. */
serveInThread<WorkerOptions, WorkerFacts, SipServerStats>(async (options) => {
  const server = await startSipServer(options);
  return {
    facts: { adminPort: server.adminPort, contacts: server.contacts }, stats: () => server.stats(), close: () => server.close(),
    isBusy: () => {
      const { dialogs, unanswered } = server.stats();
      return dialogs + unanswered > 0;
    },
  };
});
