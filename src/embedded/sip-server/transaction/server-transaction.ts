import type { Timer } from '../clock';
import { SipMessage } from '../message';
import { reasonPhrase } from '../reason-phrases';
import type { Flow } from '../transport/flow';
import { RELEASED, type EngineContext } from './context';
import { GIVE_UP, RINGING_LIMIT, T1, T2, T4, TRYING_AFTER } from './timing';

type State = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

/**
 * A request from the network and its answers: RFC 3261 section 17.2 with the accepted state of RFC 6026. Repeated requests
 * are answered here and never reach the core.
 */
export class ServerTransaction {
  readonly method: string;
  /** The To tag of our answers; an application may choose its own. */
  localTag: string;
  private state: State = 'proceeding';
  private last: Buffer | undefined;
  private trying: Timer | undefined;
  private retransmission: Timer | undefined;
  private ending: Timer | undefined;

  constructor(
    /** Kept until the final response: transactions linger for half a minute after it, thousands of them. */
    public request: SipMessage,
    /** Where the request came from. */
    readonly flow: Flow,
    /** Octets of the request as received. */
    readonly size: number,
    /** The way for responses (RFC 3261 section 18.2.2), asked anew when a connection has closed. */
    private readonly replyFlow: () => Flow | undefined,
    private readonly context: EngineContext,
    private readonly ended: () => void,
    private readonly abandoned: () => void,
  ) {
    this.method = request.method;
    this.localTag = request.toTag ?? context.ids.token();
    if (this.method !== 'INVITE') return;
    this.trying = context.timers.start(TRYING_AFTER, () => this.sayTrying());
    this.ending = context.timers.start(RINGING_LIMIT, () => this.abandon());
  }

  /** Whether a final response has been sent. */
  get answered(): boolean {
    return this.state !== 'proceeding';
  }

  /**
   * Sends a response and keeps it for repeated requests. The octets sent, or undefined when a final response was sent before
   * or no way back is left; the transaction then goes on as if it had been sent.
   */
  respond(response: SipMessage): Buffer | undefined {
    if (this.state !== 'proceeding') return undefined;
    this.trying?.cancel();
    const bytes = response.serialize();
    this.last = bytes;
    const sent = this.transmit(bytes);
    if (response.status >= 200) this.finish(response.status);
    return sent ? bytes : undefined;
  }

  /** Sends a response once more: the last one for repeated requests, a given one for a 2xx or reliable 1xx that waits for its acknowledgement. */
  repeat(response = this.last): void {
    if (response === undefined) return;
    this.context.counters.retransmissionsOut++;
    this.transmit(response);
  }

  /** The request has come again. An accepted INVITE is left to the dialog, which repeats its 2xx by itself (RFC 6026). */
  receiveRepetition(): void {
    this.context.counters.retransmissionsIn++;
    if (this.state === 'proceeding' && this.last === undefined && this.method === 'INVITE') this.sayTrying();
    else if (this.state === 'proceeding' || this.state === 'completed') this.repeat();
  }

  /** The ACK to a response that was no 2xx. */
  receiveAck(): void {
    if (this.state !== 'completed' || this.method !== 'INVITE') return;
    this.state = 'confirmed';
    this.last = undefined;
    this.retransmission?.cancel();
    this.endAfter(this.flow.reliable ? 0 : T4);
  }

  terminate(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.trying?.cancel();
    this.retransmission?.cancel();
    this.ending?.cancel();
    this.ended();
  }

  /** Keeps the caller from sending its INVITE again (RFC 3261 section 17.2.1): an answer that comes at once does that by itself. */
  private sayTrying(): void {
    this.respond(SipMessage.responseTo(this.request, 100, reasonPhrase(100)));
  }

  private finish(status: number): void {
    this.request = RELEASED;
    if (this.method !== 'INVITE') {
      this.state = 'completed';
      this.endAfter(this.flow.reliable ? 0 : GIVE_UP);
    } else if (status < 300) {
      this.state = 'accepted';
      this.last = undefined; // Its dialog repeats it.
      this.endAfter(GIVE_UP);
    } else {
      this.state = 'completed';
      if (!this.flow.reliable) this.repeatAfter(T1);
      this.endAfter(GIVE_UP);
    }
  }

  private repeatAfter(interval: number): void {
    this.retransmission = this.context.timers.start(interval, () => {
      this.repeat();
      this.repeatAfter(Math.min(interval * 2, T2));
    });
  }

  private endAfter(ms: number): void {
    this.ending?.cancel();
    if (ms === 0) this.terminate();
    else this.ending = this.context.timers.start(ms, () => this.terminate());
  }

  private abandon(): void {
    if (this.state === 'proceeding') this.abandoned();
  }

  private transmit(bytes: Buffer): boolean {
    const flow = this.replyFlow();
    if (flow === undefined || !flow.send(bytes)) return false;
    this.context.counters.messagesOut++;
    return true;
  }
}
