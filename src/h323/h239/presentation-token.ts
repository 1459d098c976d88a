import type { GenericMessage } from '../h245';
import { decodeH239, encodeH239, type H239Message } from './messages';

/** An answer that has not come by then does not come. */
const ANSWER_MS = 10_000;
/** TrueConf's gateway repeats so often whose the token is. */
const OWNER_INDICATION_MS = 15_000;
const GREATEST_SYMMETRY = 127;

export type TokenState =
  | 'free'
  /** This side has asked and waits for the answer. */
  | 'requesting'
  /** This side may show content. */
  | 'owned'
  /** The peer has the token. */
  | 'granted';

export interface TokenEvents {
  /** The peer asks for the token, also while this side has it; `grant` or `refuse` answers. */
  requested(channelId: number | undefined): void;
  /** The peer has given it back, or its wish is void. */
  released(): void;
  /** This side's request was acknowledged: it may open its content channel. */
  granted(): void;
  /** It was rejected, lost against the peer's at the same time, or not answered. */
  refused(): void;
  /** This side has lost the token to the peer, which is granted it, and closes its content channel. */
  revoked(): void;
  /** The peer asks for another limit on the content that this side sends, or none; the answer is whether it is obeyed. */
  flowControl?(channelId: number | undefined, bitRate: number | undefined): boolean;
}

export interface TokenOptions {
  send(message: GenericMessage): void;
  /** A random integer from 1 to 127. */
  symmetryBreaking(): number;
  events: TokenEvents;
}

/**
 * The token that says which of two terminals may show content (H.239, one presentation channel): a terminal asks its peer, and
 * the peer's acknowledgement gives it, also where the peer had it.
 */
export class PresentationToken {
  private current: TokenState = 'free';
  /** What it was before this side asked. */
  private before: 'free' | 'granted' = 'free';
  private channelId = 0;
  private symmetry = 0;
  /** The peer's request that waits for `grant` or `refuse`. */
  private asked: { channelId?: number } | undefined;
  /** The peer has the token from this side, and does not only say that it has it. */
  private given = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: TokenOptions) {}

  get state(): TokenState {
    return this.current;
  }

  /** Asks for the token, from a peer that has it too. `channelId`: number of the logical channel that this side will open. */
  request(channelId: number): void {
    if (this.current === 'requesting' || this.current === 'owned') return;
    // The peer's own wish is void by this side's; it sees that as two requests at once.
    if (this.asked) this.refuse();
    this.before = this.current;
    this.current = 'requesting';
    this.channelId = channelId;
    this.symmetry = this.options.symmetryBreaking();
    this.send({ type: 'presentationTokenRequest', terminalLabel: 0, channelId, symmetryBreaking: this.symmetry });
    this.timer = setTimeout(() => {
      this.current = this.before;
      // Should the peer have granted it after all, it is free again.
      this.send({ type: 'presentationTokenRelease', terminalLabel: 0, channelId });
      this.options.events.refused();
    }, ANSWER_MS);
  }

  /** This side's content ends, or its wish for it. */
  release(): void {
    if (this.current !== 'requesting' && this.current !== 'owned') return;
    this.leave(this.current === 'requesting' ? this.before : 'free');
    this.send({ type: 'presentationTokenRelease', terminalLabel: 0, channelId: this.channelId });
  }

  /** Takes it from the peer by asking for it (H.239 has no other way); whatever the peer says, it has it no more as far as this side is concerned. */
  revoke(channelId: number): void {
    if (this.current !== 'granted') return;
    this.request(channelId);
    this.before = 'free';
    this.release();
  }

  /** Answers the peer's request; where this side has the token, it is lost, and its content is to end. */
  grant(): void {
    if (!this.asked) return;
    const { channelId } = this.asked;
    const owned = this.current === 'owned';
    this.asked = undefined;
    this.leave('granted');
    this.given = true;
    if (owned) this.options.events.revoked();
    this.send({ type: 'presentationTokenResponse', terminalLabel: 0, ...(channelId !== undefined && { channelId }), accepted: true });
  }

  refuse(): void {
    if (!this.asked) return;
    const { channelId } = this.asked;
    this.asked = undefined;
    this.reject(channelId);
  }

  /** Ends the timers; nothing is sent or told any more than what is asked for. */
  close(): void {
    this.leave('free');
    this.asked = undefined;
  }

  /** The handler of H.245's generic messages; whether it is one of H.239's. */
  received(generic: GenericMessage): boolean {
    const message = decodeH239(generic);
    if (!message) return false;
    const { events } = this.options;
    switch (message.type) {
      case 'presentationTokenRequest': this.asks(message.symmetryBreaking, message.channelId); break;
      case 'presentationTokenResponse': this.answered(message.accepted); break;
      case 'presentationTokenRelease': this.abandoned(); break;
      case 'presentationTokenIndicateOwner': if (this.current === 'free') this.current = 'granted'; break;
      case 'flowControlReleaseRequest':
        this.send({ type: 'flowControlReleaseResponse', ...(message.channelId !== undefined && { channelId: message.channelId }), accepted: events.flowControl?.(message.channelId, message.bitRate) ?? false });
        break;
      case 'flowControlReleaseResponse': break;
    }
    return true;
  }

  /** Asks the peer to take back its limit on the content that this side sends. */
  requestFlowControlRelease(channelId: number, bitRate: number): void {
    this.send({ type: 'flowControlReleaseRequest', channelId, bitRate });
  }

  private asks(symmetryBreaking: number, channelId: number | undefined): void {
    if (this.current === 'requesting') {
      // Both at once: the greater number has it (an RMX that must have it sends 127), and equal ones try again.
      if (Math.min(symmetryBreaking, GREATEST_SYMMETRY) <= this.symmetry) return this.reject(channelId);
      this.leave('free');
      this.options.events.refused();
    }
    const again = this.asked !== undefined;
    this.asked = channelId === undefined ? {} : { channelId };
    if (this.given) this.grant();
    else if (!again) this.options.events.requested(channelId);
  }

  private answered(accepted: boolean): void {
    if (this.current !== 'requesting') {
      // Late: nobody wants it any more.
      if (accepted && this.current !== 'owned') this.send({ type: 'presentationTokenRelease', terminalLabel: 0, channelId: this.channelId });
      return;
    }
    this.leave(accepted ? 'owned' : this.before);
    if (!accepted) return this.options.events.refused();
    this.indicate();
    this.options.events.granted();
  }

  /** The peer has given the token back, or is to be taken as if it had. */
  abandoned(): void {
    const had = this.current === 'granted' || this.asked !== undefined;
    this.asked = undefined;
    this.before = 'free';
    if (this.current === 'granted') this.leave('free');
    if (had) this.options.events.released();
  }

  private indicate(): void {
    this.send({ type: 'presentationTokenIndicateOwner', terminalLabel: 0, channelId: this.channelId });
    this.timer = setTimeout(() => this.indicate(), OWNER_INDICATION_MS);
  }

  private reject(channelId: number | undefined): void {
    this.send({ type: 'presentationTokenResponse', terminalLabel: 0, ...(channelId !== undefined && { channelId }), accepted: false });
  }

  private leave(next: TokenState): void {
    clearTimeout(this.timer);
    this.current = next;
    this.given &&= next === 'granted';
  }

  private send(message: H239Message): void {
    this.options.send(encodeH239(message));
  }
}
