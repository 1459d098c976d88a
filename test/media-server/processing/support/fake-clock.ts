import type { Clock } from '../../../../src/embedded/media-server/processing';

/** A clock that stands still until it is advanced. */
export class FakeClock implements Clock {
  private time = 1_000;
  private readonly wakes = new Set<{ due: number; wake: () => void }>();

  now(): number {
    return this.time;
  }

  wakeAfter(delayMs: number, wake: () => void): () => void {
    const entry = { due: this.time + delayMs, wake };
    this.wakes.add(entry);
    return () => this.wakes.delete(entry);
  }

  get waiting(): number {
    return this.wakes.size;
  }

  /** Wakes whatever is due on the way, in order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = [...this.wakes].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.wakes.delete(next);
      this.time = Math.max(this.time, next.due);
      next.wake();
    }
    this.time = end;
  }

  /** The process stands still: time passes and nothing is woken. */
  stall(milliseconds: number): void {
    this.time += milliseconds;
  }
}
