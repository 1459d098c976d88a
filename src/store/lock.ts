import { StoreError } from './errors';

/** Who waits for the one connection of a store; more than this at once means that the program is stuck or flooded. */
const MAX_WAITING = 10_000;

/** A fair lock: first come, first served. */
export class Lock {
  private held = false;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly file: string) {}

  acquire(): Promise<void> {
    if (!this.held) {
      this.held = true;
      return Promise.resolve();
    }
    if (this.waiting.length >= MAX_WAITING) {
      return Promise.reject(new StoreError('store-busy', `database ${this.file}: ${MAX_WAITING} queries wait already`, 'The disk is too slow for this load, or a transaction never ends.'));
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.held = false;
  }
}
