import { parseUri, type SipMessage } from '../message';
import type { ClientTransaction } from '../transaction/client-transaction';
import type { Application } from './application';
import { isOurs } from './local-uris';
import { networkMeta, record, sentMeta, type CoreContext } from './core-context';
import { Dialog, dialogIdOf } from './dialog';
import type { InDialogSender } from './in-dialog-sender';
import { ownHeaders } from './application-message';
import { Refusal } from './refusal';
import { requestOutside, type Identity } from './request-builder';
import type { SessionTimers } from './session-timers';
import type { WaysOut } from './sender';

/** Not the canceller's to say. */
const SET_IN_CANCEL: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Contact', 'Content-Type']);

/** A request of an application that waits for its final response. */
interface Outgoing {
  readonly transactionId: string;
  readonly application: Application;
  readonly dialogId: string;
  transaction: ClientTransaction | undefined;
  request: SipMessage;
  dialog: Dialog | undefined;
  cancelled: boolean;
}

/** Requests outside of dialogs that applications send, and what they make of the answers (RFC 3261 sections 8.1 and 13.2). */
export class UserAgentClient {
  private readonly byId = new Map<string, Outgoing>();

  constructor(private readonly context: CoreContext, private readonly ways: WaysOut, private readonly sessions: SessionTimers,
    private readonly inDialog: InDialogSender) {}

  /** Sends what an application wants and answers its command. Throws Refusal. */
  request(commandId: string, wanted: SipMessage, routeUrl: string, application: Application): void {
    const { method } = wanted;
    const uri = parseUri(wanted.uri);
    if (method === '' || uri === undefined) throw new Refusal(`invalid request-uri: ${method} ${wanted.uri}`);
    if (method === 'ACK' || method === 'CANCEL') throw new Refusal(`${method} needs a dialog or a transaction`);
    const registered = routeUrl === '' ? this.context.registered.find(wanted.uri) : undefined;
    if (routeUrl === '' && registered === undefined && isOurs(uri, this.ways.points)) throw new Refusal('can not send request to myself');
    const identity: Identity = {
      callId: wanted.get('Call-ID') ?? this.context.ids.uuid(),
      tag: this.context.ids.token(),
      sequence: wanted.cseq?.seq ?? this.context.ids.sequence(),
    };
    const transactionId = this.context.ids.serial();
    let outgoing: Outgoing | undefined;
    const hop = registered === undefined ? { uri: routeUrl === '' ? wanted.uri : routeUrl } : { flow: registered };
    this.context.sender.send(hop, {
      compose: (flow) => requestOutside(wanted, flow, identity),
      onSent: (request, transaction) => {
        outgoing = this.track(transactionId, application, request, transaction);
        const bytes = transaction?.sent ?? request.serialize();
        const point = transaction?.flow;
        const meta = point === undefined
          ? { source: 'application' as const, bytes: bytes.length, protocol: '', address: '', port: 0 } : sentMeta(point, bytes.length, true);
        application.sent(commandId, meta, transactionId, bytes);
        if (method === 'INVITE') record(this.context, 'cdr:attempt', 'application', request);
      },
      onResponse: (response, transaction) => {
        if (outgoing !== undefined) this.receive(outgoing, response, transaction);
      },
    });
  }

  /** Cancels an application's INVITE and answers its command. Throws Refusal. */
  cancel(commandId: string, transactionId: string, wanted: SipMessage, application: Application): void {
    const outgoing = this.byId.get(transactionId);
    const cancel = outgoing && this.cancelOutgoing(outgoing, wanted);
    const flow = outgoing?.transaction?.flow;
    if (cancel === undefined || flow === undefined) throw new Refusal(`unable to cancel unknown transaction id: ${transactionId}`);
    const bytes = cancel.serialize();
    application.sent(commandId, sentMeta(flow, bytes.length, true), this.context.ids.serial(), bytes);
  }

  /** Cancels what rings for an application that has disconnected. */
  abandon(application: Application): void {
    for (const outgoing of this.byId.values()) {
      if (outgoing.application === application && outgoing.request.method === 'INVITE') this.cancelOutgoing(outgoing, undefined);
    }
  }

  private cancelOutgoing(outgoing: Outgoing, wanted: SipMessage | undefined): SipMessage | undefined {
    const { transaction } = outgoing;
    const headers = new Map((wanted === undefined ? [] : ownHeaders(wanted, SET_IN_CANCEL)).map(({ name, value }) => [name, value]));
    const cancel = transaction?.method === 'INVITE' ? transaction.cancel(headers, (request, flow) => this.inDialog.launchCancel(request, flow)) : undefined;
    if (cancel !== undefined) outgoing.cancelled = true;
    return cancel;
  }

