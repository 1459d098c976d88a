'use strict';
// Asterisk with PJSIP on the side of SIP and chan_ooh323 on that of H.323. No gatekeeper: its dial plan knows where the far end is.
// Its media pass through it, as they do in an anchored call: it answers each side with an RTP port of its own (direct_media=no, directmedia=no)
// and would copy packets of the one codec without decoding. Media straight between the ends would take it a re-INVITE after the answer.
// Ports are plenty, because it keeps those of ended calls a while.
const { startAsterisk, whyNoAsterisk } = require('../asterisk');
const { freePort } = require('../ports');
const { namesIn } = require('../sipp');
const { MODULES, pjsip } = require('../subjects/asterisk');
const { startFarEnd } = require('./far-end');

module.exports = {
  name: 'asterisk',
  title: 'Asterisk PJSIP to chan_ooh323',
  startRate: 160,
  media: 'anchored',

  whyNot: () => whyNoAsterisk('chan_ooh323'),

  async start({ folder, namesFile }) {
    const farEnd = await startFarEnd();
    const [sipPort, h225Port] = [await freePort(), await freePort()];
    try {
      const asterisk = await startAsterisk({ folder, modules: [...MODULES, 'chan_ooh323'], files: {
        'pjsip.conf': pjsip(sipPort),
        'ooh323.conf': [
          '[general]', `port=${h225Port}`, 'bindaddr=127.0.0.1', 'h225portrange=30000,59998', 'gateway=no', 'faststart=yes', 'h245tunneling=yes', 'h323id=asterisk',
          'gatekeeper=DISABLE', 'logfile=/dev/null', 'context=services', 'disallow=all', 'allow=ulaw', 'mediawaitforconnect=no', 'directmedia=no', 'directrtpsetup=no',
          '[far-end]', 'type=friend', 'context=services', 'ip=127.0.0.1', `port=${farEnd.port}`, 'disallow=all', 'allow=ulaw',
        ],
        'extensions.conf': ['[services]', ...namesIn(namesFile).map((name) => `exten => ${name},1,Dial(OOH323/${name}@far-end,20)`)],
      } });
      return { ...asterisk, farEnd, target: `127.0.0.1:${sipPort}`, stop: () => asterisk.stop().then(farEnd.stop) };
    } catch (error) {
      await farEnd.stop();
      throw error;
    }
  },
};
