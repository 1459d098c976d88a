import type { Socket } from 'node:net';
import type { Application, CdrEvent, MessageMeta } from '../core/application';
import type { IdSource } from '../ids';
import { FrameError, FrameReader, FrameWriter } from './framing';
import { metaTokens, timeOfDay } from './wire';

/** Before it has authenticated a client may send this much in a frame. */
const GREETING_BYTES = 4_096;
const QUEUE_FACTOR = 4;

export interface ClientHandler {
  onFrame(client: AdminClient, payload: Buffer): void;
  onClosed(client: AdminClient): void;
}

export interface ClientBounds {
  frameBytes: number;
  queueBytes: number;
}

/** One connected application. */
export class AdminClient implements Application {
  connected = true;
  authenticated = false;
  readonly tags = new Set<string>();
  private readonly reader = new FrameReader(GREETING_BYTES);
  private readonly writer = new FrameWriter();

  constructor(private readonly socket: Socket, private readonly ids: IdSource, private readonly bounds: ClientBounds, private readonly handler: ClientHandler) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 45_000);
    socket.on('data', (bytes: Buffer) => this.read(bytes));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  get behind(): boolean {
    return this.queued > this.bounds.queueBytes;
  }

  /** From here on frames may be as large as messages are. */
  accept(tags: readonly string[]): void {
    this.authenticated = true;
    this.reader.maximumBytes = this.bounds.frameBytes;
    for (const tag of tags) this.tags.add(tag);
  }

  deliver(meta: MessageMeta, transactionId: string, dialogId: string, message: Buffer, receivedOn?: { host: string; port: number }): void {
    const on = receivedOn === undefined ? '' : `${receivedOn.host}|${receivedOn.port}|`;
    this.write(`${this.ids.serial()}|sip|${metaTokens(meta)}|${transactionId}|${dialogId}|${on}`, message);
  }

  sent(commandId: string, meta: MessageMeta, ids: string, message: Buffer): void {
    this.write(`${this.ids.serial()}|response|${commandId}|OK|${metaTokens(meta)}|${ids}|Msg sent:|`, message);
  }

  proxied(commandId: string, meta: MessageMeta, message: Buffer): void {
    this.write(`${this.ids.serial()}|response|${commandId}|OK|${metaTokens(meta)}|||continue`, message);
  }

  reply(commandId: string, verdict: 'OK' | 'NO' | 'NOK', detail?: string): void {
    this.write(`${this.ids.serial()}|response|${commandId}|${verdict}${detail === undefined ? '' : `|${detail}`}`);
  }

  record(event: CdrEvent, source: 'network' | 'application', message: Buffer, detail?: string): void {
    this.write(`${this.ids.serial()}|${event}|${source}|${timeOfDay()}${detail === undefined ? '' : `|${detail}`}`, message);
  }

  /** Sends what is waiting, then closes. */
  end(): void {
    this.flush();
    this.socket.destroySoon();
    this.leave();
  }

  close(): void {
    this.socket.destroy();
    this.leave();
  }

  private leave(): void {
    if (!this.connected) return;
    this.connected = false;
    this.handler.onClosed(this);
  }

  private read(bytes: Buffer): void {
    try {
      for (const payload of this.reader.read(bytes)) {
        if (!this.connected) return;
        this.handler.onFrame(this, payload);
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close();
    }
  }

  /** Frames of one turn of the event loop leave in one write. */
  private write(tokens: string, message?: Buffer): void {
    if (!this.connected) return;
    if (this.writer.length === 0) setImmediate(() => this.flush());
    this.writer.add(tokens, message);
    // It has stopped reading altogether: what waits for it waits in vain.
    if (this.queued > this.bounds.queueBytes * QUEUE_FACTOR) this.close();
  }

  private flush(): void {
    if (this.writer.length === 0) return;
    const frames = this.writer.take();
    if (!this.socket.destroyed) this.socket.write(frames);
  }

  private get queued(): number {
    return this.socket.writableLength + this.writer.length;
  }
}
