/** Where a message came from or went to, as applications are told. */
export interface MessageMeta {
  source: 'network' | 'application';
  bytes: number;
  protocol: string;
  address: string;
  port: number;
}

/** A connected application as the engine sees it. */
export interface Application {
  readonly connected: boolean;
  /** It does not read what it is sent as fast as it comes. */
  readonly behind: boolean;
  /** Hands a SIP message up; `receivedOn` names our socket for new requests. */
  deliver(meta: MessageMeta, transactionId: string, dialogId: string, message: Buffer, receivedOn?: { host: string; port: number }): void;
  /** Answers a command with the message that was sent for it; `ids` are the transaction and what else the wire names there. */
  sent(commandId: string, meta: MessageMeta, ids: string, message: Buffer): void;
  /** Tells one final response to a proxied request; the command's answer is still to come. */
  proxied(commandId: string, meta: MessageMeta, message: Buffer): void;
  /** Answers a command otherwise. */
  reply(commandId: string, verdict: 'OK' | 'NO' | 'NOK', detail?: string): void;
  /** A call detail record; `detail` is the role or the reason. */
  record(event: CdrEvent, source: 'network' | 'application', message: Buffer, detail?: string): void;
}

export type CdrEvent = 'cdr:attempt' | 'cdr:start' | 'cdr:stop';

/** The applications that are connected. */
export interface Applications {
  /** The next application that asked for a method (lower case) or a record event, in turn; undefined when there is none. */
  choose(verb: string): Application | undefined;
}
