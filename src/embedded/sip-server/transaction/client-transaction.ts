import type { Timer } from '../clock';
import type { SipMessage } from '../message';
import type { Flow } from '../transport/flow';
import { RELEASED, type EngineContext } from './context';
import { acknowledge, cancelling } from './derived-requests';
import { GIVE_UP, RINGING_LIMIT, T1, T2, T4 } from './timing';

/** Why a request got no answer. */
export type Failure = 'timeout' | 'transport';

export interface ClientUser {
  /** Every provisional response and every final one once; of an INVITE every 2xx, repeated ones too (RFC 6026). */
  onResponse(response: SipMessage, transaction: ClientTransaction): void;
  onFailure(failure: Failure, transaction: ClientTransaction): void;
}

const NOTHING = Buffer.alloc(0);
const NOBODY: ClientUser = { onResponse: () => undefined, onFailure: () => undefined };

type State = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

/** A request that we sent: RFC 3261 section 17.1 with the accepted state of RFC 6026. */
export class ClientTransaction {
  readonly method: string;
  private state: State = 'calling';
  private bytes: Buffer;
  private readonly octets: number;
  private ackBytes: Buffer | undefined;
  private retransmission: Timer | undefined;
  private ending: Timer | undefined;
  private readonly unwatch: () => void;
  private heldCancel: (() => void) | undefined;
  private cancelled = false;

  constructor(
    /** Kept until the final response, as in the server's transactions. */
    public request: SipMessage, readonly flow: Flow, private user: ClientUser, private readonly context: EngineContext,
    private readonly ended: () => void,
  ) {
    this.method = request.method;
    this.bytes = request.serialize();
    this.octets = this.bytes.length;
    this.unwatch = flow.onLost(() => this.fail('transport'));
    this.endAfter(GIVE_UP, () => this.fail('timeout'));
    if (!flow.reliable) this.repeatAfter(T1);
  }

  /** Octets of the request. */
  get size(): number {
    return this.octets;
  }

  get sent(): Buffer {
    return this.bytes;
  }

  /** Whether a final response may still come. */
  get pending(): boolean {
    return this.state === 'calling' || this.state === 'proceeding';
  }

  start(): void {
    if (this.flow.send(this.bytes)) this.context.counters.messagesOut++;
    else this.fail('transport');
  }

  receive(response: SipMessage): void {
    if (this.state === 'terminated') return;
    if (this.state === 'completed') {
      this.context.counters.retransmissionsIn++;
      if (this.ackBytes !== undefined) this.flow.send(this.ackBytes);
    } else if (this.state === 'accepted') {
      if (response.status >= 200 && response.status < 300) this.user.onResponse(response, this);
    } else if (response.status < 200) {
      this.proceed();
      this.user.onResponse(response, this);
    } else {
      this.finish(response);
      this.user.onResponse(response, this);
      this.release();
    }
  }

  /** Who takes the further 2xx of an accepted INVITE, so that what sent it can be let go. */
  onFurtherSuccess(take: (response: SipMessage) => void): void {
    this.user = { onResponse: take, onFailure: () => undefined };
  }

  /**
   * Cancels an INVITE (RFC 3261 section 9.1); the CANCEL waits for the first provisional response. Returns it as it will be
   * sent, or undefined when the final response is there already. `launch` makes its transaction.
   */
  cancel(headers: ReadonlyMap<string, string>, launch: (cancel: SipMessage, flow: Flow) => void): SipMessage | undefined {
    if (!this.pending || this.cancelled) return undefined;
    this.cancelled = true;
    const request = cancelling(this.request, headers);
    const go = (): void => {
      launch(request, this.flow);
      // Without a final response the cancelled INVITE ends all the same (section 9.1, last paragraph).
      this.endAfter(GIVE_UP, () => this.fail('timeout'));
    };
    if (this.state === 'proceeding') go();
    else this.heldCancel = go;
    return request;
  }

  terminate(): void {
    if (this.state === 'terminated') return;
    this.state = 'terminated';
    this.retransmission?.cancel();
    this.ending?.cancel();
    this.unwatch();
    this.ended();
  }

  private proceed(): void {
    if (this.state === 'proceeding') return;
    this.state = 'proceeding';
    if (this.method !== 'INVITE') return;
    this.retransmission?.cancel();
    this.endAfter(RINGING_LIMIT, () => this.fail('timeout'));
    this.heldCancel?.();
    this.heldCancel = undefined;
  }

  private finish(response: SipMessage): void {
    this.retransmission?.cancel();
    if (this.method !== 'INVITE') {
      this.complete(this.flow.reliable ? 0 : T4);
    } else if (response.status < 300) {
      this.state = 'accepted';
      this.endAfter(GIVE_UP, () => this.terminate());
    } else {
      this.ackBytes = acknowledge(this.request, response).serialize();
      if (this.flow.send(this.ackBytes)) this.context.counters.messagesOut++;
      this.complete(this.flow.reliable ? 0 : GIVE_UP);
    }
  }

  private release(): void {
    this.request = RELEASED;
    this.bytes = NOTHING;
    if (this.state !== 'accepted') this.user = NOBODY;
  }

  private complete(lingerMs: number): void {
    this.state = 'completed';
    if (lingerMs === 0) this.terminate();
    else this.endAfter(lingerMs, () => this.terminate());
  }

  private repeatAfter(interval: number): void {
    this.retransmission = this.context.timers.start(interval, () => {
      this.context.counters.retransmissionsOut++;
      this.flow.send(this.bytes);
      const next = this.state === 'proceeding' ? T2 : interval * 2;
      this.repeatAfter(this.method === 'INVITE' ? interval * 2 : Math.min(next, T2));
    });
  }

  private endAfter(ms: number, end: () => void): void {
    this.ending?.cancel();
    this.ending = this.context.timers.start(ms, end);
  }

  private fail(failure: Failure): void {
    if (!this.pending) return this.terminate();
    this.terminate();
    this.user.onFailure(failure, this);
  }
}
