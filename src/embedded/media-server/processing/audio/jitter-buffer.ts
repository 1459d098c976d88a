import type { Codec, RtpPacket } from '../../contracts';
import { sequenceDistance } from '../rtp-timeline';

/** Further apart than this, two packets are not of one stream. */
const MAXIMUM_SEQUENCE_JUMP = 500;
const MAXIMUM_TIME_JUMP_MS = 1_000;
const MAXIMUM_PACKETS = 100;
/** A run of packets that all come too late means that the sender began anew. */
const MAXIMUM_LATE_RUN = 10;
const MINIMUM_DELAY_MS = 30;
const MAXIMUM_DELAY_MS = 200;
/** The lowest transit time is looked for in the present and the previous window of this length. */
const TRANSIT_WINDOW_MS = 3_000;
/** Share by which the remembered jitter shrinks towards each packet's that is below it. */
const JITTER_DECAY = 0.004;

/** A packet as kept; one that carries no sound (telephone-events) has no codec. */
export interface BufferedPacket {
  payload: Buffer;
  codec: Codec | undefined;
}

export type Taken = { kind: 'packet'; packet: BufferedPacket } | { kind: 'lost' } | { kind: 'empty' };

const LOST: Taken = { kind: 'lost' };
const EMPTY: Taken = { kind: 'empty' };

/**
 * Puts packets into order and holds them back for as long as their arrival varies, within 30 to 200 ms. It follows the
 * measured jitter; the reader shortens or conceals to reach `targetMs`.
 */
export class JitterBuffer {
  private readonly packets = new Map<number, BufferedPacket>();
  private ssrc: number | undefined;
  private next = 0;
  private highest = 0;
  /** Nothing was taken since the start, so an earlier packet may still become the first. */
  private untouched = true;
  private filling = true;
  private lateRun = 0;
  private reference: { timestamp: number; arrivedAt: number } | undefined;
  private lowTransit = 0;
  private previousLowTransit = 0;
  private windowEnds = 0;
  private jitterMs = 0;
  /** Packets that were too late or double, for statistics and tests. */
  discarded = 0;

  /** `restarted` is called when what follows is another stream. */
  constructor(private readonly clockRate: number, private readonly restarted: () => void) {}

  get targetMs(): number {
    return Math.min(MAXIMUM_DELAY_MS, Math.max(MINIMUM_DELAY_MS, this.jitterMs + 10));
  }

  /** Milliseconds between the next packet and the newest one, both included, when a packet lasts `packetMs`. */
  depthMs(packetMs: number): number {
    return this.packets.size === 0 ? 0 : (sequenceDistance(this.highest, this.next) + 1) * packetMs;
  }

  insert(packet: RtpPacket, codec: Codec | undefined): void {
    if (this.ssrc !== packet.ssrc || this.jumped(packet)) this.restart(packet);
    const ahead = sequenceDistance(packet.sequenceNumber, this.next);
    if (ahead < 0) {
      if (!this.untouched) return this.late(packet, codec);
      this.next = packet.sequenceNumber;
    } else if (this.packets.has(packet.sequenceNumber)) {
      this.discarded += 1;
      return;
    }
    this.lateRun = 0;
    this.packets.set(packet.sequenceNumber, { payload: packet.payload, codec });
    if (sequenceDistance(packet.sequenceNumber, this.highest) > 0) this.highest = packet.sequenceNumber;
    while (this.packets.size > MAXIMUM_PACKETS || sequenceDistance(this.highest, this.next) >= MAXIMUM_SEQUENCE_JUMP) this.drop();
    this.measure(packet);
  }

  /** The next packet in order when its time has come; `packetMs` is how long a packet lasts. */
  take(packetMs: number): Taken {
    if (this.packets.size === 0) return EMPTY;
    if (this.filling) {
      if (this.depthMs(packetMs) < this.targetMs) return EMPTY;
      this.filling = false;
    }
    this.untouched = false;
    const packet = this.packets.get(this.next);
    this.drop();
    return packet === undefined ? LOST : { kind: 'packet', packet };
  }

  /** After a pause what comes next is held back anew. */
  pause(): void {
    if (this.packets.size === 0) this.filling = true;
  }

  clear(): void {
    this.packets.clear();
    this.ssrc = this.reference = undefined;
  }

  private late(packet: RtpPacket, codec: Codec | undefined): void {
    this.discarded += 1;
    this.lateRun += 1;
    if (this.lateRun > MAXIMUM_LATE_RUN) {
      this.restart(packet);
      this.insert(packet, codec);
    } else {
      this.measure(packet);
    }
  }

  private drop(): void {
    this.packets.delete(this.next);
    this.next = (this.next + 1) & 0xffff;
  }

  private jumped(packet: RtpPacket): boolean {
    if (Math.abs(sequenceDistance(packet.sequenceNumber, this.next)) > MAXIMUM_SEQUENCE_JUMP) return true;
    const transit = this.transit(packet);
    return Math.abs(transit - Math.min(this.lowTransit, this.previousLowTransit)) > MAXIMUM_TIME_JUMP_MS;
  }

  private restart(packet: RtpPacket): void {
    this.packets.clear();
    this.ssrc = packet.ssrc;
    this.next = this.highest = packet.sequenceNumber;
    this.untouched = this.filling = true;
    this.lateRun = 0;
    this.reference = { timestamp: packet.timestamp, arrivedAt: packet.arrivedAt };
    this.lowTransit = this.previousLowTransit = 0;
    this.windowEnds = packet.arrivedAt + TRANSIT_WINDOW_MS;
    this.restarted();
  }

  /** How much longer than the reference packet this one took, milliseconds. */
  private transit({ timestamp, arrivedAt }: RtpPacket): number {
    if (this.reference === undefined) return 0;
    return arrivedAt - this.reference.arrivedAt - (((timestamp - this.reference.timestamp) | 0) * 1000) / this.clockRate;
  }

  private measure(packet: RtpPacket): void {
    const transit = this.transit(packet);
    if (packet.arrivedAt >= this.windowEnds) {
      this.previousLowTransit = this.lowTransit;
      this.lowTransit = transit;
      this.windowEnds = packet.arrivedAt + TRANSIT_WINDOW_MS;
      // The reference moves along: 32 bit timestamps wrap, and clocks drift.
      if (this.reference !== undefined) this.rebase(packet, transit);
    }
    this.lowTransit = Math.min(this.lowTransit, transit);
    const late = this.transit(packet) - Math.min(this.lowTransit, this.previousLowTransit);
    this.jitterMs = late > this.jitterMs ? Math.min(late, MAXIMUM_DELAY_MS) : this.jitterMs + (late - this.jitterMs) * JITTER_DECAY;
  }

  private rebase(packet: RtpPacket, transit: number): void {
    this.reference = { timestamp: packet.timestamp, arrivedAt: packet.arrivedAt };
    this.previousLowTransit -= transit;
    this.lowTransit = 0;
  }
}
