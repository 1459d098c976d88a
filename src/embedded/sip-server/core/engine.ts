import type { Clock } from '../clock';
import { TimerQueue } from '../clock';
import { CachingResolver, type Resolver } from '../dns';
import type { IdSource } from '../ids';
import type { SipMessage } from '../message';
import type { SipServerLimits, SipServerLog, SipServerStats } from '../options';
import { newCounters, reportFault } from '../transaction/context';
import { TransactionLayer, type TransactionUser } from '../transaction/layer';
import type { ServerTransaction } from '../transaction/server-transaction';
import type { Flow } from '../transport/flow';
import { Proxy } from '../proxy/proxy';
import { Admission } from './admission';
import type { Application, Applications } from './application';
import { networkMeta, type CoreContext } from './core-context';
import type { Dialog } from './dialog';
import { DialogTable } from './dialog-table';
import { InDialogRequests } from './in-dialog-requests';
import { InDialogSender } from './in-dialog-sender';
import { ownResponse } from './response-builder';
import { RegisteredFlows } from './registered-flows';
import { RequestSender, type WaysOut } from './sender';
import { SessionTimers } from './session-timers';
import { UserAgentClient } from './uac';
import { UserAgentServer } from './uas';

export interface EngineParts {
  clock: Clock;
  ids: IdSource;
  ways: WaysOut;
  resolver: Resolver;
  applications: Applications;
  limits: SipServerLimits;
  log: SipServerLog;
}

/** The SIP side: transactions and dialogs between the network and the applications. */
export class Engine implements TransactionUser {
  readonly timers: TimerQueue;
  readonly transactions: TransactionLayer;
  readonly server: UserAgentServer;
  readonly client: UserAgentClient;
  readonly inDialog: InDialogSender;
  readonly proxy: Proxy;
  private readonly context: CoreContext;
  private readonly requests: InDialogRequests;

  constructor(parts: EngineParts) {
    const { clock, ids, ways, applications, limits, log } = parts;
    this.timers = new TimerQueue(clock, (error) => reportFault(log, 'timer', error));
    const counters = newCounters();
    const base = { timers: this.timers, ids, counters, log };
    this.transactions = new TransactionLayer(base, ways, limits.transactions, limits.retryAfterSeconds);
    this.transactions.user = this;
    const sender = new RequestSender(base, this.transactions, ways, new CachingResolver(parts.resolver, () => clock.now()));
    const dialogs = new DialogTable(limits.dialogs);
    this.context = { ...base, limits, applications, dialogs, sender, registered: new RegisteredFlows(() => clock.now()) };
    this.inDialog = new InDialogSender(this.context, this.transactions, ways);
    const endDialog = this.inDialog.end.bind(this.inDialog);
    const sessions = new SessionTimers(this.context, (dialog, seconds) => this.inDialog.refresh(dialog, seconds), endDialog);
    this.inDialog.sessions = sessions;
    const admission = new Admission(this.timers, limits, dialogs);
    this.server = new UserAgentServer(this.context, admission, sessions, this.inDialog);
    this.client = new UserAgentClient(this.context, ways, sessions, this.inDialog);
    this.proxy = new Proxy(this.context, ways, this.server, this.inDialog);
    this.requests = new InDialogRequests(this.context, this.server, sessions, this.proxy);
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.toTag === undefined) this.receiveOutside(transaction);
    else this.requests.receive(transaction);
  }

  onCancel(cancel: SipMessage, invite: ServerTransaction): void {
    if (!this.proxy.cancel(invite)) this.server.cancel(cancel, invite);
  }

  /** The ACK to a 2xx of ours goes up under the INVITE's transaction; one that comes again does not. */
  onAck(ack: SipMessage, flow: Flow, size: number): void {
    const dialog = this.context.dialogs.findFor(ack);
    if (dialog === undefined && ack.has('Route')) return this.proxy.receiveAck(ack);
    const awaited = dialog?.unacknowledged;
    if (dialog === undefined || awaited === undefined || awaited.sequence !== ack.cseq?.seq) return;
    awaited.stop();
    dialog.unacknowledged = undefined;
    dialog.application.deliver(networkMeta(flow, size), awaited.transactionId, dialog.id, ack.serialize());
  }

  onAbandoned(transaction: ServerTransaction): void {
    this.server.giveUp(transaction, 480);
  }

  onStrayResponse(): void {
    this.context.counters.dropped++;
  }

  /** An application has disconnected: what waits for it is answered, what rings for it is cancelled; its dialogs stay until their room is needed. */
  onApplicationGone(application: Application): void {
    this.server.abandon(application);
    this.client.abandon(application);
    this.context.dialogs.orphan(application);
  }

  findDialog(id: string): Dialog | undefined {
    return this.context.dialogs.find(id);
  }

  stats(): Omit<SipServerStats, 'connections' | 'adminClients'> {
    return {
      serverTransactions: this.transactions.serverCount,
      clientTransactions: this.transactions.clientCount,
      dialogs: this.context.dialogs.size,
      unanswered: this.server.unanswered,
      ...this.context.counters,
    };
  }

  close(): void {
    this.transactions.close();
    this.timers.close();
  }

  private receiveOutside(transaction: ServerTransaction): void {
    const { method } = transaction;
    if (method === 'BYE' || method === 'UPDATE' || method === 'PRACK') transaction.respond(ownResponse(transaction, 481));
    else this.server.receiveInitial(transaction);
  }
}
