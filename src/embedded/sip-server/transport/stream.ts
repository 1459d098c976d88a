import { once } from 'node:events';
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { DEFAULT_LIMITS, StreamFramer } from '../message';
import { BoundPoint } from './bound-point';
import { Connection, type Wire } from './connection';
import type { ListenPoint } from './contact';
import type { LocalPoint, Target } from './flow';
import { boundsOf, type TransportContext } from './receiver';

const CONNECT_MS = 5_000;
const HANDSHAKE_MS = 5_000;

const wireOf = (socket: Socket): Wire => ({
  write: (bytes) => void socket.write(bytes),
  get queued() {
    return socket.writableLength;
  },
  destroy: () => socket.destroy(),
});

/** Makes a socket, connected or not, a connection that reads messages. */
function adopt(
  socket: Socket, side: 'accepted' | 'opened', local: LocalPoint, remoteAddress: string, remotePort: number, context: TransportContext,
): Connection {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  const connection = new Connection(local, local.protocol, remoteAddress, remotePort, wireOf(socket), boundsOf(context.limits), context.timers,
    (closed) => context.connections.remove(closed));
  const framer = new StreamFramer(side, { ...DEFAULT_LIMITS, maxBodyBytes: context.limits.messageBytes });
  socket.on('data', (bytes: Buffer) => {
    const parsed = framer.push(bytes);
    connection.progress(parsed.length, framer.isInMessage);
    for (const one of parsed) {
      if (!connection.open) return;
      context.receiver.receive(one, connection, bytes.length);
    }
    if (framer.broken) connection.close();
  });
  socket.on('error', () => connection.close());
  socket.on('close', () => connection.close());
  context.connections.add(connection);
  return connection;
}

/** Listens for TCP or TLS connections. */
export class StreamListener {
  private constructor(private readonly server: Server, readonly local: BoundPoint) {}

  /** Binds; rejects with the system's error. */
  static async open(point: ListenPoint, context: TransportContext): Promise<StreamListener> {
    const server = point.protocol === 'tls'
      ? createTlsServer({ ...context.tls, handshakeTimeout: HANDSHAKE_MS, minVersion: 'TLSv1.2' })
      : createServer();
    server.maxConnections = context.limits.connections;
    server.listen({ port: point.port, host: point.host, ipv6Only: isIPv6(point.host) });
    await once(server, 'listening');
    const bound = server.address() as { address: string; port: number };
    const listener = new StreamListener(server, new BoundPoint(point, bound.address, bound.port, context.facing));
    // TLS counts sockets before the handshake, plain TCP has none.
    if (point.protocol === 'tls') {
      server.on('connection', (socket: Socket) => {
        if (!context.connections.admits(socket.remoteAddress ?? '')) socket.destroy();
      });
      server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
    }
    server.on(point.protocol === 'tls' ? 'secureConnection' : 'connection', (socket: Socket) => listener.accept(socket, context));
    server.on('error', () => undefined);
    return listener;
  }

  private accept(socket: Socket, context: TransportContext): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined || !context.connections.admits(remoteAddress)) {
      socket.destroy();
      return;
    }
    adopt(socket, 'accepted', this.local, remoteAddress, remotePort, context);
  }

  /** Opens a connection outwards; what is sent waits until it stands. */
  dial(target: Target, context: TransportContext): Connection {
    const address = { host: target.address, port: target.port };
    const socket = this.local.protocol === 'tls'
      ? connectTls({
        ...address, ...(context.tls?.ca === undefined ? {} : { ca: context.tls.ca }),
        ...(target.serverName === undefined ? {} : { servername: target.serverName }),
      })
      : connect(address);
    const connection = adopt(socket, 'opened', this.local, target.address, target.port, context);
    const given = context.timers.start(CONNECT_MS, () => connection.close());
    socket.once(this.local.protocol === 'tls' ? 'secureConnect' : 'connect', () => given.cancel());
    return connection;
  }

  async close(): Promise<void> {
    await new Promise((closed) => this.server.close(closed));
  }
}
