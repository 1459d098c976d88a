'use strict';
// What the numbers were measured on. Nothing here names a host, a user or a path.
const os = require('node:os');

/** CPU model, cores, memory (GiB), Node version, kernel release and architecture. */
function describeMachine() {
  const cpus = os.cpus();
  return {
    cpu: (cpus[0] ? cpus[0].model : 'unknown').trim(),
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
    kernel: `${os.type()} ${os.release()}`,
    arch: os.arch(),
  };
}

module.exports = { describeMachine };
