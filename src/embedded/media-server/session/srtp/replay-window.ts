const SIZE = 1_024;

/** Remembers which of the last 1,024 packet indexes were seen (RFC 3711 section 3.3.2); wide enough for retransmitted video. */
export class ReplayWindow {
  private highest = -1;
  /** The index plus one, by index modulo the size. */
  private readonly seen = new Float64Array(SIZE);

  has(index: number): boolean {
    return index <= this.highest - SIZE || this.seen[index % SIZE] === index + 1;
  }

  /** Returns whether it is higher than all before. */
  add(index: number): boolean {
    this.seen[index % SIZE] = index + 1;
    if (index <= this.highest) return false;
    this.highest = index;
    return true;
  }
}
