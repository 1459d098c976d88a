/**
 * Which devices are taken, when each was last free, and whose turn it is: what hunting and the ordering of targets go by.
 * Held in memory; `seed` restores it from the day's records after a restart.
 */
export class Occupancy {
  private readonly taken = new Map<string, number>();
  private readonly freed = new Map<string, number>();
  private readonly answered = new Map<string, number>();
  private readonly turns = new Map<string, number>();
  private day = '';
  private checkedUntil = 0;

  /** @param linesOf how many calls a device may have at once; Infinity for gateways. */
  constructor(private readonly linesOf: (device: string) => number, private readonly now: () => number = Date.now) {}

  /** Takes one line of the device, for ringing or talking; undefined when it is busy. The returned function frees it, once. */
  take(device: string): (() => void) | undefined {
    const calls = this.taken.get(device) ?? 0;
    if (calls >= this.linesOf(device)) return undefined;
    this.taken.set(device, calls + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.taken.get(device) ?? 1) - 1;
      if (left > 0) this.taken.set(device, left);
      else this.taken.delete(device);
    };
  }

  busy(device: string): boolean {
    return (this.taken.get(device) ?? 0) >= this.linesOf(device);
  }

  /** The device answered a call. */
  countAnswered(device: string): void {
    this.turnDay();
    this.answered.set(device, (this.answered.get(device) ?? 0) + 1);
  }

  /** The device's answered call ended. */
  countEnded(device: string): void {
    this.freed.set(device, this.now());
  }

  lastFreed(device: string): number | undefined {
    return this.freed.get(device);
  }

  callsToday(device: string): number {
    this.turnDay();
    return this.answered.get(device) ?? 0;
  }

  /** Round robin: the index of the target that is first this time, 0 to size - 1. */
  nextTurn(service: string, group: string, size: number): number {
    const key = `${service} ${group}`;
    const turn = (this.turns.get(key) ?? -1) + 1;
    this.turns.set(key, turn % Math.max(size, 1));
    return size > 0 ? turn % size : 0;
  }

  /** Restores the day's counts from records of answered calls. */
  seed(records: { device?: string; endedAt?: number; answeredAt?: number }[]): void {
    this.turnDay();
    for (const { device, endedAt, answeredAt } of records) {
      if (!device || answeredAt === undefined) continue;
      if (dayOf(answeredAt) === this.day) this.answered.set(device, (this.answered.get(device) ?? 0) + 1);
      if (endedAt !== undefined) this.freed.set(device, Math.max(endedAt, this.freed.get(device) ?? 0));
    }
  }

  private turnDay(): void {
    const now = this.now();
    if (now < this.checkedUntil && now >= this.checkedUntil - DAY_CHECK_MS) return;
    this.checkedUntil = now + DAY_CHECK_MS;
    const today = dayOf(now);
    if (today === this.day) return;
    this.day = today;
    this.answered.clear();
  }
}

/** The day's counts may turn this late after midnight, milliseconds. */
const DAY_CHECK_MS = 10_000;
const helsinkiDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Helsinki' });
const dayOf = (at: number): string => helsinkiDay.format(at);
