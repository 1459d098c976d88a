'use strict';
const dgram = require('node:dgram');
const net = require('node:net');

/** A UDP port of 127.0.0.1 that is free now, and free for TCP too. */
async function freePort() {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = await bindOnce();
    if (port !== null) return port;
  }
  throw new Error('no port of 127.0.0.1 is free for both UDP and TCP');
}

function bindOnce() {
  return new Promise((resolve, reject) => {
    const udp = dgram.createSocket('udp4');
    udp.once('error', reject);
    udp.bind(0, '127.0.0.1', () => {
      const { port } = udp.address();
      const tcp = net.createServer();
      tcp.once('error', () => udp.close(() => resolve(null)));
      tcp.listen(port, '127.0.0.1', () => tcp.close(() => udp.close(() => resolve(port))));
    });
  });
}

module.exports = { freePort };
