/** DTMF as named events (RFC 4733). */
const DIGITS = '0123456789*#ABCD';
const VOLUME_DBM0 = 10;
const END_PACKETS = 3;
/** An event of which nothing more was heard for this long has ended, though its end packets were lost. */
const LOST_END_MS = 150;
const MINIMUM_DURATION_MS = 40;
const MAXIMUM_DURATION_MS = 8_000;
const PAUSE_MS = 60;
const MAXIMUM_QUEUE = 128;
const STEP_MS = 20;

/** Undefined when `digit` is none of 0-9 * # A-D. */
const eventOf = (digit: string): number | undefined => {
  const event = DIGITS.indexOf(digit.toUpperCase());
  return event < 0 || digit.length !== 1 ? undefined : event;
};

/** Makes digits of packets: three end packets are one digit, and a lost end is one too. */
export class TelephoneEventReceiver {
  private current: { timestamp: number; digit: string; duration: number; heardAt: number; clockRate: number } | undefined;
  private endedTimestamp: number | undefined;

  constructor(private readonly digit: (digit: string, durationMs: number) => void) {}

  packet(payload: Buffer, timestamp: number, clockRate: number, now: number): void {
    if (payload.length < 4 || timestamp === this.endedTimestamp) return;
    const digit = DIGITS[payload.readUInt8(0)];
    if (digit === undefined) return;
    const duration = payload.readUInt16BE(2);
    if (this.current !== undefined && this.current.timestamp !== timestamp) {
      // A packet of an event that is over, reordered behind the next one's.
      if (((timestamp - this.current.timestamp) | 0) < 0) return;
      this.end();
    }
    this.current = { timestamp, digit, duration: Math.max(duration, this.current?.duration ?? 0), heardAt: now, clockRate };
    if (payload.readUInt8(1) & 0x80) this.end();
  }

  /** To be called with the time now and then. */
  tick(now: number): void {
    if (this.current !== undefined && now - this.current.heardAt > LOST_END_MS) this.end();
  }

  private end(): void {
    const { current } = this;
    if (current === undefined) return;
    this.current = undefined;
    this.endedTimestamp = current.timestamp;
    this.digit(current.digit, Math.round((current.duration * 1000) / current.clockRate));
  }
}

/** What is to be sent in this tick. */
export interface EventPacket {
  payload: Buffer;
  /** The first packet of an event: it begins at the present timestamp and carries the marker. */
  starts: boolean;
}

/** Makes packets of digits, one each 20 ms, its end three times. */
export class TelephoneEventSender {
  private readonly queue: { event: number; durationMs: number }[] = [];
  private current: { event: number; durationMs: number; elapsedMs: number; ends: number } | undefined;
  private pauseMs = 0;

  get active(): boolean {
    return this.current !== undefined || this.queue.length > 0 || this.pauseMs > 0;
  }

  /** Characters that are no digits are left out. */
  send(digits: string, durationMs: number): void {
    const bounded = Math.min(MAXIMUM_DURATION_MS, Math.max(MINIMUM_DURATION_MS, durationMs));
    for (const digit of digits.slice(0, MAXIMUM_QUEUE)) {
      const event = eventOf(digit);
      if (event !== undefined && this.queue.length < MAXIMUM_QUEUE) this.queue.push({ event, durationMs: bounded });
    }
  }

  /** To be called each 20 ms; `clockRate` is the negotiated one of telephone-event. */
  tick(clockRate: number): EventPacket | undefined {
    if (this.current === undefined) {
      if (this.pauseMs > 0) {
        this.pauseMs -= STEP_MS;
        return undefined;
      }
      const next = this.queue.shift();
      if (next === undefined) return undefined;
      this.current = { ...next, elapsedMs: 0, ends: 0 };
    }
    const { current } = this;
    const starts = current.elapsedMs === 0;
    current.elapsedMs = Math.min(current.durationMs, current.elapsedMs + STEP_MS);
    const ending = current.elapsedMs >= current.durationMs;
    const payload = Buffer.alloc(4);
    payload.writeUInt8(current.event, 0);
    payload.writeUInt8((ending ? 0x80 : 0) | VOLUME_DBM0, 1);
    payload.writeUInt16BE(Math.min(0xffff, Math.round((current.elapsedMs * clockRate) / 1000)), 2);
    if (ending && ++current.ends === END_PACKETS) {
      this.current = undefined;
      this.pauseMs = PAUSE_MS;
    }
    return { payload, starts };
  }
}
