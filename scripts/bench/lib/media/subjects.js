'use strict';
// Media servers that are measured: the embedded one, and a FreeSWITCH of this machine named by
// ETASILTA_TEST_FREESWITCH=HOST:PORT:PASSWORD (event socket; its drachtio_mrf profile is found as drachtio-fsmrf finds it).
const path = require('node:path');
const { randomBytes } = require('node:crypto');
const { startProcess, stopProcess, waitUntil, listenerOnTcpPort } = require('../process');

const MODULE = path.join(__dirname, '../../../../dist/embedded/media-server');

const embedded = {
  name: 'embedded',
  title: 'Etäsilta embedded media server',
  whyNot: () => null,
  async start() {
    const password = randomBytes(16).toString('hex');
    const server = startProcess(process.execPath, [path.join(__dirname, 'server-process.js'), MODULE, password], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    await waitUntil(() => /ready \d+/.test(server.output), server, 'the embedded media server');
    return {
      address: '127.0.0.1', port: Number(/ready (\d+)/.exec(server.output)[1]), secret: password, pid: server.pid,
      stats: () => new Promise((resolve) => { server.child.once('message', resolve); server.child.send('stats'); }),
      stop: () => stopProcess(server),
    };
  },
};

const freeswitch = {
  name: 'freeswitch',
  title: 'FreeSWITCH',
  whyNot() {
    const [, port] = (process.env.ETASILTA_TEST_FREESWITCH ?? '').split(':');
    if (!port) return 'ETASILTA_TEST_FREESWITCH=HOST:PORT:PASSWORD names no running FreeSWITCH';
    return listenerOnTcpPort(Number(port)) === null ? `no process of this machine listens on the event socket's port ${port}` : null;
  },
  async start() {
    const [address, port, secret = 'ClueCon'] = process.env.ETASILTA_TEST_FREESWITCH.split(':');
    return { address, port: Number(port), secret, pid: listenerOnTcpPort(Number(port)), stats: async () => ({}), stop: async () => {} };
  },
};

module.exports = { SUBJECTS: [embedded, freeswitch] };
