const SEPARATOR = 0x23; // "#"
const MAXIMUM_LENGTH_DIGITS = 8;

/** A frame that cannot be read; the connection has to end, because what follows has no known beginning. */
export class FrameError extends Error {}

/** One frame: `<length in UTF-8 bytes>#<payload>`. */
export function encodeFrame(payload: string): string {
  return `${Buffer.byteLength(payload)}#${payload}`;
}

/** Cuts an application's byte stream into frames, however it was split; holds at most one incomplete frame. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private held = 0;
  /** Bytes of the frame that is being read, its length field included; 0 while the length is not known. */
  private wanted = 0;
  private prefix = 0;

  constructor(public maximumBytes: number) {}

  /** The payloads that `bytes` completes. Throws FrameError. */
  read(bytes: Buffer): string[] {
    this.chunks.push(bytes);
    this.held += bytes.length;
    if (this.wanted > this.held) return [];
    let buffer = this.chunks.length === 1 ? bytes : Buffer.concat(this.chunks, this.held);
    const payloads: string[] = [];
    for (;;) {
      if (this.wanted === 0) this.readLength(buffer);
      if (this.wanted === 0 || buffer.length < this.wanted) break;
      payloads.push(buffer.toString('utf8', this.prefix, this.wanted));
      buffer = buffer.subarray(this.wanted);
      this.wanted = 0;
    }
    this.chunks = buffer.length === 0 ? [] : [buffer];
    this.held = buffer.length;
    return payloads;
  }

  private readLength(buffer: Buffer): void {
    let length = 0;
    for (let at = 0; at < buffer.length; at++) {
      const byte = buffer[at] as number;
      if (byte === SEPARATOR && at > 0) {
        if (length > this.maximumBytes) throw new FrameError(`a frame of ${length} bytes is above ${this.maximumBytes}`);
        this.prefix = at + 1;
        this.wanted = at + 1 + length;
        return;
      }
      if (byte < 0x30 || byte > 0x39 || at >= MAXIMUM_LENGTH_DIGITS) throw new FrameError('a frame must begin with its length and "#"');
      length = length * 10 + byte - 0x30;
    }
  }
}
