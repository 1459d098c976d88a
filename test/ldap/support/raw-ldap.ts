import net from 'node:net';

/** TLV with the shortest length. */
export function tlv(tag: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length = body.length < 0x80 ? Buffer.from([body.length]) : Buffer.from([0x83, body.length >> 16, (body.length >> 8) & 255, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

export const int = (value: number, tag = 2): Buffer => tlv(tag, value < 0x80 ? Buffer.from([value]) : Buffer.from([value >> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255].slice(value < 0x8000 ? 2 : 0)));
export const envelope = (id: number, ...op: Buffer[]): Buffer => tlv(0x30, int(id), ...op);
export const present = (attribute = 'objectClass'): Buffer => tlv(0x87, attribute);
export const substring = (attribute: string, part: string): Buffer => tlv(0xa4, tlv(4, attribute), tlv(0x30, tlv(0x81, part)));

export function searchRequest(filter: Buffer, { base = 'dc=palvelu,dc=example', scope = 2, attributes = [] as string[] } = {}): Buffer {
  return tlv(0x63, tlv(4, base), int(scope, 10), int(0, 10), int(0), int(0), tlv(1, Buffer.from([0])), filter, tlv(0x30, ...attributes.map((one) => tlv(4, one))));
}

export const bindRequest = (dn: string, password: string): Buffer => tlv(0x60, int(3), tlv(4, dn), tlv(0x80, password));

interface Received {
  id: number;
  /** Application tag of the operation. */
  tag: number;
  /** Of a result: its code. */
  code?: number;
  octets: Buffer;
}

/** A connection that sends whatever octets it is told to, and takes messages apart without judging them. */
export class RawLdap {
  readonly messages: Received[] = [];
  closed = false;
  private rest = Buffer.alloc(0);
  private readonly waiting: (() => void)[] = [];

  private constructor(readonly socket: net.Socket) {
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => { this.closed = true; this.wake(); });
  }

  static connect(port: number, localAddress = '127.0.0.1', host = '127.0.0.1'): Promise<RawLdap> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host, localAddress }, () => resolve(new RawLdap(socket)));
      socket.once('error', reject);
    });
  }

  send(...octets: Buffer[]): void {
    this.socket.write(Buffer.concat(octets));
  }

  /** Waits until `look` gives something of what was received; fails when the connection closes before. */
  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.closed) throw new Error(`closed after ${this.messages.length} messages`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** The result that ends an operation. */
  result(id: number): Promise<Received> {
    return this.until(() => this.messages.find((one) => one.id === id && one.code !== undefined));
  }

  async bind(dn: string, password: string, id = 100): Promise<number> {
    this.send(envelope(id, bindRequest(dn, password)));
    return (await this.result(id)).code as number;
  }

  async ended(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const outer = header(this.rest, 0);
      if (outer === undefined || outer.end > this.rest.length) break;
      this.messages.push(read(this.rest.subarray(0, outer.end), outer.start));
      this.rest = this.rest.subarray(outer.end);
    }
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

function header(octets: Buffer, at: number): { start: number; end: number } | undefined {
  if (octets.length < at + 2) return undefined;
  const first = octets[at + 1] as number;
  const long = first < 0x80 ? 0 : first & 0x7f;
  if (octets.length < at + 2 + long) return undefined;
  const start = at + 2 + long;
  return { start, end: start + (long === 0 ? first : octets.readUIntBE(at + 2, long)) };
}

function read(octets: Buffer, at: number): Received {
  const id = header(octets, at) as { start: number; end: number };
  const operation = header(octets, id.end) as { start: number; end: number };
  const code = header(octets, operation.start);
  const isResult = octets[operation.start] === 10 && code !== undefined;
  return {
    id: octets.readUIntBE(id.start, id.end - id.start), tag: octets[id.end] as number, octets,
    ...(isResult && { code: octets.readUIntBE(code.start, code.end - code.start) }),
  };
}
