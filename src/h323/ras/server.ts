import dgram from 'node:dgram';
import { showSent } from '../sent';
import type { Gatekeeper } from './gatekeeper';

/** Messages that are answered at once; over them, what arrives is dropped and sent again by its sender. */
const MAX_AT_WORK = 1_000;
const TICK_MS = 500;
/** What arrives in a rush, as after a power cut, waits there. */
const RECEIVE_OCTETS = 4 * 1_048_576;
/** Endpoints repeat a request after three seconds; one that takes longer than this is told to wait. */
const IN_PROGRESS_AFTER_MS = 1_000;

export interface RasServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers RAS messages on a UDP socket. `onError` gets faults of the socket and of the directory. */
export function serveRas(gatekeeper: Gatekeeper, { host, port }: { host: string; port: number }, onError: (error: Error) => void): Promise<RasServer> {
  const socket = dgram.createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_OCTETS });
  // What cannot be sent, to an address that leads nowhere, is sent again or missed by its receiver.
  const send = (octets: Buffer, port: number, address: string): void => {
    showSent('ras', octets);
    socket.send(octets, port, address, () => undefined);
  };
  let atWork = 0;
  socket.on('message', (octets, { address, port: from }) => {
    if (atWork >= MAX_AT_WORK) return;
    atWork++;
    const slow = setTimeout(() => {
      const progress = gatekeeper.inProgress(octets);
      if (progress) send(progress, from, address);
    }, IN_PROGRESS_AFTER_MS);
    gatekeeper.handle(octets, { host: address, port: from })
      .then((answer) => {
        if (answer) send(answer.octets, answer.to.port, answer.to.host);
      })
      .catch(onError)
      .finally(() => {
        clearTimeout(slow);
        atWork--;
      });
  });
  const timer = setInterval(() => gatekeeper.tick(), TICK_MS);
  timer.unref();
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      socket.on('error', onError);
      gatekeeper.attach(({ octets, to }) => send(octets, to.port, to.host));
      resolve({
        port: socket.address().port,
        close: () => new Promise((closed) => {
          clearInterval(timer);
          gatekeeper.attach(() => undefined);
          gatekeeper.close();
          socket.close(() => closed());
        }),
      });
    });
  });
}
