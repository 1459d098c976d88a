import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { openTcp, openUdp, type Wire } from './raw-wire';
import { methodOf, parseText, statusOf, tagOf, uriOf, valueOf, valuesOf, writeText, type SipText } from './sip-text';
import { until } from './until';

export interface RawPhoneOptions {
  /** `127.0.0.1:PORT` of the server. */
  server: string;
  transport?: 'udp' | 'tcp';
  /** Its address of record, `user@domain`. */
  address: string;
  password: string;
  /** Own address; all of 127.0.0.0/8 is this machine. Default 127.0.0.1. */
  from?: string;
  /** Contact URI; default: where it really is. Behind a firewall it names an address that nobody else reaches. */
  contact?: string;
  /** Contact parameters, such as `;reg-id=1;+sip.instance="<urn:uuid:...>"`; with them it says that it supports outbound. */
  contactParams?: string;
}

/** What it does when it is called: rings until told, answers, or refuses with a status. */
export type OnCalled = 'ring' | 'answer' | number;

export type PhoneCallState = 'ringing' | 'talking' | 'cancelled' | 'refused' | 'ended';

/** A call of the phone, in either direction. */
export interface PhoneCall {
  callId: string;
  state: PhoneCallState;
  /** Absent for calls that it placed. */
  invite?: SipText;
  /** The CANCEL or BYE that ended it. */
  ending?: SipText;
  local: string;
  remote: string;
  target: string;
  routes: string[];
  sequence: number;
}

const ANSWER_LIMIT_MS = 15_000;
const RESEND_MS = 500;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const branch = (): string => `z9hG4bK${randomBytes(8).toString('hex')}`;

export const phoneSdp = (host = '127.0.0.1'): string =>
  `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n`;

