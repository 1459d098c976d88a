const SEPARATOR = 0x23; // "#"
const MAXIMUM_LENGTH_DIGITS = 8;

/** A frame that cannot be read; the connection has to end, because what follows has no known beginning. */
export class FrameError extends Error {}

/** Frames that leave in one write: `<length in bytes>#<payload>` each, the payload a line of tokens and the octets of a message. */
export class FrameWriter {
  private parts: (string | Buffer)[] = [];
  /** Octets that wait. */
  length = 0;

  add(tokens: string, message?: Buffer): void {
    const tokensLength = Buffer.byteLength(tokens);
    const head = `${tokensLength + (message === undefined ? 0 : message.length + 2)}#${tokens}${message === undefined ? '' : '\r\n'}`;
    this.length += head.length - tokens.length + tokensLength;
    this.parts.push(head);
    if (message === undefined) return;
    this.length += message.length;
    this.parts.push(message);
  }

  /** Everything that waits, in order. */
  take(): Buffer {
    const frames = Buffer.allocUnsafe(this.length);
    let at = 0;
    for (const part of this.parts) at += typeof part === 'string' ? frames.write(part, at) : part.copy(frames, at);
    this.parts = [];
    this.length = 0;
    return frames;
  }
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
  read(bytes: Buffer): Buffer[] {
    this.chunks.push(bytes);
    this.held += bytes.length;
    if (this.wanted > this.held) return [];
    let buffer = this.chunks.length === 1 ? bytes : Buffer.concat(this.chunks, this.held);
    const payloads: Buffer[] = [];
    for (;;) {
      if (this.wanted === 0) this.readLength(buffer);
      if (this.wanted === 0 || buffer.length < this.wanted) break;
      payloads.push(buffer.subarray(this.prefix, this.wanted));
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
