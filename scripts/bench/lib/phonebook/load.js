'use strict';
// Sends requests over connections that stay open: each sends its next as soon as it has an answer, or all together at a given rate.
const http = require('node:http');
const { performance } = require('node:perf_hooks');
const { quantiles } = require('../directory/measure');

function ask(agent, origin, { method, path, body }) {
  return new Promise((resolve, reject) => {
    const req = http.request(`${origin}${path}`, { method, agent, headers: body === undefined ? {} : { 'Content-Type': 'text/xml', 'Content-Length': Buffer.byteLength(body) } }, (res) => {
      let bytes = 0;
      res.on('data', (chunk) => { bytes += chunk.length; });
      res.on('end', () => (res.statusCode === 200 ? resolve(bytes) : reject(new Error(`${method} answered ${res.statusCode}`))));
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** As many requests as `connections` can carry, for `seconds`. */
async function fullLoad(origin, requests, { connections, seconds }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  let next = 0;
  let bytes = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      const from = performance.now();
      bytes += await ask(agent, origin, requests[next++ % requests.length]);
      times.push(performance.now() - from);
    }
  }));
  agent.destroy();
  const elapsed = (performance.now() - began) / 1000;
  return { perSecond: times.length / elapsed, bytesAnAnswer: Math.round(bytes / times.length), ...quantiles(times) };
}

/** `perSecond` requests, whether or not earlier ones are answered; times count from when a request was due. */
async function steadyLoad(origin, requests, { connections, seconds, perSecond }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const waiting = [];
  const began = performance.now();
  const count = Math.floor(perSecond * seconds);
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * perSecond));
    for (; sent < due; sent++) {
      const from = began + (sent / perSecond) * 1000;
      waiting.push(ask(agent, origin, requests[sent % requests.length]).then(() => times.push(performance.now() - from)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(waiting);
  agent.destroy();
  return { perSecond, ...quantiles(times) };
}

module.exports = { fullLoad, steadyLoad };
