'use strict';
// `etasilta serve` with its gatekeeper: sipp is a trusted partner; all services ring one device of kind gateway (many calls at once),
// which the far end has registered over RAS.
const { startGateway, whyNoGateway } = require('../gateway');
const { freePort } = require('../ports');
const { namesIn } = require('../sipp');
const { startFarEnd } = require('./far-end');

const DOMAIN = 'palvelu.example';
const ALIAS = 'far-end';
const DEVICE = `${ALIAS}@laite.${DOMAIN}`;
/** Two parties a call: more than there are calls at once at any rate that is clean. */
const SESSIONS = 4_000;

function directoryOf(names) {
  const plan = { stages: [{ group: 'main', strategy: 'all', ringSeconds: 30 }] };
  return {
    organisations: [{ key: 'bench', type: 'other', names: { en: 'Benchmark' }, domain: DOMAIN, sample: true }],
    sites: [{ key: 'bench', organisation: 'bench', names: { en: 'Benchmark' } }],
    devices: [{ address: DEVICE, site: 'bench', kind: 'gateway', h323Id: ALIAS, enabled: true }],
    services: names.map((name) => ({ address: `${name}@${DOMAIN}`, organisation: 'bench', languages: ['fi'], names: { fi: name }, plan, enabled: true })),
    memberships: names.map((name) => ({ service: `${name}@${DOMAIN}`, device: DEVICE, group: 'main', position: 0 })),
  };
}

/** The gateway with `media` anchored (its default) or direct. */
const withMedia = (media) => ({
  name: media === 'anchored' ? 'etasilta' : `etasilta-${media}`,
  title: `etasilta serve, ${media} media`,
  startRate: media === 'anchored' ? 80 : 160,
  media,

  whyNot: whyNoGateway,

  async start({ folder, namesFile }) {
    const [sipPort, rasPort, signallingPort] = [await freePort(), await freePort(), await freePort()];
    const target = `127.0.0.1:${sipPort}`;
    const gateway = await startGateway({ folder, directory: directoryOf(namesIn(namesFile)), settings: {
      domain: DOMAIN, calls: { media }, media: { maxSessions: SESSIONS },
      sip: { listen: [`sip:${target};transport=udp,tcp`], peers: [{ name: 'sipp', addresses: ['127.0.0.1'] }] },
      h323: { enabled: true, rasPort, signallingPort, unauthenticated: ['127.0.0.1'], timeToLiveSeconds: 86_400 },
    } });
    try {
      const farEnd = await startFarEnd({ gatekeeper: `127.0.0.1:${rasPort}`, alias: ALIAS });
      return { ...gateway, farEnd, target, stop: () => gateway.stop().then(farEnd.stop) };
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  },
});

module.exports = { anchored: withMedia('anchored'), direct: withMedia('direct') };
