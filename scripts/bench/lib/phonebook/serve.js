'use strict';
// Serves the phone books of the directory in DIR until its standard input ends; tells the URL as its first line.
const path = require('node:path');
const { loadDialPlan } = require('../../../../dist/addressing');
const { openDirectoryStore } = require('../../../../dist/directory');
const { openLiveDirectory } = require('../../../../dist/directory/live');
const { createPhonebookServer } = require('../../../../dist/phonebook');
const { createReach } = require('../../../../dist/routing');
const { SECRET } = require('./requests');

async function main(folder, organisation) {
  const store = await openDirectoryStore(folder);
  const directory = await openLiveDirectory(store);
  await directory.warm();
  const dialPlan = await loadDialPlan(path.join(__dirname, '../../../../dialplans'), { domain: 'palvelu.example' });
  const reader = { name: 'bench', organisation, secret: SECRET, networks: [], protocols: ['sip', 'h323'], language: 'fi', openState: 'description', persons: 'all', identities: {} };
  const server = await createPhonebookServer({ directory, reach: createReach(dialPlan), now: Date.now, log: console }, {
    listen: ['http://127.0.0.1:0'], readers: [reader], requestsPerSecond: 1e6,
  });
  await server.warm();
  console.log(JSON.stringify({ url: server.urls[0] }));
  process.stdin.resume().on('end', async () => {
    console.log(JSON.stringify({ rssMiB: process.resourceUsage().maxRSS / 1024 }));
    await server.close();
    await store.close();
  });
}

void main(...process.argv.slice(2));
