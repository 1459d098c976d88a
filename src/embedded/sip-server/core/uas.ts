import type { Timer } from '../clock';
import type { SipMessage } from '../message';
import type { ServerTransaction } from '../transaction/server-transaction';
import type { Admission } from './admission';
import type { Application } from './application';
import { repeatUntilAcknowledged } from './acceptance';
import { networkMeta, record, sentMeta, type CoreContext } from './core-context';
import { Dialog, dialogIdOf } from './dialog';
import type { InDialogSender } from './in-dialog-sender';
import { contactOf } from './local-uris';
import { asksReliable, ReliableResponses, supportsReliable } from './reliable';
import { ownResponse, responseFrom } from './response-builder';
import { Refusal } from './refusal';
import type { SessionTimers } from './session-timers';
import { Unanswered } from './unanswered';

/** An application that has not answered at all by then has forgotten the request. */
const FORGOTTEN_MS = 64_000;
const UNKNOWN_TRANSACTION = 'Response not sent due to unknown transaction';

/** A request from the network that waits for its application. */
export interface Incoming {
  readonly transactionId: string;
  readonly transaction: ServerTransaction;
  readonly application: Application;
  dialog: Dialog | undefined;
  /** The first request of its dialog, or one outside of all. */
  readonly initial: boolean;
  /** What it is found by while it may make a dialog. */
  readonly dialogId: string;
  forgotten: Timer | undefined;
  reliable: ReliableResponses | undefined;
}

/** Requests from the network and the applications' answers to them. */
export class UserAgentServer {
  private readonly byId = new Map<string, Incoming>();
  private readonly byTransaction = new Map<ServerTransaction, Incoming>();
  /** Unanswered requests that may make a dialog, by the dialog's id. */
  private readonly forming = new Map<string, Incoming>();
  private readonly waiting = new Unanswered();

  constructor(private readonly context: CoreContext, private readonly admission: Admission, private readonly sessions: SessionTimers,
    private readonly inDialog: InDialogSender) {}

  /** New requests that no application has answered yet. */
  get unanswered(): number {
    return this.waiting.total;
  }

  /** A request outside of every dialog. */
  receiveInitial(transaction: ServerTransaction): void {
    const { request, method } = transaction;
    const forms = method === 'INVITE' || method === 'SUBSCRIBE';
    const dialogId = forms ? dialogIdOf(request.callId ?? '', request.fromTag ?? '') : '';
    if (method === 'INVITE' && !saysWhereItIs(request)) return this.refuse(transaction, 400);
    // The same request by another path (RFC 3261 section 8.2.2.2), or one of our own that has come back.
    if (forms && (this.forming.has(dialogId) || this.context.dialogs.find(dialogId) !== undefined)) return this.refuse(transaction, 482);
    if (forms && !this.context.dialogs.hasRoom) this.makeRoom();
    const application = this.context.applications.choose(method.toLowerCase());
    if (application === undefined || !this.admission.admits(application, this.waiting, transaction.flow.remoteAddress)) {
      if (application !== undefined) this.context.counters.rejected++;
      return this.refuse(transaction, 503, { 'Retry-After': String(this.context.limits.retryAfterSeconds) });
    }
    const incoming = this.track(transaction, application, undefined, true, dialogId);
    if (forms) this.forming.set(dialogId, incoming);
    const { flow, size } = transaction;
    application.deliver(networkMeta(flow, size), incoming.transactionId, '', request.serialize(),
      { host: flow.local.hostTowards(flow.remoteAddress), port: flow.local.port });
    if (method === 'INVITE') record(this.context, 'cdr:attempt', 'network', request);
  }

  /** A request in a dialog goes to the dialog's application; false when that one is gone. */
  receiveInDialog(transaction: ServerTransaction, dialog: Dialog): boolean {
    if (!dialog.application.connected) return false;
    const incoming = this.track(transaction, dialog.application, dialog, false, dialog.id);
    const { flow, size, request } = transaction;
    dialog.application.deliver(networkMeta(flow, size), incoming.transactionId, dialog.id, request.serialize());
    return true;
  }

  /** The reliable responses that a PRACK in this dialog may acknowledge. */
  reliableOf(dialog: Dialog): ReliableResponses | undefined {
    return dialog.incomingInvite === undefined ? undefined : this.byTransaction.get(dialog.incomingInvite)?.reliable;
  }

