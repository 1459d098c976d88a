import { BfcpDecodeError, decodeMessage, encodeMessage, ERROR_CODES, type BfcpMessage, type Body, type Header, type Primitive } from './codec';
import { BfcpError } from './errors';
import type { Carrier } from './transport/carrier';

/** RFC 8855 section 8.3.3: T1, doubled on each sending; given up after so many. T2: how long an answer is kept to be given again. */
const T1_MS = 500;
const TRANSMISSIONS = 4;
const T2_MS = 10_000;
const MAX_QUEUED = 32;
const MAX_ANSWERED = 64;

/** What answers what; Error answers anything. */
const ANSWERS: Partial<Record<Primitive, Primitive>> = {
  FloorRequest: 'FloorRequestStatus', FloorRelease: 'FloorRequestStatus', FloorRequestQuery: 'FloorRequestStatus', UserQuery: 'UserStatus', FloorQuery: 'FloorStatus',
  ChairAction: 'ChairActionAck', Hello: 'HelloAck', FloorRequestStatus: 'FloorRequestStatusAck', FloorStatus: 'FloorStatusAck', Goodbye: 'GoodbyeAck',
};
/** What the two ends ask of each other. */
const REQUESTS_TO: Record<'client' | 'server', readonly Primitive[]> = {
  client: ['FloorRequestStatus', 'FloorStatus', 'Goodbye'],
  server: ['FloorRequest', 'FloorRelease', 'FloorRequestQuery', 'UserQuery', 'FloorQuery', 'ChairAction', 'Hello', 'Goodbye'],
};

export interface AssociationOptions {
  role: 'client' | 'server';
  conferenceId: number;
  /** Default: 1 over reliable transports, 2 over others (RFC 8856 section 5.5). A server goes by what its client says. */
  version?: 1 | 2;
  /** Milliseconds; defaults 500 and 10,000. */
  t1?: number;
  t2?: number;
  /** Milliseconds from anywhere. */
  now?: () => number;
}

export interface AssociationEvents {
  /** The peer's request; `respond` at once and at most once. Over reliable transports a client's acknowledgements are not sent. */
  request(message: BfcpMessage, respond: (body: Body) => void): void;
  /** Nothing goes either way any more; with the error where it was not closed here. Once. */
  closed(error?: BfcpError): void;
}

interface Transaction {
  header: Header;
  body: Body;
  /** A later body under the same key takes this one's place while it waits. */
  key?: string;
  transmissions: number;
  resolve(answer: BfcpMessage): void;
  reject(error: BfcpError): void;
}

/**
 * What a client and a server have with each other (RFC 8855 section 8): requests matched with answers, sent again over
 * transports that lose, one at a time; the peer's repeated requests get the same answer without being carried out again.
 */
export class Association {
  private readonly queue: Transaction[] = [];
  private readonly answered = new Map<string, { answer: Buffer | undefined; until: number }>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private lastTransactionId: number;
  private version: 1 | 2;
  private open = true;
  /** The peer has said something that is meant for here. */
  private known = false;

  constructor(private readonly carrier: Carrier, private readonly options: AssociationOptions, private readonly events: AssociationEvents) {
    this.version = options.version ?? (carrier.reliable ? 1 : 2);
    this.now = options.now ?? (() => performance.now());
    // Far from the clients', because peers that do not look at the R flag (libre) take an equal number for an answer.
    this.lastTransactionId = options.role === 'server' ? 0x8000 : 0;
    carrier.attach({ received: (message) => this.received(message), closed: (cause) => this.fail(new BfcpError('bfcp-closed', 'The BFCP connection ended', { cause })) });
  }

  /** Sends and waits for the answer; fails with BfcpError `bfcp-refused` when it is an Error, `bfcp-timeout`, `bfcp-closed` or `bfcp-limit`. */
  request(userId: number, body: Body, key?: string): Promise<BfcpMessage> {
    return new Promise((resolve, reject) => this.enqueue({ header: this.header(userId, this.nextTransactionId()), body, key, transmissions: 0, resolve, reject }));
  }

  /**
   * A server's own word: over reliable transports sent once, over others until it is acknowledged. While it waits for its turn,
   * a later one under the same key takes its place.
   */
  announce(userId: number, body: Body, key: string): void {
    if (!this.open) return;
    if (this.carrier.reliable) this.carrier.send(encodeMessage({ ...this.header(userId, 0), ...body }));
    // Whether it was lost shows in `closed`.
    else this.request(userId, body, key).catch(() => undefined);
  }

  /** Ends without a word; `closed` is called without an error. */
  close(): void {
    this.end(undefined);
  }

  private enqueue(transaction: Transaction): void {
    if (!this.open) return transaction.reject(new BfcpError('bfcp-closed', 'The BFCP association is closed'));
    const waiting = transaction.key === undefined ? undefined : this.queue.find(({ key, transmissions }) => key === transaction.key && transmissions === 0);
    if (waiting) {
      waiting.body = transaction.body;
      return transaction.reject(new BfcpError('bfcp-closed', 'Told together with what came after it'));
    }
    if (this.queue.length >= MAX_QUEUED) return transaction.reject(new BfcpError('bfcp-limit', `${MAX_QUEUED} BFCP requests wait for answers already`));
    this.queue.push(transaction);
    if (this.queue.length === 1) this.transmit();
  }

