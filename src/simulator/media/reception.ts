import type { ReportBlock, RtpPacket } from './rtp-packet';

const SEQUENCES = 0x1_0000;
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;

/** Counts of one received stream: loss by sequence numbers, jitter by arrival times (RFC 3550 appendices A.1, A.3 and A.8). */
export class Reception {
  private ssrc: number | undefined;
  private base = 0;
  private highest = 0;
  private cycles = 0;
  private received = 0;
  /** Of sources before the present one. */
  private earlier = { expected: 0, received: 0 };
  private transit: number | undefined;
  private jitter = 0;
  private reported = { expected: 0, received: 0 };
  private senderReport: { middle: number; at: number } | undefined;
  octets = 0;

  /** Timestamp units a second. */
  constructor(private readonly clockRate: number) {}

  /** `now`: milliseconds of any steady clock. */
  add(packet: RtpPacket, now: number): void {
    if (packet.ssrc !== this.ssrc) this.begin(packet);
    const ahead = (packet.sequence - this.highest) & 0xffff;
    if (ahead < MAX_DROPOUT) {
      if (packet.sequence < this.highest) this.cycles += SEQUENCES;
      this.highest = packet.sequence;
    } else if (ahead <= SEQUENCES - MAX_MISORDER) {
      // The source jumped: it began anew without a new SSRC.
      this.begin(packet);
    }
    this.received++;
    this.octets += packet.payload.length;
    const transit = (now * this.clockRate) / 1_000 - packet.timestamp;
    if (this.transit !== undefined) {
      const apart = Math.abs(transit - this.transit);
      // The timestamp wraps.
      const difference = Math.min(apart, Math.abs(apart - 2 ** 32));
      if (difference < this.clockRate * 10) this.jitter += (difference - this.jitter) / 16;
    }
    this.transit = transit;
  }

  addSenderReport(middle: number, now: number): void {
    this.senderReport = { middle, at: now };
  }

  get packets(): number {
    return this.earlier.received + this.received;
  }

  /** Packets that never came; packets that came twice make it negative in the protocol, here at least 0. */
  get lost(): number {
    return Math.max(0, this.expected - this.packets);
  }

  get jitterMs(): number {
    return (this.jitter * 1_000) / this.clockRate;
  }

  /** What the sender is told, and the start of the next report's interval. */
  report(now: number): ReportBlock | undefined {
    if (this.ssrc === undefined) return undefined;
    const expected = this.expected - this.reported.expected;
    const lost = expected - (this.packets - this.reported.received);
    this.reported = { expected: this.expected, received: this.packets };
    return {
      ssrc: this.ssrc,
      fractionLost: expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      cumulativeLost: this.expected - this.packets,
      highestSequence: this.cycles + this.highest,
      jitter: Math.round(this.jitter),
      lastSenderReport: this.senderReport?.middle ?? 0,
      delaySinceLast: this.senderReport === undefined ? 0 : Math.round(((now - this.senderReport.at) * 65_536) / 1_000),
    };
  }

  private get expected(): number {
    return this.earlier.expected + (this.ssrc === undefined ? 0 : this.cycles + this.highest - this.base + 1);
  }

  private begin(packet: RtpPacket): void {
    this.earlier = { expected: this.expected, received: this.packets };
    this.ssrc = packet.ssrc;
    this.base = this.highest = packet.sequence;
    this.cycles = 0;
    this.received = 0;
    this.transit = undefined;
  }
}