/** The Authorization value that answers a challenge (RFC 7616 section 3.4, MD5), from text to text. */
export function digestFor(challenge: string, user: string, password: string, method: string, uri: string, nonce?: string): string {
  const value = (name: string): string => new RegExp(`\\b${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const used = nonce ?? value('nonce');
  const response = md5([md5(`${user}:${value('realm')}:${password}`), used, '00000001', 'cnonce', 'auth', md5(`${method}:${uri}`)].join(':'));
  return `Digest username="${user}", realm="${value('realm')}", nonce="${used}", uri="${uri}", response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="cnonce"`;
}

/**
 * A SIP phone of bytes on one UDP socket or one TCP connection, which it opens itself and never listens beside. It shares no
 * code with the program under test, and shows every octet that it was sent.
 */
export class RawPhone {
  /** Messages as they arrived, oldest first. */
  readonly received: string[] = [];
  readonly calls: PhoneCall[] = [];
  onCalled: OnCalled = 'answer';
  /** Where it sends calls that it refuses by 302; default: to itself. */
  movesTo: string | undefined;
  /** What it says of its media; default: sound alone. */
  description: string;
  readonly contact: string;
  private readonly waiting = new Map<string, (response: SipText) => void>();
  private readonly registrationId = randomUUID();
  private registrations = 0;
  private closing: Promise<void> | undefined;

  private constructor(private readonly options: RawPhoneOptions, private readonly wire: Wire) {
    this.contact = options.contact ?? `sip:${this.user}@${this.host}:${wire.port};transport=${this.transport}`;
    this.description = phoneSdp(this.host);
  }

  static async open(options: RawPhoneOptions): Promise<RawPhone> {
    const [host = '', port = ''] = options.server.split(':');
    let phone: RawPhone | undefined;
    const open = options.transport === 'tcp' ? openTcp : openUdp;
    const wire = await open(host, Number(port), options.from ?? '127.0.0.1', (text) => phone?.receive(text));
    return (phone = new RawPhone(options, wire));
  }

  get user(): string {
    return this.options.address.split('@')[0] as string;
  }

  get port(): number {
    return this.wire.port;
  }

  /** The connection is still there. */
  get connected(): boolean {
    return this.wire.connected();
  }

  /** Sends text as it is. */
  write(text: string | Buffer): void {
    this.wire.write(text);
  }

  /** One request to its final answer, with a Via of its own; over UDP sent again until something comes back. */
  request(method: string, uri: string, headers: readonly [string, string][], body = ''): Promise<SipText> {
    const own = branch();
    const text = this.text(method, uri, headers, body, own);
    this.write(text);
    const again = this.transport === 'udp' ? setInterval(() => this.write(text), RESEND_MS).unref() : undefined;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        clearInterval(again);
        reject(new Error(`no answer to ${method} ${uri}:\n${this.received.slice(-4).join('\n')}`));
      }, ANSWER_LIMIT_MS).unref();
      this.waiting.set(own, (response) => {
        clearInterval(again);
        if (statusOf(response) < 200) return;
        clearTimeout(timer);
        this.waiting.delete(own);
        // The ACK of a refusal belongs to the INVITE's transaction (RFC 3261 section 17.1.1.3).
        if (method === 'INVITE' && statusOf(response) >= 300) this.write(this.text('ACK', uri, ackHeaders(response, headers), '', own));
        resolve(response);
      });
    });
  }

  /** A request outside a dialog, answering the challenge where there is one. */
  async ask(method: string, uri: string, headers: readonly [string, string][] = [], body = ''): Promise<SipText> {
    const fixed = this.outsideDialog(method, uri);
    const own = (sequence: number): [string, string][] => fixed.filter(([name]) => !headers.some(([other]) => other === name))
      .map(([name, value]) => [name, name === 'CSeq' ? `${sequence} ${method}` : value]);
    const first = await this.request(method, uri, [...own(1), ...headers], body);
    if (statusOf(first) !== 401) return first;
    const authorization = digestFor(valueOf(first, 'WWW-Authenticate'), this.user, this.options.password, method, uri);
    return this.request(method, uri, [...own(2), ...headers, ['Authorization', authorization]], body);
  }

  /** Registers for some seconds, 0 to unregister. Throws where that is refused. */
  async register(seconds = 600): Promise<SipText> {
    const { contactParams, address } = this.options;
    const domain = address.split('@')[1] as string;
    const headers = (): [string, string][] => [
      ['To', `<sip:${address}>`], ['Call-ID', this.registrationId], ['CSeq', `${++this.registrations} REGISTER`],
      ['Contact', `<${this.contact}>${contactParams ?? ''};expires=${seconds}`], ...(contactParams === undefined ? [] : [['Supported', 'outbound, path'] as [string, string]]),
      ['From', `<sip:${address}>;tag=${this.registrationId.slice(0, 8)}`],
    ];
    const uri = `sip:${domain}`;
    const challenged = await this.request('REGISTER', uri, headers());
    const authorization = digestFor(valueOf(challenged, 'WWW-Authenticate'), this.user, this.options.password, 'REGISTER', uri);
    const response = statusOf(challenged) === 401 ? await this.request('REGISTER', uri, [...headers(), ['Authorization', authorization]]) : challenged;
    if (statusOf(response) !== 200) throw new Error(`${address} is not registered: ${response.startLine} ${valueOf(response, 'Warning')}`);
    return response;
  }

  /** Calls and acknowledges the answer, with `endAtOnce` by an ACK and a BYE in one write. Throws where it is refused. */
  async call(uri: string, { endAtOnce = false } = {}): Promise<PhoneCall> {
    const answer = await this.ask('INVITE', uri, [], this.description);
    if (statusOf(answer) !== 200) throw new Error(`${uri} cannot be called: ${answer.startLine} ${valueOf(answer, 'Warning')}`);
    return this.taken(answer, endAtOnce);
  }

  /** Acknowledges the answer to an INVITE; the call that it makes. */
  taken(answer: SipText, endAtOnce = false): PhoneCall {
    const call: PhoneCall = {
      callId: valueOf(answer, 'Call-ID'), state: 'talking', local: valueOf(answer, 'From'), remote: valueOf(answer, 'To'), target: uriOf(valueOf(answer, 'Contact')),
      routes: valuesOf(answer, 'Record-Route').reverse(), sequence: Number(valueOf(answer, 'CSeq').split(' ')[0]),
    };
    this.calls.push(call);
    const ack = this.text('ACK', call.target, dialogHeaders(call, `${call.sequence} ACK`));
    if (endAtOnce) {
      call.state = 'ended';
      this.write(ack + this.text('BYE', call.target, dialogHeaders(call, `${++call.sequence} BYE`)));
    } else {
      this.write(ack);
    }
    return call;
  }

  /** The next call that came in and is not in `known`. */
  called(known: readonly PhoneCall[] = []): Promise<PhoneCall> {
    return until(`a call to ${this.options.address} at ${this.contact}`, () => this.calls.find((call) => call.invite !== undefined && !known.includes(call)));
  }

  /** Answers a ringing call. */
  answer(call: PhoneCall): void {
    if (call.invite === undefined || call.state !== 'ringing') return;
    call.state = 'talking';
    this.respond(call.invite, '200 OK', call, this.description);
  }

  async hangUp(call: PhoneCall): Promise<void> {
    call.state = 'ended';
    await this.within(call, 'BYE');
  }

  /** A request within a call, to its final answer. */
  within(call: PhoneCall, method: string, headers: readonly [string, string][] = []): Promise<SipText> {
    return this.request(method, call.target, [...dialogHeaders(call, `${++call.sequence} ${method}`), ['Contact', `<${this.contact}>`], ...headers]);
  }

  /** Leaves without a word: the socket is closed, nothing is unregistered. */
  close(): Promise<void> {
    return (this.closing ??= this.wire.close());
  }

  /** Headers of a new request outside a dialog; CSeq 1. */
  outsideDialog(method: string, uri: string): [string, string][] {
    return [
      ['From', `<sip:${this.options.address}>;tag=${randomBytes(5).toString('hex')}`], ['To', `<${uri}>`], ['Call-ID', randomUUID()], ['CSeq', `1 ${method}`],
      ['Contact', `<${this.contact}>`],
    ];
  }

  /** A request as text. */
  text(method: string, uri: string, headers: readonly [string, string][], body = '', ownBranch = branch()): string {
    return writeText(`${method} ${uri} SIP/2.0`, [
      ['Via', `SIP/2.0/${this.transport.toUpperCase()} ${this.host}:${this.wire.port};branch=${ownBranch};rport`], ['Max-Forwards', '70'], ...headers,
    ], body);
  }

  private get transport(): 'udp' | 'tcp' {
    return this.options.transport ?? 'udp';
  }

  private get host(): string {
    return this.options.from ?? '127.0.0.1';
  }

  private receive(text: string): void {
    if (text.trim() === '') return;
    this.received.push(text);
    const message = parseText(text);
    if (statusOf(message) > 0) {
      this.waiting.get(/branch=([^;,\s]+)/.exec(valueOf(message, 'Via'))?.[1] ?? '')?.(message);
      return;
    }
    const call = this.calls.find(({ callId }) => callId === valueOf(message, 'Call-ID'));
    switch (methodOf(message)) {
      case 'INVITE': return call === undefined ? this.invited(message) : undefined;
      case 'ACK': return undefined;
      case 'CANCEL':
        this.respond(message, '200 OK', call);
        if (call?.invite === undefined || call.state !== 'ringing') return undefined;
        Object.assign(call, { state: 'cancelled', ending: message });
        return this.respond(call.invite, '487 Request Terminated', call);
      case 'BYE':
        if (call !== undefined) Object.assign(call, { state: 'ended', ending: message });
        return this.respond(message, call === undefined ? '481 Call/Transaction Does Not Exist' : '200 OK', call);
      default: return this.respond(message, '200 OK');
    }
  }

  private invited(invite: SipText): void {
    const call: PhoneCall = {
      callId: valueOf(invite, 'Call-ID'), state: 'ringing', invite, local: `${valueOf(invite, 'To')};tag=${randomBytes(5).toString('hex')}`,
      remote: valueOf(invite, 'From'), target: uriOf(valueOf(invite, 'Contact')), routes: valuesOf(invite, 'Record-Route'), sequence: 0,
    };
    this.calls.push(call);
    if (typeof this.onCalled === 'number') {
      call.state = 'refused';
      return this.respond(invite, `${this.onCalled} Refused`, call);
    }
    this.respond(invite, '180 Ringing', call);
    if (this.onCalled === 'answer') this.answer(call);
    return undefined;
  }

  private respond(request: SipText, status: string, call?: PhoneCall, body = ''): void {
    const to = valueOf(request, 'To');
    const copied = ['Via', 'Record-Route'].flatMap((name) => valuesOf(request, name).map((value): [string, string] => [name, value]));
    this.write(writeText(`SIP/2.0 ${status}`, [
      ...copied, ['From', valueOf(request, 'From')], ['To', tagOf(to) === '' && call !== undefined ? `${to};tag=${tagOf(call.local)}` : to],
      ['Call-ID', valueOf(request, 'Call-ID')], ['CSeq', valueOf(request, 'CSeq')], ['Contact', `<${status.startsWith('302') ? this.movesTo ?? this.contact : this.contact}>`],
    ], body));
  }
}

const ackHeaders = (response: SipText, sent: readonly [string, string][]): [string, string][] => [
  ...sent.filter(([name]) => ['From', 'Call-ID', 'Route'].includes(name)).map(([name, value]): [string, string] => [name, value]),
  ['To', valueOf(response, 'To')], ['CSeq', valueOf(response, 'CSeq').replace('INVITE', 'ACK')],
];

const dialogHeaders = (call: PhoneCall, cseq: string): [string, string][] => [
  ['From', call.local], ['To', call.remote], ['Call-ID', call.callId], ['CSeq', cseq], ...call.routes.map((route): [string, string] => ['Route', route]),
];
