'use strict';
// Sends and receives RTP of many legs in a process of its own. Its parent tells it what to do by messages:
//   { open: N }                                    -> { ports }: N legs, the UDP port of each (several legs share one)
//   { run: { kind, targets, echo, seconds } }      -> the result of `measure` below
// It ends with its parent, or when nothing was asked of it for two minutes.
const dgram = require('node:dgram');
const { performance } = require('node:perf_hooks');

const LEGS_PER_SOCKET = 16;
const RECEIVE_BUFFER_BYTES = 4 * 2 ** 20;
const SLOT_MS = 2;
const FRAME_MS = 20;
const SLOTS = FRAME_MS / SLOT_MS;
const WARM_UP_MS = 2_000;
const DRAIN_MS = 500;
const IDLE_LIMIT_MS = 120_000;
const RTP_HEADER = 12;
const MAGIC = 0x7e7a51a1;
/** Behind the RTP header, and for video behind the two octets of a split NAL unit: magic, leg, time. */
const STAMP_BYTES = 16;
const DELAY_STEP_MS = 0.05;
const DELAY_STEPS = 20_000;

const sockets = [];
let legs = [];
let run = null;
let idle = setTimeout(() => process.exit(1), IDLE_LIMIT_MS);

const KINDS = {
  /** G.711: 160 octets each 20 ms. */
  audio: { payloadType: 0, packetsPerFrame: 1, payloadBytes: 160, stampAt: RTP_HEADER, timestampStep: 160 },
  /** H.264 at 2 Mbit/s: 25 pictures a second of 8 packets, each picture an IDR slice split by FU-A. */
  video: { payloadType: 97, packetsPerFrame: 4, payloadBytes: 1_238, stampAt: RTP_HEADER + 2, timestampStep: 1_800 },
};

class Histogram {
  counts = new Uint32Array(DELAY_STEPS + 1);
  total = 0;
  max = 0;

  add(ms) {
    this.counts[Math.min(DELAY_STEPS, Math.max(0, Math.floor(ms / DELAY_STEP_MS)))] += 1;
    this.total += 1;
    this.max = Math.max(this.max, ms);
  }

  percentile(share) {
    let seen = 0;
    for (let i = 0; i <= DELAY_STEPS; i += 1) {
      seen += this.counts[i];
      if (this.total > 0 && seen >= share * this.total) return Number(((i + 1) * DELAY_STEP_MS).toFixed(2));
    }
    return null;
  }

  summary() {
    return { packets: this.total, p50: this.percentile(0.5), p99: this.percentile(0.99), max: Number(this.max.toFixed(2)) };
  }
}

async function open(count) {
  for (let i = legs.length; i < count; i += 1) {
    if (i % LEGS_PER_SOCKET === 0) sockets.push(await openSocket());
    legs.push({ socket: sockets.at(-1), sequence: (i * 977) & 0xffff, timestamp: i * 12_345, heardAt: 0 });
  }
  return { ports: legs.slice(0, count).map(({ socket }) => socket.address().port) };
}

function openSocket() {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    socket.once('error', reject);
    socket.on('message', (packet, from) => heard(packet, from));
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
}

/** `targets` are the media server's ports by leg; `echo` measures this process alone: legs send to each other. */
function measure({ kind, targets, echo, seconds }) {
  const shape = KINDS[kind];
  const started = performance.now();
  run = {
    shape, started, from: started + WARM_UP_MS, until: started + WARM_UP_MS + seconds * 1000, sent: 0, forwarded: new Histogram(),
    gaps: new Histogram(), lateness: new Histogram(), receivedInWindow: 0, byPort: new Map(targets.map((port, leg) => [port, leg])), lastHeard: new Map(),
  };
  const bySlot = Array.from({ length: SLOTS }, (_, slot) => targets.map((port, leg) => ({ port, leg })).filter(({ leg }) => leg % SLOTS === slot));
  let slot = 0;
  return new Promise((resolve) => {
    const turn = () => {
      const now = performance.now();
      if (now >= run.until) return setTimeout(() => resolve(finish()), DRAIN_MS);
      // When it is late it catches up one frame at a time: what has come is read in between.
      for (let turns = 0; turns < SLOTS && started + slot * SLOT_MS <= now; turns += 1, slot += 1) {
        if (now >= run.from) run.lateness.add(now - started - slot * SLOT_MS);
        for (const { port, leg } of bySlot[slot % SLOTS]) sendFrame(leg, echo ? legs[leg ^ 1].socket.address().port : port, Math.floor(slot / SLOTS));
      }
      setTimeout(turn, Math.max(0, started + slot * SLOT_MS - performance.now()));
    };
    turn();
  });
}

