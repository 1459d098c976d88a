import type { RtpPacket } from '../contracts';

/** A forwarded stream that jumps further than this in sequence numbers has started anew. */
const MAXIMUM_SEQUENCE_JUMP = 1_000;
/** Reordering older than this is not worth forwarding. */
const MAXIMUM_REORDER = 100;
/** A forwarded timestamp may run away from the clock by this much before it is taken for a new start. */
const MAXIMUM_DRIFT_MS = 5_000;
/** Gaps of our own making below this are jitter of the tick, not silence. */
const SILENCE_MS = 60;

export interface Stamp {
  sequenceNumber: number;
  timestamp: number;
  /** The first packet after a change of what is sent. */
  first: boolean;
}

/** Signed distance between two sequence numbers (RFC 3550 appendix A.1). */
export const sequenceDistance = (later: number, earlier: number): number => ((later - earlier) << 16) >> 16;

interface Origin {
  source: object;
  ssrc: number;
  sequenceOffset: number;
  timestampOffset: number;
  firstSequence: number;
  highestSequence: number;
}

/**
 * Keeps one outgoing stream's sequence numbers and timestamps continuous, whatever feeds it in turn: what we make, or
 * other streams forwarded (RFC 3550 section 7.1, translators).
 */
export class RtpTimeline {
  private sequenceNumber: number;
  /** Of the packet sent last, with its duration in clock units and when it went. */
  private timestamp: number;
  private duration = 0;
  private sentAt: number | undefined;
  private origin: Origin | undefined;

  constructor(private clockRate: number, random: () => number) {
    this.sequenceNumber = Math.floor(random() * 0x10000);
    this.timestamp = Math.floor(random() * 0x100000000);
  }

  /** A codec with another clock continues the same numbers. */
  setClockRate(clockRate: number): void {
    this.clockRate = clockRate;
    this.origin = undefined;
  }

  /** For a packet of our own making that lasts `duration` clock units. */
  own(now: number, duration: number): Stamp {
    const continues = this.origin === undefined && this.sentAt !== undefined
      && now - this.sentAt < (this.duration * 1000) / this.clockRate + SILENCE_MS;
    const timestamp = continues ? (this.timestamp + this.duration) >>> 0 : this.timestampAt(now);
    return this.sent({ sequenceNumber: this.nextSequence(), timestamp, first: !continues }, duration, now);
  }

  /** For one more packet of the instant of `stamp`, which was the last. */
  more(stamp: Stamp): Stamp {
    return { sequenceNumber: this.nextSequence(), timestamp: stamp.timestamp, first: false };
  }

  /** For one more packet of an instant that passes, as telephone-events are (RFC 4733 section 2.2.2). */
  ownAt(timestamp: number, now: number): Stamp {
    const stamp = { sequenceNumber: this.nextSequence(), timestamp, first: false };
    // The instant stays behind while the clock goes on.
    this.timestamp = this.timestampAt(now);
    this.origin = undefined;
    this.duration = 0;
    this.sentAt = now;
    return stamp;
  }

  /** For a packet of another stream; undefined when it is too old to be forwarded. */
  forwarded(source: object, packet: RtpPacket, now: number): Stamp | undefined {
    let origin = this.origin;
    const first = origin === undefined || origin.source !== source || origin.ssrc !== packet.ssrc || this.jumped(origin, packet, now);
    if (first || origin === undefined) {
      origin = this.origin = {
        source,
        ssrc: packet.ssrc,
        sequenceOffset: this.nextSequence() - packet.sequenceNumber,
        timestampOffset: this.timestampAt(now) - packet.timestamp,
        firstSequence: packet.sequenceNumber,
        highestSequence: packet.sequenceNumber,
      };
    }
    const ahead = sequenceDistance(packet.sequenceNumber, origin.highestSequence);
    if (ahead < -MAXIMUM_REORDER || (ahead < 0 && sequenceDistance(packet.sequenceNumber, origin.firstSequence) < 0)) return undefined;
    const stamp = {
      sequenceNumber: (packet.sequenceNumber + origin.sequenceOffset) & 0xffff,
      timestamp: (packet.timestamp + origin.timestampOffset) >>> 0,
      first,
    };
    if (ahead < 0) return stamp;
    origin.highestSequence = packet.sequenceNumber;
    // Reordering reaches back a bounded way, so that the first packet's number never comes round again.
    if (sequenceDistance(origin.highestSequence, origin.firstSequence) > 2 * MAXIMUM_REORDER) {
      origin.firstSequence = (origin.highestSequence - MAXIMUM_REORDER) & 0xffff;
    }
    this.sequenceNumber = (stamp.sequenceNumber + 1) & 0xffff;
    return this.sent(stamp, 0, now);
  }

  /** What comes next is not a continuation of what was forwarded. */
  interrupt(): void {
    this.origin = undefined;
  }

  /** The timestamp that belongs to `now`. */
  timestampAt(now: number): number {
    if (this.sentAt === undefined) return this.timestamp;
    const elapsed = Math.round(((now - this.sentAt) * this.clockRate) / 1000);
    return (this.timestamp + Math.max(this.duration, elapsed, 1)) >>> 0;
  }

  private jumped(origin: Origin, packet: RtpPacket, now: number): boolean {
    if (Math.abs(sequenceDistance(packet.sequenceNumber, origin.highestSequence)) > MAXIMUM_SEQUENCE_JUMP) return true;
    const timestamp = (packet.timestamp + origin.timestampOffset) >>> 0;
    const driftMs = (((timestamp - this.timestampAt(now)) | 0) * 1000) / this.clockRate;
    return Math.abs(driftMs) > MAXIMUM_DRIFT_MS;
  }

  private nextSequence(): number {
    const sequenceNumber = this.sequenceNumber;
    this.sequenceNumber = (sequenceNumber + 1) & 0xffff;
    return sequenceNumber;
  }

  private sent(stamp: Stamp, duration: number, now: number): Stamp {
    this.timestamp = stamp.timestamp;
    this.duration = duration;
    this.sentAt = now;
    return stamp;
  }
}