  /** Answers the INVITE 487 and tells the application under the INVITE's transaction (the CANCEL has its 200 already). */
  cancel(cancel: SipMessage, invite: ServerTransaction): void {
    const incoming = this.byTransaction.get(invite);
    const { request } = invite;
    invite.respond(ownResponse(invite, 487));
    if (incoming === undefined) return;
    const { dialog, application, initial } = incoming;
    if (initial) record(this.context, 'cdr:stop', 'network', request, 'call-canceled');
    const bytes = cancel.serialize();
    application.deliver(networkMeta(invite.flow, bytes.length), incoming.transactionId, dialog?.id ?? '', bytes);
    this.finish(incoming);
    if (initial && dialog !== undefined) this.context.dialogs.remove(dialog);
  }

  /** Ends a request that its application left alone, or whose application is gone. */
  giveUp(transaction: ServerTransaction, status: number): void {
    const incoming = this.byTransaction.get(transaction);
    transaction.respond(ownResponse(transaction, status));
    if (incoming === undefined) return;
    this.finish(incoming);
    if (incoming.initial && incoming.dialog !== undefined && !incoming.dialog.confirmed) this.context.dialogs.remove(incoming.dialog);
  }

  /** Answers everything that waits for an application which has disconnected. */
  abandon(application: Application): void {
    for (const incoming of [...this.byId.values()]) {
      if (incoming.application === application) this.giveUp(incoming.transaction, incoming.initial ? 503 : 480);
    }
  }

  /** Takes a request away from its application, which has handed it to a proxy. Throws Refusal. */
  take(transactionId: string): Incoming {
    const incoming = this.byId.get(transactionId);
    if (incoming === undefined) throw new Refusal(UNKNOWN_TRANSACTION);
    this.finish(incoming);
    return incoming;
  }

  /** Sends the response that an application wants, and answers its command. Throws Refusal. */
  respond(commandId: string, transactionId: string, wanted: SipMessage, application: Application): void {
    const incoming = this.byId.get(transactionId);
    if (incoming === undefined) throw new Refusal(UNKNOWN_TRANSACTION);
    const { transaction } = incoming;
    const { request, method } = transaction;
    const { status } = wanted;
    if (status <= 100) throw new Refusal('100 Trying is automatically generated by the stack');
    this.answered(incoming);
    const response = responseFrom(transaction, wanted);
    const reliable = status < 200 && transaction.method === 'INVITE' && asksReliable(wanted);
    if (reliable && !supportsReliable(transaction.request)) throw new Refusal('Remote endpoint does not support 100rel');
    if (status < 300) this.formDialog(incoming, response, reliable);
    const bytes = reliable ? this.sendReliably(incoming, response) : this.send(incoming, response);
    const dialogId = method === 'INVITE' || incoming.dialog !== undefined ? incoming.dialogId : '';
    application.sent(commandId, sentMeta(transaction.flow, bytes.length, false), `${transactionId}|${dialogId}|`, bytes);
    if ((method === 'REGISTER' || method === 'SUBSCRIBE') && status >= 200 && status < 300) {
      this.context.registered.learn(request, response, transaction.flow);
    }
    if (status >= 200) this.conclude(incoming, response);
  }

  private send(incoming: Incoming, response: SipMessage): Buffer {
    const { transaction, dialog } = incoming;
    const sequence = transaction.request.cseq?.seq ?? 0;
    const bytes = transaction.respond(response);
    if (bytes === undefined) {
      if (response.status >= 200) this.giveUp(transaction, response.status);
      throw new Refusal('transport for response has been shutdown or closed');
    }
    if (transaction.method === 'INVITE' && response.status >= 200 && response.status < 300 && dialog !== undefined) {
      dialog.unacknowledged?.stop();
      dialog.unacknowledged = {
        transactionId: incoming.transactionId,
        sequence,
        stop: repeatUntilAcknowledged(transaction, bytes, this.context, () => this.inDialog.end(dialog, 'ACK timeout', 'ack-timeout')),
      };
    }
    return bytes;
  }

  private sendReliably(incoming: Incoming, response: SipMessage): Buffer {
    const { transaction } = incoming;
    incoming.reliable ??= new ReliableResponses(transaction, this.context.timers, this.context.ids.sequence(),
      () => this.giveUp(transaction, 504));
    if (!response.has('Contact')) response.set('Contact', contactOf(transaction.flow.local, transaction.flow.remoteAddress));
    if (!incoming.reliable.send(response)) throw new Refusal('too many reliable provisional responses wait for their PRACK');
    return response.serialize();
  }

