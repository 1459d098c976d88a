'use strict';
// The embedded SIP server in a thread of its own and the bare application, in one process.
//   node embedded-b2bua.js SERVER-MODULE SIP-PORT NAMES-FILE CONTACT-HOST:PORT
// Prints "ready" when calls are taken; answers every message of its parent with the server's statistics.
const { randomBytes } = require('node:crypto');
const { readServices, startBareB2bua } = require('./bare-b2bua');
const { runProgram } = require('./run-program');

async function main([serverModule, sipPort, namesFile, contact]) {
  const { startSipServerInWorker } = require(serverModule);
  const secret = randomBytes(16).toString('hex');
  const server = await startSipServerInWorker({
    admin: { host: '127.0.0.1', port: 0 }, secret, contacts: [`sip:127.0.0.1:${sipPort};transport=udp,tcp`],
  });
  await startBareB2bua({ host: '127.0.0.1', port: server.adminPort, secret, services: readServices(namesFile, contact) });
  process.on('message', async () => process.send(await server.stats()));
  console.log('ready');
}

runProgram(() => main(process.argv.slice(2)));
