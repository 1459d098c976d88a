import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { MediaError } from '../../contracts';

/** Two bound sockets: an even port for RTP, the next for RTCP (RFC 3550 section 11). */
export interface SocketPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Closes both and gives the ports back; safe to call twice. */
  close(): void;
}

/** Ports of others inside our range are passed over; after this many the machine is not ours. */
const MAX_TAKEN = 200;
const ANY_PORT_PAIRS = 16_384;
/** What the kernel keeps while the event loop is busy, as far as the system allows it: half a second of a large picture. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/**
 * UDP ports in pairs out of a range. Given back, a pair goes to the end of the queue, so that late packets of one call do
 * not meet the next one.
 */
export class PortPool {
  used = 0;
  readonly total: number;
  private readonly free: number[] = [];
  private readonly anyPort: boolean;

  constructor(private readonly address: string, portMin: number, portMax: number) {
    this.anyPort = portMin === 0 && portMax === 0;
    if (!this.anyPort && !(portMin >= 1 && portMin < portMax && portMax <= 65_535)) {
      throw new MediaError('BAD_PORT_RANGE', `RTP ports ${portMin}-${portMax} are no range with a pair in it`, 500, 38, 'for example 20000-29999');
    }
    for (let port = portMin + (portMin % 2); !this.anyPort && port < portMax; port += 2) this.free.push(port);
    this.total = this.anyPort ? ANY_PORT_PAIRS * 2 : this.free.length * 2;
  }

  /** Binds a pair; rejects with MediaError `NO_PORTS` (503) when none is left, `BIND_FAILED` (500) when the address is not ours. */
  async open(): Promise<SocketPair> {
    for (let taken = 0; taken <= MAX_TAKEN; taken++) {
      const port = this.anyPort ? 0 : this.free.shift();
      if (port === undefined || this.used >= this.total) break;
      const pair = await this.bindPair(port);
      if (pair !== undefined) return pair;
      if (!this.anyPort) this.free.push(port);
    }
    throw new MediaError('NO_PORTS', `no RTP port is left: ${this.used} of ${this.total} in use`, 503, 42,
      'widen the range of RTP ports or add another media server');
  }

  /** Undefined where another program has one of the two. */
  private async bindPair(port: number): Promise<SocketPair | undefined> {
    this.used += 2;
    const sockets: Socket[] = [];
    try {
      const first = await this.bind(port);
      sockets.push(first);
      const firstPort = first.address().port;
      const second = await this.bind(firstPort ^ 1);
      sockets.push(second);
      const [rtp, rtcp] = firstPort % 2 === 0 ? [first, second] : [second, first];
      let open = true;
      return { rtp, rtcp, rtpPort: rtp.address().port, rtcpPort: rtcp.address().port, close: () => {
        if (!open) return;
        open = false;
        for (const socket of sockets) socket.close();
        this.used -= 2;
        if (!this.anyPort) this.free.push(port);
      } };
    } catch (error) {
      for (const socket of sockets) socket.close();
      this.used -= 2;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') return undefined;
      if (!this.anyPort) this.free.push(port);
      throw new MediaError('BIND_FAILED', `media address ${this.address} cannot be bound: ${code ?? String(error)}`, 500, 38,
        'the RTP address must be one of this machine');
    }
  }

  private bind(port: number): Promise<Socket> {
    const family = isIPv6(this.address) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      // Targets are addresses already: answering at once spares a turn of the event loop a packet.
      lookup: (address, _options, done) => done(null, address, family),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ port, address: this.address, exclusive: true }, () => {
        socket.removeAllListeners('error');
        // A datagram that cannot leave is a lost one.
        socket.on('error', () => undefined);
        resolve(socket);
      });
    });
  }
}
