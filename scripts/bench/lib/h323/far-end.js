'use strict';
const path = require('node:path');
const { startProcess, stopProcess, waitUntil, delay } = require('../process');

/** How long the ends of the last calls of a step may take to arrive. */
const LAST_CALLS_MS = 1_000;

/**
 * Starts the H.323 answerer in a process of its own, registered as `alias` at `gatekeeper` (host:port of RAS) where one is named.
 * Resolves to its signalling port, `measure()` for one step of load, and `stop()`.
 */
async function startFarEnd({ gatekeeper = '-', alias = 'far-end' } = {}) {
  const answerer = startProcess(process.execPath, [path.join(__dirname, 'answerer.js'), gatekeeper, alias], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  try {
    await waitUntil(() => /ready \d+/.test(answerer.output), answerer, 'the H.323 answerer');
  } catch (error) {
    await stopProcess(answerer);
    throw error;
  }
  const counts = () => new Promise((resolve, reject) => {
    answerer.child.once('message', resolve);
    answerer.child.send('counts', (error) => error && reject(error));
  });
  return {
    port: Number(/ready (\d+)/.exec(answerer.output)[1]),
    /** Like sipp's answerer: its process, and how many calls have been ended since. H.323 runs over TCP: nothing is sent twice. */
    async measure() {
      const before = await counts();
      return {
        pid: answerer.pid,
        async stop() {
          await delay(LAST_CALLS_MS);
          return { ended: (await counts()).ended - before.ended, retransmissions: 0 };
        },
      };
    },
    stop: () => stopProcess(answerer),
  };
}

module.exports = { startFarEnd };
