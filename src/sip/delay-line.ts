/** A bounded number of waits. */
export class DelayLine {
  private readonly waiting = new Map<NodeJS.Timeout, (waited: boolean) => void>();

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.waiting.size;
  }

  /** Resolves to true after `ms`, to false at once when too many wait already, or when the line is closed. */
  wait(ms: number): Promise<boolean> {
    if (this.waiting.size >= this.capacity) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.delete(timer);
        resolve(true);
      }, ms).unref();
      this.waiting.set(timer, resolve);
    });
  }

  close(): void {
    for (const [timer, resolve] of this.waiting) {
      clearTimeout(timer);
      resolve(false);
    }
    this.waiting.clear();
  }
}
