'use strict';
// The built program, `etasilta serve`, with its embedded SIP server: sipp is a trusted partner; each service rings one
// device of kind gateway (many calls at once), which sipp has registered with digest at the far end.
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { startProcess, stopProcess, waitUntil } = require('../process');
const { freePort } = require('../ports');
const { registerDevices } = require('../sipp');

const MAIN = path.join(__dirname, '../../../../dist/main.js');
const DOMAIN = 'palvelu.example';
const DEVICE_DOMAIN = `laite.${DOMAIN}`;

/** A directory in which each name is a service that rings a device of the same name; JSON is YAML too. */
function directoryOf(names, password) {
  const plan = { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] };
  return {
    organisations: [{ key: 'bench', type: 'other', names: { en: 'Benchmark' }, domain: DOMAIN, sample: true }],
    sites: [{ key: 'bench', organisation: 'bench', names: { en: 'Benchmark' } }],
    devices: names.map((name) => ({ address: `${name}@${DEVICE_DOMAIN}`, site: 'bench', kind: 'gateway', password, enabled: true })),
    services: names.map((name) => ({ address: `${name}@${DOMAIN}`, organisation: 'bench', languages: ['fi'], names: { fi: name }, plan, enabled: true })),
    memberships: names.map((name) => ({ service: `${name}@${DOMAIN}`, device: `${name}@${DEVICE_DOMAIN}`, group: 'main', position: 0 })),
  };
}

module.exports = {
  name: 'etasilta',
  title: 'etasilta serve, directory routing, embedded SIP server',
  startRate: 200,

  whyNot: () => (fs.existsSync(MAIN) ? null : 'dist/main.js is not built (npm run build)'),

  async start({ folder, namesFile, contact, media = 'direct' }) {
    const own = fs.mkdtempSync(path.join(folder, 'etasilta-'));
    const sipPort = await freePort();
    const names = fs.readFileSync(namesFile, 'utf8').split('\n').slice(1).filter(Boolean);
    const password = randomBytes(12).toString('hex');
    const configuration = path.join(own, 'etasilta.yaml');
    const document = path.join(own, 'directory.yaml');
    fs.writeFileSync(document, JSON.stringify(directoryOf(names, password)));
    fs.writeFileSync(configuration, JSON.stringify({
      dataDir: 'var', domain: DOMAIN, log: { level: 'error' },
      sip: { listen: [`sip:127.0.0.1:${sipPort};transport=udp,tcp`], peers: [{ name: 'sipp', addresses: ['127.0.0.1'] }] },
      calls: { media },
    }));
    const etasilta = (...args) => execFileSync(process.execPath, [MAIN, ...args, '--config', configuration], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    etasilta('directory', 'import', document);
    const gateway = startProcess(process.execPath, [MAIN, 'serve', '--json', '--config', configuration], { cwd: own });
    await waitUntil(() => gateway.output.includes('"ready":true'), gateway, 'the gateway');
    try {
      await registerDevices({ folder: own, target: `127.0.0.1:${sipPort}`, domain: DEVICE_DOMAIN, names, password, contact });
    } catch (error) {
      await stopProcess(gateway);
      throw error;
    }
    return {
      target: `127.0.0.1:${sipPort}`,
      processes: { etasilta: gateway.pid },
      openCalls: () => JSON.parse(etasilta('status', '--json')).calls.running,
      stop: () => stopProcess(gateway),
    };
  },
};
