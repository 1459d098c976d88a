import type { Timer, TimerQueue } from '../clock';
import type { SipMessage } from '../message';
import type { ServerTransaction } from '../transaction/server-transaction';
import { GIVE_UP, T1 } from '../transaction/timing';

const MAXIMUM_WAITING = 8;

/** Whether the caller can acknowledge provisional responses (RFC 3262 section 3). */
export const supportsReliable = (invite: SipMessage): boolean =>
  [...invite.getAll('Supported'), ...invite.getAll('Require')].some((option) => option.toLowerCase() === '100rel');

export const asksReliable = (response: SipMessage): boolean => response.getAll('Require').some((option) => option.toLowerCase() === '100rel');

/** The reliable provisional responses to one INVITE (RFC 3262 section 3): one at a time, repeated until its PRACK. */
export class ReliableResponses {
  private sequence: number;
  private waiting: { response: SipMessage; sequence: number }[] = [];
  private current: { sequence: number; repetition: Timer; end: Timer } | undefined;

  constructor(private readonly transaction: ServerTransaction, private readonly timers: TimerQueue, firstSequence: number,
    private readonly unacknowledged: () => void) {
    this.sequence = firstSequence;
  }

  /** Numbers the response and sends it, after those before it. False when too many are waiting. */
  send(response: SipMessage): boolean {
    if (this.waiting.length >= MAXIMUM_WAITING) return false;
    response.set('RSeq', String(this.sequence));
    this.waiting.push({ response, sequence: this.sequence++ });
    this.sendNext();
    return true;
  }

  /** Takes a PRACK; false when it acknowledges nothing (answered 481). */
  acknowledge(prack: SipMessage): boolean {
    const [sequence, cseq, method] = (prack.get('RAck') ?? '').split(/\s+/);
    if (this.current === undefined || Number(sequence) !== this.current.sequence) return false;
    if (Number(cseq) !== this.transaction.request.cseq?.seq || method !== 'INVITE') return false;
    this.stopCurrent();
    this.sendNext();
    return true;
  }

  stop(): void {
    this.waiting = [];
    this.stopCurrent();
  }

  private stopCurrent(): void {
    this.current?.repetition.cancel();
    this.current?.end.cancel();
    this.current = undefined;
  }

  private sendNext(): void {
    const next = this.current === undefined ? this.waiting.shift() : undefined;
    if (next === undefined) return;
    const bytes = next.response.serialize();
    this.transaction.respond(next.response);
    const repeatAfter = (interval: number): Timer => this.timers.start(interval, () => {
      this.transaction.repeat(bytes);
      if (this.current !== undefined) this.current.repetition = repeatAfter(interval * 2);
    });
    this.current = { sequence: next.sequence, repetition: repeatAfter(T1), end: this.timers.start(GIVE_UP, () => {
      this.stop();
      this.unacknowledged();
    }) };
  }
}
