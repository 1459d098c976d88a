import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { ListenPoint } from './contact';
import { parseDatagram } from '../message';
import { BoundPoint } from './bound-point';
import type { Flow, LocalPoint } from './flow';
import type { TransportContext } from './receiver';

/** What the kernel keeps while the event loop is busy; the default of 200 kB loses a burst of 300 calls. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;

class UdpFlow implements Flow {
  readonly protocol = 'udp';
  readonly reliable = false;
  private lost: (() => void) | undefined;

  constructor(private readonly listener: UdpListener, readonly remoteAddress: string, readonly remotePort: number) {}

  get local(): LocalPoint {
    return this.listener.local;
  }

  get open(): boolean {
    return this.listener.open;
  }

  send(bytes: Buffer | string): boolean {
    return this.listener.send(bytes, this.remotePort, this.remoteAddress, this.lost);
  }

  onLost(lost: () => void): () => void {
    this.lost = lost;
    return () => (this.lost = undefined);
  }
}

export class UdpListener {
  open = true;

  private constructor(private readonly socket: Socket, readonly local: BoundPoint, context: TransportContext) {
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      context.receiver.receive(parseDatagram(bytes), this.flowTo(from.address, from.port), bytes.length);
    });
    // A datagram that cannot leave concerns its own transaction, which hears of it through the send callback.
    socket.on('error', () => undefined);
  }

  /** Binds; rejects with the system's error. */
  static async open(point: ListenPoint, context: TransportContext): Promise<UdpListener> {
    const family = isIPv6(point.host) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      // Targets are addresses already: answering at once spares a turn of the event loop a datagram.
      lookup: (address, _options, done) => done(null, address, family),
    });
    const listening = once(socket, 'listening');
    socket.bind(point.port, point.host);
    await listening;
    const { address, port } = socket.address();
    for (const grow of ['setRecvBufferSize', 'setSendBufferSize'] as const) {
      try {
        socket[grow](SOCKET_BUFFER_BYTES);
      } catch {
        // The system allows less (net.core.rmem_max); what it gave at first stays.
      }
    }
    return new UdpListener(socket, new BoundPoint(point, address, port, context.facing), context);
  }

  flowTo(address: string, port: number): Flow {
    return new UdpFlow(this, address, port);
  }

  send(bytes: Buffer | string, port: number, address: string, lost: (() => void) | undefined): boolean {
    if (!this.open) return false;
    this.socket.send(bytes, port, address, lost === undefined ? undefined : (error) => {
      if (error !== null) lost();
    });
    return true;
  }

  async close(): Promise<void> {
    this.open = false;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}
