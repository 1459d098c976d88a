import type { Socket } from 'node:net';
import type { Application, CdrEvent, MessageMeta } from '../core/application';
import type { IdSource } from '../ids';
import { encodeFrame, FrameError, FrameReader } from './framing';
import { metaTokens, timeOfDay } from './wire';

/** Before it has authenticated a client may send this much in a frame. */
const GREETING_BYTES = 4_096;
const QUEUE_FACTOR = 4;

export interface ClientHandler {
  onFrame(client: AdminClient, payload: string): void;
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
  private frames: string[] = [];
  private framesLength = 0;

  constructor(private readonly socket: Socket, private readonly ids: IdSource, private readonly bounds: ClientBounds, private readonly handler: ClientHandler) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 45_000);
    socket.on('data', (bytes: Buffer) => this.read(bytes));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  get behind(): boolean {
    return this.socket.writableLength + this.framesLength > this.bounds.queueBytes;
  }

  /** From here on frames may be as large as messages are. */
  accept(tags: readonly string[]): void {
    this.authenticated = true;
    this.reader.maximumBytes = this.bounds.frameBytes;
    for (const tag of tags) this.tags.add(tag);
  }

  deliver(meta: MessageMeta, transactionId: string, dialogId: string, text: string, receivedOn?: { host: string; port: number }): void {
    const on = receivedOn === undefined ? '' : `${receivedOn.host}|${receivedOn.port}|`;
    this.write(`${this.ids.uuid()}|sip|${metaTokens(meta)}|${transactionId}|${dialogId}|${on}\r\n${text}`);
  }

  sent(commandId: string, meta: MessageMeta, ids: string, text: string): void {
    this.reply(commandId, 'OK', `${metaTokens(meta)}|${ids}|Msg sent:|\r\n${text}`);
  }

  proxied(commandId: string, meta: MessageMeta, text: string): void {
    this.reply(commandId, 'OK', `${metaTokens(meta)}|||continue\r\n${text}`);
  }

  reply(commandId: string, verdict: 'OK' | 'NO' | 'NOK', detail?: string): void {
    this.write(`${this.ids.uuid()}|response|${commandId}|${verdict}${detail === undefined ? '' : `|${detail}`}`);
  }

  record(event: CdrEvent, source: 'network' | 'application', text: string, detail?: string): void {
    this.write(`${this.ids.uuid()}|${event}|${source}|${timeOfDay()}${detail === undefined ? '' : `|${detail}`}\r\n${text}`);
  }

  /** Sends what is waiting, then closes. */
  end(): void {
    this.flush();
    this.socket.end();
    this.close();
  }

  close(): void {
    if (!this.connected) return;
    this.connected = false;
    if (!this.socket.writableEnded) this.socket.destroy();
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
  private write(payload: string): void {
    if (!this.connected) return;
    const frame = encodeFrame(payload);
    if (this.frames.length === 0) setImmediate(() => this.flush());
    this.frames.push(frame);
    this.framesLength += frame.length;
    // It has stopped reading altogether: what waits for it waits in vain.
    if (this.socket.writableLength + this.framesLength > this.bounds.queueBytes * QUEUE_FACTOR) this.close();
  }

  private flush(): void {
    const text = this.frames.length === 1 ? (this.frames[0] as string) : this.frames.join('');
    this.frames = [];
    this.framesLength = 0;
    if (text !== '' && !this.socket.destroyed) this.socket.write(text);
  }
}
