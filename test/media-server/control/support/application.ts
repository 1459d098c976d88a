import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { EslClient } from './esl-client';

/** An application that waits for the server's connections, one a channel. */
export class OutboundApplication {
  readonly connections: EslClient[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.connections.push(new EslClient(socket));
      server.emit('handed over');
    });
  }

  static async listen(): Promise<OutboundApplication> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OutboundApplication(server);
  }

  /** What an INVITE says of it. */
  get header(): string {
    return `X-esl-outbound: 127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  /** The connection of the next channel, and the channel as it is told. */
  async next(): Promise<{ channel: EslClient; uuid: string; data: ReadonlyMap<string, string> }> {
    if (this.connections.length === 0) await once(this.server, 'handed over');
    const channel = this.connections.shift() as EslClient;
    this.taken.push(channel);
    channel.write('connect\n\n');
    const { headers } = await channel.next('command/reply');
    return { channel, uuid: headers.get('Channel-Unique-ID') ?? '', data: headers };
  }

  private readonly taken: EslClient[] = [];

  close(): void {
    for (const connection of [...this.connections, ...this.taken]) connection.close();
    this.server.close();
  }
}