  /** The dialog of an accepted or ringing INVITE or an accepted SUBSCRIBE (RFC 3261 section 12.1.1). */
  private formDialog(incoming: Incoming, response: SipMessage, reliable: boolean): void {
    const { transaction, application } = incoming;
    const { request, flow, method } = transaction;
    const final = response.status >= 200;
    if (incoming.initial && (method === 'INVITE' || (method === 'SUBSCRIBE' && final)) && incoming.dialog === undefined) {
      const dialog = new Dialog({
        role: 'uas', method, callId: request.callId ?? '', localTag: transaction.localTag, remoteTag: request.fromTag ?? '',
        local: response.get('To') ?? '', remote: request.get('From') ?? '', localSequence: this.context.ids.sequence(),
        remoteSequence: request.cseq?.seq, application, flow, localContact: contactOf(flow.local, flow.remoteAddress),
      });
      dialog.routes = request.getAll('Record-Route');
      dialog.learnTarget(request, flow);
      if (method === 'INVITE') dialog.incomingInvite = transaction;
      incoming.dialog = dialog;
      this.context.dialogs.add(dialog);
    }
    const { dialog } = incoming;
    if (dialog === undefined || method === 'SUBSCRIBE') return;
    const contact = response.get('Contact');
    if (contact !== undefined) dialog.localContact = contact;
    if ((final || reliable) && response.body.length > 0) dialog.localSdp = Buffer.from(response.body);
    if (final && method === 'INVITE') this.sessions.onAnswering(dialog, request, response, incoming.initial);
  }

  private conclude(incoming: Incoming, response: SipMessage): void {
    const { dialog, transaction, initial } = incoming;
    const { status } = response;
    this.finish(incoming);
    if (transaction.method !== 'INVITE' || !initial) return;
    if (status >= 300) {
      if (dialog !== undefined) this.context.dialogs.remove(dialog);
      record(this.context, 'cdr:stop', 'application', response, 'call-rejected');
    } else {
      if (dialog !== undefined) dialog.confirmed = true;
      record(this.context, 'cdr:start', 'application', response, 'uas');
    }
  }

  private track(transaction: ServerTransaction, application: Application, dialog: Dialog | undefined, initial: boolean, dialogId: string): Incoming {
    const incoming: Incoming = { transactionId: this.context.ids.serial(), transaction, application, dialog, initial, dialogId, forgotten: undefined, reliable: undefined };
    incoming.forgotten = this.context.timers.start(FORGOTTEN_MS, () => this.giveUp(transaction, 480));
    this.byId.set(incoming.transactionId, incoming);
    this.byTransaction.set(transaction, incoming);
    if (initial) this.waiting.add(transaction.flow.remoteAddress);
    return incoming;
  }

  private answered(incoming: Incoming): void {
    if (incoming.forgotten === undefined) return;
    incoming.forgotten.cancel();
    incoming.forgotten = undefined;
    if (incoming.initial) this.waiting.remove(incoming.transaction.flow.remoteAddress);
  }

  private finish(incoming: Incoming): void {
    const { transaction, dialog } = incoming;
    this.answered(incoming);
    incoming.reliable?.stop();
    this.byId.delete(incoming.transactionId);
    this.byTransaction.delete(transaction);
    if (dialog?.incomingInvite === transaction) dialog.incomingInvite = undefined;
    if (this.forming.get(incoming.dialogId) === incoming) this.forming.delete(incoming.dialogId);
  }

  /** Calls that no application knows any more end before a new one is refused. */
  private makeRoom(): void {
    const orphan = this.context.dialogs.oldestOrphan();
    if (orphan !== undefined) this.inDialog.endSilently(orphan);
  }

  private refuse(transaction: ServerTransaction, status: number, headers?: Record<string, string>): void {
    transaction.respond(ownResponse(transaction, status, headers));
  }
}

/** One Contact (RFC 3261 section 8.1.1.8). RFC 2543, whose branches have no magic cookie, did not ask for it: From serves then. */
const saysWhereItIs = ({ contacts = [], topVia }: SipMessage): boolean =>
  contacts.length === 1 || (contacts.length === 0 && topVia?.branch?.startsWith('z9hG4bK') !== true);
