import type net from 'node:net';
import tls from 'node:tls';
import { BerWriter } from '../ber';
import { LdapSyntaxError } from '../errors';
import { MessageFramer } from '../protocol';

/** Octets that are collected before they are sent. */
const CHUNK = 64 * 1024;
/** A message has to be whole this long after its first octet, ms. */
const MESSAGE_MS = 30_000;
/** A connection that was still for so long keeps no memory for its next answers, ms. */
const QUIET_MS = 10_000;
/** How long the last octets may take to leave a connection that is closed, ms. */
const CLOSING_MS = 2_000;

export interface WireEvents {
  /** A whole frame; not decoded. */
  message(bytes: Buffer): void;
  /** Octets that are no frame, or cannot be trusted as one. */
  fault(error: LdapSyntaxError): void;
  /** Nothing more comes. */
  ended(): void;
  /** The connection is gone. */
  closed(): void;
}

/** The octets of one connection: frames in, answers out together as far as they come together, nothing kept without bound. */
export class Wire {
  readonly writer = new BerWriter();
  /** The longest message that is taken now. */
  messageLimit: number;
  /** When something was last received or sent, ms. */
  lastActivity: number;
  private framer = new MessageFramer();
  private partialSince: number | undefined;
  private stalledSince: number | undefined;
  private closedSince: number | undefined;
  private waitingForDrain: Promise<void> | undefined;
  private flushPlanned = false;
  private readonly onData = (chunk: Buffer): void => this.receive(chunk);
  private readonly onEnd = (): void => this.events.ended();
  private readonly onClose = (): void => {
    this.closedSince ??= this.now();
    this.events.ended();
    this.events.closed();
  };

  constructor(private socket: net.Socket, messageLimit: number, private readonly events: WireEvents, private readonly now: () => number) {
    this.messageLimit = messageLimit;
    this.lastActivity = now();
    // Without it each answer waits for the acknowledgement of the one before, 40 ms.
    socket.setNoDelay(true);
    this.attach();
  }

  get isClosed(): boolean {
    return this.closedSince !== undefined;
  }

  /** To be called after messages were written: sends them, at the latest when the event loop turns. */
  written(): void {
    if (this.writer.length >= CHUNK) {
      this.flush();
    } else if (!this.flushPlanned) {
      this.flushPlanned = true;
      // Answers to requests that came together leave together.
      process.nextTick(() => this.flush());
    }
  }

  /** Resolves when the client has taken what was sent; undefined: it has. */
  drained(): Promise<void> | undefined {
    return this.waitingForDrain;
  }

  /** Lets what the client sends wait in its own buffers. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (!this.isClosed) this.socket.resume();
  }

  /** Goes on over TLS; octets that came behind the request in clear end the session (RFC 4511 section 4.14.1). */
  startTls(context: tls.SecureContext): void {
    this.flush();
    this.detach();
    this.socket = new tls.TLSSocket(this.socket, { isServer: true, secureContext: context });
    this.attach();
  }

  /** Sends what is written and ends the connection. */
  close(): void {
    if (this.isClosed) return;
    this.flush();
    this.closedSince = this.now();
    this.socket.off('data', this.onData);
    // What the client still sends is read and dropped, so that the end reaches it instead of a reset.
    this.socket.resume();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Looks after time limits; `stalledMs` is how long the client may take over what it was sent. */
  check(now: number, stalledMs: number): void {
    if (this.closedSince !== undefined && now - this.closedSince > CLOSING_MS) this.destroy();
    else if (this.stalledSince !== undefined && now - this.stalledSince > stalledMs) this.destroy();
    else if (now - this.lastActivity > QUIET_MS) this.writer.release();
    if (this.partialSince !== undefined && this.closedSince === undefined && now - this.partialSince > MESSAGE_MS) this.events.fault(new LdapSyntaxError('a message that does not end'));
  }

  private attach(): void {
    this.socket.on('data', this.onData).on('end', this.onEnd).on('error', this.onEnd).on('close', this.onClose);
  }

  private detach(): void {
    this.socket.off('data', this.onData).off('end', this.onEnd).off('error', this.onEnd).off('close', this.onClose);
  }

  private receive(chunk: Buffer): void {
    this.lastActivity = this.now();
    const { socket } = this;
    try {
      for (const message of this.framer.push(chunk, () => this.messageLimit)) {
        // Whoever sends behind StartTLS in clear may not be the one who asked for it.
        if (this.socket !== socket) throw new LdapSyntaxError('octets behind StartTLS');
        this.events.message(message);
        if (this.isClosed) return;
      }
      if (this.socket !== socket && this.framer.buffered > 0) throw new LdapSyntaxError('octets behind StartTLS');
    } catch (error) {
      if (!(error instanceof LdapSyntaxError)) throw error;
      this.events.fault(error);
      return;
    }
    this.partialSince = this.framer.buffered === 0 ? undefined : (this.partialSince ?? this.now());
  }

  private flush(): void {
    this.flushPlanned = false;
    if (this.writer.length === 0) return;
    const octets = this.writer.take();
    if (this.isClosed || !this.socket.writable) return;
    this.lastActivity = this.now();
    if (this.socket.write(octets) || this.waitingForDrain) return;
    this.stalledSince = this.now();
    const { socket } = this;
    this.waitingForDrain = new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        this.stalledSince = undefined;
        this.waitingForDrain = undefined;
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }
}
