import { locate, type Resolver } from '../dns';
import { locateAddress } from '../dns/locate';
import { parseUri, SipMessage, type SipUri } from '../message';
import { reasonPhrase } from '../reason-phrases';
import type { ClientTransaction, Failure } from '../transaction/client-transaction';
import { reportFault, type EngineContext } from '../transaction/context';
import type { TransactionLayer } from '../transaction/layer';
import { bracketed, type Protocol } from '../transport/contact';
import type { Flow, LocalPoint, Target } from '../transport/flow';
import { Refusal } from './refusal';

/** The ways out, as the engine uses them; tests join two engines by flows of their own. */
export interface WaysOut {
  readonly points: readonly LocalPoint[];
  readonly protocols: ReadonlySet<Protocol>;
  flowTo(target: Target): Flow | undefined;
}

/** Where a request goes: a flow that is known, or the URI of its next hop and the socket that the peer knows. */
export type Hop = { flow: Flow } | { uri: string; from?: LocalPoint };

/** How a request goes and what becomes of it. */
export interface Sending {
  /** Makes the request for a flow, without Via; called again for the next target when one fails. */
  compose(flow: { local: LocalPoint; remoteAddress: string }): SipMessage;
  /** The request is on its way; `transaction` is undefined when its next hop cannot be found, and a response follows. */
  onSent(request: SipMessage, transaction: ClientTransaction | undefined): void;
  /** Every response; failures of the network as 408 and 503 of our own (RFC 3261 section 8.1.3.1). */
  onResponse(response: SipMessage, transaction: ClientTransaction | undefined): void;
}

/** Sends requests: finds the next hop, adds the Via, and tries the next target when one fails (RFC 3263 section 4.3). */
export class RequestSender {
  constructor(
    private readonly context: EngineContext, private readonly transactions: TransactionLayer, private readonly ways: WaysOut,
    private readonly resolver: Resolver,
  ) {}

  /** Throws Refusal when the next hop's transport is none of ours. */
  send(hop: Hop, sending: Sending): void {
    if ('flow' in hop) return this.launch([hop.flow], sending);
    const uri = parseUri(hop.uri);
    if (uri === undefined) throw new Refusal(`invalid request-uri: ${hop.uri}`);
    const direct = locateAddress(uri);
    if (direct === undefined) return this.sendToName(uri, sending);
    const flow = this.ways.flowTo({ ...direct, ...(hop.from ? { from: hop.from } : {}) });
    if (flow === undefined) throw new Refusal('requested protocol/transport not available');
    this.launch([flow], sending);
  }

  /** Sends once without a transaction: the ACK to a 2xx. */
  sendOnce(hop: Hop, compose: Sending['compose'], sent: (request: SipMessage, bytes: Buffer, flow: Flow) => void): void {
    const go = (flow: Flow): void => {
      const request = compose(flow);
      this.addVia(request, flow);
      const bytes = request.serialize();
      if (flow.send(bytes)) this.context.counters.messagesOut++;
      sent(request, bytes, flow);
    };
    if ('flow' in hop) return go(hop.flow);
    const uri = parseUri(hop.uri);
    if (uri === undefined) throw new Refusal(`invalid request-uri: ${hop.uri}`);
    const direct = locateAddress(uri);
    const flow = direct === undefined ? undefined : this.ways.flowTo({ ...direct, ...(hop.from ? { from: hop.from } : {}) });
    if (flow !== undefined) return go(flow);
    if (direct !== undefined) throw new Refusal('requested protocol/transport not available');
    this.flowsTo(uri).then(([first]) => (first === undefined ? undefined : go(first())))
      .catch((error: unknown) => reportFault(this.context.log, 'request', error));
  }

  /** Throws Refusal at once for a request that cannot be composed, whatever its target will be. */
  private sendToName(uri: SipUri, sending: Sending): void {
    const local = this.ways.points[0];
    if (local === undefined) throw new Refusal('requested protocol/transport not available');
    const nowhere = { local, remoteAddress: local.boundHost };
    const request = sending.compose(nowhere);
    this.flowsTo(uri).then((flows) => {
      if (flows.length > 0) return this.tryNext(flows, sending, undefined);
      this.addVia(request, nowhere);
      sending.onSent(request, undefined);
      sending.onResponse(this.ownResponse(request, 503), undefined);
    }).catch((error: unknown) => reportFault(this.context.log, 'request', error));
  }

  /** Ways to the targets of a name; each is opened only when its turn comes. */
  private async flowsTo(uri: SipUri): Promise<(() => Flow)[]> {
    const targets = await locate(uri, this.resolver, this.ways.protocols).catch((error: Error): Target[] => {
      this.context.log('info', 'unresolvable', { host: uri.host, reason: error.message });
      return [];
    });
    const ways: (() => Flow)[] = [];
    for (const target of targets) {
      let flow: Flow | undefined;
      if (ways.length === 0) {
        if ((flow = this.ways.flowTo(target)) === undefined) continue;
      }
      ways.push(() => flow ?? this.ways.flowTo(target) ?? closedFlow(target, this.ways.points[0] as LocalPoint));
    }
    return ways;
  }

  private launch(flows: Flow[], sending: Sending): void {
    this.tryNext(flows.map((flow) => () => flow), sending, undefined);
  }

  private tryNext(flows: (() => Flow)[], sending: Sending, previous: SipMessage | undefined): void {
    const flow = (flows.shift() as () => Flow)();
    const request = sending.compose(flow);
    this.addVia(request, flow);
    const failOver = (response: SipMessage, transaction: ClientTransaction): void => {
      if (flows.length > 0) this.tryNext(flows, sending, request);
      else sending.onResponse(response, transaction);
    };
    let answered = false;
    this.transactions.send(request, flow, {
      onResponse: (response, own) => {
        // 503 means this server, not this caller (RFC 3263 section 4.3); anything it said before rules another try out.
        if (response.status === 503 && !answered) return failOver(response, own);
        answered = true;
        sending.onResponse(response, own);
      },
      onFailure: (failure, own) => {
        const response = this.ownResponse(request, statusOf(failure));
        if (answered) sending.onResponse(response, own);
        else failOver(response, own);
      },
    }, (launched) => {
      if (previous === undefined) sending.onSent(request, launched);
    });
  }

  private addVia(request: SipMessage, { local, remoteAddress }: { local: LocalPoint; remoteAddress: string }): void {
    const host = bracketed(local.hostTowards(remoteAddress));
    const port = local.port === 5060 ? '' : `:${local.port}`;
    request.prepend('Via', `SIP/2.0/${local.protocol.toUpperCase()} ${host}${port};rport;branch=z9hG4bK${this.context.ids.token()}`);
  }

  /** What the network's silence means to whoever sent the request. */
  private ownResponse(request: SipMessage, status: number): SipMessage {
    const response = SipMessage.responseTo(request, status, reasonPhrase(status));
    if (request.toTag === undefined) response.set('To', `${request.get('To') ?? ''};tag=${this.context.ids.token()}`);
    return response;
  }
}

const statusOf = (failure: Failure): number => (failure === 'timeout' ? 408 : 503);

/** Stands for a target that cannot be reached, so that its turn fails like any other. */
function closedFlow(target: Target, local: LocalPoint): Flow {
  return {
    protocol: target.protocol, reliable: true, local, remoteAddress: target.address, remotePort: target.port, open: false,
    send: () => false, onLost: () => () => undefined,
  };
}
