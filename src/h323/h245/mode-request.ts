import { chosen } from '../per';
import type { h245 } from '../schemas';
import { Timer, type Clock } from '../clock';
import { H245Error } from './errors';

const SEQUENCE_NUMBERS = 256;

export type ModeAnswer = 'mostPreferred' | 'lessPreferred' | { refuse: h245.RequestModeReject['cause'] };

const REFUSED: ModeAnswer = { refuse: { requestDenied: null } };

export interface ModeRequestOptions {
  clock: Clock;
  /** T109, milliseconds. */
  timeoutMs: number;
  send(message: h245.MultimediaSystemControlMessage): void;
  /** What this side makes of the peer's wish; default: it is refused. */
  requested?(modes: h245.ModeDescription[]): ModeAnswer | Promise<ModeAnswer>;
}

/** Asking for and changing modes of transmission: the signalling entity MRSE of H.245 Annex C.9. */
export class ModeRequest {
  private sequenceNumber = 0;
  private awaited: { resolve(answer: 'mostPreferred' | 'lessPreferred'): void; reject(error: H245Error): void } | undefined;
  private readonly timer: Timer;
  /** The peer's wishes so far; an answer to one that a newer one has overtaken is not told (C.9). */
  private wishes = 0;

  constructor(private readonly options: ModeRequestOptions) {
    this.timer = new Timer(options.clock);
  }

  /** TRANSFER.request: asks the peer to send one of the modes, the first is liked best. A newer wish takes the place of the one before. */
  request(requestedModes: h245.ModeDescription[]): Promise<'mostPreferred' | 'lessPreferred'> {
    this.stop(new H245Error('h245-closed', 'mode request: asked for anew'));
    return new Promise((resolve, reject) => {
      this.sequenceNumber = (this.sequenceNumber + 1) % SEQUENCE_NUMBERS;
      this.options.send({ request: { requestMode: { sequenceNumber: this.sequenceNumber, requestedModes } } });
      this.awaited = { resolve, reject };
      this.timer.set(this.options.timeoutMs, () => {
        this.options.send({ indication: { requestModeRelease: {} } });
        this.stop(new H245Error('h245-timeout', 'mode request: the peer did not answer in time (T109)'));
      });
    });
  }

  /** RequestMode of the peer. An answer that takes its time is given when it is there; the peer's T109 bounds that. */
  asked({ sequenceNumber, requestedModes }: h245.RequestMode): void {
    const wish = ++this.wishes;
    const answer = this.options.requested?.(requestedModes) ?? REFUSED;
    if (!(answer instanceof Promise)) return this.answer(sequenceNumber, answer);
    answer.catch(() => REFUSED).then((given) => { if (wish === this.wishes) this.answer(sequenceNumber, given); }).catch(() => undefined);
  }

  /** RequestModeRelease: the peer waits no longer. */
  released(): void {
    this.wishes++;
  }

  acknowledged({ sequenceNumber, response }: h245.RequestModeAck): void {
    if (sequenceNumber !== this.sequenceNumber) return;
    this.awaited?.resolve('willTransmitMostPreferredMode' in response ? 'mostPreferred' : 'lessPreferred');
    this.clear();
  }

  rejected({ sequenceNumber, cause }: h245.RequestModeReject): void {
    if (sequenceNumber === this.sequenceNumber) this.stop(new H245Error('h245-refused', `mode request: the peer refused it: ${chosen(cause)}`));
  }

  private answer(sequenceNumber: number, answer: ModeAnswer): void {
    if (typeof answer === 'object') return this.options.send({ response: { requestModeReject: { sequenceNumber, cause: answer.refuse } } });
    const response = answer === 'mostPreferred' ? { willTransmitMostPreferredMode: null } : { willTransmitLessPreferredMode: null };
    this.options.send({ response: { requestModeAck: { sequenceNumber, response } } });
  }

  stop(error: H245Error): void {
    this.awaited?.reject(error);
    this.clear();
  }

  private clear(): void {
    this.timer.reset();
    this.awaited = undefined;
  }
}
