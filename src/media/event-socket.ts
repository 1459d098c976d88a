import net from 'node:net';
import { Connection } from 'drachtio-modesl';
import { MediaError, serverFault } from './media-error';

/** Where a media server's event socket is. */
export interface ServerAddress {
  host: string;
  port: number;
  password: string;
}

export interface Health {
  sessions: number;
  maxSessions: number;
  version?: string;
}

const CONNECT_MS = 5_000;

/**
 * A connection to an event socket that has let us in. It does not connect again by itself: what was on the server is lost with
 * it, and whoever uses it starts anew.
 */
export async function openEventSocket({ host, port, password }: ServerAddress): Promise<Connection> {
  const where = `media server ${host}:${port}`;
  const connection = new Connection(host, port, password);
  if (connection.socket) writeWhole(connection.socket);
  try {
    await settled(CONNECT_MS, `${where}: no answer from the event socket`, (resolve, reject) => {
      // Before it goes on to its own next attempt, which follows at once and without end where the first was refused.
      const refuse = (detail: string) => () => {
        connection.closing = true;
        reject(serverFault(where, detail));
      };
      connection.on('esl::ready', () => resolve(undefined));
      connection.on('error', (event) => refuse((event as unknown as Error).message)());
      connection.on('esl::event::auth::fail', refuse('wrong password'));
      connection.on('esl::event::raw::text/rude-rejection', refuse('its access list does not let us in'));
      connection.on('esl::end', refuse('the event socket was closed'));
    });
  } catch (error) {
    hangUp(connection);
    throw error;
  }
  return connection;
}

/** Ends a connection, without waiting for a server that has nothing more to say to end its side: one that hangs never would. */
export function hangUp(connection: Connection): void {
  const { socket } = connection;
  connection.removeAllListeners();
  connection.disconnect();
  socket?.destroySoon();
}

/**
 * Sends what is written in one turn in one piece, at once: modesl writes a command line by line, and each would be a system call of
 * its own, and Nagle's algorithm would hold all but the first back for 40 ms (RFC 896, RFC 1122 section 4.2.3.2).
 */
export function writeWhole(socket: net.Socket): void {
  socket.setNoDelay(true);
  const write = socket.write.bind(socket) as (...piece: unknown[]) => boolean;
  socket.write = (...piece: unknown[]) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return write(...piece);
  };
}

/** Runs an API command. */
export function ask(connection: Connection, command: string): Promise<string> {
  return settled(CONNECT_MS, `media server: no reply to \`${command}\``, (resolve) => {
    connection.api(command, (reply) => resolve(reply.getBody()));
  });
}

/** SIP profiles and their IPv4 addresses, from `sofia status`. */
export function profilesOf(status: string): ReadonlyMap<string, string> {
  return new Map([...status.matchAll(/^\s*(\S+)\s+profile\s+sip:mod_sofia@([\d.]+:\d+)\s+RUNNING/gm)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

/** Sessions and version, from `status`. */
export function healthOf(status: string): Health {
  const number = (pattern: RegExp): number => Number(pattern.exec(status)?.[1] ?? 0);
  return {
    sessions: number(/^(\d+) session\(s\)(?: -|$)/m), maxSessions: number(/^(\d+) session\(s\) max/m),
    version: /\(Version ([^\s)]+)/.exec(status)?.[1],
  };
}

/** drachtio-fsmrf listens without expecting that it could fail. */
export function canListen(address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => reject(new MediaError('media-listen',
      `Cannot listen on ${address}:${port} for media servers: ${error.message}`,
      { sipStatus: 503, q850: 41, cause: error, hint: 'Set media.eslListen to an address of this machine and a free port.' })));
    server.listen(port, address, () => server.close(() => resolve()));
  });
}

/** A promise that does not wait for ever. */
export function settled<T>(
  milliseconds: number, problem: string, start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(serverFault('media server', problem)), milliseconds);
    start((value) => { clearTimeout(timer); resolve(value); }, (error) => { clearTimeout(timer); reject(error); });
  });
}
