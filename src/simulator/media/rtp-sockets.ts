import dgram from 'node:dgram';
import { isIPv6 } from 'node:net';
import { SimulatorError } from '../errors';

const PAIR_ATTEMPTS = 50;

/** An RTP socket on an even port and its RTCP socket on the next one (RFC 3550 section 11). */
export interface RtpSockets {
  rtp: dgram.Socket;
  rtcp: dgram.Socket;
  port: number;
}

function bind(host: string, port: number): Promise<dgram.Socket> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      // What a dead far end sends back (port unreachable) is no fault of ours.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Binds a pair on ports that the system chooses. Throws SimulatorError `rtp-port`. */
export async function openRtpSockets(host: string): Promise<RtpSockets> {
  let cause: unknown;
  for (let attempt = 0; attempt < PAIR_ATTEMPTS; attempt++) {
    let rtp: dgram.Socket;
    try {
      rtp = await bind(host, 0);
    } catch (error) {
      throw new SimulatorError('rtp-port', `No RTP port can be opened on ${host}: ${(error as Error).message}`, { cause: error });
    }
    const { port } = rtp.address();
    try {
      if (port % 2 === 0) return { rtp, rtcp: await bind(host, port + 1), port };
    } catch (error) {
      cause = error;
    }
    rtp.close();
  }
  throw new SimulatorError('rtp-port', `No pair of RTP and RTCP ports is free on ${host}`, { cause });
}
