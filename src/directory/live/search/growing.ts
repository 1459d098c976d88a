/** An array of unsigned 32-bit numbers that doubles as it fills; those of `values` from `length` on mean nothing. */
export class GrowingUint32 {
  length = 0;
  values = new Uint32Array(1 << 8);

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(2 * this.values.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  trimmed(): Uint32Array {
    return this.values.slice(0, this.length);
  }
}
