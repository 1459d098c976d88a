/** An array of unsigned 32-bit numbers that doubles as it fills. */
export class GrowingUint32 {
  length = 0;
  private values = new Uint32Array(1 << 8);

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(2 * this.values.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  /** The numbers so far, in the memory that they were gathered in. */
  view(): Uint32Array {
    return this.values.subarray(0, this.length);
  }
}
