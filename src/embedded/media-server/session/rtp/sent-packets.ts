/** Packets of video kept for retransmission: half a second to two of it. */
const CAPACITY = 512;
/** The same packet is not sent again within this, whatever the NACKs say. */
const REPEAT_AFTER_MS = 30;
const BURST = 64;
/** Retransmissions earned by each packet sent: a liar's NACKs cost a quarter more traffic at most. */
const EARNED = 0.25;

interface Sent {
  sequenceNumber: number;
  bytes: Buffer;
  repeatedAt: number;
}

/**
 * The last packets sent, as they left (protected ones stay protected, so that no key stream is used for other bytes), for
 * answering generic NACKs in the original SSRC (RFC 4585).
 */
export class SentPackets {
  private readonly ring: (Sent | undefined)[] = new Array<Sent | undefined>(CAPACITY);
  private budget = BURST;

  add(sequenceNumber: number, bytes: Buffer): void {
    this.ring[sequenceNumber % CAPACITY] = { sequenceNumber, bytes, repeatedAt: -Infinity };
    if (this.budget < BURST) this.budget += EARNED;
  }

  /** The bytes to send again, or undefined: too old, just repeated, or more asked for than is sent. */
  repeat(sequenceNumber: number, now: number): Buffer | undefined {
    const sent = this.ring[sequenceNumber % CAPACITY];
    if (sent?.sequenceNumber !== sequenceNumber || now - sent.repeatedAt < REPEAT_AFTER_MS || this.budget < 1) return undefined;
    this.budget--;
    sent.repeatedAt = now;
    return sent.bytes;
  }
}
