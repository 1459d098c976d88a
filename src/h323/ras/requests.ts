import { alternative, chosen } from '../per';
import type { h225 } from '../schemas';
import { sameAddress, type HostPort } from './addresses';

const MAX_PENDING = 5_000;
/** How long a RIP of the other side may put off its answer in all. */
const MAX_DELAY_MS = 30_000;

/** When a request is sent again, and how often; H.225.0 section 7.19 recommends three seconds or more, and one or two times. */
export interface Patience {
  timeoutMs: number;
  retries: number;
}

const PATIENCE: Patience = { timeoutMs: 3_000, retries: 1 };

interface Pending {
  octets: Buffer;
  to: HostPort;
  answers: readonly string[];
  patience: Patience;
  sent: number;
  retryAt: number;
  delayed: number;
  settle(answer: h225.RasMessage | undefined): void;
}

/** RAS requests of this side that wait for their answers. It holds no timers: `tick` lets time pass. */
export class Requests {
  private readonly pending = new Map<number, Pending>();

  /** `sequence`: the number before the first request's, unguessable, so that nobody answers in another's place. */
  constructor(private readonly now: () => number, private sequence: number, private readonly send: (octets: Buffer, to: HostPort) => void) {}

  /** A number for a request, 1 to 65535, that waits for no answer yet. */
  nextSequence(): number {
    do this.sequence = (this.sequence % 65_535) + 1; while (this.pending.has(this.sequence));
    return this.sequence;
  }

  /**
   * Sends a request and again when no answer comes. Resolves to the answer, one of the messages named; undefined for none.
   * @param encode the request of that number; it is encoded once
   */
  ask(to: HostPort, answers: readonly string[], encode: (requestSeqNum: number) => Buffer, patience = PATIENCE): Promise<h225.RasMessage | undefined> {
    if (this.pending.size >= MAX_PENDING) return Promise.resolve(undefined);
    const sequence = this.nextSequence();
    return new Promise((resolve) => {
      const octets = encode(sequence);
      this.pending.set(sequence, {
        octets, to, answers, patience, sent: 1, retryAt: this.now() + patience.timeoutMs, delayed: 0,
        settle: (answer) => {
          this.pending.delete(sequence);
          resolve(answer);
        },
      });
      this.send(octets, to);
    });
  }

  /** Takes a message that may be an answer; false when nobody waits for it. */
  answered(message: h225.RasMessage, source: HostPort): boolean {
    const { requestSeqNum } = Object.values(message)[0] as { requestSeqNum?: number };
    const pending = requestSeqNum === undefined ? undefined : this.pending.get(requestSeqNum);
    if (!pending || !sameAddress(pending.to, source)) return false;
    const progress = alternative(message, 'requestInProgress');
    if (progress) {
      const delay = Math.min(progress.delay, MAX_DELAY_MS - pending.delayed);
      pending.delayed += delay;
      pending.retryAt = Math.max(pending.retryAt, this.now() + delay);
      return true;
    }
    if (alternative(message, 'unknownMessageResponse')) pending.settle(undefined);
    else if (pending.answers.includes(chosen(message))) pending.settle(message);
    else return false;
    return true;
  }

  tick(): void {
    const now = this.now();
    for (const pending of this.pending.values()) {
      if (pending.retryAt > now) continue;
      if (pending.sent > pending.patience.retries) {
        pending.settle(undefined);
        continue;
      }
      pending.sent++;
      pending.retryAt = now + pending.patience.timeoutMs;
      this.send(pending.octets, pending.to);
    }
  }

  /** Nothing is waited for any longer. */
  close(): void {
    for (const pending of [...this.pending.values()]) pending.settle(undefined);
  }
}
