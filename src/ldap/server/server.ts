import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { DirectoryStore } from '../../directory';
import { EtasiltaError } from '../../errors';
import { BerWriter } from '../ber';
import { RESULT, writeNoticeOfDisconnection } from '../protocol';
import { treeSource } from '../tree';
import type { LdapLog, ServerContext } from './context';
import { Accounts, anonymous } from './identity';
import { DEFAULT_LIMITS, type LdapServerOptions } from './options';
import { PasswordChecker } from './password';
import { Session } from './session';

/** How often the time limits of connections are looked after, ms. */
const SWEEP_MS = 5_000;

/** Connections beyond the limit that are told why they are not served. */
const SPARE_CONNECTIONS = 100;

export interface LdapServerDeps {
  store: DirectoryStore;
  log: LdapLog;
  /** Shown in the root DSE. */
  version: string;
  /** Milliseconds; default: the system's. */
  now?: () => number;
}

export interface LdapServer {
  /** Where it listens: `ldap://127.0.0.1:1389` and so on, with the ports taken. */
  readonly addresses: readonly string[];
  readonly connections: number;
  /** Reads the directory and builds the indexes now; otherwise the first search does. */
  warm(): Promise<void>;
  /** Looks after time limits; done regularly by itself. */
  sweep(): void;
  /** Ends all sessions and stops listening. */
  close(): Promise<void>;
}

/** Starts the LDAP server. Throws EtasiltaError `ldap-listen` where an address or the certificate cannot be used. */
export async function createLdapServer(deps: LdapServerDeps, options: LdapServerOptions): Promise<LdapServer> {
  const server = new Server(deps, options);
  try {
    await server.listen();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

class Server implements LdapServer {
  readonly addresses: string[] = [];
  private readonly context: ServerContext;
  private readonly sessions = new Set<Session>();
  private readonly perAddress = new Map<string, number>();
  private readonly listeners: net.Server[] = [];
  private readonly now: () => number;
  private readonly timer: NodeJS.Timeout;
  private readonly tls: { options: tls.SecureContextOptions; context: tls.SecureContext } | undefined;

  constructor({ store, log, version, now = Date.now }: LdapServerDeps, private readonly options: LdapServerOptions) {
    this.now = now;
    this.context = {
      options, store, log, version, limits: { ...DEFAULT_LIMITS, ...options.limits }, source: treeSource(store, options),
      accounts: new Accounts(options), passwords: new PasswordChecker(), anonymous: anonymous(options),
    };
    this.tls = options.tls && readCertificate(options.tls);
    this.timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  get connections(): number {
    return this.sessions.size;
  }

  async warm(): Promise<void> {
    await this.context.source.current();
  }

  sweep(): void {
    const now = this.now();
    for (const session of [...this.sessions]) session.check(now);
  }

  async listen(): Promise<void> {
    for (const text of this.options.listen) {
      const { protocol, hostname, port } = new URL(text);
      const secure = protocol === 'ldaps:';
      if (secure && this.tls === undefined) throw listenError(text, 'there is no certificate', 'Set ldap.tls.');
      const address = await this.open(text, { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? (secure ? 636 : 389) : port) }, secure);
      this.addresses.push(`${protocol}//${address}`);
    }
    const { socket } = this.options;
    if (socket !== undefined) {
      await removeStale(socket);
      // Nobody else may open it, from its first moment on: whoever can is the administrator.
      const mask = process.umask(0o177);
      try {
        await this.open(socket, { path: socket }, false);
      } finally {
        process.umask(mask);
      }
      this.addresses.push(`ldapi://${encodeURIComponent(socket)}`);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    const closed = this.listeners.map((listener) => new Promise<void>((resolve) => { listener.close(() => resolve()); }));
    for (const session of [...this.sessions]) {
      session.end(RESULT.unavailable, 'the server stops');
      session.destroy();
    }
    await Promise.all(closed);
  }

  private async open(name: string, where: net.ListenOptions, secure: boolean): Promise<string> {
    const onSocket = (socket: net.Socket): void => this.accept(socket, secure, where.path !== undefined);
    const listener = secure
      ? tls.createServer({ ...this.tls?.options, handshakeTimeout: 10_000 }, onSocket)
      : net.createServer(onSocket);
    // Also those that are still in their TLS handshake.
    listener.maxConnections = this.context.limits.connections + SPARE_CONNECTIONS;
    listener.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      listener.once('error', (error) => reject(listenError(name, error.message, 'Choose another address or stop what uses it.')));
      listener.listen(where, resolve);
    });
    listener.on('error', (error) => this.context.log.error({ error: error.message }, 'LDAP listener'));
    this.listeners.push(listener);
    const address = listener.address();
    return typeof address === 'object' && address !== null ? `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}` : name;
  }

  private accept(socket: net.Socket, secure: boolean, local: boolean): void {
    const { connections, connectionsPerAddress } = this.context.limits;
    const from = local ? 'local' : (socket.remoteAddress ?? '');
    const ofAddress = this.perAddress.get(from) ?? 0;
    if (this.sessions.size >= connections || ofAddress >= connectionsPerAddress) {
      const writer = new BerWriter(128);
      writeNoticeOfDisconnection(writer, RESULT.busy, 'too many connections');
      socket.on('error', () => undefined);
      socket.end(writer.take(), () => socket.destroy());
      return;
    }
    this.perAddress.set(from, ofAddress + 1);
    const session: Session = new Session(this.context, { socket, secure, local, loopback: isLoopback(from), secureContext: this.tls?.context }, () => {
      if (!this.sessions.delete(session)) return;
      const left = (this.perAddress.get(from) ?? 1) - 1;
      if (left > 0) this.perAddress.set(from, left);
      else this.perAddress.delete(from);
    }, this.now);
    this.sessions.add(session);
  }
}

const isLoopback = (address: string): boolean => /^(?:127\.|::1$|::ffff:127\.)/.test(address);

const listenError = (where: string, reason: string, hint: string): EtasiltaError => new EtasiltaError('ldap-listen', `LDAP cannot listen on ${where}: ${reason}`, { hint });

function readCertificate({ certFile, keyFile }: { certFile: string; keyFile: string }): { options: tls.SecureContextOptions; context: tls.SecureContext } {
  try {
    const options = { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile), minVersion: 'TLSv1.2' } as const;
    return { options, context: tls.createSecureContext(options) };
  } catch (error) {
    throw new EtasiltaError('ldap-listen', `LDAP's certificate ${certFile} cannot be used: ${(error as Error).message}`, { hint: 'Name a PEM certificate and its key in ldap.tls.' });
  }
}

/** A socket file that an earlier run left behind keeps nobody from listening; one that answers is somebody else's. */
async function removeStale(path: string): Promise<void> {
  if (!fs.existsSync(path)) return;
  const answers = await new Promise<boolean>((resolve) => {
    const probe = net.connect(path, () => { probe.destroy(); resolve(true); });
    probe.on('error', () => resolve(false));
  });
  if (answers) throw listenError(path, 'another program listens there', 'Stop it, or name another path.');
  fs.rmSync(path);
}
