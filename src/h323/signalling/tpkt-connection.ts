import type { Socket } from 'node:net';
import { PerError } from '../per';
import { encodeTpkt, Q931Error, TpktFramer } from '../q931';
import type { HostPort } from '../ras';
import { SignallingError } from './errors';
import { Timer, type Clock } from '../clock';

/** What peers send is below 10,000 octets. */
const MAX_PAYLOAD = 32_768;
/** Octets that a peer that does not read may leave here. */
const MAX_UNSENT = 262_144;
const KEEP_ALIVE_MS = 30_000;

export interface TpktConnectionEvents {
  /** One packet. What it throws costs the connection. */
  received(payload: Buffer): void;
  /** Once; with the fault that ended it, if there was one. */
  closed(fault?: Error): void;
}

export interface ConnectionTiming {
  clock: Clock;
  /** Milliseconds for a packet, and for the other side to end. */
  packetMs: number;
}

/** A TCP connection with TPKT packets: call signalling, or H.245 on its own. */
export class TpktConnection {
  readonly local: HostPort;
  readonly remote: HostPort;
  private readonly framer = new TpktFramer(MAX_PAYLOAD);
  private readonly patience: Timer;
  private fault: Error | undefined;
  private ended = false;

  /** `socket` is connected. */
  constructor(private readonly socket: Socket, private readonly timing: ConnectionTiming, private readonly events: TpktConnectionEvents) {
    this.local = hostPort(socket.localAddress, socket.localPort);
    this.remote = hostPort(socket.remoteAddress, socket.remotePort);
    this.patience = new Timer(timing.clock);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk) => this.take(chunk));
    // The close that follows tells.
    socket.on('error', (error) => { this.fault ??= error; });
    socket.on('end', () => this.end());
    socket.on('close', () => {
      this.patience.reset();
      events.closed(this.fault);
    });
  }

  send(payload: Buffer): void {
    if (this.ended || this.socket.destroyed) return;
    this.gather();
    this.socket.write(encodeTpkt(payload));
    if (this.socket.writableLength > MAX_UNSENT) this.fail(new SignallingError('signalling-limit', `${this.remote.host} does not read what it is sent`));
  }

  /** Ends it after what was sent; the other side gets a while to do the same. */
  end(): void {
    if (this.ended || this.socket.destroyed) return;
    this.ended = true;
    this.socket.end();
    this.limit();
  }

  /** Ends it at once; what was sent before is on its way. */
  destroy(): void {
    this.socket.uncork();
    this.socket.destroy();
  }

  /** What is sent in one turn of the event loop goes in one write: each of its own costs more than a message takes to make, here and at the peer. */
  private gather(): void {
    const { socket } = this;
    if (socket.writableCorked > 0) return;
    socket.cork();
    setImmediate(() => socket.uncork());
  }

  private limit(): void {
    const { host } = this.remote;
    this.patience.set(this.timing.packetMs, () => this.fail(new SignallingError('signalling-limit', `${host} did not end a packet or connection in time`)));
  }

  private fail(fault: Error): void {
    this.fault ??= fault;
    this.destroy();
  }

  private take(chunk: Buffer): void {
    try {
      const payloads = this.framer.push(chunk);
      if (!this.ended) {
        if (this.framer.buffered === 0) this.patience.reset();
        else if (payloads.length > 0 || !this.patience.running) this.limit();
      }
      for (const payload of payloads) if (!this.socket.destroyed) this.events.received(payload);
    } catch (error) {
      this.fail(error as Error);
    }
  }
}

/** Whether a fault is the peer's doing: its octets or its manners. */
export const isPeersFault = (fault: Error): boolean => fault instanceof Q931Error || fault instanceof PerError || fault instanceof SignallingError;

/** Whether a connection broke off, which is told with the calls that it carried. */
export const isOfNetwork = (fault: Error): boolean => (fault as NodeJS.ErrnoException).syscall !== undefined;

/** IPv4 addresses in IPv6 ones (::ffff:…) are IPv4 addresses. */
export const plainHost = (host: string): string => host.replace(/^::ffff:(?=\d+\.)/i, '');

const hostPort = (host: string | undefined, port: number | undefined): HostPort => ({ host: plainHost(host ?? ''), port: port ?? 0 });
