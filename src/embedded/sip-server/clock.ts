/** Time as the engine sees it; tests inject one that they advance by hand. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls `wake` once after `delayMs`; the function returned takes that back. */
  wakeAfter(delayMs: number, wake: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAfter(delayMs, wake) {
    let immediate: NodeJS.Immediate | undefined;
    // What has arrived is read first: on a busy machine the answer may wait in the socket when its retransmission is due.
    const timeout = setTimeout(() => { immediate = setImmediate(wake); }, delayMs);
    return () => {
      clearTimeout(timeout);
      clearImmediate(immediate);
    };
  },
};

/** A running timer; `cancel` may be called at any time, also after it fired. */
export interface Timer {
  cancel(): void;
}

class Entry implements Timer {
  previous: Entry | undefined;
  next: Entry | undefined;

  constructor(readonly due: number, readonly fire: () => void, private list: Lane | undefined) {}

  cancel(): void {
    this.list?.remove(this);
    this.list = undefined;
  }

  detach(): void {
    this.list = undefined;
  }
}

/** All timers of one duration: they expire in the order in which they were started, so a linked list is a queue. */
class Lane {
  head: Entry | undefined;
  private tail: Entry | undefined;

  push(entry: Entry): void {
    entry.previous = this.tail;
    if (this.tail === undefined) this.head = entry;
    else this.tail.next = entry;
    this.tail = entry;
  }

  remove(entry: Entry): void {
    if (entry.previous === undefined) this.head = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.tail = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = entry.next = undefined;
  }
}

/** Longer durations are rounded up to a geometric grid, so that a peer's choice of intervals cannot grow the lanes. */
const EXACT_LIMIT_MS = 64_000;
const GRID = 1.02;

function laneOf(delayMs: number): number {
  const whole = Math.max(1, Math.ceil(delayMs));
  if (whole <= EXACT_LIMIT_MS) return whole;
  return Math.ceil(EXACT_LIMIT_MS * GRID ** Math.ceil(Math.log(whole / EXACT_LIMIT_MS) / Math.log(GRID)));
}

/**
 * The engine's timers over one wake-up of the clock. SIP knows few distinct durations (RFC 3261 table 4), so starting and
 * cancelling cost a list operation each, and a cancelled timer leaves nothing behind.
 */
export class TimerQueue {
  private readonly lanes = new Map<number, Lane>();
  private wakeDue = Infinity;
  private closed = false;
  private cancelWake: (() => void) | undefined;

  /** What a timer throws goes to `fault`; the others fire all the same. */
  constructor(private readonly clock: Clock, private readonly fault: (error: unknown) => void) {}

  now(): number {
    return this.clock.now();
  }

  start(delayMs: number, fire: () => void): Timer {
    const duration = laneOf(delayMs);
    let lane = this.lanes.get(duration);
    if (lane === undefined) this.lanes.set(duration, (lane = new Lane()));
    const entry = new Entry(this.clock.now() + duration, fire, lane);
    lane.push(entry);
    if (entry.due < this.wakeDue) this.arm(entry.due);
    return entry;
  }

  /** Forgets every timer; none starts any more. */
  close(): void {
    this.closed = true;
    this.lanes.clear();
    this.cancelWake?.();
  }

  private arm(due: number): void {
    if (this.closed) return;
    this.cancelWake?.();
    this.wakeDue = due;
    this.cancelWake = this.clock.wakeAfter(Math.max(0, due - this.clock.now()), () => this.run());
  }

  private run(): void {
    const now = this.clock.now();
    this.cancelWake = undefined;
    this.wakeDue = -Infinity; // What is started meanwhile is counted below.
    for (const lane of this.lanes.values()) {
      for (let entry = lane.head; entry !== undefined && entry.due <= now; entry = lane.head) {
        lane.remove(entry);
        entry.detach();
        try {
          entry.fire();
        } catch (error) {
          this.fault(error);
        }
      }
    }
    let earliest = Infinity;
    for (const [duration, lane] of this.lanes) {
      if (lane.head === undefined) this.lanes.delete(duration);
      else earliest = Math.min(earliest, lane.head.due);
    }
    this.wakeDue = Infinity;
    if (earliest < Infinity) this.arm(earliest);
  }
}