function sendFrame(leg, port, frame) {
  const { shape } = run;
  const state = legs[leg];
  for (let i = 0; i < shape.packetsPerFrame; i += 1) {
    const packet = Buffer.alloc(RTP_HEADER + shape.payloadBytes, 0xd5);
    // A picture of video takes two frames of audio.
    const last = shape.packetsPerFrame > 1 && frame % 2 === 1 && i === shape.packetsPerFrame - 1;
    packet[0] = 0x80;
    packet[1] = shape.payloadType | (last ? 0x80 : 0);
    packet.writeUInt16BE(state.sequence, 2);
    packet.writeUInt32BE((state.timestamp + (shape.packetsPerFrame > 1 ? frame - (frame % 2) : frame) * shape.timestampStep) >>> 0, 4);
    packet.writeUInt32BE(leg + 1, 8);
    if (shape.packetsPerFrame > 1) {
      packet[RTP_HEADER] = 0x7c;
      packet[RTP_HEADER + 1] = 5 | (frame % 2 === 0 && i === 0 ? 0x80 : 0) | (last ? 0x40 : 0);
    }
    state.sequence = (state.sequence + 1) & 0xffff;
    const now = performance.now();
    packet.writeUInt32BE(MAGIC, shape.stampAt);
    packet.writeUInt32BE(leg, shape.stampAt + 4);
    packet.writeDoubleBE(now, shape.stampAt + 8);
    if (now >= run.from && now < run.until) run.sent += 1;
    state.socket.send(packet, port, '127.0.0.1');
  }
}

function heard(packet, from) {
  if (run === null || packet.length < RTP_HEADER) return;
  const now = performance.now();
  if ((packet[1] & 0x7f) !== run.shape.payloadType) return;
  const at = run.shape.stampAt;
  if (packet.length >= at + STAMP_BYTES && packet.readUInt32BE(at) === MAGIC) {
    const sentAt = packet.readDoubleBE(at + 8);
    if (sentAt >= run.from && sentAt < run.until) run.forwarded.add(now - sentAt);
  }
  if (now < run.from || now >= run.until) return;
  run.receivedInWindow += 1;
  const before = run.lastHeard.get(from.port);
  if (before !== undefined && run.shape.packetsPerFrame === 1) run.gaps.add(Math.abs(now - before - FRAME_MS));
  run.lastHeard.set(from.port, now);
}

/** Counts of the window; `ranMs` is how long packets were sent for, warm-up included; `delay` of packets that came through as they were sent; `gap` is how far from 20 ms apart packets arrived. */
function finish() {
  const { sent, forwarded, gaps, lateness, receivedInWindow, started, until } = run;
  run = null;
  return { ranMs: until - started, sent, received: forwarded.total, lost: sent - forwarded.total, receivedInWindow, delay: forwarded.summary(), gap: gaps.summary(), ownLateness: lateness.summary() };
}

process.on('message', async (message) => {
  clearTimeout(idle);
  idle = setTimeout(() => process.exit(1), IDLE_LIMIT_MS);
  try {
    process.send(message.open ? await open(message.open) : await measure(message.run));
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.on('disconnect', () => process.exit(0));
