'use strict';
// Imports DIR/csv into a new database in DIR.
const { performance } = require('node:perf_hooks');
const path = require('node:path');
const { openDirectoryStore } = require('../../../../dist/directory');
const { importDirectory } = require('../../../../dist/directory/exchange');

async function main(folder) {
  const began = performance.now();
  const store = await openDirectoryStore(folder);
  await importDirectory(store, path.join(folder, 'csv'));
  await store.close();
  console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, rssMiB: process.resourceUsage().maxRSS / 1024 }));
}

void main(process.argv[2]);
