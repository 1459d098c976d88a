/** Reads what TLS presentation language describes (RFC 5246 section 4); throws RangeError past the end. */
export class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  uint(size: 1 | 2 | 3): number {
    const value = this.bytes.readUIntBE(this.at, size);
    this.at += size;
    return value;
  }

  take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new RangeError('a field ends outside its message');
    return this.bytes.subarray(this.at, (this.at += length));
  }

  /** A vector whose length stands before it in `size` bytes. */
  vector(size: 1 | 2 | 3): Buffer {
    return this.take(this.uint(size));
  }

  /** A vector of 16-bit numbers. */
  numbers(): number[] {
    const vector = this.vector(2);
    return Array.from({ length: vector.length >> 1 }, (_, index) => vector.readUInt16BE(index * 2));
  }
}

export function uint(value: number, size: 1 | 2 | 3): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

export function vector(size: 1 | 2 | 3, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint(content.length, size), content]);
}
