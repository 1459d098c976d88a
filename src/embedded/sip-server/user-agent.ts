import type { Application, MessageMeta } from './core/application';
import { dialogIdOf } from './core/dialog';
import { Refusal } from './core/refusal';
import { parseMessage, SipMessage } from './message';
import { DEFAULT_LIMITS, type SipServerLimits, type SipServerLog } from './options';
import { reasonPhrase } from './reason-phrases';
import { SipServerError } from './server-error';
import { composeSipSide, type SipSide } from './sip-side';
import { parseContact } from './transport/contact';

/** A request from the network: a new one, or one in a dialog. */
export interface AgentRequest {
  message: SipMessage;
  /** What `respond` wants. */
  transactionId: string;
  /** Of the dialog that the request is in, or would make. */
  dialogId: string;
  inDialog: boolean;
  address: string;
  port: number;
  protocol: string;
  /** Our socket as the peer reaches it; for requests outside of dialogs. */
  receivedOn: { host: string; port: number } | undefined;
}

export interface AgentHandler {
  /** Everything but ACK and CANCEL; must be answered with `respond`. */
  onRequest(request: AgentRequest): void;
  /** The ACK to a 2xx of ours. */
  onAck(dialogId: string, ack: SipMessage): void;
  /** An INVITE that was cancelled; it has its 487 already. */
  onCancel(transactionId: string): void;
  /** The stack has ended a dialog with a BYE of its own: no ACK came, or the session timer ran out (RFC 4028). */
  onExpired(dialogId: string): void;
}

export interface AgentMessage {
  headers?: Record<string, string>;
  body?: string;
}

/** A SIP user agent over the transports, transactions, dialogs and session timers of the SIP server. */
export interface UserAgent {
  /** The addresses bound, such as `udp/127.0.0.1:5080`. */
  readonly contacts: string[];
  readonly dialogs: number;
  /** Answers a request; the response as sent, or undefined when nobody waits for it any more. */
  respond(transactionId: string, status: number, content?: AgentMessage & { reason?: string }): SipMessage | undefined;
  /** Sends an INVITE to a URI. Throws SipServerError `unreachable` when it has no next hop. */
  invite(uri: string, content: AgentMessage): AgentInvite;
  /** Sends a request in a dialog and resolves with its final response (408 and 503 when there is none). Rejects with SipServerError `no-dialog`. */
  request(dialogId: string, method: string, content?: AgentMessage): Promise<SipMessage>;
  /** The ACK to the 2xx of an INVITE sent by `request`. */
  acknowledge(dialogId: string, content?: AgentMessage): void;
  close(): Promise<void>;
}

/** An INVITE that is under way. */
export interface AgentInvite {
  /** The final response; a 2xx wants `acknowledge`. */
  readonly answered: Promise<{ response: SipMessage; dialogId: string }>;
  /** The final response is then 487, unless another one was quicker. */
  cancel(): void;
}

export interface UserAgentOptions {
  /** A listen specification such as `sip:127.0.0.1:5080;transport=udp,tcp`. */
  contact: string;
  handler: AgentHandler;
  limits?: Partial<SipServerLimits>;
  log?: SipServerLog;
}

interface Asked {
  /** The request has been sent, under this transaction. */
  sent?(transactionId: string): void;
  resolve(response: SipMessage, dialogId: string): void;
  reject(error: Error): void;
}

function compose(message: SipMessage, { headers = {}, body = '' }: AgentMessage): SipMessage {
  for (const [name, value] of Object.entries(headers)) message.set(name, value);
  message.body = Buffer.from(body);
  return message;
}

