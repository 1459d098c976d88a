'use strict';
// drachtio-server, started by whoever runs the bench and named by ETASILTA_TEST_DRACHTIO=HOST:PORT:SECRET:SIPPORT
// (admin address, secret, SIP port on the same host), with the bare drachtio-srf application.
const path = require('node:path');
const { startProcess, stopProcess, waitUntil, listenerOnTcpPort } = require('../process');

function readAddress() {
  const [host, port, secret, sipPort] = (process.env.ETASILTA_TEST_DRACHTIO ?? '').split(':');
  return sipPort ? { host, port: Number(port), secret, sipPort: Number(sipPort) } : null;
}

module.exports = {
  name: 'drachtio',
  title: 'drachtio-server + bare drachtio-srf application',
  startRate: 200,

  whyNot() {
    const address = readAddress();
    if (!address) return 'ETASILTA_TEST_DRACHTIO=HOST:PORT:SECRET:SIPPORT names no running drachtio-server';
    if (listenerOnTcpPort(address.port) === null) return `no process of this machine listens on the admin port ${address.port}`;
    return null;
  },

  async start({ namesFile, contact }) {
    const { host, port, secret, sipPort } = readAddress();
    const application = startProcess(process.execPath, [
      path.join(__dirname, '..', 'bare-b2bua.js'), `${host}:${port}:${secret}`, namesFile, contact,
    ]);
    await waitUntil(() => application.output.includes('ready'), application, 'the bare application');
    return {
      target: `${host}:${sipPort}`,
      processes: { drachtio: listenerOnTcpPort(port), node: application.pid },
      stop: () => stopProcess(application),
    };
  },
};
