/**
 * One timer for any number of things that end at different times: they are kept by the second in which they end, so that
 * adding, moving and removing cost the same whatever the number.
 */
export class ExpiryWheel<T> {
  private readonly slots = new Map<number, Set<T>>();
  private timer: NodeJS.Timeout | undefined;
  private turnedTo: number;

  constructor(private readonly now: () => number, private readonly expire: (item: T) => void) {
    this.turnedTo = slotOf(now());
  }

  /** @param at milliseconds since 1970. */
  add(item: T, at: number): void {
    const slot = slotOf(at);
    const items = this.slots.get(slot);
    if (items) items.add(item);
    else this.slots.set(slot, new Set([item]));
    this.turnedTo = Math.min(this.turnedTo, slot - 1);
    this.timer ??= setInterval(() => this.turn(), 1000).unref();
  }

  /** @param at the time that the item was added with. */
  remove(item: T, at: number): void {
    const slot = slotOf(at);
    const items = this.slots.get(slot);
    if (items?.delete(item) && items.size === 0) this.slots.delete(slot);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.slots.clear();
  }

  private turn(): void {
    const until = slotOf(this.now()) - 1;
    // After a long sleep of the machine it is shorter to look at the slots that there are.
    const due = until - this.turnedTo > this.slots.size ? [...this.slots.keys()].filter((slot) => slot <= until) : range(this.turnedTo + 1, until);
    this.turnedTo = Math.max(this.turnedTo, until);
    for (const slot of due) {
      const items = this.slots.get(slot);
      this.slots.delete(slot);
      for (const item of items ?? []) this.expire(item);
    }
    if (this.slots.size === 0) this.close();
  }
}

const slotOf = (at: number): number => Math.floor(at / 1000);
const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
