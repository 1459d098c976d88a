'use strict';
// Starts with the directory in DIR as the gateway does, and ends. Times count from the start of the process.
const { performance } = require('node:perf_hooks');
const { openDirectoryStore } = require('../../../../dist/directory');
const { openLiveDirectory } = require('../../../../dist/directory/live');

async function start(folder) {
  const store = await openDirectoryStore(folder);
  const live = await openLiveDirectory(store, { onFault: (fault) => { throw fault; } });
  const routableSeconds = performance.now() / 1000;
  await live.warm();
  const startSeconds = performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return { store, live, times: { startSeconds, startCpuSeconds: (user + system) / 1e6, routableSeconds } };
}

async function main(folder) {
  const { store, times } = await start(folder);
  await store.close();
  console.log(JSON.stringify({ ...times, rssMiB: process.resourceUsage().maxRSS / 1024 }));
}

module.exports = { start };
if (require.main === module) void main(process.argv[2]);
