import type { TellingClock } from '../../../../src/h323/clock';

interface Event {
  due: number;
  work(): void;
}

/** Time that passes only when it is told to, from one event to the next. */
export class SimulatedTime implements TellingClock {
  private current = 0;
  private readonly events = new Set<Event>();

  now(): number {
    return this.current;
  }

  wakeAfter(delayMs: number, wake: () => void): () => void {
    const event = { due: this.current + delayMs, work: wake };
    this.events.add(event);
    return () => this.events.delete(event);
  }

  get waiting(): number {
    return this.events.size;
  }

  /** Lets everything happen that is due within the time; promises are settled after each event. */
  async pass(ms: number): Promise<void> {
    const until = this.current + ms;
    await settled();
    for (let next = this.next(); next && next.due <= until; next = this.next()) {
      this.events.delete(next);
      this.current = next.due;
      next.work();
      await settled();
    }
    this.current = until;
  }

  private next(): Event | undefined {
    let first: Event | undefined;
    for (const event of this.events) if (!first || event.due < first.due) first = event;
    return first;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
