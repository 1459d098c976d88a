import Srf from 'drachtio-srf';
import { startSipServer, type SipServer, type SipServerOptions } from '../../../src/embedded/sip-server';
import { TEST_LIMITS } from './limits';

/** What the tests use of drachtio-srf; its own declarations lack half of it. */
export interface Asked {
  body: string;
  get(name: string): string;
}

export interface Answer {
  send(status: number, options?: object): void;
}

type Handler = (req: Asked, res: Answer) => unknown;

export interface TestDialog {
  on(event: string, listener: (...args: never[]) => void): void;
  destroy(): Promise<unknown>;
  modify(sdp: string): Promise<string>;
  request(options: object): Promise<unknown>;
}

export interface ProxyResult {
  connected: boolean;
  responses: { msgs: { status: number }[] }[];
}

export interface Application {
  invite(handler: Handler): void;
  options(handler: Handler): void;
  register(handler: Handler): void;
  subscribe(handler: Handler): void;
  message(handler: Handler): void;
  on(event: string, listener: (...args: never[]) => void): void;
  createUAS(req: Asked, res: Answer, options: object): Promise<TestDialog>;
  createUAC(uri: string, options: object): Promise<TestDialog>;
  createB2BUA(req: Asked, res: Answer, uri: string, options: object): Promise<{ uas: TestDialog; uac: TestDialog }>;
  proxyRequest(req: Asked, destinations: string[], options: object): Promise<ProxyResult>;
  request(uri: string, options: object): Promise<{ on(event: 'response', listener: (res: { status: number }) => void): void }>;
  request(options: object, callback: (error: { code: string }) => void): void;
  disconnect(): void;
}

export const SECRET = 'a secret of the tests';

/** A server on free ports of loopback, and drachtio-srf applications connected to it. */
export class RunningServer {
  private readonly applications: Application[] = [];

  private constructor(readonly server: SipServer) {}

  static async start(options: Partial<SipServerOptions> = {}): Promise<RunningServer> {
    return new RunningServer(await startSipServer({
      admin: { host: '127.0.0.1', port: 0 }, secret: SECRET, contacts: ['sip:127.0.0.1:0;transport=udp,tcp'], ...options,
      limits: { ...TEST_LIMITS, ...options.limits },
    }));
  }

  static over(server: SipServer): RunningServer {
    return new RunningServer(server);
  }

  /** The port of a transport. */
  port(transport: string): number {
    const contact = this.server.contacts.find((text) => text.startsWith(`${transport}/`));
    if (contact === undefined) throw new Error(`no ${transport} among ${this.server.contacts.join(', ')}`);
    return Number(contact.slice(contact.lastIndexOf(':') + 1));
  }

  /** A connected application; `setUp` registers its handlers before. */
  async application(setUp: (srf: Application) => void = () => undefined, tags: string[] = []): Promise<Application> {
    const inner = tags.length > 0 ? new Srf(tags as never) : new Srf();
    const srf = inner as unknown as Application;
    this.applications.push(srf);
    srf.on('error', () => undefined);
    inner.connect({ host: '127.0.0.1', port: this.server.adminPort, secret: SECRET });
    await new Promise<void>((resolve, reject) => srf.on('connect', (error: Error | null) => (error === null ? resolve() : reject(error))));
    setUp(srf);
    // The answer to a ping comes after those to the routes before it.
    await settled(srf);
    return srf;
  }

  async stop(): Promise<void> {
    for (const srf of this.applications) {
      try {
        srf.disconnect();
      } catch {
        // It is disconnected already.
      }
    }
    await this.server.close();
  }
}

interface Inside {
  app: { client: { _getDefaultSocket(): unknown; mapServer: Map<unknown, { pendingRequests: Map<string, () => void> }>; wp: { send(socket: unknown, text: string): string } } };
}

/** Resolves when the server has done everything that the application asked for so far. */
export function settled(srf: Application): Promise<void> {
  const { client } = (srf as unknown as Inside).app;
  const socket = client._getDefaultSocket();
  const id = client.wp.send(socket, 'ping');
  return new Promise((resolve) => client.mapServer.get(socket)?.pendingRequests.set(id, () => resolve()));
}
