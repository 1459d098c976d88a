import dgram from 'node:dgram';
import net from 'node:net';

/** Below Linux's ephemeral ports (32768 on), so that no outgoing connection takes a port between the look and the use. */
const FIRST = 15_000;
const LAST = 31_999;
const ATTEMPTS = 200;

/** A window of its own for each jest worker: two test files never look at the same ports. */
function window(): { first: number; size: number } {
  const workers = 8;
  const size = Math.floor((LAST - FIRST + 1) / workers);
  const worker = (Number(process.env.JEST_WORKER_ID ?? '1') - 1) % workers;
  return { first: FIRST + worker * size, size };
}

const taken = new Set<number>();

function freeOnTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function freeOnUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

/**
 * First of `count` consecutive loopback ports, even, free on both UDP and TCP and given to nobody else in this process; for
 * programs that cannot bind port 0 and say which port they got.
 */
export async function freePorts(count = 1): Promise<number> {
  const { first, size } = window();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const start = first + 2 * Math.floor((Math.random() * (size - count)) / 2);
    const ports = Array.from({ length: count }, (_, i) => start + i);
    if (ports.some((port) => taken.has(port))) continue;
    const free = await Promise.all(ports.flatMap((port) => [freeOnUdp(port), freeOnTcp(port)]));
    if (free.every(Boolean)) {
      for (const port of ports) taken.add(port);
      return start;
    }
  }
  throw new Error(`no ${count} consecutive free ports found between ${first} and ${first + size - 1}`);
}
