import { Q931Error } from './errors';

/** TPKT version (RFC 1006 section 6). */
const VERSION = 3;
const HEADER = 4;
/** Pieces of a packet that are kept apart; more are joined, so that a drip of single octets does not cost a buffer each. */
const MAX_PIECES = 64;
export const TPKT_MAX_PAYLOAD = 0xffff - HEADER;

/** One TPKT packet (RFC 1006 section 6) with the payload. */
export function encodeTpkt(payload: Buffer): Buffer {
  if (payload.length > TPKT_MAX_PAYLOAD) throw new Q931Error('q931-value', `a TPKT packet carries at most ${TPKT_MAX_PAYLOAD} octets, not ${payload.length}`);
  const packet = Buffer.allocUnsafe(HEADER + payload.length);
  packet[0] = VERSION;
  packet[1] = 0;
  packet.writeUInt16BE(packet.length, 2);
  payload.copy(packet, HEADER);
  return packet;
}

/**
 * Cuts a TCP stream into the payloads of its TPKT packets. It holds at most one unfinished packet. Packets without payload, which some
 * endpoints send to keep a connection open, are passed over.
 */
export class TpktFramer {
  private pending: Buffer[] = [];
  private pendingLength = 0;
  private failure: Q931Error | undefined;

  /** `maxPayload`: packets over it end the stream. */
  constructor(private readonly maxPayload = TPKT_MAX_PAYLOAD) {}

  /** Octets of a packet that is not complete yet. */
  get buffered(): number {
    return this.pendingLength;
  }

  /**
   * Takes what arrived; returns the payloads that are complete now.
   * @throws Q931Error `tpkt-invalid`; the stream cannot be followed after that and every further call throws
   */
  push(chunk: Buffer): Buffer[] {
    if (this.failure) throw this.failure;
    this.pending.push(chunk);
    this.pendingLength += chunk.length;
    if (this.pendingLength < HEADER) return [];
    let packetLength = this.lengthOf(this.joined(HEADER));
    if (this.pendingLength < packetLength) {
      if (this.pending.length > MAX_PIECES) this.joined(this.pendingLength);
      return [];
    }
    const octets = this.joined(this.pendingLength);
    const payloads: Buffer[] = [];
    let at = 0;
    while (octets.length - at >= HEADER) {
      packetLength = this.lengthOf(octets.subarray(at));
      if (octets.length - at < packetLength) break;
      if (packetLength > HEADER) payloads.push(octets.subarray(at + HEADER, at + packetLength));
      at += packetLength;
    }
    const rest = octets.subarray(at);
    this.pending = rest.length > 0 ? [rest] : [];
    this.pendingLength = rest.length;
    return payloads;
  }

  /** The pending octets with at least the first `count` of them in one buffer. */
  private joined(count: number): Buffer {
    if (this.pending[0]!.length < count) this.pending = [Buffer.concat(this.pending)];
    return this.pending[0]!;
  }

  private lengthOf(header: Buffer): number {
    const length = header.readUInt16BE(2);
    if (header[0] !== VERSION) throw this.fail(`version ${header[0]} instead of ${VERSION}`);
    if (length < HEADER || length > this.maxPayload + HEADER) throw this.fail(`a length of ${length}, allowed are ${HEADER} to ${this.maxPayload + HEADER}`);
    return length;
  }

  private fail(reason: string): Q931Error {
    this.failure = new Q931Error('tpkt-invalid', `TPKT header with ${reason}`);
    this.pending = [];
    this.pendingLength = 0;
    return this.failure;
  }
}
