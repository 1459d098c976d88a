import { parseNameAddr, type SipMessage } from '../message';
import type { ClientTransaction } from '../transaction/client-transaction';
import type { ServerTransaction } from '../transaction/server-transaction';
import type { Application } from '../core/application';
import { ownHeaders } from '../core/application-message';
import { networkMeta, record, type CoreContext } from '../core/core-context';
import type { InDialogSender } from '../core/in-dialog-sender';
import { ownResponse } from '../core/response-builder';
import { Refusal } from '../core/refusal';
import type { WaysOut } from '../core/sender';
import type { UserAgentServer } from '../core/uas';
import type { ProxyCommand } from './proxy-command';
import { Proxying, type ProxyPlan } from './proxying';
import { DialogMarks } from './record-route';

const DEFAULT_MAX_FORWARDS = 70;
/** A proxy changes none of these (RFC 3261 section 16.6). */
const UNTOUCHED: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Content-Type', 'Max-Forwards']);

/** Requests that we pass on instead of answering them (RFC 3261 section 16). */
export class Proxy {
  private readonly running = new Map<ServerTransaction, Proxying>();
  private readonly marks = new DialogMarks();

  constructor(private readonly context: CoreContext, private readonly ways: WaysOut, private readonly server: UserAgentServer,
    private readonly inDialog: InDialogSender) {}

  /** Proxies a request as its application wants; the command is answered `done` at the end. Throws Refusal. */
  proxy(commandId: string, command: ProxyCommand, wanted: SipMessage | undefined, application: Application): void {
    const { transaction } = this.server.take(command.transactionId);
    const { request } = transaction;
    const forwards = request.maxForwards ?? DEFAULT_MAX_FORWARDS;
    if (forwards === 0) {
      transaction.respond(ownResponse(transaction, 483));
      throw new Refusal('Too many hops');
    }
    this.run(transaction, {
      ...command,
      compose: (destination, to) => {
        const forwarded = this.forwarded(request, destination, forwards);
        for (const { name, value } of wanted === undefined ? [] : ownHeaders(wanted, UNTOUCHED)) forwarded.set(name, value);
        if (command.recordRoute) for (const route of this.marks.recordRoutes(request, transaction.flow, to).reverse()) forwarded.prepend('Record-Route', route);
        return forwarded;
      },
      nextHop: (destination) => destination,
      onFinal: (response, own) => command.fullResponse && this.report(commandId, application, response, own),
      onDone: () => application.reply(commandId, 'OK', 'done'),
      recorded: request.method === 'INVITE',
    });
  }

  /** Passes on a request of a dialog that we stayed in; false when it is none. */
  receiveInDialog(transaction: ServerTransaction): boolean {
    const { request, method } = transaction;
    const forwarded = request.clone();
    if (!this.marks.takeOwnRoutes(forwarded, this.ways.points)) return false;
    const forwards = request.maxForwards ?? DEFAULT_MAX_FORWARDS;
    if (forwards === 0) {
      transaction.respond(ownResponse(transaction, 483));
      return true;
    }
    if (method === 'BYE') record(this.context, 'cdr:stop', 'network', request, 'normal-release');
    this.run(transaction, {
      destinations: [request.uri], simultaneous: false, followRedirects: false, provisionalTimeout: undefined, finalTimeout: undefined,
      compose: (destination) => this.forwarded(forwarded, destination, forwards),
      nextHop: () => nextHopOf(forwarded),
      onFinal: () => undefined,
      onDone: () => method === 'BYE' && record(this.context, 'cdr:stop', 'application', request, 'normal-release'),
      recorded: false,
    });
    return true;
  }

  /** Passes on the ACK to a 2xx of such a dialog. */
  receiveAck(ack: SipMessage): void {
    const forwarded = ack.clone();
    const forwards = ack.maxForwards ?? DEFAULT_MAX_FORWARDS;
    if (forwards === 0 || !this.marks.takeOwnRoutes(forwarded, this.ways.points)) return;
    try {
      this.context.sender.sendOnce({ uri: nextHopOf(forwarded) }, () => this.forwarded(forwarded, forwarded.uri, forwards), () => undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.context.log('info', 'unreachable', { reason: error.message });
    }
  }

  /** Cancels a proxied INVITE; false when it is none. */
  cancel(invite: ServerTransaction): boolean {
    const proxying = this.running.get(invite);
    proxying?.cancel();
    return proxying !== undefined;
  }

  private run(transaction: ServerTransaction, plan: Omit<ProxyPlan, 'launchCancel'>): void {
    const proxying = new Proxying(transaction, {
      ...plan,
      onDone: () => {
        this.running.delete(transaction);
        plan.onDone();
      },
      launchCancel: (cancel, flow) => this.inDialog.launchCancel(cancel, flow),
    }, this.context);
    this.running.set(transaction, proxying);
    proxying.start();
  }

  private forwarded(request: SipMessage, uri: string, forwards: number): SipMessage {
    const forwarded = request.clone();
    forwarded.uri = uri;
    forwarded.set('Max-Forwards', String(forwards - 1));
    return forwarded;
  }

  private report(commandId: string, application: Application, response: SipMessage, transaction: ClientTransaction | undefined): void {
    const bytes = response.serialize();
    const flow = transaction?.flow;
    const meta = flow === undefined ? { source: 'network' as const, bytes: bytes.length, protocol: '', address: '', port: 0 } : networkMeta(flow, bytes.length);
    application.proxied(commandId, meta, bytes);
  }
}

/** RFC 3261 section 16.6, step 7. */
const nextHopOf = (request: SipMessage): string => parseNameAddr(request.getAll('Route')[0] ?? '')?.uri ?? request.uri;
