'use strict';
// Sends requests over connections that stay open: each sends its next as soon as it has an answer, or all together at a given rate.
// Requests are octets made before, and answers are read no further than to find their end, so that the processor is the server's.
const net = require('node:net');
const { performance } = require('node:perf_hooks');
const { URL } = require('node:url');
const { quantiles } = require('../directory/measure');

const HEAD_END = Buffer.from('\r\n\r\n');
/** How long answers may lie unread while nothing is due, ms. */
const NAP_MS = 0.2;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Octets of a request. */
function octetsOf({ method, path, body }) {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...(body === undefined ? [] : ['Content-Type: text/xml', `Content-Length: ${Buffer.byteLength(body)}`])];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** One connection with one request under way at a time. */
class Connection {
  constructor(socket) {
    this.socket = socket;
    this.head = Buffer.alloc(0);
    this.missing = 0;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed a connection')));
  }

  static open(origin) {
    const { hostname, port } = new URL(origin);
    return new Promise((resolve, reject) => {
      const socket = net.connect(Number(port), hostname, () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  /** Resolves to the octets of the answer's body. Rejects where the connection breaks, or broke while nothing was asked. */
  ask(request) {
    if (this.broken) return Promise.reject(this.broken);
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      this.socket.write(request);
    });
  }

  receive(chunk) {
    if (this.missing > 0) {
      this.missing -= chunk.length;
    } else {
      this.head = this.head.length === 0 ? chunk : Buffer.concat([this.head, chunk]);
      const end = this.head.indexOf(HEAD_END);
      if (end < 0) return;
      const head = this.head.latin1Slice(0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head);
      if (!head.startsWith('HTTP/1.1 200') || length === null) return this.fail(new Error(`the server answered: ${head.split('\r\n')[0]}`));
      this.length = Number(length[1]);
      this.missing = this.length - (this.head.length - end - HEAD_END.length);
      this.head = Buffer.alloc(0);
    }
    if (this.missing < 0) return this.fail(new Error(`the server sent ${-this.missing} octets more than it said`));
    if (this.missing === 0) this.answered(this.length);
  }

  fail(error) {
    this.broken ??= error;
    this.failed?.(this.broken);
  }

  close() {
    this.failed = undefined;
    this.socket.destroy();
  }
}

async function overConnections(origin, count, work) {
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(origin)));
  return work(connections).finally(() => { for (const connection of connections) connection.close(); });
}

/** As many requests as `connections` can carry, for `seconds`. */
const fullLoad = (origin, requests, { connections: count, seconds }) => overConnections(origin, count, async (connections) => {
  const octets = requests.map(octetsOf);
  const times = [];
  let next = 0;
  let bytes = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(connections.map(async (connection) => {
    while (performance.now() < end) {
      const from = performance.now();
      const length = await connection.ask(octets[next++ % octets.length]);
      bytes += length;
      times.push(performance.now() - from);
    }
  }));
  const elapsed = (performance.now() - began) / 1000;
  return { perSecond: times.length / elapsed, bytesAnAnswer: Math.round(bytes / times.length), ...quantiles(times) };
});

/**
 * `perSecond` requests, whether or not earlier ones are answered; times count from when a request was due, also where it had to wait
 * for a free connection. `late99`: how much later than due this program came to a request, ms at p99, which is none of the server's.
 */
const steadyLoad = (origin, requests, { connections: count, seconds, perSecond }) => overConnections(origin, count, async (connections) => {
  const octets = requests.map(octetsOf);
  const times = [];
  const lateness = [];
  const waiting = [];
  const free = [...connections];
  const total = Math.floor(perSecond * seconds);
  const began = performance.now();
  const dueAt = (number) => began + (number * 1000) / perSecond;
  await new Promise((resolve, reject) => {
    const start = (connection, number) => connection.ask(octets[number % octets.length]).then(() => {
      times.push(performance.now() - dueAt(number));
      if (waiting.length > 0) start(connection, waiting.shift());
      else free.push(connection);
      if (times.length === total) resolve();
    }, reject);
    let issued = 0;
    const issue = () => {
      const now = performance.now();
      for (; issued < total && dueAt(issued) <= now; issued++) {
        lateness.push(now - dueAt(issued));
        const connection = free.pop();
        if (connection) start(connection, issued);
        else waiting.push(issued);
      }
      // A timer would come a millisecond or two late, and all that became due meanwhile would be sent at once.
      if (issued < total) Atomics.wait(never, 0, 0, Math.max(0, Math.min(NAP_MS, dueAt(issued) - performance.now())));
      if (issued < total) setImmediate(issue);
    };
    issue();
  });
  return { perSecond, ...quantiles(times), late99: quantiles(lateness).p99 };
});

module.exports = { fullLoad, steadyLoad };
