'use strict';
// The far end of H.323 calls: a telephone of our own stack that rings and answers at once, by fast start where that is offered,
// and agrees on the rest by H.245.
//   node answerer.js GATEKEEPER|- ALIAS
// Registers ALIAS at the gatekeeper (HOST:PORT of RAS), prints "ready PORT" when it takes calls there, and tells its parent on any
// message how many calls have come and how many have ended after an answer.
const dgram = require('node:dgram');
const { randomBytes } = require('node:crypto');
const { decode, encode } = require('../../../../dist/h323/per');
const { toTransportAddress } = require('../../../../dist/h323/ras');
const { h225 } = require('../../../../dist/h323/schemas');
const { acceptChannel, acceptFastStart, capabilitiesOf, channelsToOpen } = require('../../../../dist/h323/sdp');
const { serveSignalling } = require('../../../../dist/h323/signalling');
const { H245Session } = require('../../../../dist/h323/h245');

const HOST = '127.0.0.1';
/** H.323 table 1: a terminal without a conference controller. */
const TERMINAL_TYPE = 50;
const VENDOR = { vendor: { t35CountryCode: 60, t35Extension: 0, manufacturerCode: 0 }, productId: Buffer.from('Bench answerer') };
const ENDPOINT = { endpointType: { vendor: VENDOR, terminal: {}, mc: false, undefinedNode: false }, onFault: (error) => console.error(error.message) };
/** Nothing is sent, and whatever comes there is dropped. */
const TELEPHONE = `v=0\r\no=- 1 1 IN IP4 ${HOST}\r\ns=-\r\nc=IN IP4 ${HOST}\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;
const CAPABILITIES = capabilitiesOf(TELEPHONE);

const calls = { taken: 0, ended: 0 };

function answer(call) {
  calls.taken += 1;
  const session = new H245Session({ control: call.control, terminalType: TERMINAL_TYPE, random: randomBytes, handlers: handlersOf(() => session, call) });
  call.attach({ released: () => { calls.ended += 1; session.end(); } });
  const { fastStart } = call.setup;
  const fast = fastStart && acceptFastStart(fastStart, TELEPHONE);
  call.alerting();
  call.connect(fast ? { fastStart: fast.accepted.length > 0 ? fast.accepted : 'refused' } : {});
  for (const channel of fast?.channels ?? []) session.adopt(channel);
  session.start(CAPABILITIES);
}

/** Opens what is not open yet, takes what fits; a call that H.245 fails on is released. */
const handlersOf = (session, call) => ({
  ready: () => {
    const { channels, remoteCapabilities } = session();
    if (channels.some(({ direction }) => direction === 'send')) return;
    for (const channel of channelsToOpen(TELEPHONE, remoteCapabilities)) session().open(channel).catch(() => call.release());
  },
  remoteCapabilities: () => undefined,
  channelRequested: (request) => {
    const taken = acceptChannel(TELEPHONE, request);
    return 'refuse' in taken ? { refuse: taken.refuse } : { media: taken.media };
  },
  channelOpened: () => undefined,
  channelClosed: () => undefined,
  failed: () => call.release(),
  ended: () => undefined,
});

/** Registers for a day, which is longer than any bench. */
function register(gatekeeper, alias, port) {
  const [host, rasPort] = gatekeeper.split(':');
  const socket = dgram.createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, HOST, () => {
      socket.on('message', (octets) => {
        const message = decode(h225.RasMessage, octets);
        if (message.registrationConfirm) resolve();
        else if (message.registrationReject) reject(new Error(`registration is refused: ${JSON.stringify(message.registrationReject.rejectReason)}`));
      });
      socket.send(encode(h225.RasMessage, { registrationRequest: {
        requestSeqNum: 1, protocolIdentifier: '0.0.8.2250.0.7', discoveryComplete: true, callSignalAddress: [toTransportAddress({ host: HOST, port })],
        rasAddress: [toTransportAddress({ host: HOST, port: socket.address().port })], terminalType: { gateway: {}, mc: false, undefinedNode: false }, terminalAlias: [{ 'h323-ID': alias }],
        endpointVendor: VENDOR, timeToLive: 86_400, keepAlive: false, willSupplyUUIEs: false, maintainConnection: false, supportsAssignedGK: false,
      } }), Number(rasPort), host);
    });
  });
}

async function main([gatekeeper, alias]) {
  const { port } = await serveSignalling({ ...ENDPOINT, host: HOST, port: 0, maxConnectionsOfAddress: 10_000, maxConnections: 10_000 }, answer);
  if (gatekeeper !== '-') await register(gatekeeper, alias, port);
  process.on('message', () => process.send(calls));
  console.log(`ready ${port}`);
}

main(process.argv.slice(2)).catch((error) => { console.error(error.message); process.exit(1); });
