'use strict';
// OpenLDAP's slapd with the same entries, mdb, indexed for the same searches.
const { performance } = require('node:perf_hooks');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { freePort } = require('../ports');
const { startProcess, waitUntil } = require('../process');

const SCHEMAS = path.join(__dirname, '../../../../directory-data/ldap');
const isThere = (program) => spawnSync('which', [program]).status === 0;

const slapdIsThere = () => isThere('slapd') && isThere('slapadd');

async function startSlapd(folder, ldif, suffix, rootDn, password) {
  const data = path.join(folder, 'slapd');
  const config = path.join(folder, 'slapd.conf');
  fs.mkdirSync(data);
  fs.writeFileSync(config, [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`), ...['h350', 'etasilta'].map((name) => `include ${path.join(SCHEMAS, `${name}.schema`)}`),
    'modulepath /usr/lib/ldap', 'moduleload back_mdb', `tool-threads ${os.availableParallelism()}`, 'sizelimit unlimited', 'timelimit unlimited',
    'database mdb', 'maxsize 17179869184', `suffix "${suffix}"`, `rootdn "${rootDn}"`, `rootpw ${password}`, `directory ${data}`, 'dbnosync',
    // The searches of the bench and no others: every further index makes slapadd and the searches slower.
    'index objectClass,mail,SIPIdentitySIPURI eq', 'index cn eq,sub', '',
  ].join('\n'));
  const began = performance.now();
  const { status, stderr } = spawnSync('slapadd', ['-q', '-f', config, '-l', ldif], { maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`slapadd: ${stderr}`);
  const loadSeconds = (performance.now() - began) / 1_000;
  const port = await freePort();
  const started = startProcess('slapd', ['-d', '0', '-h', `ldap://127.0.0.1:${port}`, '-f', config]);
  await waitUntil(() => new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); resolve(true); });
    probe.on('error', () => resolve(false));
  }), started, 'slapd');
  return { started, port, loadSeconds };
}

module.exports = { slapdIsThere, startSlapd };
