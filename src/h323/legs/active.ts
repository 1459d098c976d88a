import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { dtmfOf, dtmfRelay, FAST_UPDATE, isFastUpdate, release, type ActiveLeg, type CallSource, type LegEvents, type LegMessage, type LegReply, type Release } from '../../calls';
import { warning, type EtasiltaError } from '../../errors';
import type { OperationHandlers, SupplementaryServices } from '../h450';
import type { SignallingCall } from '../signalling';
import { requestOf } from './cause';
import type { LegMedia } from './leg-media';
import type { LegMediaEvents } from './media-events';
import type { LegEnds, RunningLegs } from './running';
import { supplementaryServices } from './services';
import { LegTransfer, type TransferBook } from './transfer';

const GLARE_TRIES = 5;
const OVER: LegReply = { status: 481, headers: {} };

/** How a leg does supplementary services (H.450). */
export interface LegServices {
  book: TransferBook;
  /** Who is at the other end; undefined for one that may not dial. */
  source: CallSource | undefined;
  /** What only a leg of its role does. */
  handlers: OperationHandlers;
  /** The call has to end, whatever its state. */
  clear(why: Release): void;
}

/** An established leg over H.323. What the far end does before somebody listens is kept for whoever does. */
export class H323ActiveLeg implements ActiveLeg {
  private events: LegEvents | undefined;
  /** Supplementary services (H.450) of the peer. */
  readonly services: SupplementaryServices;
  private readonly transfer: LegTransfer;
  media: LegMedia | undefined;
  /** The call is answered. */
  talking = false;
  /** Address of the party at the other end; of a caller's leg it is known when that one answers. */
  partner: string | undefined;
  readonly since = Date.now();
  private over = false;
  private released: Release | undefined;
  private described: string | undefined;

  constructor(readonly id: string, readonly call: SignallingCall, readonly ends: LegEnds, private readonly running: RunningLegs, { book, source, handlers, clear }: LegServices) {
    this.transfer = new LegTransfer({ leg: this, host: () => call.remote.host, source, tell: (message) => this.events?.message(message) ?? Promise.resolve(OVER) }, book);
    this.services = supplementaryServices(call, { ...this.transfer.handlers, ...handlers },
      () => clear(release(501, 'the device needs a service of H.450 that is not known here', 'gateway', { q850: 29 })));
    if (ends.role === 'callee') this.partner = ends.other;
    running.add(this);
  }

  /** What the leg's media tell goes to the leg; made before them, because they may speak at once. */
  readonly mediaEvents: LegMediaEvents = {
    changed: async (description) => {
      this.described = description;
      let reply = await this.events?.renegotiate({ method: 'INVITE', headers: {}, body: description });
      // The other side was about to change something itself (RFC 3261 section 14.1).
      for (let tries = 1; reply?.status === 491 && tries < GLARE_TRIES && !this.over; tries++) {
        await setTimeout(randomInt(201) * 10, undefined, { ref: false });
        reply = await this.events?.renegotiate({ method: 'INVITE', headers: {}, body: description });
      }
      return reply && reply.status < 300 ? reply.body : undefined;
    },
    digit: (digit) => this.tell(dtmfRelay(digit)),
    rate: (bitRate) => this.running.rated(this, bitRate),
    keyFrameWanted: () => this.tell(FAST_UPDATE),
    failed: (why) => {
      if (this.over) return;
      this.end(why);
      this.call.release(requestOf(why));
    },
  };

  take(media: LegMedia, description?: string): this {
    this.media = media;
    this.described = description ?? this.described;
    return this;
  }

  get remoteSdp(): string | undefined {
    return this.described;
  }

  /** The party as it is described from now on. */
  set description(sdp: string) {
    this.described = sdp;
  }

  attach(events: LegEvents): void {
    this.events = events;
    const { released } = this;
    if (released) setImmediate(() => events.released(released));
  }

  /** The call is over by the peer's doing, or the network's. */
  end(why: Release): void {
    if (this.released) return;
    this.released = why;
    this.stop();
    this.events?.released(why);
  }

  async renegotiate({ body }: LegMessage): Promise<LegReply> {
    const { media } = this;
    if (this.over || !media) return OVER;
    try {
      if (body !== undefined) return { status: 200, headers: {}, body: (this.described = await media.update(body)) };
      return {
        status: 200, headers: {}, body: (this.described = await media.reoffer()),
        ack: (answer) => { if (answer !== undefined) media.update(answer, true).then((sdp) => { this.described = sdp; }, () => undefined); },
      };
    } catch (error) {
      const { sipStatus = 488, message } = error as EtasiltaError;
      return { status: sipStatus, headers: { Warning: warning(message) } };
    }
  }

  send(message: LegMessage): Promise<LegReply> {
    if (this.over) return Promise.resolve(OVER);
    const digit = dtmfOf(message);
    if (digit !== undefined) this.media?.sendDigit(digit);
    else if (isFastUpdate(message)) this.media?.refreshVideo();
    else if (message.method === 'REFER') return this.transfer.refer(message);
    else if (message.method === 'NOTIFY') return this.transfer.notified(message);
    else if (message.method !== 'UPDATE') return Promise.resolve({ status: message.method === 'INFO' ? 415 : 405, headers: {} });
    return Promise.resolve({ status: 200, headers: {} });
  }

  /** The peer has handed the other end on to somebody else. */
  handedOn(): void {
    this.mediaEvents.failed(release(200, 'the other end was transferred', 'callee', { q850: 16 }));
  }

  probe(): Promise<boolean> {
    return this.over ? Promise.resolve(false) : this.call.probe();
  }

  release(why: Release): void {
    // An endpoint that is transferred by itself goes when it has called: who wanted that hears of it first.
    if (this.transfer.conclude()) setImmediate(() => this.leave(why));
    else this.leave(why);
  }

  private leave(why: Release): void {
    if (this.over) return;
    this.stop();
    this.released ??= release(200, 'released', 'gateway', { q850: why.q850 });
    this.call.release(requestOf(why));
  }

  /** Nothing of it goes on; safe to call twice. */
  stop(): void {
    this.over = true;
    this.media?.end();
    this.transfer.stop();
    this.services.close();
    this.running.delete(this);
  }

  private tell(message: LegMessage): void {
    this.events?.message(message).catch(() => undefined);
  }
}
