'use strict';
// Registered H.323 endpoints: what 5,000 of them cost the gateway in memory, and how many of their light-weight registrations
// (keep-alives) it answers a second of one core.
//   node scripts/bench/h323-ras.js [--endpoints N] [--seconds SECONDS]
// Run `npm run build` first. The gateway runs as it is used, with a directory of that many devices, its database and all; a socket of
// this process speaks for all endpoints. The rate is that of the gateway's CPU time, so that other work of the machine does not count.
const dgram = require('node:dgram');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { parseArgs } = require('node:util');
const { freePort } = require('./lib/ports');
const { cpuMs, delay, residentMiB, startProcess, stopProcess, waitUntil } = require('./lib/process');
const { keepResult } = require('./lib/results');
const { runProgram } = require('./lib/run-program');
const { printTable } = require('./lib/table');
const { per: { decode, encode }, ras: { toTransportAddress }, schemas: { h225 } } = require('../../dist/h323');
const { DirectoryRepository, openDirectoryStore } = require('../../dist/directory');
const { controlRequest } = require('../../dist/web');

const MAIN = path.join(__dirname, '../../dist/main.js');
const ANSWER_MS = 2_000;
/** Requests under way at once. */
const WINDOW = 256;
const VENDOR = { vendor: { t35CountryCode: 181, t35Extension: 0, manufacturerCode: 21_324 }, productId: Buffer.from('Bench') };

const { values } = parseArgs({ options: { endpoints: { type: 'string' }, seconds: { type: 'string' } } });
const endpoints = Number(values.endpoints ?? 5_000);
const seconds = Number(values.seconds ?? 10);

const nameOf = (index) => `ex90-${index}@talo.kunta.example`;

async function writeDirectory(folder) {
  const store = await openDirectoryStore(folder);
  const directory = new DirectoryRepository(store);
  await directory.put('organisation', { key: 'kunta', type: 'municipality', names: { fi: 'Kunta' }, domain: 'kunta.example' });
  await directory.put('site', { key: 'talo', organisation: 'kunta', names: { fi: 'Talo' } });
  for (let index = 0; index < endpoints; index += 1) await directory.put('device', { address: nameOf(index), site: 'talo', kind: 'room', enabled: true });
  await store.close();
}

async function startGateway(folder, rasPort) {
  const env = {
    ...process.env, ETASILTA_DATA_DIR: folder, ETASILTA_LOG_LEVEL: 'warn', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp', ETASILTA_MEDIA_MAX_SESSIONS: '10',
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_RAS_PORT: String(rasPort), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.1',
    ETASILTA_H323_SIGNALLING_PORT: '0', ETASILTA_H323_TIME_TO_LIVE_SECONDS: '3600',
  };
  const gateway = startProcess(process.execPath, [MAIN, 'serve'], { cwd: folder, env });
  const socket = path.join(folder, 'control.sock');
  await waitUntil(() => controlRequest(socket, 'GET', '/status').then(() => true, () => false), gateway, 'the gateway', 60_000);
  return { gateway, status: () => controlRequest(socket, 'GET', '/status') };
}

/** One socket that speaks for all endpoints; `ask` gives the answer or undefined. */
async function openClient(port) {
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  const waiting = new Map();
  socket.on('message', (octets) => {
    const [body] = Object.values(decode(h225.RasMessage, octets));
    waiting.get(body.requestSeqNum)?.(body);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let sequence = 0;
  return {
    address: { host: '127.0.0.1', port: socket.address().port },
    close: () => socket.close(),
    ask(message) {
      sequence = (sequence % 65_535) + 1;
      const requestSeqNum = sequence;
      return new Promise((resolve) => {
        const done = (answer) => {
          clearTimeout(timer);
          waiting.delete(requestSeqNum);
          resolve(answer);
        };
        const timer = setTimeout(done, ANSWER_MS);
        waiting.set(requestSeqNum, done);
        socket.send(encode(h225.RasMessage, message(requestSeqNum)), port, '127.0.0.1');
      });
    },
  };
}

const registration = (address, more) => (requestSeqNum) => ({ registrationRequest: {
  requestSeqNum, protocolIdentifier: '0.0.8.2250.0.7', discoveryComplete: true, callSignalAddress: [toTransportAddress({ ...address, port: 1720 })],
  rasAddress: [toTransportAddress(address)], terminalType: { terminal: {}, mc: false, undefinedNode: false }, endpointVendor: VENDOR,
  keepAlive: false, willSupplyUUIEs: false, maintainConnection: false, supportsAssignedGK: false, ...more,
} });

/** Keeps WINDOW requests under way until `next` has no more. */
async function flood(next) {
  await Promise.all(Array.from({ length: WINDOW }, async () => {
    for (let work = next(); work; work = next()) await work;
  }));
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-h323-ras-'));
  try {
    console.log(`writing a directory of ${endpoints} devices ...`);
    await writeDirectory(folder);
    const port = await freePort();
    const { gateway, status } = await startGateway(folder, port);
    const client = await openClient(port);
    await delay(2_000);
    const empty = residentMiB(gateway.pid);

    const identifiers = [];
    let index = 0;
    await flood(() => (index < endpoints ? client.ask(registration(client.address, { terminalAlias: [{ 'h323-ID': nameOf(index++) }] }))
      .then((answer) => answer?.endpointIdentifier && identifiers.push(answer.endpointIdentifier)) : undefined));
    const { h323: { registrations } } = await status();
    if (registrations !== endpoints || identifiers.length !== endpoints) throw new Error(`${registrations} of ${endpoints} endpoints are registered, ${identifiers.length} know it`);
    await delay(2_000);
    const full = residentMiB(gateway.pid);

    let answered = 0;
    let lost = 0;
    const cpu = cpuMs(gateway.pid);
    const start = Date.now();
    let turn = 0;
    await flood(() => (Date.now() - start < seconds * 1_000
      ? client.ask(registration(client.address, { keepAlive: true, endpointIdentifier: identifiers[turn++ % endpoints] }))
        .then((answer) => { if (answer?.endpointIdentifier) answered += 1; else lost += 1; }) : undefined));
    const elapsed = (Date.now() - start) / 1_000;
    const used = (cpuMs(gateway.pid) - cpu) / 1_000;
    const after = residentMiB(gateway.pid);
    client.close();
    await stopProcess(gateway);

    const row = {
      endpoints, memoryEmptyMiB: Math.round(empty), memoryRegisteredMiB: Math.round(full), addedMiB: Math.round(full - empty), addedAfterKeepAlivesMiB: Math.round(after - empty),
      keepAlivesPerSecond: Math.round(answered / elapsed), keepAlivesPerCpuSecond: Math.round(answered / used), unanswered: lost,
    };
    printTable(`${endpoints} registered H.323 endpoints`, [
      ['', ''],
      ['memory of the gateway without them, MiB', row.memoryEmptyMiB], ['added by them, MiB', row.addedMiB], ['added after the keep-alives, MiB', row.addedAfterKeepAlivesMiB],
      ['keep-alives answered a second', row.keepAlivesPerSecond], ['keep-alives a second of the gateway\'s CPU time', row.keepAlivesPerCpuSecond], ['not answered', row.unanswered],
    ]);
    console.log(`\nkept in results/${keepResult('h323-ras', { seconds, ...row })}`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

runProgram(main);
