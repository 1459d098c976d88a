import type { Outgoing } from './types';

/** RAS requests are sent again when the answer is lost (H.225.0 section 7.19); the same answer is given again. */
const KEPT_MS = 10_000;
const KEPT_REQUESTS = 10_000;

interface Answered {
  request: Buffer;
  answer: Promise<Outgoing | undefined>;
  until: number;
}

/** Answers to the requests of the last seconds. */
export class Retransmissions {
  private readonly answered = new Map<string, Answered>();

  constructor(private readonly now: () => number) {}

  /** The answer to the same request before, or that of `work`. `key` is the sender and the request's number. */
  answer(key: string, request: Buffer, work: () => Promise<Outgoing | undefined>): Promise<Outgoing | undefined> {
    const now = this.now();
    const before = this.answered.get(key);
    if (before && before.until > now && before.request.equals(request)) return before.answer;
    for (const [oldest, { until }] of this.answered) {
      if (until > now && this.answered.size < KEPT_REQUESTS) break;
      this.answered.delete(oldest);
    }
    const answer = work();
    this.answered.delete(key);
    this.answered.set(key, { request, answer, until: now + KEPT_MS });
    return answer;
  }
}
