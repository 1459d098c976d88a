'use strict';
// The load of the LDAP bench, the same for both servers: connections that each wait for an answer before they ask again, or a
// fixed rate of requests over them. Answers are taken apart no further than to find their end.
const { performance } = require('node:perf_hooks');
const net = require('node:net');

const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const BIND_RESPONSE = 0x61;

/** Where a message's content begins and ends; undefined: its header is not all there. */
function header(bytes, at) {
  if (bytes.length < at + 2) return undefined;
  const first = bytes[at + 1];
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  if (bytes.length < at + 2 + octets) return undefined;
  return { start: at + 2 + octets, end: at + 2 + octets + bytes.readUIntBE(at + 2, octets) };
}

/** One connection with one request under way at a time. */
class Connection {
  constructor(socket) {
    this.socket = socket;
    this.rest = Buffer.alloc(0);
    this.entries = 0;
    this.done = undefined;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
  }

  static async open(port, bind) {
    const socket = await new Promise((resolve, reject) => {
      const opened = net.connect(port, '127.0.0.1', () => resolve(opened));
      opened.once('error', reject);
    });
    const connection = new Connection(socket);
    const { code } = await connection.ask(bind);
    if (code !== 0) throw new Error(`bind: result ${code}`);
    return connection;
  }

  /** The result's code and the octets of its message, when the operation has ended. */
  ask(request) {
    return new Promise((resolve) => this.send(request, (code, bytes) => resolve({ code, bytes })));
  }

  send(request, done) {
    this.done = done;
    this.socket.write(request);
  }

  receive(chunk) {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (;;) {
      const outer = header(bytes, at);
      if (outer === undefined || outer.end > bytes.length) break;
      // Message ID 1 takes three octets.
      const tag = bytes[outer.start + 3];
      if (tag === SEARCH_ENTRY) {
        this.entries++;
      } else if (tag === SEARCH_DONE || tag === BIND_RESPONSE) {
        const code = bytes[header(bytes, outer.start + 3).start + 2];
        const whole = bytes.subarray(at, outer.end);
        this.done(code, whole);
      }
      at = outer.end;
    }
    this.rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }
}

function summary(latencies, entries, seconds) {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { perSecond: sorted.length / seconds, p50: at(0.5), p99: at(0.99), entriesPerSearch: entries / sorted.length };
}

const connect = (port, bind, count) => Promise.all(Array.from({ length: count }, () => Connection.open(port, bind)));
const close = (connections) => { for (const { socket } of connections) socket.destroy(); };

/** As many searches as the server answers. */
async function closedLoop({ port, bind, queries, connections: count, warmSeconds, seconds }) {
  const connections = await connect(port, bind, count);
  const latencies = [];
  let next = 0;
  const begin = performance.now() + warmSeconds * 1_000;
  const end = begin + seconds * 1_000;
  let entriesBefore = 0;
  setTimeout(() => { entriesBefore = connections.reduce((sum, { entries }) => sum + entries, 0); }, warmSeconds * 1_000);
  await Promise.all(connections.map((connection) => new Promise((resolve) => {
    const ask = () => {
      const asked = performance.now();
      connection.send(queries[next++ % queries.length], () => {
        const now = performance.now();
        if (asked >= begin && now <= end) latencies.push(now - asked);
        if (now < end) ask();
        else resolve();
      });
    };
    ask();
  })));
  const entries = connections.reduce((sum, one) => sum + one.entries, 0) - entriesBefore;
  close(connections);
  return summary(latencies, entries, seconds);
}

/**
 * A fixed rate; a search's time counts from when it was due, also where it had to wait for a free connection. `late99`: how much later
 * than due this program came to a search, ms at p99, which is none of the server's.
 */
async function fixedRate({ port, bind, queries, connections: count, perSecond, seconds }) {
  const connections = await connect(port, bind, count);
  const free = [...connections];
  const waiting = [];
  const latencies = [];
  const lateness = [];
  let asked = 0;
  const begin = performance.now();
  const total = Math.floor(perSecond * seconds);
  await new Promise((resolve) => {
    const start = (connection, due) => connection.send(queries[asked++ % queries.length], () => {
      latencies.push(performance.now() - due);
      if (waiting.length > 0) start(connection, waiting.shift());
      else free.push(connection);
      if (latencies.length === total) resolve();
    });
    let issued = 0;
    const tick = () => {
      for (const now = performance.now(); issued < total && begin + (issued * 1_000) / perSecond <= now; issued++) {
        const due = begin + (issued * 1_000) / perSecond;
        lateness.push(now - due);
        const connection = free.pop();
        if (connection) start(connection, due);
        else waiting.push(due);
      }
      if (issued < total) setImmediate(tick);
    };
    tick();
  });
  const took = (performance.now() - begin) / 1_000;
  const entries = connections.reduce((sum, one) => sum + one.entries, 0);
  close(connections);
  return { asked: perSecond, ...summary(latencies, entries, took), late99: summary(lateness, 0, took).p99 };
}

/** One connection reads everything page by page. @param pageOf request for the page behind a cookie */
async function paged({ port, bind, pageOf, limit }) {
  const [connection] = await connect(port, bind, 1);
  const began = performance.now();
  let pages = 0;
  for (let cookie = Buffer.alloc(0); pages === 0 || (cookie.length > 0 && connection.entries < limit);) {
    const { code, bytes } = await connection.ask(pageOf(cookie));
    if (code !== 0) throw new Error(`page ${pages}: result ${code}`);
    cookie = cookieOf(bytes);
    pages++;
  }
  const seconds = (performance.now() - began) / 1_000;
  const { entries } = connection;
  close([connection]);
  return { entries, pages, entriesPerSecond: entries / seconds };
}

/** The elements of a constructed one. */
function elementsOf(bytes) {
  const elements = [];
  for (let at = header(bytes, 0).start; at < bytes.length;) {
    const { end } = header(bytes, at);
    elements.push(bytes.subarray(at, end));
    at = end;
  }
  return elements;
}

/** Of a result with the control of RFC 2696, which has the size and the cookie in its value. */
function cookieOf(message) {
  const [control] = elementsOf(elementsOf(message)[2]);
  const value = elementsOf(control).at(-1);
  const cookie = elementsOf(value.subarray(header(value, 0).start))[1];
  return Buffer.from(cookie.subarray(header(cookie, 0).start));
}

module.exports = { closedLoop, fixedRate, paged };
