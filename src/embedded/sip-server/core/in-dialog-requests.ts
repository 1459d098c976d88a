import type { SipMessage } from '../message';
import type { ServerTransaction } from '../transaction/server-transaction';
import type { Proxy } from '../proxy/proxy';
import { record, type CoreContext } from './core-context';
import type { Dialog } from './dialog';
import { ownResponse } from './response-builder';
import type { SessionTimers } from './session-timers';
import type { UserAgentServer } from './uas';

/** Requests that may move the peer's address (RFC 3261 section 12.2.2; RFC 3311, RFC 6665, RFC 3515). */
const TARGET_REFRESH: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);
const SUBSCRIPTION_OVER = /^\s*terminated\b/i;

/** Requests from the network in dialogs (RFC 3261 sections 12.2.2, 14.2 and 15.1.2). */
export class InDialogRequests {
  constructor(private readonly context: CoreContext, private readonly server: UserAgentServer, private readonly sessions: SessionTimers,
    private readonly proxy: Proxy) {}

  receive(transaction: ServerTransaction): void {
    const { request, method } = transaction;
    const dialog = this.context.dialogs.findFor(request);
    if (dialog === undefined) {
      if (!request.has('Route') || !this.proxy.receiveInDialog(transaction)) this.answer(transaction, 481);
      return;
    }
    const refusal = this.order(dialog, transaction);
    if (refusal !== undefined) return this.answer(transaction, ...refusal);
    dialog.flow = transaction.flow.reliable || !dialog.flow.open ? transaction.flow : dialog.flow;
    if (TARGET_REFRESH.has(method)) dialog.learnTarget(request, transaction.flow);
    if (method === 'INVITE' || method === 'UPDATE') {
      if (this.sessions.isTooShort(request)) return this.answer(transaction, 422, { 'Min-SE': this.sessions.minimum });
      this.sessions.onRequest(dialog, request);
    }
    if (method === 'PRACK' && !this.server.reliableOf(dialog)?.acknowledge(request)) return this.answer(transaction, 481);
    if (method === 'INVITE') dialog.incomingInvite = transaction;
    if (!this.server.receiveInDialog(transaction, dialog)) this.answer(transaction, 481);
    if (this.ends(dialog, request)) this.finish(dialog, request);
  }

  /** Out of order, or against an INVITE that is under way; undefined when the request may go on. */
  private order(dialog: Dialog, { request, method }: ServerTransaction): [number, Record<string, string>?] | undefined {
    const sequence = request.cseq?.seq ?? 0;
    if (dialog.remoteSequence !== undefined && sequence <= dialog.remoteSequence) return [500];
    if (method === 'INVITE' && dialog.outgoingInvite?.pending) return [491];
    if (method === 'INVITE' && dialog.incomingInvite !== undefined) {
      return [500, { 'Retry-After': String(1 + (sequence % 10)) }];
    }
    dialog.remoteSequence = sequence;
    return undefined;
  }

  private ends(dialog: Dialog, request: SipMessage): boolean {
    if (request.method === 'BYE') return true;
    return dialog.method === 'SUBSCRIBE' && request.method === 'NOTIFY' && SUBSCRIPTION_OVER.test(request.get('Subscription-State') ?? '');
  }

  private finish(dialog: Dialog, request: SipMessage): void {
    this.context.dialogs.remove(dialog);
    // A BYE before the answer ends the INVITE too (RFC 3261 section 15.1.2).
    if (dialog.incomingInvite !== undefined) this.server.giveUp(dialog.incomingInvite, 487);
    if (request.method === 'BYE') record(this.context, 'cdr:stop', 'network', request, 'normal-release');
  }

  private answer(transaction: ServerTransaction, status: number, headers?: Record<string, string>): void {
    transaction.respond(ownResponse(transaction, status, headers));
  }
}
