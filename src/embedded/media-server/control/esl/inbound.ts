import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { MediaServerError } from '../../media-server-error';
import type { Control } from '../control';
import type { AccessList } from './access';
import { EslConnection } from './connection';

const REJECTION = 'Access Denied, go away.\n';
const MAXIMUM_CONNECTIONS = 64;
/** Who has not authenticated by then is disconnected. */
const GREETING_MS = 10_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The event socket that applications connect to. */
export class InboundEventSocket {
  private readonly server: Server;
  private readonly connections = new Set<EslConnection>();
  private readonly password: Buffer;

  constructor(private readonly control: Control, private readonly access: AccessList, password: string) {
    this.password = digest(password);
    this.server = createServer((socket) => this.accept(socket));
    this.server.on('error', () => undefined);
  }

  get size(): number {
    return this.connections.size;
  }

  /** Binds and returns the port. Throws MediaServerError `bind-failed`. */
  async listen(host: string, port: number): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening').catch((cause: Error) => {
      throw new MediaServerError('bind-failed', `Cannot listen for applications on ${host}:${port}: ${cause.message}`);
    });
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const connection of [...this.connections]) connection.end();
    if (this.server.listening) await new Promise((closed) => this.server.close(closed));
  }

  private accept(socket: Socket): void {
    if (!this.access.allows(socket.remoteAddress) || this.connections.size >= MAXIMUM_CONNECTIONS) {
      socket.on('error', () => undefined);
      socket.end(`Content-Type: text/rude-rejection\nContent-Length: ${REJECTION.length}\n\n${REJECTION}`);
      return;
    }
    socket.setTimeout(GREETING_MS, () => socket.destroy());
    const connection = new EslConnection(socket, this.control, undefined, (password) => timingSafeEqual(digest(password), this.password));
    this.connections.add(connection);
    connection.onClosed = () => this.connections.delete(connection);
  }
}
