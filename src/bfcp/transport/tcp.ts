import net from 'node:net';
import { BfcpDecodeError, HEADER_LENGTH, MAX_MESSAGE } from '../codec';
import { BfcpError } from '../errors';
import type { Carrier, CarrierReceiver } from './carrier';

/** What may wait for a peer that does not read. */
const MAX_UNSENT = 256 * 1024;
/** So long a peer may take for its first message, and for a message that it has begun. */
const PATIENCE_MS = 30_000;
/** To connect, and to take what is left on closing. */
const CONNECT_MS = 10_000;

/** One message after another from a stream of octets (RFC 8855 section 6.1). */
export class TcpFraming {
  private octets: Buffer = Buffer.alloc(0);

  /** The messages that are whole now; BfcpDecodeError where the stream cannot be followed any further. */
  add(chunk: Buffer): Buffer[] {
    this.octets = this.octets.length === 0 ? chunk : Buffer.concat([this.octets, chunk]);
    const messages: Buffer[] = [];
    while (this.octets.length >= HEADER_LENGTH) {
      const length = HEADER_LENGTH + this.octets.readUInt16BE(2) * 4;
      if (length > MAX_MESSAGE) throw new BfcpDecodeError(`BFCP message of ${length} octets, more than ${MAX_MESSAGE}`);
      if (this.octets.length < length) break;
      messages.push(this.octets.subarray(0, length));
      this.octets = this.octets.subarray(length);
    }
    return messages;
  }

  /** A message has begun and not ended. */
  get midway(): boolean {
    return this.octets.length > 0;
  }
}

class TcpCarrier implements Carrier {
  readonly reliable = true;
  private readonly framing = new TcpFraming();
  private receiver: CarrierReceiver | undefined;
  private patience: NodeJS.Timeout | undefined;

  /** `expectant`: a peer that has connected, and so is to speak first. */
  constructor(private readonly socket: net.Socket, expectant: boolean) {
    if (expectant) this.wait();
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end());
  }

  attach(receiver: CarrierReceiver): void {
    this.receiver = receiver;
  }

  send(message: Buffer): void {
    if (this.socket.destroyed) return;
    if (this.socket.writableLength + message.length > MAX_UNSENT) this.end(new BfcpError('bfcp-limit', 'The BFCP peer does not read what it is sent'));
    else this.socket.write(message);
  }

  close(): void {
    this.receiver = undefined;
    clearTimeout(this.patience);
    this.socket.end();
    // What has not gone after this long never goes.
    if (!this.socket.destroyed) {
      const timer = setTimeout(() => this.socket.destroy(), CONNECT_MS).unref();
      this.socket.once('close', () => clearTimeout(timer));
    }
  }

  private take(chunk: Buffer): void {
    if (!this.receiver) return;
    let messages: Buffer[];
    try {
      messages = this.framing.add(chunk);
    } catch (error) {
      return this.end(error as Error);
    }
    for (const message of messages) this.receiver?.received(message);
    if (messages.length > 0) {
      clearTimeout(this.patience);
      this.patience = undefined;
    }
    if (this.framing.midway && this.receiver) this.wait();
  }

  private wait(): void {
    this.patience ??= setTimeout(() => this.end(new BfcpError('bfcp-timeout', 'The BFCP peer did not finish a message')), PATIENCE_MS);
  }

  private end(cause?: Error): void {
    clearTimeout(this.patience);
    this.socket.destroy();
    const receiver = this.receiver;
    this.receiver = undefined;
    receiver?.closed(cause);
  }
}

/** Connects to a peer whose SDP says that it is passive; BfcpError `bfcp-socket` when that fails. */
export function connectTcp(peer: { address: string; port: number }): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: peer.address, port: peer.port });
    const fail = (cause?: Error): void => {
      socket.destroy();
      reject(new BfcpError('bfcp-socket', `No BFCP connection to ${peer.address}:${peer.port}`, { cause }));
    };
    const timer = setTimeout(fail, CONNECT_MS);
    socket.once('error', (error) => { clearTimeout(timer); fail(error); });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(new TcpCarrier(socket, false));
    });
  });
}

export interface TcpOptions {
  host: string;
  /** Default: any free one. */
  port?: number;
  /** Connections at a time; further ones are closed at once. Default 1. */
  maxPeers?: number;
  /** Whether an IP address may connect; connections of others are closed at once. Default: all. */
  admits?: (address: string) => boolean;
  /** `peer.address` is what SDP or registration may be compared with. */
  accept(carrier: Carrier, peer: { address: string; port: number }): void;
}

/** A TCP port that takes BFCP connections. */
export class TcpListener {
  private readonly sockets = new Set<net.Socket>();

  private constructor(private readonly server: net.Server, { accept, admits, maxPeers = 1 }: TcpOptions) {
    server.on('error', () => undefined);
    server.on('connection', (socket) => {
      const { remoteAddress: address = '', remotePort: port = 0 } = socket;
      if (this.sockets.size >= maxPeers || admits?.(address) === false) return void socket.destroy();
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      accept(new TcpCarrier(socket, true), { address, port });
    });
  }

  /** Opens the port; BfcpError `bfcp-socket` when it cannot be had. */
  static async open(options: TcpOptions): Promise<TcpListener> {
    const server = net.createServer();
    const listener = new TcpListener(server, options);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(new BfcpError('bfcp-socket', `TCP port ${options.port ?? 0} of ${options.host} cannot be opened for BFCP`, { cause })));
      server.listen(options.port ?? 0, options.host, resolve);
    });
    return listener;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
