/**
 * Many strings in one piece of memory outside the garbage collector's heap: a country's names cost their bytes and nothing
 * else, and the collector never walks them.
 */
export class PackedStrings {
  private constructor(private readonly bytes: Buffer, private readonly ends: Uint32Array) {}

  static readonly Builder = class {
    private bytes = Buffer.allocUnsafeSlow(1 << 12);
    private ends = new Uint32Array(1 << 8);
    private count = 0;
    private used = 0;

    add(text: string): void {
      // A UTF-16 unit becomes at most three bytes.
      if (this.used + 3 * text.length > this.bytes.length) {
        const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + 3 * text.length);
        this.bytes.copy(larger, 0, 0, this.used);
        this.bytes = larger;
      }
      if (this.count === this.ends.length) {
        const larger = new Uint32Array(2 * this.ends.length);
        larger.set(this.ends);
        this.ends = larger;
      }
      this.used += this.bytes.write(text, this.used);
      this.ends[this.count++] = this.used;
    }

    build(): PackedStrings {
      const bytes = Buffer.allocUnsafeSlow(this.used);
      this.bytes.copy(bytes, 0, 0, this.used);
      return new PackedStrings(bytes, this.ends.slice(0, this.count));
    }
  };

  at(index: number): string {
    return this.bytes.toString('utf8', this.start(index), this.ends[index]);
  }

  /** The index of `text` among the strings from `from` to `to`, which are in ascending order of their bytes; -1: not there. */
  indexOf(text: string, from: number, to: number): number {
    const wanted = Buffer.from(text);
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.bytes.compare(wanted, 0, wanted.length, this.start(middle), this.ends[middle]);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  private start(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] ?? 0);
  }
}
