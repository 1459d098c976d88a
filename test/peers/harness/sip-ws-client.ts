import { createHash, randomBytes, randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { methodOf, parseText, statusOf, tagOf, uriOf, valueOf, valuesOf, writeText, type SipText } from './sip-text';
import { until } from './until';

export interface SipWsClientOptions {
  /** `ws://127.0.0.1:PORT` or `wss://...`. */
  url: string;
  user: string;
  domain: string;
  password: string;
  /** PEM of the trusted authority, for wss. */
  ca?: string;
  /** Sent as the page's origin. */
  origin?: string;
}

/** A session description as a browser makes it: ICE, DTLS-SRTP, Opus, VP8 and H.264, bundled. */
export function browserSdp(): string {
  const ice = [`a=ice-ufrag:${randomBytes(3).toString('hex')}`, `a=ice-pwd:${randomBytes(12).toString('hex')}`,
    `a=fingerprint:sha-256 ${Array.from(randomBytes(32), (octet) => octet.toString(16).toUpperCase().padStart(2, '0')).join(':')}`, 'a=setup:actpass', 'a=rtcp-mux'];
  return [
    'v=0', 'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 8 126', 'c=IN IP4 0.0.0.0', 'a=mid:0', ...ice,
    'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:126 telephone-event/8000', 'a=sendrecv',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 102', 'c=IN IP4 0.0.0.0', 'a=mid:1', ...ice,
    'a=rtpmap:96 VP8/90000', 'a=rtpmap:102 H264/90000', 'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    'a=rtcp-fb:96 nack pli', 'a=sendrecv', '',
  ].join('\r\n');
}

/** The peer refused a request. */
export class RefusedError extends Error {
  constructor(readonly status: number, readonly response: SipText) {
    super(`${response.startLine} ${valueOf(response, 'Warning') || valueOf(response, 'Reason')}`.trim());
  }
}

/** One call of the client. */
export class WsCall {
  ended = false;
  remoteSdp: string;
  /** Reason header of the far end's BYE. */
  endReason = '';
  private sequence = 10;

  constructor(private readonly client: SipWsClient, readonly callId: string, private readonly local: string, private readonly remote: string,
    private readonly target: string, private readonly routes: string[], remoteSdp: string) {
    this.remoteSdp = remoteSdp;
  }

  /** Request in the dialog; resolves the final response. */
  request(method: string, body = '', headers: [string, string][] = []): Promise<SipText> {
    return this.client.transact(method, this.target, this.dialogHeaders(`${++this.sequence} ${method}`, headers), body);
  }

  /** Renegotiates; resolves the far end's answer. Throws RefusedError. */
  async reinvite(sdp: string): Promise<string> {
    const response = await this.request('INVITE', sdp, [['Contact', `<${this.client.contact}>`]]);
    if (statusOf(response) >= 300) throw new RefusedError(statusOf(response), response);
    this.acknowledge();
    return (this.remoteSdp = response.body);
  }

  /** The ACK of the dialog's last INVITE answer; `sdp` where that was an offer. */
  acknowledge(sequence = this.sequence, sdp = ''): void {
    this.client.send('ACK', this.target, this.dialogHeaders(`${sequence} ACK`, []), sdp);
  }

  async hangUp(): Promise<void> {
    this.ended = true;
    await this.request('BYE');
  }

  private dialogHeaders(cseq: string, headers: [string, string][]): [string, string][] {
    return [['From', this.local], ['To', this.remote], ['Call-ID', this.callId], ['CSeq', cseq], ...this.routes.map((route): [string, string] => ['Route', route]), ...headers];
  }
}

const ANSWER_LIMIT_MS = 15_000;
const LOG_LIMIT = 500;

/**
 * A SIP user agent in a browser's manner (RFC 7118), written on plain WebSocket text frames: registers with digest and outbound
 * (RFC 5626), calls, answers. It shares no code with the program that it tests.
 */
export class SipWsClient {
  /** Every message, oldest first: `> ` sent, `< ` received. */
  readonly log: string[] = [];
  /** What it does with an incoming INVITE: the SDP of a 200, or a refusal's status. Default: a browser's SDP. */
  onInvite: (invite: SipText) => string | number = () => browserSdp();
  /** Told of each description that comes in an ACK: the answer to an offer of its own that it was asked for. */
  onAck: (sdp: string) => void = () => undefined;
  /** Every SDP offered to it. */
  readonly offers: string[] = [];
  readonly contact: string;
  private readonly calls = new Map<string, WsCall>();
  private readonly incoming: WsCall[] = [];
  private readonly waiting = new Map<string, (response: SipText) => void>();
  private readonly cancelled = new Set<string>();
  private readonly host = `${randomBytes(6).toString('hex')}.invalid`;
  private readonly instance = randomUUID();
  private readonly registrationId = randomUUID();
  private registrations = 0;

  private constructor(private readonly options: SipWsClientOptions, private readonly socket: WebSocket) {
    this.contact = `sip:${options.user}@${this.host};transport=ws`;
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.receive(String(data));
    });
    socket.on('error', () => undefined);
  }

  static async connect(options: SipWsClientOptions): Promise<SipWsClient> {
    const socket = new WebSocket(options.url, 'sip', { origin: options.origin, ca: options.ca, handshakeTimeout: 5_000 });
    const client = new SipWsClient(options, socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    if (socket.protocol !== 'sip') throw new Error(`the server chose the subprotocol "${socket.protocol}", not "sip"`);
    return client;
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** Registers for some seconds, 0 to unregister; resolves the 200. Throws RefusedError. */
  async register(seconds = 300): Promise<SipText> {
    const uri = `sip:${this.options.domain}`;
    const headers = (extra: [string, string][]): [string, string][] => [
      ['From', `<${this.address}>;tag=${this.registrationId.slice(0, 8)}`], ['To', `<${this.address}>`], ['Call-ID', this.registrationId],
      ['CSeq', `${++this.registrations} REGISTER`],
      ['Contact', `<${this.contact}>;+sip.instance="<urn:uuid:${this.instance}>";reg-id=1;expires=${seconds}`],
      ['Supported', 'path, outbound'], ...extra,
    ];
    return this.authenticated('REGISTER', uri, headers, '');
  }

  /** Dials and waits for the answer; acknowledges it, with `answer` where it made no offer itself. Throws RefusedError. */
  async invite(uri: string, sdp = browserSdp(), answer: (offer: string) => string = () => ''): Promise<WsCall> {
    const callId = randomUUID();
    const local = `<${this.address}>;tag=${randomBytes(5).toString('hex')}`;
    let sequence = 0;
    const headers = (extra: [string, string][]): [string, string][] => [
      ['From', local], ['To', `<${uri}>`], ['Call-ID', callId], ['CSeq', `${++sequence} INVITE`], ['Contact', `<${this.contact}>`], ...extra,
    ];
    const final = await this.authenticated('INVITE', uri, headers, sdp);
    const call = new WsCall(this, callId, local, valueOf(final, 'To'), uriOf(valueOf(final, 'Contact')), valuesOf(final, 'Record-Route').reverse(), final.body);
    this.calls.set(callId, call);
    call.acknowledge(sequence, sdp === '' ? answer(final.body) : '');
    return call;
  }

  /** The next incoming call that it answered. */
  nextCall(): Promise<WsCall> {
    return until('an incoming call over WebSocket', () => this.incoming.shift());
  }

  /** Whether an INVITE that came in was cancelled before the answer. */
  wasCancelled(callId: string): boolean {
    return this.cancelled.has(callId);
  }

  /** One request to its final response, with a new Via. ACK is not answered: use `send`. */
  transact(method: string, uri: string, headers: readonly [string, string][], body = ''): Promise<SipText> {
    const branch = this.send(method, uri, headers, body);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}:\n${this.log.slice(-6).join('\n')}`)), ANSWER_LIMIT_MS);
      this.waiting.set(branch, (response) => {
        if (statusOf(response) < 200) return;
        clearTimeout(timer);
        this.waiting.delete(branch);
        resolve(response);
      });
    });
  }

  /** Sends a request and returns its branch. */
  send(method: string, uri: string, headers: readonly [string, string][], body = ''): string {
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
    this.write(writeText(`${method} ${uri} SIP/2.0`, [
      ['Via', `SIP/2.0/${this.options.url.startsWith('wss') ? 'WSS' : 'WS'} ${this.host};branch=${branch}`], ['Max-Forwards', '70'], ...headers, ['User-Agent', 'browser-style client'],
    ], body));
    return branch;
  }

  /** Leaves as a closed page does: without unregistering. */
  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => { this.socket.once('close', () => resolve()); });
    this.socket.close();
    const timer = setTimeout(() => this.socket.terminate(), 1_000);
    await closed;
    clearTimeout(timer);
  }

  private get address(): string {
    return `sip:${this.options.user}@${this.options.domain}`;
  }

  private async authenticated(method: string, uri: string, headers: (extra: [string, string][]) => [string, string][], body: string): Promise<SipText> {
    const acknowledge = (response: SipText, sent: readonly [string, string][], branch: string): void => {
      // The ACK of a refusal belongs to the INVITE's transaction (RFC 3261 section 17.1.1.3).
      if (method === 'INVITE' && statusOf(response) >= 300) {
        const kept = sent.filter(([name]) => ['From', 'Call-ID'].includes(name));
        const [, cseq = ''] = sent.find(([name]) => name === 'CSeq') ?? [];
        this.write(writeText(`ACK ${uri} SIP/2.0`, [
          ['Via', branch], ['Max-Forwards', '70'], ...kept, ['To', valueOf(response, 'To')], ['CSeq', cseq.replace('INVITE', 'ACK')],
        ]));
      }
    };
    let sent = headers([]);
    let response = await this.transact(method, uri, sent, body);
    acknowledge(response, sent, valueOf(response, 'Via'));
    if (statusOf(response) === 401 || statusOf(response) === 407) {
      const proxy = statusOf(response) === 407;
      const challenges = valuesOf(response, proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate');
      const challenge = challenges.find((each) => /algorithm="?MD5"?/i.test(each)) ?? challenges[0] ?? '';
      sent = headers([[proxy ? 'Proxy-Authorization' : 'Authorization', this.digest(challenge, method, uri)]]);
      response = await this.transact(method, uri, sent, body);
      acknowledge(response, sent, valueOf(response, 'Via'));
    }
    if (statusOf(response) >= 300) throw new RefusedError(statusOf(response), response);
    return response;
  }

  private digest(challenge: string, method: string, uri: string): string {
    const value = (name: string): string => new RegExp(`\\b${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const { user, password } = this.options;
    const cnonce = randomBytes(6).toString('hex');
    const response = md5([md5(`${user}:${value('realm')}:${password}`), value('nonce'), '00000001', cnonce, 'auth', md5(`${method}:${uri}`)].join(':'));
    return `Digest username="${user}", realm="${value('realm')}", nonce="${value('nonce')}", uri="${uri}", response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="${cnonce}"`
      + (value('opaque') === '' ? '' : `, opaque="${value('opaque')}"`);
  }

  private receive(text: string): void {
    this.remember('<', text);
    if (text.trim() === '') return;
    const message = parseText(text);
    if (statusOf(message) > 0) {
      this.waiting.get(/branch=([^;,\s]+)/.exec(valueOf(message, 'Via'))?.[1] ?? '')?.(message);
      return;
    }
    const callId = valueOf(message, 'Call-ID');
    switch (methodOf(message)) {
      case 'INVITE': return this.invited(message, callId);
      case 'ACK': return message.body === '' ? undefined : this.onAck(message.body);
      case 'BYE': {
        const call = this.calls.get(callId);
        if (call !== undefined) {
          call.ended = true;
          call.endReason = valueOf(message, 'Reason');
        }
        return this.respond(message, call === undefined ? '481 Call/Transaction Does Not Exist' : '200 OK');
      }
      case 'CANCEL':
        this.cancelled.add(callId);
        return this.respond(message, '200 OK');
      default: return this.respond(message, '200 OK');
    }
  }

  private invited(invite: SipText, callId: string): void {
    this.offers.push(invite.body);
    const known = this.calls.get(callId);
    const tag = tagOf(valueOf(invite, 'To')) || randomBytes(5).toString('hex');
    if (known === undefined) this.respond(invite, '180 Ringing', tag);
    const decision = this.onInvite(invite);
    if (typeof decision === 'number') return this.respond(invite, `${decision} Refused`, tag);
    this.respond(invite, '200 OK', tag, decision);
    if (known !== undefined) {
      known.remoteSdp = invite.body;
      return;
    }
    const call = new WsCall(this, callId, `${valueOf(invite, 'To')};tag=${tag}`, valueOf(invite, 'From'), uriOf(valueOf(invite, 'Contact')),
      valuesOf(invite, 'Record-Route'), invite.body);
    this.calls.set(callId, call);
    this.incoming.push(call);
  }

  private respond(request: SipText, status: string, tag = '', body = ''): void {
    const to = valueOf(request, 'To');
    this.write(writeText(`SIP/2.0 ${status}`, [
      ...valuesOf(request, 'Via').map((value): [string, string] => ['Via', value]),
      ...valuesOf(request, 'Record-Route').map((value): [string, string] => ['Record-Route', value]),
      ['From', valueOf(request, 'From')], ['To', tag !== '' && tagOf(to) === '' ? `${to};tag=${tag}` : to], ['Call-ID', valueOf(request, 'Call-ID')],
      ['CSeq', valueOf(request, 'CSeq')], ['Contact', `<${this.contact}>`],
    ], body));
  }

  private write(text: string): void {
    this.remember('>', text);
    this.socket.send(text);
  }

  private remember(mark: string, text: string): void {
    this.log.push(`${mark} ${text}`);
    if (this.log.length > LOG_LIMIT) this.log.shift();
  }
}
