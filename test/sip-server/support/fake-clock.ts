import type { Clock } from '../../../src/embedded/sip-server/clock';

interface Wake {
  due: number;
  wake: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  private time = 0;
  private wakes: Wake[] = [];

  now(): number {
    return this.time;
  }

  wakeAfter(delayMs: number, wake: () => void): () => void {
    const entry = { due: this.time + delayMs, wake };
    this.wakes.push(entry);
    return () => (this.wakes = this.wakes.filter((other) => other !== entry));
  }

  /** Time passes while nobody is woken: an event loop that is busy elsewhere; then all who are due wake at once. */
  stall(ms: number): void {
    this.time += ms;
    this.advance(0);
  }

  /** Lets time pass, waking in order whoever is due meanwhile. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.wakes.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.wakes = this.wakes.filter((other) => other !== next);
      this.time = Math.max(this.time, next.due);
      next.wake();
    }
    this.time = end;
  }
}
