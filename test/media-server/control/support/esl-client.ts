import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One message of the event socket. */
export interface Frame {
  headers: Map<string, string>;
  body: string;
}

const WAIT_MS = 10_000;

/** A bare event-socket client: writes what a test writes, keeps what comes. */
export class EslClient {
  readonly frames: Frame[] = [];
  private buffer = Buffer.alloc(0);
  private waiting: { fits: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = [];
  private closed = false;
  private onClosed: (() => void)[] = [];

  constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => this.read(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      for (const resolve of this.onClosed) resolve();
    });
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<EslClient> {
    const socket = connect(port, host);
    const client = new EslClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Connected, greeted and let in. */
  static async authenticated(port: number, password: string): Promise<EslClient> {
    const client = await EslClient.connect(port);
    await client.next('auth/request');
    await client.command(`auth ${password}`);
    return client;
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Sends a command and resolves with the text of its reply. */
  async command(text: string): Promise<string> {
    this.write(`${text}\n\n`);
    return (await this.next('command/reply')).headers.get('Reply-Text') ?? '';
  }

  async api(command: string): Promise<string> {
    this.write(`api ${command}\n\n`);
    return (await this.next('api/response')).body;
  }

  /** The first message of a type that has not been asked for before. */
  async next(contentType: string, fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const wanted = (frame: Frame): boolean => frame.headers.get('Content-Type') === contentType && fits(frame);
    const at = this.frames.findIndex(wanted);
    if (at >= 0) return this.frames.splice(at, 1)[0] as Frame;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no ${contentType}, but ${this.frames.map(({ headers }) => headers.get('Content-Type')).join(', ') || 'nothing'}`)), WAIT_MS);
    });
    const found = new Promise<Frame>((resolve) => this.waiting.push({ fits: wanted, resolve }));
    return Promise.race([found, late]).finally(() => clearTimeout(timer));
  }

  /** The next event of a name, in JSON. */
  async event(name: string): Promise<Record<string, string>> {
    const frame = await this.next('text/event-json', ({ body }) => body.includes(`"Event-Name":"${name}"`));
    return JSON.parse(frame.body) as Record<string, string>;
  }

  async ended(): Promise<void> {
    if (!this.closed) await new Promise<void>((resolve) => this.onClosed.push(resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  private read(bytes: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, bytes]);
    for (;;) {
      const end = this.buffer.indexOf('\n\n');
      if (end < 0) return;
      const headers = new Map(this.buffer.subarray(0, end).toString().split('\n').map((line): [string, string] => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }));
      const length = Number(headers.get('Content-Length') ?? 0);
      if (this.buffer.length < end + 2 + length) return;
      const frame = { headers, body: this.buffer.subarray(end + 2, end + 2 + length).toString() };
      this.buffer = this.buffer.subarray(end + 2 + length);
      const at = this.waiting.findIndex(({ fits }) => fits(frame));
      if (at < 0) this.frames.push(frame);
      else this.waiting.splice(at, 1)[0]?.resolve(frame);
    }
  }
}