  /** Sends the first of the queue, for the first time or again. */
  private transmit(): void {
    const transaction = this.queue[0];
    if (!transaction) return;
    const { t1 = T1_MS, t2 = T2_MS } = this.options;
    let octets: Buffer;
    try {
      octets = encodeMessage({ ...transaction.header, ...transaction.body });
    } catch (error) {
      this.queue.shift();
      transaction.reject(error as BfcpError);
      return this.transmit();
    }
    const wait = this.carrier.reliable ? t2 : t1 << transaction.transmissions;
    transaction.transmissions++;
    this.timer = setTimeout(() => {
      if (!this.carrier.reliable && transaction.transmissions < TRANSMISSIONS) this.transmit();
      else this.fail(new BfcpError('bfcp-timeout', `No answer to ${transaction.body.primitive} from the BFCP peer`));
    }, wait);
    this.carrier.send(octets);
  }

  private received(octets: Buffer): void {
    if (!this.open) return;
    let message: BfcpMessage;
    try {
      message = decodeMessage(octets);
    } catch (error) {
      if (!(error instanceof BfcpDecodeError)) throw error;
      // Only servers say what they did not understand (RFC 8855 section 5.3.13), and never to an answer.
      if (this.options.role === 'server' && error.header && !error.header.responder) {
        this.respond(error.header, { primitive: 'Error', error: { code: error.errorCode, ...(error.details && { details: error.details }) } });
      }
      return this.suspect();
    }
    if (this.isAnswer(message)) this.settle(message);
    else if (!message.responder || this.carrier.reliable) this.serve(message);
  }

  private isAnswer(message: BfcpMessage): boolean {
    const first = this.queue[0];
    if (!first || first.transmissions === 0) return false;
    // Version 1 has no R flag: there the transaction alone tells.
    const flagged = this.carrier.reliable || message.responder || message.version === 1;
    return flagged && message.transactionId === first.header.transactionId && message.conferenceId === first.header.conferenceId
      && (message.primitive === 'Error' || message.primitive === ANSWERS[first.body.primitive]);
  }

  private settle(answer: BfcpMessage): void {
    clearTimeout(this.timer);
    const transaction = this.queue.shift()!;
    if (answer.primitive === 'Error') transaction.reject(new BfcpRefusedError(transaction.body.primitive, answer.error.code, answer.info));
    else transaction.resolve(answer);
    this.transmit();
  }

  private serve(message: BfcpMessage): void {
    const { role, conferenceId } = this.options;
    if (!REQUESTS_TO[role].includes(message.primitive)) return;
    if (role === 'server') this.version = message.version;
    const key = `${message.transactionId} ${message.primitive} ${message.userId}`;
    const before = this.carrier.reliable ? undefined : this.answered.get(key);
    if (before && before.until > this.now()) {
      if (before.answer) this.carrier.send(before.answer);
      return;
    }
    if (message.conferenceId !== conferenceId) {
      if (role === 'server') this.respond(message, { primitive: 'Error', error: { code: ERROR_CODES.conferenceDoesNotExist } });
      return this.suspect();
    }
    this.known = true;
    let answer: Buffer | undefined;
    this.events.request(message, (body) => {
      answer = this.respond(message, body);
      if (!this.carrier.reliable) this.keep(key, answer);
    });
    if (!answer && !this.carrier.reliable) this.keep(key, undefined);
  }

  /** Who begins with what a server cannot use does not keep his place in it. */
  private suspect(): void {
    if (this.options.role === 'server' && !this.known) this.end(new BfcpError('bfcp-invalid', 'A BFCP client began with a message that is none, or for another conference'));
  }

  private respond({ version, conferenceId, transactionId, userId }: Header, body: Body): Buffer | undefined {
    const unneeded = this.carrier.reliable && (body.primitive === 'FloorRequestStatusAck' || body.primitive === 'FloorStatusAck');
    if (unneeded || !this.open) return undefined;
    const octets = encodeMessage({ version, responder: !this.carrier.reliable, conferenceId, transactionId, userId, ...body });
    this.carrier.send(octets);
    return octets;
  }

  private keep(key: string, answer: Buffer | undefined): void {
    for (const [old, { until }] of this.answered) {
      if (until > this.now() && this.answered.size < MAX_ANSWERED) break;
      this.answered.delete(old);
    }
    this.answered.delete(key);
    this.answered.set(key, { answer, until: this.now() + (this.options.t2 ?? T2_MS) });
  }

  private header(userId: number, transactionId: number): Header {
    return { version: this.version, responder: false, conferenceId: this.options.conferenceId, transactionId, userId };
  }

  private nextTransactionId(): number {
    this.lastTransactionId = (this.lastTransactionId % 0xffff) + 1;
    return this.lastTransactionId;
  }

  private fail(error: BfcpError): void {
    this.end(error);
  }

  private end(error: BfcpError | undefined): void {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.timer);
    this.answered.clear();
    for (const transaction of this.queue.splice(0)) transaction.reject(error ?? new BfcpError('bfcp-closed', 'The BFCP association was closed'));
    this.carrier.close();
    this.events.closed(error);
  }
}

/** The peer's Error message as an answer. */
export class BfcpRefusedError extends BfcpError {
  constructor(primitive: Primitive, /** RFC 8855 section 5.2.6. */ readonly errorCode: number, info?: string) {
    const name = Object.entries(ERROR_CODES).find(([, code]) => code === errorCode)?.[0] ?? 'unknown';
    super('bfcp-refused', `The BFCP peer refused ${primitive} with error ${errorCode} (${name})${info ? `: ${info}` : ''}`);
  }
}
