'use strict';
// The LDAP server over the directory of a folder, as a process of its own. Tells as JSON where it listens and how long it took.
const { performance } = require('node:perf_hooks');
const { URL } = require('node:url');
const { openDirectoryStore } = require('../../../../dist/directory');
const { createLdapServer } = require('../../../../dist/ldap');
const { runProgram } = require('../run-program');

async function main() {
  const [, , folder, passwordHash] = process.argv;
  const store = await openDirectoryStore(folder);
  const log = { info: () => undefined, warn: console.error, error: console.error };
  const began = performance.now();
  const server = await createLdapServer({ store, log, version: 'bench' }, {
    listen: ['ldap://127.0.0.1:0'], suffix: 'dc=palvelu,dc=example', domain: 'palvelu.example', realm: 'palvelu.example', anonymous: 'nothing', clearTextBind: 'loopback',
    accounts: [{ name: 'bench', passwordHash, role: 'reader', organisations: [], others: 'phonebook', credentials: false }],
    // Reading a whole country page by page is what the bench is about.
    limits: { examined: 10_000_000 },
  });
  await server.warm();
  console.log(JSON.stringify({ port: Number(new URL(server.addresses[0]).port), warmSeconds: (performance.now() - began) / 1_000 }));
}

runProgram(main);
