import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import Srf from 'drachtio-srf';
import type { Config } from './config';
import { startSipServerInWorker, type SipServerStats } from './embedded/sip-server';
import { EtasiltaError } from './errors';
import type { Logger } from './log';
import { quickenMessages } from './sip/srf';

/** The SIP server that the gateway talks to, whichever it is, and the connection to it. */
export interface SipEngine {
  srf: Srf;
  kind: Config['sip']['engine'];
  /** `udp/192.0.2.1:5060` and so on, as the server reports them. */
  contacts: string[];
  connected(): boolean;
  /** The connection was lost, and with it every dialog's events; it is tried again by itself. */
  onLost(listener: () => void): void;
  /** Only of the embedded server. */
  stats?(): Promise<SipServerStats>;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
const DEFAULT_DRACHTIO_SECRET = 'cymru';

/** The SIP server cannot be had. */
export class SipEngineError extends EtasiltaError {}

/** Starts the embedded SIP server, or finds the configured drachtio-server, and connects to it. */
export async function startSipEngine(config: Config, log: Logger): Promise<SipEngine> {
  return config.sip.engine === 'drachtio' ? connectDrachtio(config, log) : startEmbedded(config, log);
}

async function startEmbedded(config: Config, log: Logger): Promise<SipEngine> {
  const { tls } = config.sip;
  // Nobody but this process has any business on the embedded server's admin port.
  const secret = randomBytes(24).toString('hex');
  const server = await startSipServerInWorker({
    admin: { host: '127.0.0.1', port: 0 }, secret, contacts: withWayToMedia(config),
    tls: tls && { cert: readFile(tls.certFile), key: readFile(tls.keyFile) },
    log: (level, event, detail) => log[level]({ ...detail, event }, 'sip server'),
  }).catch((error: Error) => {
    throw new SipEngineError('sip-listen', `The SIP server cannot start: ${error.message}`, {
      cause: error, hint: 'Another program may have the port (`ss -lntup`); change sip.listen, or run `etasilta doctor`.',
    });
  });
  try {
    const { srf, connected, onLost } = await connect({ host: '127.0.0.1', port: server.adminPort, secret }, log);
    return {
      srf, kind: 'embedded', contacts: server.contacts, connected, onLost,
      stats: async () => server.stats(),
      close: async () => { disconnect(srf); await server.close(); },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * The embedded media server is called over UDP and IPv4, which is all that drachtio-fsmrf knows of it. Where SIP is not listened for so (TLS
 * or IPv6 alone), that takes a port on loopback.
 */
const withWayToMedia = ({ sip: { listen }, media }: Config): string[] =>
  (media.engine !== 'embedded' || listen.some(takesUdpOverIpv4) ? listen : [...listen, 'sip:127.0.0.1:0;transport=udp']);

const takesUdpOverIpv4 = (contact: string): boolean => /^sip:[^[]+$/i.test(contact) && /transport=[^;]*udp|^(?!.*transport=)/i.test(contact);

async function connectDrachtio(config: Config, log: Logger): Promise<SipEngine> {
  const { host, port, secret: inline, secretFile } = config.sip.drachtio;
  const secret = secretFile ? readFile(secretFile).trim() : (inline ?? DEFAULT_DRACHTIO_SECRET);
  if (secret === DEFAULT_DRACHTIO_SECRET && !/^(127\.|::1$|localhost$)/.test(host)) {
    throw new SipEngineError('drachtio-secret', `drachtio-server at ${host} is asked for with drachtio's published default secret.`, {
      hint: 'Set another secret in drachtio.conf.xml and name it in sip.drachtio.secretFile.',
    });
  }
  const { srf, hostports, connected, onLost } = await connect({ host, port, secret }, log);
  return { srf, kind: 'drachtio', contacts: hostports, connected, onLost, close: async () => disconnect(srf) };
}

interface Connection {
  srf: Srf;
  hostports: string[];
  connected: () => boolean;
  onLost: (listener: () => void) => void;
}

async function connect(options: { host: string; port: number; secret: string }, log: Logger): Promise<Connection> {
  quickenMessages();
  const srf = new Srf();
  let up = false;
  let lost: (() => void) | undefined;
  srf.on('error', (error: Error) => log.warn({ error: error.message }, 'connection to the SIP server'));
  (srf as NodeJS.EventEmitter).on('close', () => {
    if (up) lost?.();
    up = false;
  });
  const hostports = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in 10 seconds')), CONNECT_MS);
    srf.on('connect', (error: Error | null, text: string) => {
      up = !error;
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(text);
    });
    srf.connect({ ...options, reconnect: { retryMaxDelay: 5_000 }, enablePing: true } as Parameters<Srf['connect']>[0]);
    separateMessages(srf, log);
    gatherWrites(srf);
  }).catch((error: Error) => {
    disconnect(srf);
    throw new SipEngineError('sip-engine', `The SIP server at ${options.host}:${options.port} cannot be used: ${error.message}`, {
      cause: error, hint: 'Check that it runs and that host, port and secret are right (sip.drachtio).',
    });
  });
  return { srf, hostports: hostports.split(','), connected: () => up, onLost: (listener) => { lost = listener; } };
}

/** What drachtio-srf has inside: its wire protocol emits every message of the SIP server as `msg`, and sends those of this side. */
interface Inside {
  app: { client: { wp: NodeJS.EventEmitter & { send(socket: Socket, message: string): string } } };
}

/**
 * Handles every message in a turn of its own. Messages that arrive together would otherwise overtake each other where one
 * needs a promise more than the next (a NOTIFY its REFER's 202). And an exception out of the handling of one would end the
 * process, and the message would be handled again with the next octets that arrive; here it costs that message alone.
 */
function separateMessages(srf: Srf, log: Logger): void {
  const wire = (srf as unknown as Inside).app.client.wp;
  const handlers = wire.listeners('msg') as ((...args: unknown[]) => void)[];
  wire.removeAllListeners('msg');
  wire.on('msg', (...args: unknown[]) => setImmediate(() => {
    for (const handle of handlers) {
      try {
        handle(...args);
      } catch (error) {
        log.error({ error: (error as Error).stack }, 'a message from the SIP server could not be handled');
      }
    }
  }));
}

/**
 * What is sent to the SIP server in one turn of the event loop goes in one write. A write of its own wakes the server and takes as long as the
 * handling of a message.
 */
function gatherWrites(srf: Srf): void {
  const wire = (srf as unknown as Inside).app.client.wp;
  const send = wire.send.bind(wire);
  wire.send = (socket, message) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    return send(socket, message);
  };
}

function disconnect(srf: Srf): void {
  try {
    srf.disconnect();
  } catch {
    // There was no connection to end.
  }
}

function readFile(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new SipEngineError('file', `${file} cannot be read: ${(error as Error).message}`, { cause: error, hint: 'Check the path and its permissions.' });
  }
}
