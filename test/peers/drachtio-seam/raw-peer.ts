import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { buildMessage, headerOf, headersOf, kindOf, readMessage, tagOf, uriOf, type RawMessage } from './message';

const PATIENCE_MS = 4000;

export interface Extras {
  headers?: [string, string][];
  body?: string;
  type?: string;
}

/** What a peer remembers of a dialog in which it sends requests. */
export interface PeerDialog {
  callId: string;
  local: string;
  remote: string;
  target: string;
  cseq: number;
}

/** A SIP endpoint of bare datagrams: it sends exactly what a scenario says, answers nothing by itself, and keeps what came. */
export class RawPeer {
  /** Everything received, repeated datagrams once. */
  readonly received: RawMessage[] = [];
  private unread: RawMessage[] = [];
  private waiting: (() => void)[] = [];
  private socket!: Socket;
  private sent = 0;

  constructor(readonly name: string, private readonly server: { host: string; port: number }) {}

  async open(): Promise<void> {
    this.socket = createSocket('udp4');
    this.socket.on('message', (datagram) => this.take(datagram.toString('utf8')));
    await new Promise<void>((resolve) => this.socket.bind(0, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(resolve));
  }

  get port(): number {
    return (this.socket.address() as AddressInfo).port;
  }

  get contact(): string {
    return `sip:${this.name}@127.0.0.1:${this.port}`;
  }

  /** The next datagram that comes, also when it repeats another. */
  nextDatagram(): Promise<string> {
    return new Promise((resolve) => this.socket.once('message', (datagram) => resolve(datagram.toString('utf8'))));
  }

  private take(text: string): void {
    if (this.received.some((message) => message.text === text)) return;
    const message = readMessage(text);
    this.received.push(message);
    this.unread.push(message);
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** The next unread message of this kind (`INVITE`, `200 INVITE`, or a status alone). */
  expect(kind: string | number, patienceMs = PATIENCE_MS): Promise<RawMessage> {
    return this.expectThat(String(kind), (message) => kindOf(message) === kind || kindOf(message).startsWith(`${kind} `), patienceMs);
  }

  /** The final response to a request of this method, whatever it is. */
  expectFinal(method: string): Promise<RawMessage> {
    return this.expectThat(`final response to ${method}`, (message) => new RegExp(`^[2-6]\\d\\d ${method}$`).test(kindOf(message)), PATIENCE_MS);
  }

  private async expectThat(what: string, isWanted: (message: RawMessage) => boolean, patienceMs: number): Promise<RawMessage> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const index = this.unread.findIndex(isWanted);
      if (index >= 0) return this.unread.splice(index, 1)[0]!;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${this.name} got no ${what}; it got: ${this.received.map(kindOf).join(', ') || 'nothing'}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => { clearTimeout(timer); resolve(); });
      });
    }
  }

  send(text: string): void {
    this.socket.send(text, this.server.port, this.server.host);
  }

  private branch(): string {
    this.sent += 1;
    return `z9hG4bK-${this.name}-${this.sent}-${this.port}`;
  }

  /** Sends a request outside of dialogs to `user` at the server, and returns it. */
  request(method: string, user: string, { headers = [], body = '', type = 'application/sdp' }: Extras = {}): RawMessage {
    const uri = `sip:${user}@${this.server.host}:${this.server.port}`;
    const id = this.branch();
    const text = buildMessage(`${method} ${uri} SIP/2.0`, [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${this.port};branch=${id};rport`], ['Max-Forwards', '70'],
      ['From', `<${this.contact}>;tag=${this.name}-tag`], ['To', `<${uri}>`], ['Call-ID', `call-${id}`], ['CSeq', `1 ${method}`],
      ['Contact', `<${this.contact}>`], ...headers, ...(body ? [['Content-Type', type] as [string, string]] : []),
    ], body);
    this.send(text);
    return readMessage(text);
  }

  /** The CANCEL of a request that this peer sent (RFC 3261 section 9.1). */
  cancel(request: RawMessage, headers: [string, string][] = []): void {
    this.derived(request, 'CANCEL', headerOf(request, 'to'), headers);
  }

  /** The ACK of a failure response (RFC 3261 section 17.1.1.3). */
  acknowledgeFailure(request: RawMessage, response: RawMessage): void {
    this.derived(request, 'ACK', headerOf(response, 'to'));
  }

  private derived(request: RawMessage, method: string, to: string, headers: [string, string][] = []): void {
    const number = headerOf(request, 'cseq').split(' ')[0];
    this.send(buildMessage(`${method} ${request.startLine.split(' ')[1]} SIP/2.0`, [
      ['Via', headerOf(request, 'via')], ['Max-Forwards', '70'], ['From', headerOf(request, 'from')], ['To', to],
      ['Call-ID', headerOf(request, 'call-id')], ['CSeq', `${number} ${method}`], ...headers,
    ]));
  }

  /** The dialog that a response to this peer's request makes. */
  callerDialog(response: RawMessage): PeerDialog {
    return {
      callId: headerOf(response, 'call-id'), local: headerOf(response, 'from'), remote: headerOf(response, 'to'),
      target: uriOf(headerOf(response, 'contact') || headerOf(response, 'to')), cseq: Number(headerOf(response, 'cseq').split(' ')[0]),
    };
  }

  /** The dialog that this peer's answer to a request makes. */
  calleeDialog(request: RawMessage): PeerDialog {
    return {
      callId: headerOf(request, 'call-id'), local: this.tagged(headerOf(request, 'to')), remote: headerOf(request, 'from'),
      target: uriOf(headerOf(request, 'contact')), cseq: 100,
    };
  }

  /** A request in a dialog; ACK keeps the number of the request that it acknowledges. */
  inDialog(dialog: PeerDialog, method: string, { headers = [], body = '', type = 'application/sdp' }: Extras = {}): RawMessage {
    if (method !== 'ACK') dialog.cseq += 1;
    const text = buildMessage(`${method} ${dialog.target} SIP/2.0`, [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${this.port};branch=${this.branch()};rport`], ['Max-Forwards', '70'],
      ['From', dialog.local], ['To', dialog.remote], ['Call-ID', dialog.callId], ['CSeq', `${dialog.cseq} ${method}`],
      ['Contact', `<${this.contact}>`], ...headers, ...(body ? [['Content-Type', type] as [string, string]] : []),
    ], body);
    this.send(text);
    return readMessage(text);
  }

  /** An INVITE as RFC 3261 sections 7.3.1 and 7.3.3 allow it, and as few write it. */
  compactInvite(user: string, body: string): RawMessage {
    const uri = `sip:${user}@${this.server.host}:${this.server.port}`;
    const id = this.branch();
    const text = buildMessage(`INVITE ${uri} SIP/2.0`, [
      ['v', `SIP/2.0/UDP 127.0.0.1:${this.port};branch=${id};rport`], ['MAX-FORWARDS', '70'],
      ['f', `"Ähtäri, palvelupiste" <${this.contact}>;tag=${this.name}-tag`], ['t', `"Kela;fi" <${uri}>`], ['i', `call-${id}`], ['CSeq', '1   INVITE'],
      ['m', `"Ähtäri"<${this.contact}>;expires=60`], ['s', 'one\r\n  and two'], ['k', 'timer,replaces'],
      ['k', 'outbound'], ['c', 'application/sdp'],
    ], body).replace('Content-Length', 'l');
    this.send(text);
    return readMessage(text);
  }

  /** Answers a request that came. */
  respond(request: RawMessage, status: number, reason: string, extras: Extras = {}): void {
    this.respondAs(this.name, request, status, reason, extras);
  }

  /** Answers as one of several user agents that a proxy reached, told apart by their tags. */
  respondAs(agent: string, request: RawMessage, status: number, reason: string, { headers = [], body = '', type = 'application/sdp' }: Extras = {}): void {
    this.send(buildMessage(`SIP/2.0 ${status} ${reason}`, [
      ...headersOf(request, 'via').map((via): [string, string] => ['Via', via]),
      ...headersOf(request, 'record-route').map((route): [string, string] => ['Record-Route', route]),
      ['From', headerOf(request, 'from')], ['To', this.tagged(headerOf(request, 'to'), agent)], ['Call-ID', headerOf(request, 'call-id')],
      ['CSeq', headerOf(request, 'cseq')], ...(headers.some(([name]) => name === 'Contact') ? [] : [['Contact', `<${this.contact}>`] as [string, string]]), ...headers,
      ...(body ? [['Content-Type', type] as [string, string]] : []),
    ], body));
  }

  private tagged(to: string, agent = this.name): string {
    return tagOf(to) ? to : `${to};tag=${agent}-tag`;
  }
}