/** Does what the engine may refuse because the peer was quicker. */
function obeyed(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** The one application of a user agent, in the same thread. */
class LocalApplication implements Application, UserAgent {
  readonly connected = true;
  readonly behind = false;
  private lastCommand = 0;
  private readonly commands = new Map<string, Asked>();
  private readonly asked = new Map<string, Asked>();
  private lastSent: SipMessage | undefined;
  side!: SipSide;

  constructor(private readonly handler: AgentHandler) {}

  get contacts(): string[] {
    return this.side.contacts;
  }

  get dialogs(): number {
    return this.side.engine.stats().dialogs;
  }

  deliver(meta: MessageMeta, transactionId: string, dialogId: string, octets: Buffer, receivedOn?: { host: string; port: number }): void {
    const { message } = parseMessage(octets);
    if (message === undefined) return;
    if (!message.isRequest) return this.receiveResponse(transactionId, message, dialogId);
    if (message.method === 'ACK') return this.handler.onAck(dialogId, message);
    if (message.method === 'CANCEL') return this.handler.onCancel(transactionId);
    if (transactionId === 'unsolicited') return this.handler.onExpired(dialogId);
    const { address, port, protocol } = meta;
    const inDialog = dialogId !== '';
    const newId = dialogIdOf(message.callId ?? '', message.fromTag ?? '');
    this.handler.onRequest({ message, transactionId, dialogId: inDialog ? dialogId : newId, inDialog, address, port, protocol, receivedOn });
  }

  sent(commandId: string, _meta: MessageMeta, ids: string, octets: Buffer): void {
    const asked = this.commands.get(commandId);
    this.commands.delete(commandId);
    if (asked === undefined) this.lastSent = parseMessage(octets).message;
    else {
      this.asked.set(ids, asked);
      asked.sent?.(ids);
    }
  }

  /** Of the admin protocol: nothing is proxied here, faults are thrown, and nobody keeps such records. */
  proxied(): void {}
  reply(): void {}
  record(): void {}

  respond(transactionId: string, status: number, content: AgentMessage & { reason?: string } = {}): SipMessage | undefined {
    this.lastSent = undefined;
    const wanted = compose(SipMessage.response(status, content.reason ?? reasonPhrase(status)), content);
    obeyed(() => this.side.engine.server.respond('', transactionId, wanted, this));
    return this.lastSent;
  }

  invite(uri: string, content: AgentMessage): AgentInvite {
    const { engine } = this.side;
    let transaction: string | undefined;
    let cancelled = false;
    const cancel = (): void => {
      cancelled = true;
      if (transaction !== undefined) obeyed(() => engine.client.cancel('', transaction as string, SipMessage.request('CANCEL', uri), this));
    };
    const answered = new Promise<{ response: SipMessage; dialogId: string }>((resolve, reject) => {
      const commandId = String(++this.lastCommand);
      const sent = (transactionId: string): void => {
        transaction = transactionId;
        if (cancelled) cancel();
      };
      this.commands.set(commandId, { sent, resolve: (response, dialogId) => resolve({ response, dialogId }), reject });
      try {
        engine.client.request(commandId, compose(SipMessage.request('INVITE', uri), content), '', this);
      } catch (error) {
        this.commands.delete(commandId);
        reject(error instanceof Refusal ? new SipServerError('unreachable', error.message) : error);
      }
    });
    return { answered, cancel };
  }

  request(dialogId: string, method: string, content: AgentMessage = {}): Promise<SipMessage> {
    return new Promise((resolve, reject) => {
      const commandId = String(++this.lastCommand);
      this.commands.set(commandId, { resolve, reject });
      try {
        this.side.engine.inDialog.request(commandId, dialogId, compose(SipMessage.request(method, 'sip:placeholder'), content), this);
      } catch (error) {
        this.commands.delete(commandId);
        reject(error instanceof Refusal ? new SipServerError('no-dialog', error.message) : error);
      }
    });
  }

  acknowledge(dialogId: string, content: AgentMessage = {}): void {
    obeyed(() => this.side.engine.inDialog.request('', dialogId, compose(SipMessage.request('ACK', 'sip:placeholder'), content), this));
  }

  async close(): Promise<void> {
    await this.side.close();
    const ended = new SipServerError('closed', 'The user agent has been closed');
    for (const { reject } of [...this.commands.values(), ...this.asked.values()]) reject(ended);
    this.commands.clear();
    this.asked.clear();
  }

  private receiveResponse(transactionId: string, response: SipMessage, dialogId: string): void {
    if (response.status < 200) return;
    this.asked.get(transactionId)?.resolve(response, dialogId);
    this.asked.delete(transactionId);
  }
}

/**
 * Starts a user agent. Throws SipServerError: `contact-invalid`, `bind-failed`.
 */
export async function startUserAgent({ contact, handler, limits, log = () => undefined }: UserAgentOptions): Promise<UserAgent> {
  const agent = new LocalApplication(handler);
  const noRecords = (verb: string): Application | undefined => (verb.startsWith('cdr:') ? undefined : agent);
  const side = composeSipSide({ points: parseContact(contact), applications: { choose: noRecords }, limits: { ...DEFAULT_LIMITS, ...limits }, log });
  agent.side = side;
  try {
    await side.open();
  } catch (error) {
    await side.close();
    throw error;
  }
  return agent;
}
