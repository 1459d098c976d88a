'use strict';
// The embedded SIP server in its thread with the bare drachtio-srf application, in one process, as `etasilta serve` runs it.
const fs = require('node:fs');
const path = require('node:path');
const { startProcess, stopProcess, waitUntil } = require('../process');
const { freePort } = require('../ports');

const SERVER = path.join(__dirname, '../../../../dist/embedded/sip-server/index.js');

module.exports = {
  name: 'embedded',
  title: 'embedded SIP server + bare drachtio-srf application',
  startRate: 200,

  whyNot: () => (fs.existsSync(SERVER) ? null : 'dist/embedded/sip-server is not built (npm run build)'),

  async start({ namesFile, contact }) {
    const sipPort = await freePort();
    const server = startProcess(process.execPath, [
      path.join(__dirname, '..', 'embedded-b2bua.js'), SERVER, String(sipPort), namesFile, contact,
    ], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    await waitUntil(() => server.output.includes('ready'), server, 'the embedded SIP server');
    return {
      target: `127.0.0.1:${sipPort}`,
      processes: { node: server.pid },
      /** Transactions and dialogs that the server holds. */
      openCalls: () => new Promise((resolve) => {
        server.child.once('message', ({ serverTransactions, clientTransactions, dialogs }) => resolve(serverTransactions + clientTransactions + dialogs));
        server.child.send('stats');
      }),
      stop: () => stopProcess(server),
    };
  },
};
