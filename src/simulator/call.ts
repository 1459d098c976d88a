import type { Dialog, SrfRequest, SrfResponse } from 'drachtio-srf';
import { SimulatorError } from './errors';
import type { MediaReport, MediaSession } from './media';
import { readExplanation, type RemoteParty } from './party';

/** How a call ended. */
export interface CallEnd {
  by: 'here' | 'there';
  /** Text of the far end's Reason header, where it gave one. */
  explanation?: string;
}

/** Milliseconds from the INVITE; for an incoming call only `answered`, from its arrival. */
export interface SetupTimes {
  ringing?: number;
  answered?: number;
}

export interface CallParts {
  direction: 'outgoing' | 'incoming';
  dialog: Dialog;
  media: MediaSession;
  remote: RemoteParty;
  setup: SetupTimes;
}

/** How long the far end may take to answer a BYE before we go on without it. */
const BYE_LIMIT_MS = 3_000;
const MAX_INFO_DIGITS = 64;

/** An answered call of a simulated endpoint. */
export class SimulatedCall {
  readonly direction: 'outgoing' | 'incoming';
  readonly remote: RemoteParty;
  readonly setup: SetupTimes;
  /** Resolves when the call is over and its sockets are closed. */
  readonly ended: Promise<CallEnd>;
  private readonly dialog: Dialog;
  private readonly media: MediaSession;
  private readonly answeredAt = performance.now();
  private readonly finish: (end: CallEnd) => void;
  private endedAt: number | undefined;
  private infoDigits = '';

  constructor(parts: CallParts) {
    this.direction = parts.direction;
    this.remote = parts.remote;
    this.setup = parts.setup;
    this.dialog = parts.dialog;
    this.media = parts.media;
    let resolve: (end: CallEnd) => void = () => undefined;
    this.ended = new Promise((done) => { resolve = done; });
    this.finish = (end) => {
      if (this.endedAt !== undefined) return;
      this.endedAt = performance.now();
      void this.media.close().finally(() => resolve(end));
    };
    // Attached at once: drachtio-srf answers what has no listener by itself.
    this.dialog.on('destroy', (bye) => {
      const explanation = readExplanation(bye);
      this.finish({ by: 'there', ...(explanation === undefined ? {} : { explanation }) });
    });
    this.dialog.on('modify', (request, response) => this.renegotiated(request, response));
    this.dialog.on('update', (request, response) => this.renegotiated(request, response));
    this.dialog.on('info', (request, response) => this.informed(request, response));
  }

  get callId(): string {
    return this.dialog.sip.callId;
  }

  get seconds(): number {
    return ((this.endedAt ?? performance.now()) - this.answeredAt) / 1_000;
  }

  /** Packets, loss, jitter and what was heard, so far. */
  get mediaReport(): MediaReport {
    return this.media.report;
  }

  /** Digits that came in SIP INFO, the last 64. */
  get digitsByInfo(): string {
    return this.infoDigits;
  }

  /** Puts the far end on hold by re-INVITE (RFC 3264 section 8.4). Throws SimulatorError `reinvite`. */
  async hold(direction: 'sendonly' | 'inactive' = 'sendonly'): Promise<void> {
    await this.renegotiate(direction);
  }

  async resume(): Promise<void> {
    await this.renegotiate('sendrecv');
  }

  /** Digits 0-9 * # A-D: as RFC 4733 events in the sound, or one SIP INFO each. Throws SimulatorError `digits`. */
  async sendDigits(digits: string, way: 'events' | 'info' = 'events'): Promise<void> {
    if (way === 'events') {
      if (!this.media.sendDigits(digits)) throw new SimulatorError('digits', 'The far end takes no telephone-event; send the digits by INFO');
      return;
    }
    for (const digit of digits) await this.sendInfo('application/dtmf-relay', `Signal=${digit}\r\nDuration=100\r\n`);
  }

  /** Asks for a whole picture (RFC 5168). Throws SimulatorError `info`. */
  requestKeyFrame(): Promise<void> {
    return this.sendInfo('application/media_control+xml',
      '<?xml version="1.0" encoding="utf-8"?><media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>');
  }

  /** Ends the call with a BYE, and waits for its answer for three seconds. */
  async hangUp(): Promise<void> {
    if (this.endedAt === undefined) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => { timer = setTimeout(resolve, BYE_LIMIT_MS); });
      const bye = new Promise<void>((resolve) => { this.dialog.destroy({ headers: {} }, () => resolve()); });
      this.finish({ by: 'here' });
      await Promise.race([bye, limit]);
      clearTimeout(timer);
    }
    await this.ended;
  }

  private async renegotiate(direction: 'sendrecv' | 'sendonly' | 'inactive'): Promise<void> {
    this.media.setDirection(direction);
    try {
      this.media.accept(await this.dialog.modify(this.media.offer()));
    } catch (error) {
      throw new SimulatorError('reinvite', `The far end refused the change of the call: ${(error as Error).message}`, { cause: error });
    }
  }

  private renegotiated(request: SrfRequest, response: SrfResponse): void {
    try {
      if (request.body) {
        response.send(200, { body: this.media.answer(request.body), headers: { 'Content-Type': 'application/sdp' } });
      } else if (request.method === 'INVITE') {
        // Without an offer we offer, and the ACK answers (RFC 3261 section 14.1).
        this.dialog.once('ack', (ack) => {
          if (ack.body) this.media.accept(ack.body);
        });
        response.send(200, { body: this.media.offer(), headers: { 'Content-Type': 'application/sdp' } });
      } else {
        response.send(200);
      }
    } catch (error) {
      response.send(error instanceof SimulatorError ? error.sipStatus ?? 488 : 488);
    }
  }

  private informed(request: SrfRequest, response: SrfResponse): void {
    response.send(200);
    const digit = /^\s*Signal\s*=\s*([0-9*#A-D])/im.exec(request.body ?? '')?.[1];
    if (digit !== undefined) this.infoDigits = (this.infoDigits + digit).slice(-MAX_INFO_DIGITS);
    if (/<picture_fast_update\b/.test(request.body ?? '')) this.media.sendKeyFrame();
  }

  private async sendInfo(contentType: string, body: string): Promise<void> {
    const request = { method: 'INFO', headers: { 'Content-Type': contentType }, body } as unknown as SrfRequest;
    const response = await this.dialog.request(request);
    if (response.status >= 300) throw new SimulatorError('info', `The far end refused INFO: ${response.status} ${response.reason}`);
  }
}
