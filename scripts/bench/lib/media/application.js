'use strict';
// The application of the bench: drachtio-fsmrf over the embedded SIP server, as the gateway uses it.
const path = require('node:path');
const { randomBytes } = require('node:crypto');
const Srf = require('drachtio-srf');
const Mrf = require('drachtio-fsmrf');
const { delay } = require('../process');

const { startSipServerInWorker } = require(path.join(__dirname, '../../../../dist/embedded/sip-server'));

const AT_ONCE = 8;
const ATTEMPTS = 10;

const sdp = (kind, port) => [
  'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
  ...(kind === 'video'
    // The audio line stands beside the measured video and stays silent.
    ? [`m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', `m=video ${port} RTP/AVPF 97`, 'a=rtpmap:97 H264/90000',
      'a=fmtp:97 profile-level-id=42e01f;packetization-mode=1', 'a=rtcp-fb:97 nack pli']
    : [`m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=ptime:20']), '',
].join('\r\n');

const portOf = (description, kind) => Number(new RegExp(`^m=${kind} (\\d+)`, 'm').exec(description)?.[1]);

/** Connects to a media server; `legs(kind, ports)` makes endpoints towards those UDP ports. */
async function connect({ address, port, secret }) {
  const admin = randomBytes(16).toString('hex');
  const sip = await startSipServerInWorker({ admin: { host: '127.0.0.1', port: 0 }, secret: admin, contacts: ['sip:127.0.0.1:0;transport=udp,tcp'] });
  const srf = new Srf();
  await new Promise((resolve, reject) => {
    srf.once('error', reject);
    srf.once('connect', (error) => (error ? reject(error) : resolve()));
    srf.connect({ host: '127.0.0.1', port: sip.adminPort, secret: admin });
  });
  const server = await new Mrf(srf).connect({ address, port, secret, listenAddress: '127.0.0.1' });

  async function inTurn(items, work) {
    const results = [];
    for (let at = 0; at < items.length; at += AT_ONCE) results.push(...await Promise.all(items.slice(at, at + AT_ONCE).map(work)));
    return results;
  }
  const leg = async (kind, at, attempts = ATTEMPTS) => {
    try {
      const endpoint = await server.createEndpoint({ remoteSdp: sdp(kind, at) });
      return { endpoint, target: portOf(endpoint.local.sdp, kind) };
    } catch (error) {
      // A server that sheds load while calls come all at once takes them a moment later.
      if (attempts <= 1 || error.status !== 503) throw error;
      await delay(500);
      return leg(kind, at, attempts - 1);
    }
  };

  return {
    /** Bridged pairs: leg 2n with leg 2n + 1. `target` is where the media server takes the leg's media. */
    async bridges(kind, ports) {
      const made = await inTurn(ports, (at) => leg(kind, at));
      const pairs = made.filter((_, i) => i % 2 === 0).map((one, i) => [one, made[2 * i + 1]]);
      await inTurn(pairs, ([one, other]) => one.endpoint.bridge(other.endpoint));
      return made;
    },
    async conference(name, ports) {
      const made = await inTurn(ports, (at) => leg('audio', at));
      await inTurn(made, ({ endpoint }) => endpoint.join(name));
      return made;
    },
    release: (made) => inTurn(made, ({ endpoint }) => endpoint.destroy().catch(() => {})),
    async close() {
      server.disconnect();
      srf.disconnect();
      await sip.close();
    },
  };
}

module.exports = { connect };
