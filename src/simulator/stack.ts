import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { isIPv6 } from 'node:net';
import Srf, { type SrfRequest, type SrfResponse } from 'drachtio-srf';
import { startSipServer, type SipServer } from '../embedded/sip-server';
import { SimulatorError } from './errors';

export type SimulatorTransport = 'udp' | 'tcp' | 'tls';

/** A SIP server's place, from a URI such as `sip:192.0.2.1:5060;transport=tcp`. */
export interface ServerAddress {
  host: string;
  port: number;
  transport: SimulatorTransport;
  uri: string;
}

const SERVER = /^(sips?):(\[[0-9a-fA-F:.]+\]|[^\s:;@[\]]+)(?::(\d{1,5}))?(?:;transport=(udp|tcp|tls))?$/i;

/** Reads a server's URI; `sips:` means TLS. Throws SimulatorError `server-address`. */
export function parseServerAddress(uri: string): ServerAddress {
  const [, scheme = '', host = '', givenPort, givenTransport] = SERVER.exec(uri) ?? [];
  const transport = (givenTransport ?? (scheme.toLowerCase() === 'sips' ? 'tls' : 'udp')).toLowerCase() as SimulatorTransport;
  const port = Number(givenPort ?? (transport === 'tls' ? 5061 : 5060));
  if (host === '' || port < 1 || port > 65_535) {
    throw new SimulatorError('server-address', `"${uri}" is not the address of a SIP server`, { hint: 'Write it like sip:127.0.0.1:5060;transport=udp' });
  }
  // A port is named only where it was: without one, DNS may say which (RFC 3263 section 4).
  return { host: host.replace(/^\[|\]$/g, ''), port, transport, uri: `sip:${host}${givenPort === undefined ? '' : `:${givenPort}`};transport=${transport}` };
}

/** Our own address in the direction of a host, as the system would choose it. Sends nothing. */
export function localAddressTowards(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const fail = (error: Error): void => {
      socket.close();
      reject(new SimulatorError('no-route', `There is no way to ${host}: ${error.message}`, { cause: error, hint: 'Check the name and the network.' }));
    };
    socket.once('error', fail);
    socket.connect(9, host, (error?: Error) => {
      if (error !== undefined && error !== null) return fail(error);
      const { address } = socket.address();
      socket.close(() => resolve(address));
    });
  });
}

/** A request's final answer; `raw` as received. */
export interface SipAnswer {
  status: number;
  reason: string;
  raw: string;
  response: SrfResponse;
}

export interface StackOptions {
  host: string;
  transport: SimulatorTransport;
  /** PEM of the authorities trusted for TLS; default: the system's. */
  ca?: string;
  onInvite(request: SrfRequest, response: SrfResponse): void;
}

/** Transaction timeouts end requests after 32 s (RFC 3261 section 17); this is what guards us from our own stack. */
const REQUEST_LIMIT_MS = 40_000;
const CONNECT_LIMIT_MS = 10_000;

/** The SIP stack of one endpoint: an embedded SIP server of its own, driven through drachtio-srf like any other. */
export class SipStack {
  private constructor(readonly srf: Srf, private readonly server: SipServer, private readonly options: StackOptions, readonly port: number) {}

  /** Binds a free port and connects. Throws SimulatorError `stack`. */
  static async start(options: StackOptions): Promise<SipStack> {
    const secret = randomBytes(16).toString('hex');
    const host = isIPv6(options.host) ? `[${options.host}]` : options.host;
    let server: SipServer | undefined;
    try {
      server = await startSipServer({
        admin: { host: '127.0.0.1', port: 0 }, secret, contacts: [`sip:${host}:0;transport=${options.transport}`],
        // A client needs no certificate of its own; whoever connects to it over TLS fails the handshake.
        ...(options.transport === 'tls' ? { tls: { cert: '', key: '', ...(options.ca === undefined ? {} : { ca: options.ca }) } } : {}),
      });
      const srf = await connect(server.adminPort, secret);
      srf.invite((request, response) => options.onInvite(request, response));
      (srf as unknown as Record<string, (handler: (request: SrfRequest, response: SrfResponse) => void) => void>).options?.((_request, response) => response.send(200));
      const port = Number(server.contacts[0]?.split(':').at(-1));
      return new SipStack(srf, server, options, port);
    } catch (error) {
      await server?.close();
      throw new SimulatorError('stack', `The simulated endpoint cannot start: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Where this stack is reached, for a user. */
  contactUri(user: string): string {
    const host = isIPv6(this.options.host) ? `[${this.options.host}]` : this.options.host;
    return `sip:${user}@${host}:${this.port};transport=${this.options.transport}`;
  }

  /** Sends a request outside of a dialog and waits for its final answer. Throws SimulatorError `unreachable`. */
  request(method: string, uri: string, proxy: string, headers: Record<string, string>): Promise<SipAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (message: string): void => reject(new SimulatorError('unreachable', `${method} to ${proxy}: ${message}`, { sipStatus: 408 }));
      const timer = setTimeout(() => fail('no answer'), REQUEST_LIMIT_MS);
      const options = { uri, method, headers, proxy };
      (this.srf as unknown as Requester).request(options, (error, sent) => {
        if (error || sent === undefined) {
          clearTimeout(timer);
          return fail(error?.message ?? 'not sent');
        }
        sent.on('response', (response) => {
          if (response === undefined || response.status < 200) return;
          clearTimeout(timer);
          resolve({ status: response.status, reason: response.reason, raw: rawOf(response), response });
        });
      });
    });
  }

  async close(): Promise<void> {
    this.srf.disconnect();
    await this.server.close();
  }
}

/** `request` of drachtio-srf as it is; its published type describes another signature. */
interface Requester {
  request(options: object, callback: (error: Error | null, sent: SrfRequest | undefined) => void): void;
}

/** A response's text; drachtio-srf keeps it on the message inside. */
export function rawOf(response: SrfResponse): string {
  return response.raw ?? '';
}

function connect(port: number, secret: string): Promise<Srf> {
  const srf = new Srf();
  srf.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the SIP stack does not answer')), CONNECT_LIMIT_MS);
    srf.on('connect', (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(srf);
    });
    void srf.connect({ host: '127.0.0.1', port, secret });
  });
}
