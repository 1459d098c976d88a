import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import WebSocket from 'ws';

export type RawTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** A SIP endpoint of bytes: sends what it is told and hands out what arrives, one message after another. */
export interface RawClient {
  readonly transport: RawTransport;
  readonly port: number;
  send(message: string): void;
  /** The next message; waits for it. */
  next(): Promise<string>;
  /** Messages that arrived and were not taken. */
  readonly waiting: readonly string[];
  close(): Promise<void>;
}

class Inbox {
  readonly waiting: string[] = [];
  private readonly takers: ((message: string) => void)[] = [];

  push(message: string): void {
    const taker = this.takers.shift();
    if (taker) taker(message);
    else this.waiting.push(message);
  }

  next(): Promise<string> {
    const message = this.waiting.shift();
    return message === undefined ? new Promise((resolve) => this.takers.push(resolve)) : Promise.resolve(message);
  }
}

async function udp(host: string, port: number): Promise<RawClient> {
  const inbox = new Inbox();
  const socket = dgram.createSocket('udp4');
  socket.on('message', (bytes) => inbox.push(bytes.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  let closed: Promise<void> | undefined;
  return {
    transport: 'udp', port: socket.address().port, waiting: inbox.waiting, next: () => inbox.next(),
    send: (message) => socket.send(message, port, host),
    close: () => (closed ??= new Promise((resolve) => socket.close(() => resolve()))),
  };
}

async function stream(transport: 'tcp' | 'tls', host: string, port: number, ca?: string): Promise<RawClient> {
  const inbox = new Inbox();
  const socket = transport === 'tcp' ? net.connect(port, host) : tls.connect({ port, host, ca });
  await new Promise<void>((resolve, reject) => socket.once(transport === 'tcp' ? 'connect' : 'secureConnect', resolve).once('error', reject));
  let buffered = '';
  socket.on('data', (bytes) => {
    // Content-Length counts bytes, so they are kept as such until a message is whole.
    buffered += bytes.toString('latin1');
    for (;;) {
      const head = buffered.indexOf('\r\n\r\n');
      const end = head + 4 + Number(/content-length:\s*(\d+)/i.exec(buffered.slice(0, head))?.[1] ?? 0);
      if (head < 0 || buffered.length < end) return;
      inbox.push(Buffer.from(buffered.slice(0, end), 'latin1').toString());
      buffered = buffered.slice(end);
    }
  });
  return {
    transport, port: socket.localPort!, waiting: inbox.waiting, next: () => inbox.next(),
    send: (message) => socket.write(message),
    close: () => new Promise((resolve) => (socket.destroyed ? resolve() : socket.once('close', () => resolve()).destroy())),
  };
}

async function webSocket(transport: 'ws' | 'wss', host: string, port: number, ca?: string): Promise<RawClient> {
  const inbox = new Inbox();
  const socket = new WebSocket(`${transport}://${host}:${port}`, 'sip', { ca });
  let local = 0;
  socket.on('upgrade', (response) => { local = response.socket.localPort!; });
  socket.on('message', (data) => inbox.push(String(data)));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    transport, port: local, waiting: inbox.waiting, next: () => inbox.next(),
    send: (message) => socket.send(message),
    close: () => new Promise((resolve) => (socket.readyState === WebSocket.CLOSED ? resolve() : socket.once('close', () => resolve()).terminate())),
  };
}

/**
 * Connects to `transport/host:port` as a SIP server tells its addresses.
 * @param ca PEM text of the authority that is trusted over TLS.
 */
export function connectRaw(address: string, ca?: string): Promise<RawClient> {
  const [, transport, host = '', port] = /^(udp|tcp|tls|ws|wss)\/(.+):(\d+)$/.exec(address) ?? [];
  switch (transport as RawTransport | undefined) {
    case 'udp': return udp(host, Number(port));
    case 'tcp': case 'tls': return stream(transport as 'tcp' | 'tls', host, Number(port), ca);
    case 'ws': case 'wss': return webSocket(transport as 'ws' | 'wss', host, Number(port), ca);
    case undefined: throw new Error(`no address of a raw client: ${address}`);
  }
}

export const statusOf = (message: string): number => Number(/^SIP\/2\.0 (\d{3})/.exec(message)?.[1]);

/** Values of a header in a message, one a row. */
export const rowsOf = (message: string, name: string): string[] =>
  message.split('\r\n').flatMap((row) => (row.toLowerCase().startsWith(`${name.toLowerCase()}:`) ? [row.slice(name.length + 1).trim()] : []));

/** A response with the headers that RFC 3261 section 8.2.6.2 copies. */
export function answer(request: string, status: number, extra = ''): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq'].flatMap((name) => rowsOf(request, name).map((value) => `${name}: ${value}\r\n`));
  return `SIP/2.0 ${status} Answer\r\n${copied.join('')}To: ${rowsOf(request, 'To')[0]};tag=raw\r\n${extra}Content-Length: 0\r\n\r\n`;
}
