/** One command of the event socket: its line, the header fields under it and a body of Content-Length octets. */
export interface Command {
  line: string;
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>;
  /** The same as they were written. */
  fields: readonly (readonly [name: string, value: string])[];
  body: string;
}

/** A command up to its body. */
type Head = Omit<Command, 'body'> & { bodyLength: number };

/** The bytes are no command that can be read on from; the connection is of no more use. */
export class CommandError extends Error {}

/** Bounds of one command from who has not authenticated, and from who has: an `execute-app-arg` may carry a whole SDP. */
const STRANGER = { head: 4 * 1024, body: 0 };
const TRUSTED = { head: 128 * 1024, body: 1024 * 1024 };
const MAXIMUM_HEADERS = 200;

const LINE_FEED = 0x0a;

/** Cuts a stream of octets into commands. */
export class CommandReader {
  private buffer: Buffer = Buffer.alloc(0);
  private scanned = 0;
  private pending: Head | undefined;

  private bounds = STRANGER;
  /** A line was taken as a whole command: what belongs to its head is still to come, and is for nobody. */
  private skipping = false;

  /** From here on commands may be as large as applications need them. */
  trust(): void {
    this.bounds = TRUSTED;
  }

  push(bytes: Buffer): void {
    this.buffer = this.buffer.length === 0 ? bytes : Buffer.concat([this.buffer, bytes]);
  }

  /** The next whole command; undefined until there is one. Throws CommandError. */
  next(): Command | undefined {
    for (;;) {
      this.pending ??= this.readHead();
      if (this.pending === undefined) return undefined;
      const { bodyLength, ...head } = this.pending;
      if (this.buffer.length < bodyLength) return undefined;
      this.pending = undefined;
      const body = this.take(bodyLength).toString('utf8');
      if (!this.skipping) return { ...head, body };
      this.skipping = false;
    }
  }

  /**
   * The line of a command whose rest has not come yet. drachtio-modesl writes a command in pieces, and Nagle's algorithm holds
   * the rest back until the line is acknowledged, which takes 40 ms unless an answer goes out before.
   */
  get loneLine(): string | undefined {
    if (this.pending !== undefined || this.skipping || this.buffer.indexOf(LINE_FEED) !== this.buffer.length - 1) return undefined;
    return this.buffer.toString('utf8').trim() || undefined;
  }

  /** Takes the lone line for a whole command. */
  takeLine(): void {
    this.take(this.buffer.length);
    this.skipping = true;
  }

  private readHead(): Head | undefined {
    if (this.skipping && this.buffer[0] === LINE_FEED) return { line: '', headers: new Map(), fields: [], bodyLength: this.take(1).length - 1 };
    while (this.buffer[0] === LINE_FEED || (this.buffer[0] === 0x0d && this.buffer[1] === LINE_FEED)) this.take(this.buffer[0] === LINE_FEED ? 1 : 2);
    const end = this.endOfHead();
    if ((end ?? this.buffer.length) > this.bounds.head) throw new CommandError(`a command is longer than ${this.bounds.head} octets`);
    if (end === undefined) return undefined;
    const [line = '', ...lines] = this.take(end).toString('utf8').trimEnd().split(/\r?\n/);
    if (lines.length > MAXIMUM_HEADERS) throw new CommandError(`a command has more than ${MAXIMUM_HEADERS} header fields`);
    const fields = lines.filter((text) => text.indexOf(':') > 0).map((text) => {
      const colon = text.indexOf(':');
      return [text.slice(0, colon).trim(), text.slice(colon + 1).trimStart()] as const;
    });
    const headers = new Map(fields.map(([name, value]) => [name.toLowerCase(), value]));
    const length = headers.get('content-length') ?? '0';
    if (!/^\d{1,9}$/.test(length) || Number(length) > this.bounds.body) throw new CommandError(`Content-Length is no number up to ${this.bounds.body}`);
    return { line: line.trim(), headers, fields, bodyLength: Number(length) };
  }

  /** Index after the empty line that ends a head; what was looked through is not looked through again. */
  private endOfHead(): number | undefined {
    let at = Math.max(0, this.scanned - 2);
    while ((at = this.buffer.indexOf(LINE_FEED, at)) !== -1) {
      if (this.buffer[at + 1] === LINE_FEED) return at + 2;
      if (this.buffer[at + 1] === 0x0d && this.buffer[at + 2] === LINE_FEED) return at + 3;
      at++;
    }
    this.scanned = this.buffer.length;
    return undefined;
  }

  private take(length: number): Buffer {
    const taken = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(length);
    this.scanned = 0;
    return taken;
  }
}
