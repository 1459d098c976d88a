'use strict';
// Asterisk with PJSIP. Its dial plan does the same work: a name is matched and dialled at the far end. direct_media=no, because
// re-INVITEs to move the media would cost it two more transactions a leg; one codec at both ends, so nothing is transcoded.
const { startAsterisk, whyNoAsterisk } = require('../asterisk');
const { freePort } = require('../ports');
const { namesIn } = require('../sipp');

const MODULES = [
  'res_timing_timerfd', 'res_sorcery_config', 'res_sorcery_memory', 'res_sorcery_astdb', 'res_pjproject', 'res_rtp_asterisk',
  'codec_ulaw', 'bridge_simple', 'bridge_native_rtp', 'pbx_config', 'app_dial', 'res_pjsip', 'res_pjsip_session',
  'res_pjsip_sdp_rtp', 'res_pjsip_pubsub', 'res_pjsip_endpoint_identifier_ip', 'res_pjsip_caller_id', 'res_pjsip_rfc3326', 'chan_pjsip',
];

/** Takes calls of this machine in the context `services`. */
const pjsip = (sipPort) => [
  '[udp]', 'type=transport', 'protocol=udp', `bind=127.0.0.1:${sipPort}`,
  '[sipp]', 'type=endpoint', 'context=services', 'disallow=all', 'allow=ulaw', 'direct_media=no',
  '[sipp]', 'type=identify', 'endpoint=sipp', 'match=127.0.0.1',
];

module.exports = {
  name: 'asterisk',
  title: 'Asterisk PJSIP, Dial to the far end',
  startRate: 100,
  MODULES,
  pjsip,

  whyNot: () => whyNoAsterisk('chan_pjsip'),

  async start({ folder, namesFile, contact }) {
    const sipPort = await freePort();
    const asterisk = await startAsterisk({ folder, modules: MODULES, files: {
      'pjsip.conf': pjsip(sipPort),
      'extensions.conf': ['[services]', ...namesIn(namesFile).map((name) => `exten => ${name},1,Dial(PJSIP/sipp/sip:${name}@${contact},20)`)],
    } });
    return { ...asterisk, target: `127.0.0.1:${sipPort}` };
  },
};
