import { randomUUID, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { SrfRequest, SrfResponse } from 'drachtio-srf';
import { IncomingCall, type AnswerBehaviour } from './answering';
import type { SimulatedCall } from './call';
import { adviceFor, placeCall } from './calling';
import { answerChallenge, readChallenges } from './digest';
import { SimulatorError } from './errors';
import type { G711Law } from './media';
import type { RemoteParty } from './party';
import { localAddressTowards, parseServerAddress, SipStack, type ServerAddress, type SipAnswer } from './stack';

export interface EndpointOptions {
  /** Its address: `user@domain`. */
  address: string;
  /** Digest user name; default: the part of the address before the `@`. */
  username?: string;
  password?: string;
  /** Server that it registers with and sends everything through: `sip:HOST:PORT;transport=udp|tcp|tls`. */
  registrar: string;
  /** False: does not register; calls go straight to `registrar`. Default true. */
  register?: boolean;
  registerSeconds?: number;
  /** Local address; default: the one that faces the registrar. */
  host?: string;
  /** PEM of the authorities trusted for TLS; default: the system's. */
  ca?: string;
  /** Tone that it speaks, 200 to 3400 Hz in steps of 10. Default 440. */
  toneHz?: number;
  video?: boolean;
  laws?: readonly G711Law[];
  /** False: negotiates media but sends none. Default true. */
  sendMedia?: boolean;
  /** What it does with calls. Default: answers at once. */
  behaviour?: AnswerBehaviour;
}

export interface CallOptions {
  /** Cancelled after this without answer. Default 30. */
  ringSeconds?: number;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  onRinging?(party: RemoteParty): void;
}

const MAX_CALLS = 200;
const DEFAULT_REGISTER_SECONDS = 300;
const RETRY_MS = 5_000;
/** How long a closing endpoint waits for the answers of others. */
const FAREWELL_LIMIT_MS = 5_000;

interface EndpointEvents {
  /** An incoming call was answered. */
  call: [SimulatedCall];
  /** A refresh failed; it is tried again. */
  'registration-failed': [Error];
}

/**
 * A SIP endpoint as others are: registers and refreshes, places and answers calls, speaks a tone and listens. Start it with
 * `startSimulatedEndpoint`; `close` ends its calls, unregisters it and frees every socket.
 */
export class SimulatedEndpoint extends EventEmitter<EndpointEvents> {
  /** What it does with the next incoming call. */
  behaviour: AnswerBehaviour;
  readonly calls = new Set<SimulatedCall>();
  private readonly ringing = new Set<IncomingCall>();
  private readonly callId = randomUUID();
  private readonly tag = randomBytes(6).toString('hex');
  private sequence = 0;
  private refresh: NodeJS.Timeout | undefined;
  private registered = false;
  private closed = false;
  private rung = 0;
  private stack!: SipStack;

  private constructor(private readonly options: EndpointOptions, private readonly server: ServerAddress, private readonly host: string) {
    super();
    this.behaviour = options.behaviour ?? { kind: 'answer' };
  }

  /** Starts and, unless told otherwise, registers it. Throws SimulatorError. */
  static async start(options: EndpointOptions): Promise<SimulatedEndpoint> {
    if (!/^[^@\s<>"]+@[^@\s<>"]+$/.test(options.address)) {
      throw new SimulatorError('address', `"${options.address}" is not the address of an endpoint`, { hint: 'Write it like name@domain.' });
    }
    const server = parseServerAddress(options.registrar);
    const endpoint = new SimulatedEndpoint(options, server, options.host ?? await localAddressTowards(server.host));
    endpoint.stack = await SipStack.start({
      host: endpoint.host, transport: server.transport, onInvite: (request, response) => endpoint.onInvite(request, response),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    try {
      if (options.register !== false) await endpoint.register();
      return endpoint;
    } catch (error) {
      await endpoint.close();
      throw error;
    }
  }

  get address(): string {
    return this.options.address;
  }

  /** Where it is reached without a registrar. */
  get contact(): string {
    return this.stack.contactUri(this.user);
  }

  /** Incoming calls so far, answered or not. */
  get timesRung(): number {
    return this.rung;
  }

  /** Registers, and goes on refreshing. Throws SimulatorError `registration`, `unreachable`. */
  async register(): Promise<void> {
    const seconds = this.options.registerSeconds ?? DEFAULT_REGISTER_SECONDS;
    const answer = await this.sendRegister(seconds);
    this.registered = true;
    const granted = Number(/[;,]\s*expires\s*=\s*(\d+)/i.exec(answer.response.get('Contact') ?? '')?.[1]
      ?? (answer.response.has('Expires') ? answer.response.get('Expires') : seconds));
    this.refreshAfter(Math.max(1, granted * 0.8) * 1_000);
  }

  /** Removes the registration (RFC 3261 section 10.2.2). */
  async unregister(): Promise<void> {
    clearTimeout(this.refresh);
    if (!this.registered) return;
    this.registered = false;
    await this.sendRegister(0);
  }

  /** Dials `name@domain`, or a SIP URI, and waits for the answer. Throws CallFailedError, SimulatorError. */
  async call(address: string, options: CallOptions = {}): Promise<SimulatedCall> {
    if (this.calls.size >= MAX_CALLS) throw new SimulatorError('too-many-calls', `This endpoint has ${MAX_CALLS} calls already`);
    const call = await placeCall({
      srf: this.stack.srf,
      uri: /^sips?:/.test(address) ? address : `sip:${address}`,
      proxy: this.server.uri, from: `sip:${this.options.address}`, contact: this.contact, username: this.username,
      media: this.mediaOptions, ringSeconds: options.ringSeconds ?? 30,
      ...(this.options.password === undefined ? {} : { password: this.options.password }),
      ...(options.headers === undefined ? {} : { headers: options.headers }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onRinging === undefined ? {} : { onRinging: options.onRinging }),
    });
    this.keep(call);
    return call;
  }

  /** The next incoming call that is answered. Throws SimulatorError `no-call` when none came in time. */
  nextCall(limitMs = 30_000): Promise<SimulatedCall> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.off('call', take);
        reject(new SimulatorError('no-call', `${this.address} got no call in ${limitMs / 1_000} s`));
      }, limitMs);
      const take = (call: SimulatedCall): void => {
        clearTimeout(timer);
        resolve(call);
      };
      this.once('call', take);
    });
  }

  /** Ends calls, unregisters, frees the sockets. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => { timer = setTimeout(resolve, FAREWELL_LIMIT_MS); });
    await Promise.race([this.sayFarewell().catch(() => undefined), limit]);
    clearTimeout(timer);
    clearTimeout(this.refresh);
    await this.stack.close();
  }

  private async sayFarewell(): Promise<void> {
    for (const incoming of this.ringing) incoming.abandon();
    await Promise.all([...this.ringing].map((incoming) => incoming.outcome));
    await Promise.all([...this.calls].map((call) => call.hangUp()));
    await this.unregister();
  }

  private get user(): string {
    return this.options.address.split('@')[0] ?? '';
  }

  private get username(): string {
    return this.options.username ?? this.user;
  }

  private get mediaOptions() {
    return {
      host: this.host, toneHz: this.options.toneHz ?? 440,
      ...(this.options.video === undefined ? {} : { video: this.options.video }),
      ...(this.options.laws === undefined ? {} : { laws: this.options.laws }),
      ...(this.options.sendMedia === undefined ? {} : { send: this.options.sendMedia }),
    };
  }

  private onInvite(request: SrfRequest, response: SrfResponse): void {
    if (this.closed || this.calls.size + this.ringing.size >= MAX_CALLS) {
      response.send(this.closed ? 480 : 486);
      return;
    }
    this.rung++;
    const incoming = new IncomingCall(request, response, {
      srf: this.stack.srf, contact: this.contact, behaviour: this.behaviour, media: this.mediaOptions,
    });
    this.ringing.add(incoming);
    void incoming.outcome.then((call) => {
      this.ringing.delete(incoming);
      if (call === undefined) return;
      this.keep(call);
      if (this.closed) void call.hangUp();
      else this.emit('call', call);
    });
  }

  private keep(call: SimulatedCall): void {
    this.calls.add(call);
    void call.ended.then(() => this.calls.delete(call));
  }

  private refreshAfter(ms: number): void {
    clearTimeout(this.refresh);
    if (this.closed) return;
    this.refresh = setTimeout(() => {
      this.register().catch((error: Error) => {
        this.emit('registration-failed', error);
        this.refreshAfter(RETRY_MS);
      });
    }, ms).unref();
  }

  private async sendRegister(expires: number): Promise<SipAnswer> {
    const uri = `sip:${this.options.address.split('@')[1]}`;
    const send = (extra: Record<string, string>): Promise<SipAnswer> => this.stack.request('REGISTER', uri, this.server.uri, {
      From: `<sip:${this.options.address}>;tag=${this.tag}`, To: `<sip:${this.options.address}>`, 'Call-ID': this.callId,
      CSeq: `${++this.sequence} REGISTER`, Contact: `<${this.contact}>;expires=${expires}`, Expires: String(expires),
      'User-Agent': 'Etasilta simulated endpoint', ...extra,
    });
    let answer = await send({});
    const [challenge] = answer.status === 401 || answer.status === 407 ? readChallenges(answer.raw) : [];
    if (challenge !== undefined && this.options.password !== undefined) {
      answer = await send({ [challenge.answerHeader]: answerChallenge(challenge, 'REGISTER', uri, this.username, this.options.password) });
    }
    if (answer.status >= 300) {
      const hint = answer.status === 403 ? 'Check the address and the password of the device.' : adviceFor(answer.status, false);
      throw new SimulatorError('registration', `${this.options.address} cannot register with ${this.server.uri}: ${answer.status} ${answer.reason}`, {
        sipStatus: answer.status, ...(hint === undefined ? {} : { hint }),
      });
    }
    return answer;
  }
}

/** Starts a simulated endpoint. Throws SimulatorError `address`, `server-address`, `stack`, `registration`, `unreachable`. */
export const startSimulatedEndpoint = (options: EndpointOptions): Promise<SimulatedEndpoint> => SimulatedEndpoint.start(options);
