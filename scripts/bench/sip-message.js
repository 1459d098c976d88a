'use strict';
// SIP messages a second on one core: the embedded server's message layer and, in the same run, drachtio-srf's parser.
//   node scripts/bench/sip-message.js [--seconds SECONDS]
// Run `npm run build` first. Every round takes each subject in turn, so that the machine's other work hits all alike; the median
// of the rounds is shown. Ours does more in the same row: it validates what RFC 4475 wants refused.
const { parseArgs } = require('node:util');
const SrfMessage = require('drachtio-srf/lib/sip-parser/message');
const { keepResult } = require('./lib/results');
const { printTable } = require('./lib/table');
const { SipMessage, parseDatagram } = require('../../dist/embedded/sip-server/message');

const SDP = ['v=0', 'o=ex90 2890844526 2890844526 IN IP4 192.0.2.10', 's=-', 'c=IN IP4 192.0.2.10', 'b=AS:1920', 't=0 0',
  'm=audio 40000 RTP/AVP 9 8 0 101', 'a=rtpmap:9 G722/8000', 'a=rtpmap:101 telephone-event/8000', 'm=video 40002 RTP/AVP 97',
  'a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=428016;max-mbps=108000', 'a=rtcp-fb:* nack pli', ''].join('\r\n');
const INVITE = Buffer.from([
  'INVITE sip:kela.fi@palvelu.example SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK74bf9kdj2;rport',
  'Max-Forwards: 70',
  'From: "Ähtäri, palvelupiste" <sip:ex90-1@ahtari.palvelu.example>;tag=9fxced76sl',
  'To: <sip:kela.fi@palvelu.example>',
  'Call-ID: 3848276298220188511@192.0.2.10',
  'CSeq: 1 INVITE',
  'Contact: <sip:ex90-1@192.0.2.10:5060;transport=udp>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"',
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, REFER, NOTIFY',
  'Supported: replaces, timer, outbound',
  'Session-Expires: 1800',
  'User-Agent: TANDBERG/529 (TC7.3.14)',
  'Content-Type: application/sdp',
  `Content-Length: ${SDP.length}`,
  '', SDP].join('\r\n'));
const RESPONSE = Buffer.from([
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK74bf9kdj2;rport=5060',
  'From: <sip:ex90-1@ahtari.palvelu.example>;tag=9fxced76sl',
  'To: <sip:kela.fi@palvelu.example>;tag=as83kd9bs',
  'Call-ID: 3848276298220188511@192.0.2.10',
  'CSeq: 2 BYE',
  'Content-Length: 0',
  '', ''].join('\r\n'));

/** What a server does with every message: read the transaction's and the dialog's key, put a Via on top, send it on. */
function ours(octets) {
  const { message } = parseDatagram(octets);
  if (!message.topVia.branch || !message.fromTag || !message.cseq.method || !message.callId) throw new Error('unread');
  message.prepend('Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnew;rport');
  return message.serialize();
}

function drachtioSrf(octets) {
  const message = new SrfMessage(octets.toString('utf8'));
  const via = message.getParsedHeader('via');
  if (!via[0].params.branch || !message.getParsedHeader('from').params.tag || !message.getParsedHeader('cseq').method || !message.get('call-id')) {
    throw new Error('unread');
  }
  message.headers.via = `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnew;rport\r\nVia: ${message.headers.via}`;
  return Buffer.from(message.toString(), 'utf8');
}

/** What a server sends of its own accord. */
function build() {
  return SipMessage.request('ACK', 'sip:kela.fi@192.0.2.20', Buffer.alloc(0))
    .append('Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnew;rport')
    .append('From', '<sip:ex90-1@ahtari.palvelu.example>;tag=9fxced76sl')
    .append('To', '<sip:kela.fi@palvelu.example>;tag=as83kd9bs')
    .append('Call-ID', '3848276298220188511@192.0.2.10')
    .append('CSeq', '1 ACK')
    .append('Max-Forwards', '70')
    .serialize();
}

const SUBJECTS = [
  { name: 'INVITE with SDP: embedded', run: () => ours(INVITE), against: 'INVITE with SDP: drachtio-srf' },
  { name: 'INVITE with SDP: drachtio-srf', run: () => drachtioSrf(INVITE) },
  { name: '200 to BYE: embedded', run: () => ours(RESPONSE), against: '200 to BYE: drachtio-srf' },
  { name: '200 to BYE: drachtio-srf', run: () => drachtioSrf(RESPONSE) },
  { name: 'ACK built from nothing: embedded', run: build },
];

/** Runs a second on one core. */
function rate(run, seconds) {
  const batch = 500;
  const start = process.cpuUsage();
  let runs = 0;
  for (;;) {
    for (let i = 0; i < batch; i++) run();
    runs += batch;
    const { user, system } = process.cpuUsage(start);
    if (user + system >= seconds * 1e6) return (runs * 1e6) / (user + system);
  }
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const seconds = Number(parseArgs({ options: { seconds: { type: 'string' } } }).values.seconds ?? 1);
const ROUNDS = 5;
const rates = new Map(SUBJECTS.map(({ name }) => [name, []]));
for (const { run } of SUBJECTS) rate(run, seconds / 2);
for (let round = 0; round < ROUNDS; round++) for (const { name, run } of SUBJECTS) rates.get(name).push(rate(run, seconds));

const rows = SUBJECTS.map(({ name, against }) => {
  const perSecond = median(rates.get(name));
  const ratio = against && perSecond / median(rates.get(against));
  return { name, perSecond: Math.round(perSecond), microseconds: Number((1e6 / perSecond).toFixed(2)), ...(ratio && { timesDrachtioSrf: Number(ratio.toFixed(1)) }) };
});
printTable(`Parse, read the keys, add a Via, serialise; messages a second of one core (median of ${ROUNDS})`, [
  ['', 'messages/s', 'µs each', 'times drachtio-srf'],
  ...rows.map((row) => [row.name, row.perSecond, row.microseconds, row.timesDrachtioSrf]),
]);
console.log(`\nkept in results/${keepResult('sip-message', { rounds: ROUNDS, secondsEach: seconds, rows })}`);
