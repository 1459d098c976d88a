import { isIP } from 'node:net';
import { formatVia, SipMessage, type ParsedMessage, type Via } from '../message';
import { reasonPhrase } from '../reason-phrases';
import { defaultPort } from '../transport/contact';
import type { Flow, Target } from '../transport/flow';
import type { Receiver } from '../transport/receiver';
import { ClientTransaction, type ClientUser } from './client-transaction';
import { reportFault, type EngineContext } from './context';
import { ServerTransaction } from './server-transaction';

const COOKIE = 'z9hG4bK';

/** What the transactions hand up. */
export interface TransactionUser {
  /** A new request other than ACK and CANCEL. */
  onRequest(transaction: ServerTransaction): void;
  /** A CANCEL whose INVITE is still unanswered. */
  onCancel(cancel: SipMessage, invite: ServerTransaction): void;
  /** An ACK that belongs to no transaction: that to a 2xx. */
  onAck(ack: SipMessage, flow: Flow, size: number): void;
  /** An INVITE without final response has been ringing beyond every limit. */
  onAbandoned(transaction: ServerTransaction): void;
  /** A response that belongs to no transaction. */
  onStrayResponse(response: SipMessage, flow: Flow): void;
}

/** The ways out that responses need. */
export interface ReplyFlows {
  flowTo(target: Target): Flow | undefined;
}

/** Finds the transaction of every message from the network, or makes one (RFC 3261 section 17). */
export class TransactionLayer implements Receiver {
  private readonly servers = new Map<string, ServerTransaction>();
  private readonly clients = new Map<string, ClientTransaction>();
  user!: TransactionUser;

  constructor(private readonly context: EngineContext, private readonly flows: ReplyFlows, private readonly limit: number,
    private readonly retryAfterSeconds: number) {}

  get serverCount(): number {
    return this.servers.size;
  }

  get clientCount(): number {
    return this.clients.size;
  }

  /** Whether the table has room for another transaction. */
  get hasRoom(): boolean {
    return this.servers.size + this.clients.size < this.limit;
  }

  receive(parsed: ParsedMessage, flow: Flow, size: number): void {
    try {
      this.dispatch(parsed, flow, size);
    } catch (error) {
      reportFault(this.context.log, 'message', error);
    }
  }

  private dispatch(parsed: ParsedMessage, flow: Flow, size: number): void {
    const { counters } = this.context;
    if (parsed.keepAlive !== undefined) {
      if (parsed.keepAlive === 'ping' && flow.reliable) flow.send('\r\n');
      return;
    }
    if (parsed.message === undefined) {
      counters.dropped++;
      return;
    }
    counters.messagesIn++;
    const { message, fault } = parsed;
    if (!message.isRequest) return this.receiveResponse(message, flow);
    const via = message.topVia as Via;
    this.stamp(message, via, flow);
    if (fault === undefined) return this.receiveRequest(message, via, flow, size);
    counters.invalid++;
    this.answerStatelessly(message, via, flow, fault.status, fault.reason);
  }

  /** Sends a request, whose top Via carries a branch of ours, as a new transaction; `created` comes before anything it hears. */
  send(request: SipMessage, flow: Flow, user: ClientUser, created?: (transaction: ClientTransaction) => void): void {
    const key = `${request.topVia?.branch ?? ''}|${request.method}`;
    const transaction = new ClientTransaction(request, flow, user, this.context, () => this.clients.delete(key));
    this.clients.set(key, transaction);
    created?.(transaction);
    transaction.start();
  }

  /** Answers without keeping anything: for requests that must not cost more than the answer. */
  answerStatelessly(request: SipMessage, via: Via, flow: Flow, status: number, reason?: string, headers: [string, string][] = [],
    tag = this.context.ids.token()): void {
    if (request.method === 'ACK') return;
    const response = SipMessage.responseTo(request, status, reason ?? reasonPhrase(status));
    if (request.to !== undefined && request.toTag === undefined) response.set('To', `${request.get('To') ?? ''};tag=${tag}`);
    for (const [name, value] of headers) response.set(name, value);
    if (this.replyFlow(via, flow)?.send(response.serialize())) this.context.counters.messagesOut++;
  }