  private track(transactionId: string, application: Application, request: SipMessage, transaction: ClientTransaction | undefined): Outgoing {
    const { method } = request;
    const makesDialog = method === 'INVITE' || method === 'SUBSCRIBE';
    const dialogId = makesDialog ? dialogIdOf(request.callId ?? '', request.fromTag ?? '') : '';
    const outgoing: Outgoing = { transactionId, application, dialogId, transaction, request, dialog: undefined, cancelled: false };
    this.byId.set(transactionId, outgoing);
    return outgoing;
  }

  private receive(outgoing: Outgoing, response: SipMessage, transaction: ClientTransaction | undefined): void {
    const { status } = response;
    if (transaction !== undefined) {
      outgoing.transaction = transaction;
      outgoing.request = transaction.request;
    }
    if (status === 100) return;
    const { method } = outgoing.request;
    const reliable = method === 'INVITE' && status < 200 && response.has('RSeq');
    if (transaction !== undefined && (reliable || ((method === 'INVITE' || method === 'SUBSCRIBE') && status >= 200 && status < 300))) {
      this.formDialog(outgoing, response, transaction);
    }
    const flow = transaction?.flow;
    const bytes = response.serialize();
    const meta = flow === undefined ? { source: 'network' as const, bytes: bytes.length, protocol: '', address: '', port: 0 } : networkMeta(flow, bytes.length);
    outgoing.application.deliver(meta, outgoing.transactionId, outgoing.dialogId, bytes);
    if (status >= 200) this.conclude(outgoing, response);
  }

  private conclude(outgoing: Outgoing, response: SipMessage): void {
    const { status } = response;
    this.byId.delete(outgoing.transactionId);
    if (outgoing.dialog?.outgoingInvite === outgoing.transaction && outgoing.dialog !== undefined) outgoing.dialog.outgoingInvite = undefined;
    if (outgoing.request.method !== 'INVITE') return;
    if (status >= 300) {
      if (outgoing.dialog !== undefined) this.context.dialogs.remove(outgoing.dialog);
      record(this.context, 'cdr:stop', 'network', response, status === 487 ? 'call-canceled' : 'call-rejected');
      return;
    }
    record(this.context, 'cdr:start', 'network', response, 'uac');
    // Nobody is left to acknowledge: do it and end the call.
    if (outgoing.dialog !== undefined && !outgoing.application.connected) this.inDialog.acknowledgeAndEnd(outgoing.dialog);
  }

  /** RFC 3261 section 12.1.2; of a forked INVITE the first 2xx makes the dialog. */
  private formDialog(outgoing: Outgoing, response: SipMessage, transaction: ClientTransaction): void {
    const { request } = outgoing;
    const { flow } = transaction;
    const final = response.status >= 200;
    let { dialog } = outgoing;
    if (dialog !== undefined && dialog.remoteTag !== (response.toTag ?? '')) {
      this.context.dialogs.remove(dialog);
      dialog = undefined;
    }
    if (dialog === undefined) {
      dialog = new Dialog({
        role: 'uac', method: request.method, callId: request.callId ?? '', localTag: request.fromTag ?? '', remoteTag: response.toTag ?? '',
        local: request.get('From') ?? '', remote: response.get('To') ?? '', localSequence: request.cseq?.seq ?? 0, remoteSequence: undefined,
        application: outgoing.application, flow, localContact: request.get('Contact') ?? '',
      });
      if (request.method === 'INVITE') dialog.outgoingInvite = transaction;
      outgoing.dialog = dialog;
      this.context.dialogs.add(dialog);
    }
    dialog.routes = response.getAll('Record-Route').reverse();
    dialog.learnTarget(response, flow);
    if (request.body.length > 0) dialog.localSdp = Buffer.from(request.body);
    if (!final) return;
    dialog.confirmed = true;
    dialog.endAfterAck = outgoing.cancelled;
    if (request.method !== 'INVITE') return;
    const first = dialog;
    dialog.acceptedSequence = request.cseq?.seq;
    transaction.onFurtherSuccess((further) => this.receiveFurtherSuccess(first, further));
    this.sessions.onAnswered(dialog, response);
  }

  /** The same 2xx again wants its ACK again; one of another fork gets ACK and BYE (RFC 3261 section 13.2.2.4). */
  private receiveFurtherSuccess(dialog: Dialog, response: SipMessage): void {
    if (dialog.remoteTag === (response.toTag ?? '')) return this.inDialog.repeatAck(dialog);
    const sequence = response.cseq?.seq ?? 0;
    const other = new Dialog({
      role: 'uac', method: 'INVITE', callId: dialog.callId, localTag: dialog.localTag, remoteTag: response.toTag ?? '', local: dialog.local,
      remote: response.get('To') ?? '', localSequence: sequence, remoteSequence: undefined, application: dialog.application,
      flow: dialog.flow, localContact: dialog.localContact,
    });
    other.routes = response.getAll('Record-Route').reverse();
    other.learnTarget(response, dialog.flow);
    other.acceptedSequence = sequence;
    this.inDialog.acknowledgeAndEnd(other);
  }
}
