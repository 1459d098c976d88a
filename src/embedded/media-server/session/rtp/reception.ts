import type { ReportBlock } from './rtcp';

/** Sequence numbers may jump this far forward or back before it counts as a new start (RFC 3550 appendix A.1). */
const MAX_DROPOUT = 3_000;
const MAX_MISORDER = 100;

/**
 * Statistics of what one source sent us, by RFC 3550 appendix A. One source at a time: when the SSRC changes, extended
 * numbers start anew and what was lost before stays counted.
 */
export class Reception {
  ssrc: number | undefined;
  packets = 0;
  bytes = 0;
  /** Smoothed interarrival jitter in timestamp units. */
  jitter = 0;
  private lostBefore = 0;
  private baseSequence = 0;
  private maxSequence = 0;
  private cycles = 0;
  private received = 0;
  private transit: number | undefined;
  private expectedPrior = 0;
  private receivedPrior = 0;
  private lastSenderReport = 0;
  private lastSenderReportAt = 0;

  /** Takes one packet; `clockRate` of its payload type. Returns how many before it are missing: 0 where it is in order or late. */
  packet(ssrc: number, sequence: number, timestamp: number, size: number, arrivedAt: number, clockRate: number): number {
    this.packets++;
    this.bytes += size;
    let gap = 0;
    if (ssrc !== this.ssrc) {
      this.restart(ssrc, sequence);
    } else {
      const delta = (sequence - this.maxSequence) & 0xffff;
      if (delta === 0) return 0;
      if (delta < MAX_DROPOUT) {
        if (sequence < this.maxSequence) this.cycles += 0x10000;
        this.maxSequence = sequence;
        gap = delta - 1;
      } else if (delta <= 0x10000 - MAX_MISORDER) {
        this.restart(ssrc, sequence);
      }
    }
    this.received++;
    this.measureJitter(timestamp, arrivedAt, clockRate);
    return gap;
  }

  get lost(): number {
    return this.lostBefore + Math.max(0, this.lostNow());
  }

  senderReport(ssrc: number, ntpMiddle: number, now: number): void {
    if (ssrc !== this.ssrc) return;
    this.lastSenderReport = ntpMiddle;
    this.lastSenderReportAt = now;
  }

  /** What the next report says; starts a new interval. */
  report(now: number): ReportBlock | undefined {
    if (this.ssrc === undefined) return undefined;
    const expected = this.expected();
    const expectedInterval = expected - this.expectedPrior;
    const lostInterval = expectedInterval - (this.received - this.receivedPrior);
    this.expectedPrior = expected;
    this.receivedPrior = this.received;
    return {
      ssrc: this.ssrc,
      fractionLost: expectedInterval > 0 && lostInterval > 0 ? Math.min(255, Math.floor((lostInterval * 256) / expectedInterval)) : 0,
      cumulativeLost: this.lostNow(),
      highestSequence: (this.cycles + this.maxSequence) % 2 ** 32,
      jitter: Math.floor(this.jitter),
      lastSenderReport: this.lastSenderReport,
      delaySinceLastSenderReport: this.lastSenderReport === 0 ? 0 : Math.floor(((now - this.lastSenderReportAt) * 65_536) / 1_000),
    };
  }

  private restart(ssrc: number, sequence: number): void {
    this.lostBefore = this.lost;
    this.ssrc = ssrc;
    this.baseSequence = this.maxSequence = sequence;
    this.cycles = this.received = this.expectedPrior = this.receivedPrior = 0;
    this.lastSenderReport = 0;
    this.transit = undefined;
  }

  private expected(): number {
    return this.ssrc === undefined ? 0 : this.cycles + this.maxSequence - this.baseSequence + 1;
  }

  private lostNow(): number {
    return this.expected() - this.received;
  }

  private measureJitter(timestamp: number, arrivedAt: number, clockRate: number): void {
    const arrival = (arrivedAt * clockRate) / 1_000;
    const transit = arrival - timestamp;
    if (this.transit !== undefined) {
      const difference = Math.abs(transit - this.transit);
      // A timestamp that wrapped or jumped says nothing about the network.
      if (difference < clockRate * 10) this.jitter += (difference - this.jitter) / 16;
    }
    this.transit = transit;
  }
}
