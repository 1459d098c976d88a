import fs from 'node:fs';
import http from 'node:http';
import { EtasiltaError } from '../errors';

/** What the control API lets the command line see and do; the composition root hands it in. */
export interface ControlTarget {
  status(): Promise<unknown>;
  calls(): unknown;
  /** By identifier or its unambiguous beginning; undefined when no running call has it. */
  call(id: string): unknown;
  /** True when there was such a call. */
  hangup(id: string): boolean;
  /** Rings a third party into a call, or does something to a party of its conference; undefined when no running call has the identifier. */
  change(id: string, action: CallAction, argument: string): Promise<CallChange> | undefined;
  registrations(): unknown;
  /** A list of the H.323 side, `registrations` or `neighbours`; undefined when H.323 is not served or there is no such list. */
  h323(list: string): unknown;
  doctor(): Promise<unknown>;
}

export const CALL_ACTIONS = ['add', 'mute', 'unmute', 'remove', 'lock', 'unlock'] as const;
export type CallAction = (typeof CALL_ACTIONS)[number];

/** What became of it: the party, or why it could not be done. */
export type CallChange = { party: string } | { refused: string; status: number };

const MAX_CONNECTIONS = 64;
const REQUEST_MS = 10_000;

/**
 * The control API: JSON over HTTP on a unix socket that only the gateway's own user may open (mode 0600), never on a network.
 */
export class ControlServer {
  private readonly server: http.Server;
  private isReady = false;

  constructor(private readonly socketPath: string, private readonly target: ControlTarget) {
    this.server = http.createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (req, res) => void this.handle(req, res));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /**
   * Takes the socket, and with it the data folder, before anything in there is touched; only one process can. Requests are
   * told to come again until `ready`. Throws `already-running`.
   */
  async claim(): Promise<void> {
    await removeDeadSocket(this.socketPath);
    await this.listen().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      // Another process was quicker.
      await removeDeadSocket(this.socketPath);
      await this.listen();
    });
  }

  /** Everything that requests ask about is there. */
  ready(): void {
    this.isReady = true;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async listen(): Promise<void> {
    const mask = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject);
        this.server.listen(this.socketPath, () => {
          this.server.off('error', reject);
          resolve();
        });
      });
    } finally {
      process.umask(mask);
    }
  }

  private async handle(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    req.resume();
    try {
      const { status, body } = await this.answer(req.method ?? 'GET', decodeURIComponent(req.url ?? '/'));
      res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    } catch (error) {
      res.writeHead(500, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: 'control', message: (error as Error).message }));
    }
  }

  private async answer(method: string, url: string): Promise<{ status: number; body: unknown }> {
    if (!this.isReady) return { status: 503, body: { error: 'starting', message: 'The gateway is starting; ask again in a moment.' } };
    const [, resource, id, action, ...rest] = url.split('/');
    const missing = { status: 404, body: { error: 'not-found', message: `No running call ${id ?? ''}.` } };
    switch (`${method} ${resource}${id ? '/ID' : ''}${action ? '/ACTION' : ''}`) {
      case 'GET status': return { status: 200, body: await this.target.status() };
      case 'GET doctor': return { status: 200, body: await this.target.doctor() };
      case 'GET registrations': return { status: 200, body: this.target.registrations() };
      case 'GET h323/ID': {
        const list = this.target.h323(id as string);
        return list === undefined ? { status: 404, body: { error: 'not-found', message: `The gateway does not serve H.323, or has no list of ${id}.` } } : { status: 200, body: list };
      }
      case 'GET calls': return { status: 200, body: this.target.calls() };
      case 'GET calls/ID': {
        const call = this.target.call(id as string);
        return call ? { status: 200, body: call } : missing;
      }
      case 'DELETE calls/ID': return this.target.hangup(id as string) ? { status: 200, body: { hungUp: id } } : missing;
      case 'POST calls/ID/ACTION': {
        if (!isCallAction(action)) break;
        const change = await this.target.change(id as string, action, rest.join('/'));
        if (!change) return missing;
        return 'refused' in change ? { status: 409, body: { error: 'refused', message: change.refused } } : { status: 200, body: change };
      }
      default:
    }
    return { status: 404, body: { error: 'not-found', message: `There is no ${method} ${url}.` } };
  }
}

const isCallAction = (text: string | undefined): text is CallAction => CALL_ACTIONS.includes(text as CallAction);

/** A socket that a killed process left behind is removed; one that a living process holds, even a slow one, is an error. */
async function removeDeadSocket(socketPath: string): Promise<void> {
  if (!fs.existsSync(socketPath)) return;
  const dead = await controlRequest(socketPath, 'GET', '/status').then(() => false, (error: ControlError) => error.code === 'not-running');
  if (!dead) {
    throw new EtasiltaError('already-running', `A gateway already runs with this data folder (${socketPath}).`, {
      hint: 'Stop it first, or give this one its own dataDir.',
    });
  }
  fs.rmSync(socketPath, { force: true });
}

/** The gateway could not be asked. */
export class ControlError extends EtasiltaError {}

/** Asks a running gateway over its control socket. Throws ControlError: `not-running`, or what the gateway answered. */
export function controlRequest<T>(socketPath: string, method: string, url: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const req = http.request({ socketPath, method, path: encodeURI(url), timeout: REQUEST_MS }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => {
        try {
          const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as T & { error?: string; message?: string };
          if (res.statusCode === 200) resolve(body);
          else reject(new ControlError(body.error ?? 'control', body.message ?? `The gateway answered ${res.statusCode}.`));
        } catch (error) {
          reject(new ControlError('control', 'The gateway\'s answer could not be read.', { cause: error }));
        }
      });
    });
    req.on('timeout', () => req.destroy(new Error('no answer in time')));
    req.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
        ? new ControlError('not-running', 'No gateway runs with this configuration.', { hint: 'Start it with `etasilta serve`.', cause: error })
        : new ControlError('control', `The gateway cannot be asked: ${error.message}.`, { cause: error }));
    });
    req.end();
  });
}
