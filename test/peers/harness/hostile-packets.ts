import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import fs from 'node:fs';

/** UDP ports of this machine that are open in a range, from the kernel's own table. */
export function openUdpPorts(first: number, last: number): number[] {
  const rows = fs.readFileSync('/proc/net/udp', 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => parseInt(row.trim().split(/\s+/)[1]?.split(':')[1] ?? '', 16)).filter((port) => port >= first && port <= last);
}

const word = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const STUN_COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const stun = (type: number, length: number, attributes: Buffer): Buffer => Buffer.concat([word(type), word(length), STUN_COOKIE, randomBytes(12), attributes]);
const rtp = (first: number, second: number, rest: Buffer): Buffer => Buffer.concat([Buffer.from([first, second]), randomBytes(10), rest]);
const rtcp = (first: number, type: number, length: number, rest: Buffer): Buffer => Buffer.concat([Buffer.from([first, type]), word(length), randomBytes(4), rest]);
const dtls = (type: number, length: number, rest: Buffer): Buffer => Buffer.concat([Buffer.from([type, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0]), word(length), rest]);

/** Packets that lie about themselves, of every protocol that shares a media port (RFC 7983). */
const HOSTILE: readonly (() => Buffer)[] = [
  () => Buffer.alloc(0), () => Buffer.from([0x80]), () => randomBytes(1 + Math.floor(Math.random() * 1_400)), () => Buffer.alloc(1_472, 0xff), () => Buffer.alloc(65_000, 0x80),
  // RTP: more CSRCs than octets, an extension longer than the packet, more padding than there is, no payload, an unknown payload type, an H.264 fragment without its beginning.
  () => rtp(0x8f, 8, Buffer.alloc(4)), () => rtp(0x90, 8, Buffer.from([0xbe, 0xde, 0xff, 0xff])), () => rtp(0xa0, 8, Buffer.from([0xff])), () => rtp(0x80, 8, Buffer.alloc(0)),
  () => rtp(0x80, 0x7f, randomBytes(160)), () => rtp(0x80, 96, Buffer.from([0x7c, 0x41, ...randomBytes(40)])), () => rtp(0x80, 101, Buffer.from([200, 0xff, 0xff])), () => rtp(0x80, 8, randomBytes(4_000)),
  // RTCP: longer than it is, counts that do not fit, BYE of others, key frame requests without end.
  () => rtcp(0x81, 200, 0xffff, Buffer.alloc(8)), () => rtcp(0x9f, 201, 7, Buffer.alloc(28)), () => rtcp(0x81, 203, 1, Buffer.alloc(0)), () => rtcp(0x81, 206, 2, Buffer.alloc(4)),
  () => rtcp(0x84, 206, 4, Buffer.alloc(12)), () => rtcp(0x81, 202, 3, Buffer.from([1, 0xff, 65, 66, 67, 68, 0, 0])), () => rtcp(0x81, 205, 40, randomBytes(156)),
  // STUN: lengths that lie, attributes beyond the end, a binding request without credentials, a wrong response.
  () => stun(0x0001, 0xffff, Buffer.alloc(4)), () => stun(0x0001, 8, Buffer.concat([word(0x0006), word(0xff00), randomBytes(4)])), () => stun(0x0001, 0, Buffer.alloc(0)),
  () => stun(0x0101, 12, Buffer.concat([word(0x0020), word(8), randomBytes(8)])), () => stun(0x0001, 24, Buffer.concat([word(0x0008), word(20), randomBytes(20)])),
  // DTLS: handshakes cut short, a record longer than the packet, an alert, application data before any handshake.
  () => dtls(22, 0xffff, randomBytes(30)), () => dtls(22, 12, Buffer.concat([Buffer.from([1, 0xff, 0xff, 0xff]), Buffer.alloc(8)])), () => dtls(21, 2, Buffer.from([2, 0])), () => dtls(23, 64, randomBytes(64)),
];

/** Sends each kind of hostile packet to each port `rounds` times; resolves with how many were sent. */
export async function sendHostilePackets(ports: readonly number[], rounds: number, host = '127.0.0.1'): Promise<number> {
  const socket = dgram.createSocket('udp4');
  let sent = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      for (const port of ports) {
        for (const make of HOSTILE) {
          await new Promise<void>((resolve) => socket.send(make(), port, host, () => resolve()));
          sent++;
        }
      }
    }
  } finally {
    socket.close();
  }
  return sent;
}
