import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { request, type Peer } from '../../../sip-server/support/peer';
import { EslClient } from './esl-client';
import type { RtpPhone } from './rtp-phone';

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

  /** A call to the server that this application is to have, and the connection that the server makes for it. */
  async call(server: { sipPort: number }, caller: Peer, phone: RtpPhone, callId: string, headers: string[] = []): ReturnType<OutboundApplication['next']> {
    const uri = `sip:drachtio@127.0.0.1:${server.sipPort}`;
    const from = '<sip:127.0.0.1>;tag=c';
    caller.send(request(caller, 'INVITE', uri, { callId, from, headers: [this.header, ...headers], body: phone.sdp() }));
    const answer = await caller.next(200);
    caller.send(request(caller, 'ACK', uri, { callId, from, to: answer.get('To'), branch: `z9hG4bK-${callId}-ack` }));
    return this.next();
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
