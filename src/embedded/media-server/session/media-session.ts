import { EventEmitter } from 'node:events';
import { MediaError, type MediaSession, type RtpStream, type SessionOptions } from '../contracts';
import { answerOffer } from './answering';
import { acceptAnswer, makeOffer, type Proposal } from './offering';
import type { SessionContext } from './options';
import { parseDescription } from './sdp/description';
import { SessionMedia } from './session-media';
import type { PortPool } from './transport/port-pool';

const TICK_MS = 1_000;

/**
 * See the contract. One offer is pending at a time: an offer of the other side takes back ours that waits for its answer
 * (which SIP then refuses with 491 or has refused), and two operations at once are refused with 491.
 */
export class Session extends EventEmitter implements MediaSession {
  localSdp: string | undefined;
  remoteSdp: string | undefined;
  connected = false;
  private readonly media: SessionMedia;
  private proposal: Proposal | undefined;
  private busy = false;
  private closed = false;
  private silent = false;
  private cancelTick: () => void;

  constructor(private options: SessionOptions, ports: PortPool, private readonly context: SessionContext, private readonly onClosed: () => void) {
    super();
    this.media = new SessionMedia(ports, context, {
      onConnected: () => this.checkConnected(),
      onFailed: (reason) => this.failed(reason),
      onKeyFrameWanted: () => this.emit('keyFrameWanted'),
    });
    this.cancelTick = context.clock.wakeAfter(TICK_MS, () => this.tick());
  }

  get streams(): readonly RtpStream[] {
    return this.media.streams;
  }

  answer(offer: string): Promise<string> {
    return this.alone(async () => {
      const description = parseDescription(offer);
      this.withdrawProposal();
      const answer = await answerOffer(this.media, description, { codecs: this.options.codecs, video: this.options.video });
      this.remoteSdp = offer;
      this.localSdp = answer;
      this.negotiated();
      return answer;
    });
  }

  offer(options: Partial<SessionOptions> = {}): Promise<string> {
    return this.alone(async () => {
      this.withdrawProposal();
      const wanted = { ...this.options, ...options };
      this.proposal = await makeOffer(this.media, wanted);
      this.options = wanted;
      return (this.localSdp = this.proposal.sdp);
    });
  }

  accept(answer: string): Promise<void> {
    return this.alone(async () => {
      const { proposal } = this;
      if (proposal === undefined) throw new MediaError('NO_OFFER_PENDING', 'an answer came, but no offer of ours waits for one', 500, 111);
      try {
        acceptAnswer(this.media, proposal, parseDescription(answer));
      } catch (error) {
        this.withdrawProposal();
        throw error;
      }
      this.proposal = undefined;
      this.remoteSdp = answer;
      this.negotiated();
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.cancelTick();
    this.media.close();
    this.removeAllListeners();
    this.onClosed();
  }

  /** One negotiation at a time, and none after `close`. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) throw new MediaError('SESSION_CLOSED', 'the media session is closed', 481, 16);
    if (this.busy) throw new MediaError('NEGOTIATION_PENDING', 'another offer or answer is being worked on', 491, 111, 'try again after its end');
    this.busy = true;
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }

  private withdrawProposal(): void {
    this.proposal = undefined;
    this.media.settle();
  }

  private negotiated(): void {
    this.silent = false;
    this.emit('streams');
    this.checkConnected();
  }

  private checkConnected(): void {
    if (this.connected || this.closed || !this.media.connected) return;
    this.connected = true;
    this.emit('connected');
  }

  private failed(reason: string): void {
    if (this.closed) return;
    this.connected = false;
    this.context.log('info', 'media-session-failed', { reason });
    this.emit('failed', reason);
  }

  private tick(): void {
    this.cancelTick = this.context.clock.wakeAfter(TICK_MS, () => this.tick());
    const now = this.context.clock.now();
    const { streams } = this.media;
    for (const stream of streams) stream.tick(now);
    const listening = streams.filter((stream) => stream.canReceive);
    const wasSilent = this.silent;
    this.silent = this.context.mediaTimeoutMs > 0 && listening.length > 0
      && listening.every((stream) => now - stream.heardAt >= this.context.mediaTimeoutMs);
    if (this.silent && !wasSilent) this.emit('timeout');
  }
}
