'use strict';
// The built program, `etasilta serve`, with its embedded SIP server: sipp is a trusted partner; each service rings one
// device of kind gateway (many calls at once), which sipp has registered with digest at the far end.
const { randomBytes } = require('node:crypto');
const { startGateway, whyNoGateway } = require('../gateway');
const { freePort } = require('../ports');
const { namesIn, registerDevices } = require('../sipp');

const DOMAIN = 'palvelu.example';
const DEVICE_DOMAIN = `laite.${DOMAIN}`;

/** A directory in which each name is a service that rings a device of the same name. */
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

  whyNot: whyNoGateway,

  async start({ folder, namesFile, contact, media = 'direct' }) {
    const sipPort = await freePort();
    const target = `127.0.0.1:${sipPort}`;
    const names = namesIn(namesFile);
    const password = randomBytes(12).toString('hex');
    const { own, ...gateway } = await startGateway({ folder, directory: directoryOf(names, password), settings: {
      domain: DOMAIN, calls: { media },
      sip: { listen: [`sip:${target};transport=udp,tcp`], peers: [{ name: 'sipp', addresses: ['127.0.0.1'] }] },
    } });
    try {
      await registerDevices({ folder: own, target, domain: DEVICE_DOMAIN, names, password, contact });
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return { ...gateway, target };
  },
};
