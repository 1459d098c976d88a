import type { Packet } from './packet';

/** So many octets may wait for one that is missing; more, and the gap is passed over. */
const MAX_WAITING = 1 << 20;
/** One direction of a TCP connection, its octets put back in order. */
interface Stream {
  next: number;
  waiting: Map<number, Packet>;
  waitingOctets: number;
}

/** Puts TCP segments back in order: lost ones are waited for, repeated ones passed over. */
export class StreamOrder {
  private readonly streams = new Map<string, Stream>();

  /** The pieces of the stream that this segment lets through. */
  push(packet: Packet & { sequence: number }): Packet[] {
    const key = `${packet.source} ${packet.destination}`;
    let stream = this.streams.get(key);
    if (!stream || packet.starts) {
      stream = { next: (packet.sequence + (packet.starts ? 1 : 0)) >>> 0, waiting: new Map(), waitingOctets: 0 };
      this.streams.set(key, stream);
    }
    if (packet.payload.length === 0) return [];
    const ahead = (packet.sequence - stream.next) | 0;
    if (ahead > 0) {
      if (!stream.waiting.has(packet.sequence)) stream.waitingOctets += packet.payload.length;
      stream.waiting.set(packet.sequence, packet);
      if (stream.waitingOctets > MAX_WAITING) stream.next = Math.min(...stream.waiting.keys());
      return this.release(stream);
    }
    if (ahead + packet.payload.length <= 0) return [];
    stream.next = (packet.sequence + packet.payload.length) >>> 0;
    return [{ ...packet, payload: packet.payload.subarray(-ahead) }, ...this.release(stream)];
  }

  private release(stream: Stream): Packet[] {
    const released: Packet[] = [];
    for (let packet = stream.waiting.get(stream.next); packet; packet = stream.waiting.get(stream.next)) {
      stream.waiting.delete(stream.next);
      stream.waitingOctets -= packet.payload.length;
      stream.next = (stream.next + packet.payload.length) >>> 0;
      released.push(packet);
    }
    return released;
  }
}
