import net from 'node:net';
import { toTransportAddress, type HostPort } from '../ras';
import { showSent } from '../sent';
import { SignallingError } from './errors';
import { plainHost, TpktConnection, type ConnectionTiming } from './tpkt-connection';

/** Ports that are tried in a range before it counts as full. */
const MAX_ATTEMPTS = 64;

export interface ControlConnectionEvents {
  /** Messages can be sent. Once. */
  up(): void;
  received(octets: Buffer): void;
  /** Neither side's connection is left, after `up`. Once. */
  down(fault?: Error): void;
  /** The peer could not be reached at the address it gave. */
  unreachable(): void;
}

export interface ControlConnectionOptions extends ConnectionTiming {
  /** Where to listen and to connect from: this side's address of call signalling, known once that is connected. */
  host(): string;
  /** Ports to listen on; default: any. */
  ports?: { first: number; last: number };
  /** Milliseconds for setting up the connection. */
  connectMs: number;
  /** Whose connections are taken. */
  accepts(host: string): boolean;
}

/**
 * The H.245 control channel in a TCP connection of its own (H.323 section 6.2.8): either side offers an address and the other connects.
 * When both have connected, the side with the numerically smaller address gives its own connection up (H.323 section 8.2.3).
 */
export class ControlConnection {
  private listener: net.Server | undefined;
  private listening: Promise<HostPort> | undefined;
  private offered: HostPort | undefined;
  private target: HostPort | undefined;
  private dialling: net.Socket | undefined;
  private outgoing: TpktConnection | undefined;
  private incoming: TpktConnection | undefined;
  private wasUp = false;
  private closed = false;

  constructor(private readonly options: ControlConnectionOptions, private readonly events: ControlConnectionEvents) {}

  get up(): boolean {
    return this.current !== undefined;
  }

  /** Where this side listens, once it does. */
  get address(): HostPort | undefined {
    return this.offered;
  }

  /** Starts to listen for the peer; where. Rejects with SignallingError when no port is free. */
  listen(): Promise<HostPort> {
    this.listening ??= this.bind().then(({ server, port }) => {
      server.unref();
      if (this.closed) {
        server.close();
        throw new SignallingError('signalling-state', 'the call has ended');
      }
      this.listener = server;
      this.offered = { host: this.options.host(), port };
      return this.offered;
    });
    return this.listening;
  }

  /** Connects to the address that the peer offered, unless it did so already; whether it does. */
  connect(target: HostPort): boolean {
    if (this.target || this.closed) return false;
    this.target = target;
    const socket = net.connect({ host: target.host, port: target.port, localAddress: this.options.host() });
    const giveUp = this.options.clock.wakeAfter(this.options.connectMs, () => socket.destroy());
    this.dialling = socket;
    const failed = (): void => {
      giveUp();
      this.dialling = undefined;
      this.target = undefined;
      if (!this.closed && !this.up) this.events.unreachable();
    };
    socket.on('error', () => undefined);
    socket.once('close', failed);
    socket.once('connect', () => {
      giveUp();
      socket.off('close', failed);
      this.dialling = undefined;
      this.outgoing = this.adopt(socket, () => { this.outgoing = undefined; });
      this.settle();
    });
    return true;
  }

  send(octets: Buffer): void {
    showSent('h245', octets);
    this.current?.send(octets);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopListening();
    this.dialling?.destroy();
    this.outgoing?.end();
    this.incoming?.end();
  }

  /** The connection that messages are sent in. */
  private get current(): TpktConnection | undefined {
    if (this.outgoing && this.incoming) return this.ownIsSmaller ? this.incoming : this.outgoing;
    return this.incoming ?? this.outgoing;
  }

  /** Addresses first, then ports, octet by octet. */
  private get ownIsSmaller(): boolean {
    return this.offered !== undefined && this.target !== undefined && Buffer.compare(comparable(this.offered), comparable(this.target)) < 0;
  }

  private accept(socket: net.Socket): void {
    socket.on('error', () => undefined);
    if (this.closed || this.incoming || !this.options.accepts(plainHost(socket.remoteAddress ?? ''))) {
      socket.destroy();
      return;
    }
    this.stopListening();
    this.incoming = this.adopt(socket, () => { this.incoming = undefined; });
    this.settle();
  }

  private settle(): void {
    if (this.incoming && this.ownIsSmaller) {
      this.dialling?.destroy();
      this.outgoing?.end();
    }
    if (this.wasUp) return;
    this.wasUp = true;
    this.events.up();
  }

  private adopt(socket: net.Socket, forget: () => void): TpktConnection {
    return new TpktConnection(socket, this.options, {
      received: (octets) => {
        if (!this.closed) this.events.received(octets);
      },
      closed: (fault) => {
        forget();
        if (!this.closed && !this.up) this.events.down(fault);
      },
    });
  }

  private stopListening(): void {
    this.listener?.close();
    this.listener = undefined;
  }

  private async bind(): Promise<{ server: net.Server; port: number }> {
    const { ports } = this.options;
    if (!ports) return this.bindTo(0);
    const size = ports.last - ports.first + 1;
    const start = Math.floor(Math.random() * size);
    for (let i = 0; i < Math.min(size, MAX_ATTEMPTS); i++) {
      try {
        return await this.bindTo(ports.first + ((start + i) % size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    throw new SignallingError('h245-ports', `no free port for H.245 on ${this.options.host()} between ${ports.first} and ${ports.last}`, 'Widen the range of H.245 ports.');
  }

  private bindTo(port: number): Promise<{ server: net.Server; port: number }> {
    return new Promise((resolve, reject) => {
      const server = net.createServer((socket) => this.accept(socket));
      server.once('error', reject);
      server.listen({ host: this.options.host(), port, backlog: 4 }, () => {
        server.off('error', reject);
        // A listener that fails afterwards takes nobody; the timers of the call end it.
        server.on('error', () => undefined);
        resolve({ server, port: (server.address() as net.AddressInfo).port });
      });
    });
  }
}

function comparable(address: HostPort): Buffer {
  const transport = toTransportAddress(address);
  const { ip, port } = 'ipAddress' in transport ? transport.ipAddress : 'ip6Address' in transport ? transport.ip6Address : { ip: Buffer.alloc(0), port: 0 };
  return Buffer.concat([ip, Buffer.from([port >> 8, port & 0xff])]);
}
