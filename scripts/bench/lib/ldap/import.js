'use strict';
// Imports an LDIF file into an empty directory, and the same again, as a process of its own; tells as JSON how long it took.
const { performance } = require('node:perf_hooks');
const fs = require('node:fs');
const path = require('node:path');
const { openDirectoryStore } = require('../../../../dist/directory');
const { importLdap, readMapping } = require('../../../../dist/ldap');
const { runProgram } = require('../run-program');

async function main() {
  const [, , ldif, folder] = process.argv;
  fs.mkdirSync(folder, { recursive: true });
  const mapping = await readMapping(path.join(__dirname, '../../../../directory-data/ldap/import-etasilta.yaml'));
  const store = await openDirectoryStore(folder);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const { differences } = await importLdap(store, ldif, mapping);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const beganAgain = performance.now();
  await importLdap(store, ldif, mapping);
  const againSeconds = (performance.now() - beganAgain) / 1_000;
  await store.close();
  console.log(JSON.stringify({ entries: differences.total.added, seconds, perSecond: differences.total.added / seconds, cpuSeconds: (user + system) / 1e6, againSeconds, rssMiB: process.resourceUsage().maxRSS / 1024 }));
}

runProgram(main);
