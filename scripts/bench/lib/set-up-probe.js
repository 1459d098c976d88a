'use strict';
// A small UDP caller beside sipp: sipp's clock ticks every 4 ms, this one takes microseconds. It sends nothing twice, so a
// lost datagram is a lost call of the probe, and does not look like a slow one.
const dgram = require('node:dgram');
const { delay } = require('./process');

const LOST_AFTER_MS = 5000;

/**
 * Dials `names` in turn at `target` (host:port), `rate` calls a second for `seconds`, each ended `holdMs` after the answer.
 * Resolves to { setupMs: ascending times from INVITE to 200, refused, lost }.
 */
async function probeSetUp({ target, names, rate, seconds, holdMs }) {
  const socket = dgram.createSocket('udp4');
  await new Promise((resolve, reject) => { socket.once('error', reject); socket.bind(0, '127.0.0.1', resolve); });
  const calls = new Map();
  const result = { setupMs: [], refused: 0, lost: 0 };
  socket.on('message', (datagram) => take(datagram.toString('latin1')));
  const [host, port] = target.split(':');
  const send = (text) => socket.send(Buffer.from(text, 'latin1'), Number(port), host);

  function take(text) {
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]);
    const call = calls.get(header(text, 'Call-ID'));
    if (!call || !(status >= 200) || !/INVITE$/.test(header(text, 'CSeq') ?? '')) return;
    call.to = header(text, 'To');
    if (status >= 300) {
      send(request(call, 'ACK', 1, call.branch));
      if (calls.delete(call.id)) result.refused += 1;
      return;
    }
    call.uri = /<([^>]+)>/.exec(header(text, 'Contact') ?? '')?.[1] ?? call.uri;
    send(request(call, 'ACK', 1, `${call.branch}a`));
    if (call.answered) return; // a retransmitted 200
    call.answered = true;
    result.setupMs.push(Number(process.hrtime.bigint() - call.startedAt) / 1e6);
    setTimeout(() => { send(request(call, 'BYE', 2, `${call.branch}b`)); calls.delete(call.id); }, holdMs);
  }

  const local = `127.0.0.1:${socket.address().port}`;
  function request(call, method, number, branch, body = '') {
    return [
      `${method} ${call.uri} SIP/2.0`, `Via: SIP/2.0/UDP ${local};branch=${branch}`, 'Max-Forwards: 70',
      `From: <sip:probe@partner.example>;tag=${call.tag}`, `To: ${call.to}`, `Call-ID: ${call.id}`, `CSeq: ${number} ${method}`,
      `Contact: <sip:probe@${local}>`, ...(body ? ['Content-Type: application/sdp'] : []), `Content-Length: ${body.length}`, '', body,
    ].join('\r\n');
  }

  for (let n = 0; n < rate * seconds; n += 1) {
    const uri = `sip:${names[n % names.length]}@palvelu.example`;
    const call = { id: `probe-${process.pid}-${Date.now()}-${n}`, tag: `p${n}`, branch: `z9hG4bK-probe-${process.pid}-${Date.now()}-${n}`, uri, to: `<${uri}>`, startedAt: process.hrtime.bigint() };
    calls.set(call.id, call);
    send(request(call, 'INVITE', 1, call.branch, offerOf(n)));
    setTimeout(() => { if (!call.answered && calls.delete(call.id)) result.lost += 1; }, LOST_AFTER_MS);
    await delay(1000 / rate);
  }
  for (const end = Date.now() + LOST_AFTER_MS; calls.size > 0 && Date.now() < end;) await delay(100);
  socket.close();
  result.setupMs.sort((a, b) => a - b);
  return result;
}

const header = (text, name) => new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, 'im').exec(text)?.[1].trim();

const offerOf = (session) => `v=0\r\no=- ${session} 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;

module.exports = { probeSetUp };
