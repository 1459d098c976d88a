import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { parseDatagram } from '../message';
import { BoundPoint } from './bound-point';
import { Connection, type Wire } from './connection';
import type { ListenPoint } from './contact';
import { boundsOf, type TransportContext } from './receiver';

const HEAD_MS = 5_000;

const wireOf = (socket: WebSocket): Wire => ({
  write: (bytes) => socket.send(bytes, { binary: false }),
  get queued() {
    return socket.bufferedAmount;
  },
  destroy: () => socket.terminate(),
});

const toBuffer = (data: RawData): Buffer => (Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data));

/** SIP over WebSocket (RFC 7118), plain or over TLS; one message of the subprotocol `sip` is one SIP message. */
export class WebSocketListener {
  private constructor(private readonly http: Server, readonly local: BoundPoint) {}

  /** Binds; rejects with the system's error. */
  static async open(point: ListenPoint, context: TransportContext): Promise<WebSocketListener> {
    const bounds = { headersTimeout: HEAD_MS, requestTimeout: HEAD_MS, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 };
    const refuse = (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end();
    };
    const http = point.protocol === 'wss' ? createSecureServer({ ...context.tls, ...bounds, minVersion: 'TLSv1.2' }, refuse) : createServer(bounds, refuse);
    http.maxConnections = context.limits.connections;
    http.listen({ port: point.port, host: point.host, ipv6Only: isIPv6(point.host) });
    await once(http, 'listening');
    const bound = http.address() as { address: string; port: number };
    const listener = new WebSocketListener(http, new BoundPoint(point, bound.address, bound.port, context.facing));
    const upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: context.limits.messageBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has('sip') ? 'sip' : false),
    });
    http.on('connection', (socket: Socket) => {
      if (!context.connections.admits(socket.remoteAddress ?? '')) socket.destroy();
    });
    http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim().toLowerCase());
      if (!offered.includes('sip') || !context.connections.admits(socket.remoteAddress ?? '')) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
        return;
      }
      upgrades.handleUpgrade(request, socket, head, (webSocket) => listener.accept(webSocket, socket, context));
    });
    http.on('clientError', (_error, socket) => socket.destroy());
    http.on('error', () => undefined);
    return listener;
  }

  private accept(webSocket: WebSocket, socket: Socket, context: TransportContext): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) return webSocket.terminate();
    const connection = new Connection(this.local, this.local.protocol, remoteAddress, remotePort, wireOf(webSocket), boundsOf(context.limits),
      context.timers, (closed) => context.connections.remove(closed));
    context.connections.add(connection);
    webSocket.on('message', (data) => {
      const bytes = toBuffer(data);
      connection.progress(1, false);
      context.receiver.receive(parseDatagram(bytes), connection, bytes.length);
    });
    webSocket.on('ping', () => connection.progress(1, false));
    webSocket.on('error', () => connection.close());
    webSocket.on('close', () => connection.close());
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((closed) => this.http.close(closed));
  }
}
