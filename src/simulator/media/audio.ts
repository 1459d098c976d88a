import { decodeG711, encodeG711, type G711Law } from './g711';
import { RtpStream, type Outgoing, type StreamCounts } from './rtp-stream';
import { Listener, ToneGenerator, type Heard } from './tone';

const CLOCK_RATE = 8_000;
const TICK_MS = 20;
const TICK_SAMPLES = (CLOCK_RATE * TICK_MS) / 1_000;
const EVENT_VOLUME = 10;
/** RFC 4733 section 2.5.1.4: the last packet of an event is sent three times. */
const END_REPEATS = 3;
const MAX_DIGITS = 64;

export const DTMF_DIGITS = '0123456789*#ABCD';

const LAW_BY_PAYLOAD_TYPE: Readonly<Record<number, G711Law>> = { 0: 'PCMU', 8: 'PCMA' };

export interface AudioOptions {
  host: string;
  toneHz: number;
}

/** Sound of a simulated endpoint: speaks a tone in G.711, listens, sends and takes digits as RFC 4733 events. */
export class AudioStream {
  private readonly tone: ToneGenerator;
  private readonly listener = new Listener(CLOCK_RATE);
  private readonly events: { digit: number; ticks: number; at: number }[] = [];
  private receivedDigits = '';
  private eventOpen = false;
  private law: G711Law = 'PCMA';
  private eventPayloadType: number | undefined;
  private first = true;
  private sinceEvent = 0;
  private stream!: RtpStream;

  private constructor(options: AudioOptions) {
    this.tone = new ToneGenerator(options.toneHz, CLOCK_RATE);
  }

  static async open(options: AudioOptions): Promise<AudioStream> {
    const audio = new AudioStream(options);
    audio.stream = await RtpStream.open({
      host: options.host, clockRate: CLOCK_RATE, tickMs: TICK_MS,
      source: (missed) => audio.next(missed),
      onPacket: (payloadType, payload) => audio.receive(payloadType, payload),
    });
    return audio;
  }

  get port(): number {
    return this.stream.port;
  }

  get counts(): StreamCounts {
    return this.stream.counts;
  }

  get heard(): Heard {
    return this.listener.heard;
  }

  /** Digits that the far end sent as events, the last 64. */
  get digits(): string {
    return this.receivedDigits;
  }

  /** What was agreed: codec, where to send, the payload type of events where there is one. */
  use(law: G711Law, host: string, port: number, rtcpPort: number | undefined, eventPayloadType: number | undefined): void {
    this.law = law;
    this.eventPayloadType = eventPayloadType;
    this.stream.sendTo(host, port, rtcpPort);
  }

  send(active: boolean): void {
    if (active) this.stream.start();
    else this.stream.pause();
  }

  /** Queues digits of 0-9 * # A-D, each `durationMs` long with a pause as long after it. False where no events were agreed. */
  sendDigits(digits: string, durationMs = 100): boolean {
    if (this.eventPayloadType === undefined) return false;
    for (const digit of digits.toUpperCase().slice(0, MAX_DIGITS)) {
      const event = DTMF_DIGITS.indexOf(digit);
      if (event >= 0) this.events.push({ digit: event, ticks: Math.max(2, Math.round(durationMs / TICK_MS)), at: 0 });
    }
    return true;
  }

  close(): Promise<void> {
    return this.stream.close();
  }

  private next(missed: number): Outgoing[] {
    const clock = (this.first ? 0 : TICK_SAMPLES) + missed * TICK_SAMPLES;
    const [event] = this.events;
    if (event !== undefined && this.eventPayloadType !== undefined) return this.nextOfEvent(event, this.eventPayloadType, clock);
    const payload = encodeG711(this.law, this.tone.next(TICK_SAMPLES));
    // The marker starts a talkspurt (RFC 3551 section 4.1).
    const marker = this.first;
    this.first = false;
    const skipped = this.sinceEvent;
    this.sinceEvent = 0;
    return [{ payloadType: this.law === 'PCMU' ? 0 : 8, payload, marker, clock: clock + skipped }];
  }

  /** All packets of an event carry the timestamp of its start (RFC 4733 section 2.5.1.2). */
  private nextOfEvent(event: { digit: number; ticks: number; at: number }, payloadType: number, clock: number): Outgoing[] {
    event.at++;
    const starts = event.at === 1;
    if (event.at > event.ticks) {
      // The pause after the digit.
      this.sinceEvent += clock;
      if (event.at >= 2 * event.ticks) this.events.shift();
      return [];
    }
    const ends = event.at === event.ticks;
    const payload = Buffer.alloc(4);
    payload[0] = event.digit;
    payload[1] = (ends ? 0x80 : 0) | EVENT_VOLUME;
    payload.writeUInt16BE(event.at * TICK_SAMPLES, 2);
    const skipped = this.sinceEvent;
    this.sinceEvent = starts ? 0 : this.sinceEvent + clock;
    this.first = false;
    return Array.from({ length: ends ? END_REPEATS : 1 }, (_, i) => ({
      payloadType, payload, marker: starts && i === 0, clock: starts && i === 0 ? clock + skipped : 0,
    }));
  }

  private receive(payloadType: number, payload: Buffer): void {
    const law = LAW_BY_PAYLOAD_TYPE[payloadType];
    if (law !== undefined) {
      this.listener.add(decodeG711(law, payload));
    } else if (payloadType === this.eventPayloadType && payload.length >= 4) {
      const digit = DTMF_DIGITS[payload.readUInt8(0)];
      const ends = (payload.readUInt8(1) & 0x80) !== 0;
      // Counted at its first packet; a new one can only begin after the end of the last.
      if (!this.eventOpen && !ends && digit !== undefined) this.receivedDigits = (this.receivedDigits + digit).slice(-MAX_DIGITS);
      this.eventOpen = !ends;
    }
  }
}
