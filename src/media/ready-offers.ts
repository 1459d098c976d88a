import type { Placed } from './server-link';
import type { SessionEvents } from './sip-session';

/** The call that took one is set up before the next is made. */
const REFILL_MS = 50;
const AFTER_FAULT_MS = 10_000;
/** Long before the server gives its offer up: somebody may ring with it for the rest of that time. */
const STALE_MS = 600_000;

interface Waiting {
  placed: Placed;
  on: SessionEvents;
  stale: NodeJS.Timeout;
}

/**
 * Offers of one kind that a media server has made before anybody needed them, each a session of its own there: a callee rings
 * with one at once.
 */
export class ReadyOffers {
  private readonly waiting = new Set<Waiting>();
  private making = 0;
  private refilling: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param wanted how many there shall be at the moment */
  constructor(private readonly make: (on: SessionEvents) => Promise<Placed>, private readonly wanted: () => number) {
    this.fill();
  }

  /** The server's sessions for them, those included that are being made. */
  get sessions(): number {
    return this.waiting.size + this.making;
  }

  /** The oldest, which is the call's from now on; undefined when there is none. */
  take(on: SessionEvents): Placed | undefined {
    const [oldest] = this.waiting;
    if (!oldest) return undefined;
    this.forget(oldest);
    oldest.on = on;
    this.refill(REFILL_MS);
    return oldest.placed;
  }

  /** Ends those for which the calls leave no room, and sees to it that there are as many as there shall be. */
  adjust(): void {
    for (const each of [...this.waiting].slice(this.wanted())) this.end(each);
    this.refill(REFILL_MS);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.refilling);
    for (const each of [...this.waiting]) this.end(each);
  }

  private refill(afterMs: number): void {
    if (this.closed || this.sessions >= this.wanted()) return;
    this.refilling ??= setTimeout(() => { this.refilling = undefined; this.fill(); }, afterMs).unref();
  }

  /** One after the other: what the server has to do besides comes in between. */
  private fill(): void {
    if (this.closed || this.sessions >= this.wanted()) return;
    this.making++;
    this.one().then(() => REFILL_MS, () => AFTER_FAULT_MS).then((afterMs) => {
      this.making--;
      this.refill(afterMs);
    }, () => undefined);
  }

  private async one(): Promise<void> {
    let over = false;
    let made: Waiting | undefined;
    const placed = await this.make({
      over: (byServer, why) => {
        over = true;
        if (!made) return;
        this.forget(made);
        made.on.over(byServer, why);
      },
      keyFrameWanted: () => made?.on.keyFrameWanted(),
    });
    if (over) return;
    // Calls may have taken the room meanwhile.
    if (this.closed || this.waiting.size >= this.wanted()) return placed.session.end();
    const each: Waiting = (made = {
      placed, on: { over: (byServer) => this.refill(byServer ? AFTER_FAULT_MS : REFILL_MS), keyFrameWanted: () => undefined },
      stale: setTimeout(() => this.end(each), STALE_MS).unref(),
    });
    this.waiting.add(each);
  }

  private end(each: Waiting): void {
    this.forget(each);
    each.placed.session.end();
  }

  private forget(each: Waiting): void {
    clearTimeout(each.stale);
    this.waiting.delete(each);
  }
}
