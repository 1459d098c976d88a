import { parentPort, workerData } from 'node:worker_threads';
import { collectWhenIdle } from '../idle-collection';
import { SipServerError } from './server-error';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-messages';
import { startSipServer } from './server';

/** The thread that `startSipServerInWorker` starts. */
const parent = parentPort;
if (parent !== null) {
  const tell = (message: FromWorker): void => parent.postMessage(message);
  const options = workerData as WorkerOptions;
  startSipServer({ ...options, log: (level, event, detail) => tell({ kind: 'log', level, event, detail }) }).then((server) => {
    const stopCollecting = collectWhenIdle(() => {
      const { dialogs, unanswered } = server.stats();
      return dialogs + unanswered > 0;
    });
    parent.on('message', (message: ToWorker) => {
      if (message.kind === 'stats') tell({ kind: 'stats', id: message.id, stats: server.stats() });
      else {
        stopCollecting();
        void server.close().then(() => parent.close());
      }
    });
    tell({ kind: 'started', adminPort: server.adminPort, contacts: server.contacts });
  }, (error: Error) => {
    const known = error instanceof SipServerError ? error : new SipServerError('start-failed', error.message);
    tell({ kind: 'failed', code: known.code, message: known.message, ...(known.hint === undefined ? {} : { hint: known.hint }) });
    parent.close();
  });
}