  /** Forgets everything without telling anyone. */
  close(): void {
    for (const transaction of [...this.servers.values(), ...this.clients.values()]) transaction.terminate();
  }

  private receiveRequest(request: SipMessage, via: Via, flow: Flow, size: number): void {
    const { method } = request;
    const known = this.servers.get(keyOf(request, via, method === 'ACK' ? 'INVITE' : method));
    if (method === 'ACK') {
      if (known === undefined) this.user.onAck(request, flow, size);
      else known.receiveAck();
      return;
    }
    if (known !== undefined) return known.receiveRepetition();
    if (method === 'CANCEL') return this.receiveCancel(request, via, flow);
    if (!this.hasRoom) {
      this.context.counters.rejected++;
      return this.answerStatelessly(request, via, flow, 503, undefined, [['Retry-After', String(this.retryAfterSeconds)]]);
    }
    const key = keyOf(request, via, method);
    const transaction: ServerTransaction = new ServerTransaction(request, flow, size, () => this.replyFlow(via, flow), this.context,
      () => this.servers.delete(key), () => this.user.onAbandoned(transaction));
    this.servers.set(key, transaction);
    this.user.onRequest(transaction);
  }

  /** CANCEL is answered at once (RFC 3261 section 9.2): the answer is the same when it comes again, so nothing is kept. */
  private receiveCancel(cancel: SipMessage, via: Via, flow: Flow): void {
    const invite = this.servers.get(keyOf(cancel, via, 'INVITE'));
    this.answerStatelessly(cancel, via, flow, invite === undefined ? 481 : 200, undefined, [], invite?.localTag);
    if (invite !== undefined && !invite.answered) this.user.onCancel(cancel, invite);
  }

  private receiveResponse(response: SipMessage, flow: Flow): void {
    const transaction = this.clients.get(`${response.topVia?.branch ?? ''}|${response.cseq?.method ?? ''}`);
    if (transaction === undefined) this.user.onStrayResponse(response, flow);
    else transaction.receive(response);
  }

  /** `received` and `rport` (RFC 3261 section 18.2.1, RFC 3581 section 4). */
  private stamp(request: SipMessage, via: Via, flow: Flow): void {
    const asksPort = via.params.get('rport') === '';
    if (!asksPort && via.host === flow.remoteAddress && !via.params.has('received')) return;
    if (asksPort) via.params.set('rport', String(flow.remotePort));
    via.params.set('received', flow.remoteAddress);
    request.replaceFirst('Via', formatVia(via));
  }

  /** RFC 3261 section 18.2.2: over the same connection while it stands; `maddr` is not followed, it would aim us at third parties. */
  private replyFlow(via: Via, flow: Flow): Flow | undefined {
    const port = via.port ?? defaultPort(flow.protocol);
    if (!flow.reliable) {
      return via.params.has('rport') || flow.remotePort === port ? flow : this.flows.flowTo({ protocol: 'udp', address: flow.remoteAddress, port, from: flow.local });
    }
    if (flow.open || flow.protocol === 'ws' || flow.protocol === 'wss') return flow;
    return isIP(flow.remoteAddress) === 0 ? undefined : this.flows.flowTo({ protocol: flow.protocol, address: flow.remoteAddress, port });
  }
}

/** RFC 3261 section 17.2.3; without the magic cookie what RFC 2543 had. */
function keyOf(request: SipMessage, via: Via, method: string): string {
  const sender = `${via.host}:${via.port ?? ''}`;
  if (via.branch?.startsWith(COOKIE)) return `${via.branch}|${sender}|${method}`;
  return `${request.callId}|${request.cseq?.seq}|${request.fromTag ?? ''}|${request.uri}|${sender}|${method}`;
}
