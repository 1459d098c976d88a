'use strict';
// Serves the directory in DIR as the gateway does: in memory. Times count from the start of the process.
const { performance } = require('node:perf_hooks');
const fs = require('node:fs');
const path = require('node:path');
const { openDirectoryStore, DirectoryRepository } = require('../../../../dist/directory');
const { measureSearches, quantiles } = require('./measure');
const { start } = require('./start');

const RESOLVE_MS = 2000;

function measureResolutions(view, addresses) {
  let resolved = 0;
  const began = performance.now();
  for (let i = 0; performance.now() - began < RESOLVE_MS;) {
    for (const end = i + 1000; i < end; i++) if (view.find(addresses[i % addresses.length])) resolved++;
  }
  return resolved / ((performance.now() - began) / 1000);
}

function measureNearest(view, addresses) {
  const times = [];
  for (let i = 0; i < 1000; i++) {
    const address = addresses[(i * 7919) % addresses.length];
    const at = (i * 31) % address.length;
    const began = performance.now();
    view.nearest(address.slice(0, at) + address.slice(at + 1), 5);
    times.push(performance.now() - began);
  }
  return quantiles(times);
}

async function measureView(live) {
  const times = [];
  for (let i = 0; i < 2000; i++) {
    const began = performance.now();
    await live.view();
    times.push(performance.now() - began);
  }
  return quantiles(times);
}

/** The other connection stands for another process: it shares nothing but the file. */
async function measureChange(live, folder, service) {
  const other = await openDirectoryStore(folder);
  await new DirectoryRepository(other).put('service', { ...service, names: { fi: 'Uusi Nimenomaan' } });
  const began = performance.now();
  const hits = await live.search('nimenomaan');
  const elapsed = performance.now() - began;
  await other.close();
  if (hits[0]?.key !== service.address) throw new Error('the change was not found');
  return elapsed;
}

async function main(folder) {
  const queries = JSON.parse(fs.readFileSync(path.join(folder, 'queries.json'), 'utf8'));
  const { store, live, times } = await start(folder);
  const search = await measureSearches(queries, (text) => live.search(text));
  const view = await live.view();
  const reader = new DirectoryRepository(store);
  const services = await reader.list('service');
  const addresses = [...services, ...await reader.list('device')].map(({ address }) => address);
  const result = {
    ...times, search, nearest: measureNearest(view, addresses), view: await measureView(live),
    resolutionsPerSecond: measureResolutions(view, addresses), changeMs: await measureChange(live, folder, services[0]),
    rssMiB: process.resourceUsage().maxRSS / 1024,
  };
  await store.close();
  console.log(JSON.stringify(result));
}

void main(process.argv[2]);
