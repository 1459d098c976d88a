import type Srf from 'drachtio-srf';
import type { SrfRequest, SrfResponse } from 'drachtio-srf';
import { SimulatedCall } from './call';
import { SimulatorError } from './errors';
import { MediaSession, type MediaOptions } from './media';
import { readParty } from './party';

/** What a simulated endpoint does with an incoming call. */
export type AnswerBehaviour =
  /** Rings, and answers after a time (milliseconds; default at once). */
  | { kind: 'answer'; afterMs?: number }
  /** Refuses, e.g. 486 Busy Here; rings before where `afterMs` is set. */
  | { kind: 'reject'; status: number; reason?: string; afterMs?: number }
  /** Rings until the caller gives up. */
  | { kind: 'ring' }
  /** Does not even ring. */
  | { kind: 'ignore' };

export interface AnsweringParts {
  srf: Srf;
  contact: string;
  behaviour: AnswerBehaviour;
  media: MediaOptions;
}

/** An incoming call until it is answered, refused or given up by the caller. */
export class IncomingCall {
  private cancelled = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly arrived = performance.now();
  private settle: (call: SimulatedCall | undefined) => void = () => undefined;
  /** The answered call; undefined when there was none. */
  readonly outcome: Promise<SimulatedCall | undefined> = new Promise((resolve) => { this.settle = resolve; });

  /** To be made in the same turn in which the request arrived: a CANCEL may be next. */
  constructor(private readonly request: SrfRequest, private readonly response: SrfResponse, private readonly parts: AnsweringParts) {
    request.on('cancel', () => this.end());
    const { behaviour } = parts;
    if (behaviour.kind === 'ignore') return;
    if (behaviour.kind === 'reject' && behaviour.afterMs === undefined) {
      this.refuse(behaviour.status, behaviour.reason);
      return;
    }
    response.send(180, { headers: { Contact: `<${parts.contact}>` } });
    if (behaviour.kind === 'ring') return;
    this.timer = setTimeout(() => {
      if (behaviour.kind === 'reject') this.refuse(behaviour.status, behaviour.reason);
      else void this.answer();
    }, behaviour.afterMs ?? 0);
  }

  /** The endpoint closes: 480 to the caller. */
  abandon(): void {
    if (!this.cancelled && !this.response.finalResponseSent) this.refuse(480);
  }

  private refuse(status: number, reason = ''): void {
    this.response.send(status, reason, {});
    this.end();
  }

  private end(): void {
    this.cancelled = true;
    clearTimeout(this.timer);
    this.settle(undefined);
  }

  private async answer(): Promise<void> {
    let media: MediaSession | undefined;
    try {
      media = await MediaSession.open(this.parts.media);
      const session = media;
      // Cancelled while the sockets were opened.
      if (this.cancelled) throw new SimulatorError('cancelled', 'The caller gave up', { sipStatus: 487 });
      const { body } = this.request;
      const localSdp = body ? session.answer(body) : session.offer();
      const dialog = await this.parts.srf.createUAS(this.request, this.response, { localSdp, headers: { Contact: `<${this.parts.contact}>` } });
      // Without an offer we offered, and the ACK answers (RFC 3261 section 13.2.1).
      if (!body) dialog.once('ack', (ack) => { if (ack.body) session.accept(ack.body); });
      this.settle(new SimulatedCall({
        direction: 'incoming', dialog, media: session, remote: readParty(this.request), setup: { answered: performance.now() - this.arrived },
      }));
    } catch (error) {
      await media?.close();
      if (!this.cancelled && !this.response.finalResponseSent) this.response.send(error instanceof SimulatorError ? error.sipStatus ?? 500 : 500);
      this.end();
    }
  }
}
