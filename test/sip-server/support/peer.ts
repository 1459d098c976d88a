import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import WebSocket from 'ws';
import { parseDatagram, StreamFramer, type SipMessage } from '../../../src/embedded/sip-server/message';

const WAIT_MS = 10_000;

/** A SIP device made of a bare socket: sends what a test writes, keeps what comes. */
export class Peer {
  readonly received: SipMessage[] = [];
  /** What was no SIP message: keep-alives and the like. */
  readonly other: string[] = [];
  private waiting: { fits: (message: SipMessage) => boolean; resolve: (message: SipMessage) => void }[] = [];
  private closedBy: (() => void)[] = [];
  closed = false;

  constructor(readonly transport: string, readonly host: string, readonly port: number, private readonly write: (bytes: string | Buffer) => void,
    private readonly end: () => void) {}

  send(bytes: string | Buffer): void {
    this.write(bytes);
  }

  /** The first message of a method or status that has not been asked for before. */
  async next(what: string | number): Promise<SipMessage> {
    const fits = (message: SipMessage): boolean => (typeof what === 'number' ? message.status === what : message.method === what);
    const at = this.received.findIndex(fits);
    if (at >= 0) return this.received.splice(at, 1)[0] as SipMessage;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no ${what} in ${WAIT_MS} ms, but ${this.received.map((message) => message.method || message.status).join(', ') || 'nothing'}`)), WAIT_MS);
    });
    const found = new Promise<SipMessage>((resolve) => this.waiting.push({ fits, resolve }));
    return Promise.race([found, late]).finally(() => clearTimeout(timer));
  }

  /** Resolves when the other side has closed. */
  async ended(): Promise<void> {
    if (!this.closed) await new Promise<void>((resolve) => this.closedBy.push(resolve));
  }

  close(): void {
    this.end();
  }

  take(message: SipMessage): void {
    const at = this.waiting.findIndex(({ fits }) => fits(message));
    if (at < 0) this.received.push(message);
    else this.waiting.splice(at, 1)[0]?.resolve(message);
  }

  markClosed(): void {
    this.closed = true;
    for (const resolve of this.closedBy.splice(0)) resolve();
  }
}

const accept = (peer: Peer, bytes: Buffer): void => {
  const parsed = parseDatagram(bytes);
  if (parsed.message !== undefined) peer.take(parsed.message);
  else peer.other.push(bytes.toString());
};

/** A device over UDP. */
export async function udpPeer(serverHost: string, serverPort: number, host = serverHost.includes(':') ? '::1' : '127.0.0.1'): Promise<Peer> {
  const socket = createSocket(host === '::1' ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const peer: Peer = new Peer('UDP', host === '::1' ? '[::1]' : host, socket.address().port, (bytes) => socket.send(bytes, serverPort, serverHost), () => socket.close());
  socket.on('message', (bytes) => accept(peer, bytes));
  return peer;
}

function streamPeer(transport: string, socket: Socket): Peer {
  const framer = new StreamFramer('opened');
  const host = socket.localAddress?.includes(':') ? `[${socket.localAddress}]` : socket.localAddress ?? '';
  const peer: Peer = new Peer(transport, host, socket.localPort ?? 0, (bytes) => socket.write(bytes), () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    for (const parsed of framer.push(bytes)) {
      if (parsed.message !== undefined) peer.take(parsed.message);
      else peer.other.push(parsed.keepAlive ?? parsed.drop ?? '');
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => peer.markClosed());
  return peer;
}

/** A device that has opened a TCP connection. */
export async function tcpPeer(serverHost: string, serverPort: number): Promise<Peer> {
  const socket = connectTcp(serverPort, serverHost);
  await once(socket, 'connect');
  return streamPeer('TCP', socket);
}

/** A device that has opened a TLS connection and trusts `ca`. */
export async function tlsPeer(serverHost: string, serverPort: number, ca: string): Promise<Peer> {
  const socket = connectTls({ port: serverPort, host: serverHost, ca, servername: 'localhost' });
  await once(socket, 'secureConnect');
  return streamPeer('TLS', socket);
}

/** A browser: a WebSocket of the subprotocol `sip`, whose own address is not known (RFC 7118). */
export async function webSocketPeer(url: string, options: { ca?: string; subprotocol?: string } = {}): Promise<Peer> {
  const socket = new WebSocket(url, options.subprotocol ?? 'sip', { ca: options.ca, servername: 'localhost' } as WebSocket.ClientOptions);
  await once(socket, 'open');
  const peer: Peer = new Peer(url.startsWith('wss') ? 'WSS' : 'WS', 'browser.invalid', 5060, (bytes) => socket.send(bytes), () => socket.terminate());
  socket.on('message', (bytes: Buffer) => accept(peer, bytes));
  socket.on('close', () => peer.markClosed());
  return peer;
}

let lastCall = 0;

/** The text of a request from a peer. */
export function request(peer: Peer, method: string, uri: string, options: { callId?: string; cseq?: number; to?: string; from?: string; branch?: string; headers?: string[]; body?: string } = {}): string {
  const id = ++lastCall;
  const { body = '', headers = [] } = options;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${peer.transport} ${peer.host}:${peer.port};branch=${options.branch ?? `z9hG4bK-${id}`};rport`,
    'Max-Forwards: 70',
    `From: ${options.from ?? `<sip:caller@example.com>;tag=tag${id}`}`,
    `To: ${options.to ?? `<${uri}>`}`,
    `Call-ID: ${options.callId ?? `call-${id}@example.com`}`,
    `CSeq: ${options.cseq ?? 1} ${method}`,
    `Contact: <sip:caller@${peer.host}:${peer.port};transport=${peer.transport.toLowerCase()}>`,
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '', body,
  ].join('\r\n');
}

/** The text of a peer's response to a request that it received. */
export function response(peer: Peer, to: SipMessage, status: string, options: { tag?: string; headers?: string[]; body?: string } = {}): string {
  const { body = '', headers = [] } = options;
  const toValue = to.get('To') ?? '';
  return [
    `SIP/2.0 ${status}`,
    ...to.getAll('Via').map((via) => `Via: ${via}`),
    ...to.getAll('Record-Route').map((route) => `Record-Route: ${route}`),
    `From: ${to.get('From')}`,
    `To: ${toValue.includes('tag=') ? toValue : `${toValue};tag=${options.tag ?? 'callee'}`}`,
    `Call-ID: ${to.get('Call-ID')}`,
    `CSeq: ${to.get('CSeq')}`,
    `Contact: <sip:callee@${peer.host}:${peer.port};transport=${peer.transport.toLowerCase()}>`,
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '', body,
  ].join('\r\n');
}
