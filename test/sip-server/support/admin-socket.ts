import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FrameReader } from '../../../src/embedded/sip-server/admin/framing';

/** An application made of a bare socket. */
export class AdminSocket {
  private readonly frames: string[] = [];
  private waiting: ((frame: string) => void)[] = [];
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    const reader = new FrameReader(10_000_000);
    socket.on('data', (bytes: Buffer) => {
      for (const payload of reader.read(bytes)) {
        const waiter = this.waiting.shift();
        if (waiter === undefined) this.frames.push(payload.toString());
        else waiter(payload.toString());
      }
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
  }

  static async open(port: number): Promise<AdminSocket> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new AdminSocket(socket);
  }

  frame(payload: string): string {
    return `${Buffer.byteLength(payload)}#${payload}`;
  }

  send(payload: string): void {
    this.socket.write(this.frame(payload));
  }

  /** The next frame, without the server's own id. */
  async next(): Promise<string> {
    const frame = this.frames.shift() ?? await new Promise<string>((resolve) => this.waiting.push(resolve));
    return frame.slice(frame.indexOf('|') + 1);
  }

  async ask(payload: string): Promise<string> {
    this.send(payload);
    return this.next();
  }
}
