// A process of its own that opens idle connections to PORT, EACH from every one of SOURCES loopback addresses, and tells its parent
// when all of them have bound, how many have ended since, and when none is left.
import net from 'node:net';

const [port = 0, sources = 0, each = 0] = process.argv.slice(2).map(Number);
/** Connections on their way at once: what a listener's queue holds. */
const AT_ONCE = 100;

let open = 0;

const connect = (localAddress: string): Promise<void> => new Promise((resolve, reject) => {
  const socket = net.connect({ port, host: '127.0.0.1', localAddress }, () => {
    open++;
    resolve();
  });
  socket.on('error', reject);
  socket.resume();
  socket.on('close', () => {
    open--;
    if (open === 0) process.send?.('all ended');
  });
});

async function main(): Promise<void> {
  const addresses = Array.from({ length: sources * each }, (_, i) => `127.0.1.${1 + (i % sources)}`);
  for (let from = 0; from < addresses.length; from += AT_ONCE) await Promise.all(addresses.slice(from, from + AT_ONCE).map(connect));
  process.send?.('all open');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
