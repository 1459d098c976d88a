/** Messages out of a TCP or TLS stream (RFC 3261 sections 7.5 and 18.3; keep-alives RFC 5626 section 3.5.1). */
import { CRLF_CRLF, contentLengthFault, judge, parseHead, tooLargeBody, tooLargeHead } from './parse';
import { DEFAULT_LIMITS } from './types';
import type { SipMessage } from './sip-message';
import type { MessageLimits, ParsedMessage, SipFault } from './types';

const EMPTY = Buffer.alloc(0);
const CR = 13;
const LF = 10;

/**
 * Holds at most one unfinished message: `maxHeadBytes + maxBodyBytes` and one chunk. How long a peer may take over it is
 * for the transport to say (`pendingBytes` tells that something is unfinished).
 */
export class StreamFramer {
  private buffer: Buffer = EMPTY;
  /** Whether `buffer` was allocated here and may be appended to; else it is the transport's chunk. */
  private isOwned = false;
  /** The unread octets are `start` to `end`. Octets before `end` are never overwritten: bodies that were handed out lie there. */
  private start = 0;
  private end = 0;
  /** Where the search for the end of the head goes on, relative to `start`. */
  private searched = 0;
  /** A message whose body is awaited; the head is already behind `start`. */
  private awaiting: { message: SipMessage; length: number; fault: SipFault | undefined } | undefined;
  private lineEnds = 0;
  private isBroken = false;

  /**
   * @param side `accepted`: the peer opened the connection, so CRLFCRLF between messages is its ping; `opened`: we did, so
   *   each CRLF is the pong to a ping of ours.
   */
  constructor(
    private readonly side: 'accepted' | 'opened',
    private readonly limits: MessageLimits = DEFAULT_LIMITS,
  ) {}

  /** Nobody can tell any more where a message begins: answer what was yielded last, then close the connection. */
  get broken(): boolean {
    return this.isBroken;
  }

  /** Octets of an unfinished message (a head or body that is still awaited). */
  get pendingBytes(): number {
    return this.end - this.start;
  }

  /** Whether a message is begun and not finished. */
  get isInMessage(): boolean {
    return this.awaiting !== undefined || this.end > this.start;
  }

  /** Everything that `chunk` completes, in order. The chunk must not be changed afterwards. */
  push(chunk: Buffer): ParsedMessage[] {
    const results: ParsedMessage[] = [];
    if (this.isBroken || chunk.length === 0) return results;
    this.add(chunk);
    for (;;) {
      const result = this.awaiting ? this.takeBody() : this.takeHead();
      if (result === undefined) break;
      if (result !== 'head') results.push(result);
      if (this.isBroken) {
        this.buffer = EMPTY;
        this.start = this.end = 0;
        break;
      }
    }
    return results;
  }

  private add(chunk: Buffer): void {
    const pending = this.end - this.start;
    if (pending === 0) {
      this.buffer = chunk;
      this.isOwned = false;
      this.start = 0;
      this.end = chunk.length;
      return;
    }
    if (!this.isOwned || this.end + chunk.length > this.buffer.length) {
      // Doubling keeps the copying linear when the octets come one by one.
      const grown = Buffer.allocUnsafe(Math.max(pending * 2, pending + chunk.length));
      this.buffer.copy(grown, 0, this.start, this.end);
      this.buffer = grown;
      this.isOwned = true;
      this.start = 0;
      this.end = pending;
    }
    chunk.copy(this.buffer, this.end);
    this.end += chunk.length;
  }

  /** Reads keep-alives and one head; `head` when a head was read, undefined when more octets are needed. */
  private takeHead(): ParsedMessage | 'head' | undefined {
    if (this.searched === 0) {
      const keepAlive = this.takeLineEnds();
      if (keepAlive) return keepAlive;
    }
    const pending = this.end - this.start;
    if (pending === 0 || (pending === 1 && this.buffer[this.start] === CR)) return undefined;
    this.lineEnds = 0;
    const unread = this.buffer.subarray(this.start, this.end);
    const blank = unread.indexOf(CRLF_CRLF, Math.max(this.searched - 3, 0));
    const headLength = blank === -1 ? pending : blank;
    this.searched = pending;
    if (headLength > this.limits.maxHeadBytes) return this.breakOff(parseHead(unread, 0, headLength, this.limits), tooLargeHead(this.limits));
    if (blank === -1) return undefined;
    this.searched = 0;
    this.start += blank + 4;
    const head = parseHead(unread, 0, blank, this.limits);
    if (head.drop !== undefined) return this.breakOff(head, undefined);
    const framing = contentLengthFault(head.message);
    if (framing) return this.breakOff(head, framing);
    const length = head.message.contentLength;
    if (length === undefined) return this.breakOff(head, { status: 400, reason: 'No Content-Length on a stream' });
    if (length > this.limits.maxBodyBytes) return this.breakOff(head, tooLargeBody(length, this.limits));
    this.awaiting = { message: head.message, length, fault: head.fault };
    return 'head';
  }

  private takeLineEnds(): ParsedMessage | undefined {
    while (this.end - this.start >= 2 && this.buffer[this.start] === CR && this.buffer[this.start + 1] === LF) {
      this.start += 2;
      if (this.side === 'opened') return { keepAlive: 'pong' };
      if (++this.lineEnds === 2) {
        this.lineEnds = 0;
        return { keepAlive: 'ping' };
      }
    }
    return undefined;
  }

  private takeBody(): ParsedMessage | undefined {
    const { message, length, fault } = this.awaiting!;
    if (this.end - this.start < length) return undefined;
    message.body = this.buffer.subarray(this.start, this.start + length);
    this.start += length;
    this.awaiting = undefined;
    return judge(message, fault);
  }

  private breakOff(head: ReturnType<typeof parseHead>, fault: SipFault | undefined): ParsedMessage {
    this.isBroken = true;
    return head.drop === undefined ? judge(head.message, head.fault ?? fault) : head;
  }
}
