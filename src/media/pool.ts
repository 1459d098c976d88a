import type { CallMedia, MediaPool, MediaUsage, Release } from '../calls';
import type { Logger } from '../log';
import { PooledCallMedia } from './call-media';
import type { ServerAddress } from './event-socket';
import { IncomingOffers } from './incoming-offers';
import { noCapacity, noServer } from './media-error';
import { MediaServer } from './media-server';
import { promptsIn } from './prompts';
import type { EslListen, SipSide } from './server-link';
import type { SipStack } from './sip-stack';

export interface MediaPoolOptions {
  servers: readonly (ServerAddress & { name?: string })[];
  /** Folder of the prompts, as the media servers see it, and one whose prompts come before them. */
  promptsDir: string;
  ownPromptsDir?: string;
  /** Names this gateway: what an earlier run of the same name left on a server is ended before it is used. */
  owner?: string;
  /** Each server has its own listening port: with a fixed one they are counted up from it in the order of `servers`. */
  eslListen: EslListen;
  log: Logger;
}

/** Sessions that a call needs to begin with. */
const LEAST = 2;

/** Media servers that share the calls between them. */
export class ServerPool implements MediaPool {
  private readonly servers: readonly MediaServer[];
  private readonly rooms = new Map<string, { server: MediaServer; calls: number }>();
  private readonly prompts;

  constructor(stack: SipStack, options: MediaPoolOptions) {
    const sip: SipSide = { stack, offers: new IncomingOffers(stack), owner: options.owner };
    this.prompts = promptsIn(options.promptsDir, options.ownPromptsDir);
    this.servers = options.servers.map((server, index) => new MediaServer(
      server.name ?? `${server.host}:${server.port}`, server, nthListen(options.eslListen, index), sip, options.log,
    ));
  }

  /** Connects to the servers. Those that cannot be reached are tried again for ever; the rest serve meanwhile. */
  async start(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.connect()));
  }

  async close(): Promise<void> {
    for (const server of this.servers) server.close();
  }

  async open(_call: string, events: { lost(why: Release): void }, options: { room?: string } = {}): Promise<CallMedia> {
    const room = options.room === undefined ? undefined : this.rooms.get(options.room);
    const server = room?.server.up ? room.server : this.emptiest();
    if (server.free < LEAST) throw noCapacity();
    return new PooledCallMedia(server, server.reserve(events.lost), this.prompts, this.enter(options.room, server));
  }

  usage(): MediaUsage {
    const servers = this.servers.map((server) => server.usage());
    const sum = (of: (server: MediaUsage['servers'][number]) => number): number => servers.reduce((total, server) => total + of(server), 0);
    return { servers, used: sum(({ sessions }) => sessions), total: sum(({ maxSessions }) => maxSessions) };
  }

  private emptiest(): MediaServer {
    const [best] = this.servers.filter(({ up }) => up).sort((a, b) => b.free - a.free || a.calls - b.calls);
    if (!best) throw noServer();
    return best;
  }

  /** @returns what a call does when it leaves its room. */
  private enter(name: string | undefined, server: MediaServer): () => void {
    if (name === undefined) return () => undefined;
    let room = this.rooms.get(name);
    if (room?.server !== server) this.rooms.set(name, room = { server, calls: 0 });
    const entered = room;
    entered.calls++;
    return () => {
      if (--entered.calls === 0 && this.rooms.get(name) === entered) this.rooms.delete(name);
    };
  }
}

const nthListen = (listen: EslListen, index: number): EslListen => ({
  ...listen,
  port: listen.port === 0 ? 0 : listen.port + index,
  ...(listen.advertisedPort !== undefined && { advertisedPort: listen.advertisedPort + index }),
});
