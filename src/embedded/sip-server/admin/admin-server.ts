import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Timer, TimerQueue } from '../clock';
import type { Engine } from '../core/engine';
import { readApplicationMessage } from '../core/application-message';
import { Refusal } from '../core/refusal';
import { SipServerError } from '../server-error';
import type { IdSource } from '../ids';
import { reportFault } from '../transaction/context';
import type { SipServerLimits, SipServerLog } from '../options';
import { readProxyCommand } from '../proxy/proxy-command';
import { AdminClient, type ClientHandler } from './client';
import type { Routes } from './routes';
import { splitPayload } from './wire';

const VERSION = 'v0.9.10-etasilta';
const GREETING_MS = 10_000;

export interface AdminParts {
  secret: string;
  engine: Engine;
  routes: Routes<AdminClient>;
  ids: IdSource;
  limits: SipServerLimits;
  log: SipServerLog;
  /** `udp/127.0.0.1:5060,...`: what applications are told at authentication. */
  hostPorts: () => string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The side of the server that applications connect to: the drachtio admin protocol. */
export class AdminServer implements ClientHandler {
  private readonly server: Server;
  private readonly clients = new Set<AdminClient>();
  private readonly greetings = new Map<AdminClient, Timer>();
  private readonly secret: Buffer;

  constructor(private readonly parts: AdminParts, private readonly timers: TimerQueue) {
    this.secret = digest(parts.secret);
    this.server = createServer((socket) => this.accept(socket));
    this.server.on('error', () => undefined);
  }

  get clientCount(): number {
    return this.clients.size;
  }

  /** Binds and returns the port. Throws SipServerError `bind-failed`. */
  async listen(host: string, port: number): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening').catch((cause: Error) => {
      throw new SipServerError('bind-failed', `Cannot listen for applications on ${host}:${port}: ${cause.message}`, { cause });
    });
    return (this.server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const client of [...this.clients]) client.close();
    if (this.server.listening) await new Promise((closed) => this.server.close(closed));
  }

  onFrame(client: AdminClient, payload: Buffer): void {
    const { tokens, sip } = splitPayload(payload);
    const [id = '', command = ''] = tokens;
    if (!client.authenticated && command !== 'authenticate') {
      client.reply(id, 'NO', 'authenticate first');
      return client.end();
    }
    try {
      this.execute(client, id, command, tokens, sip);
    } catch (error) {
      if (!(error instanceof Refusal)) reportFault(this.parts.log, command, error);
      client.reply(id, 'NOK', error instanceof Refusal ? error.message : 'Internal server error');
    }
  }

  onClosed(client: AdminClient): void {
    this.clients.delete(client);
    this.greetings.get(client)?.cancel();
    this.greetings.delete(client);
    this.parts.routes.removeAll(client);
    if (client.authenticated) this.parts.engine.onApplicationGone(client);
  }

  private accept(socket: Socket): void {
    if (this.clients.size >= this.parts.limits.adminClients) return void socket.destroy();
    const { adminFrameBytes, adminQueueBytes } = this.parts.limits;
    const client = new AdminClient(socket, this.parts.ids, { frameBytes: adminFrameBytes, queueBytes: adminQueueBytes }, this);
    this.clients.add(client);
    this.greetings.set(client, this.timers.start(GREETING_MS, () => client.close()));
  }

  private execute(client: AdminClient, id: string, command: string, tokens: string[], sip: Buffer): void {
    const [, , first = '', second = '', third = ''] = tokens;
    const { routes } = this.parts;
    switch (command) {
      case 'authenticate':
        return this.authenticate(client, id, first, second);
      case 'ping':
        return client.reply(id, 'OK', 'pong');
      case 'route':
        if (first === '') throw new Refusal('Route request includes unsupported verb');
        routes.add(first, client);
        return client.reply(id, 'OK');
      case 'remove_route':
        routes.remove(first, client);
        return client.reply(id, 'OK');
      case 'sip':
        return this.sip(client, id, first, second, third, sip);
      case 'proxy':
        return this.parts.engine.proxy.proxy(id, readProxyCommand(tokens.slice(2)), sip.length === 0 ? undefined : readApplicationMessage(sip), client);
      default:
        return client.reply(id, 'NO', 'Unknown message type');
    }
  }

  private sip(client: AdminClient, id: string, transactionId: string, dialogId: string, routeUrl: string, sip: Buffer): void {
    const { engine } = this.parts;
    const message = readApplicationMessage(sip);
    if (!message.isRequest) {
      if (transactionId === '') return client.reply(id, 'NO', 'transaction id missing');
      engine.server.respond(id, transactionId, message, client);
    } else if (dialogId !== '') engine.inDialog.request(id, dialogId, message, client);
    else if (transactionId === '') engine.client.request(id, message, routeUrl, client);
    else if (message.method === 'CANCEL') engine.client.cancel(id, transactionId, message, client);
    else throw new Refusal('only CANCEL is sent within a transaction');
  }

  private authenticate(client: AdminClient, id: string, secret: string, tags: string): void {
    if (!timingSafeEqual(digest(secret), this.secret)) {
      this.parts.log('warn', 'application-rejected', { reason: 'incorrect secret' });
      client.reply(id, 'NO', 'incorrect secret');
      return client.end();
    }
    this.greetings.get(client)?.cancel();
    client.accept(tags.split(',').filter((tag) => tag !== ''));
    const hostPorts = this.parts.hostPorts();
    client.reply(id, 'OK', `${hostPorts}|${VERSION}|${hostPorts}`);
  }
}
