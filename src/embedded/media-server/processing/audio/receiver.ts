import type { Codec, RtpPacket } from '../../contracts';
import { createDecoder, sameCoding, type AudioDecoder } from './codecs';
import { Concealment } from './concealment';
import { frameSamples, type Frame } from './frame';
import { JitterBuffer } from './jitter-buffer';
import { SampleFifo } from './sample-fifo';

const DEFAULT_PACKET_MS = 20;
/** After so much put in for sound that did not come, the party is silent. */
const MAXIMUM_CONCEALED_MS = 120;
/** The delay is looked at over this many frames; its lowest value is what could be spared. */
const DELAY_WINDOW_FRAMES = 50;
const SPARE_MS = 20;
/** Samples are taken out one pitch period at a time, often enough to catch up with any clock. */
const SHORTEN_EVERY_FRAMES = 10;

/** Decodes one party's packets into a frame each 20 ms, through jitter, loss and drifting clocks. */
export class AudioReceiver {
  private jitter = new JitterBuffer(8_000, () => this.restart());
  private decoder: AudioDecoder | undefined;
  private decoderCodec: Codec | undefined;
  private clockRate = 0;
  private concealment: Concealment | undefined;
  private readonly fifo = new SampleFifo();
  private packetMs = DEFAULT_PACKET_MS;
  private concealedMs = Infinity;
  private framesSeen = 0;
  private lowestDelayMs = Infinity;
  private shortenIn = 0;
  private excessive = false;
  /** Counts for statistics and tests. */
  readonly counts = { concealedMs: 0, badPackets: 0, shortened: 0 };

  /** `rate` is the rate of the work that this sound is wanted for. */
  constructor(private rate: number) {}

  get delayMs(): number {
    const rate = this.decoder?.rate ?? this.rate;
    return this.jitter.depthMs(this.packetMs) + (this.fifo.length * 1000) / rate;
  }

  get targetMs(): number {
    return this.jitter.targetMs;
  }

  setRate(rate: number): void {
    if (rate === this.rate) return;
    this.rate = rate;
    this.closeDecoder();
  }

  /** Without a codec the packet (a telephone-event) only takes its place in the sequence. */
  receive(packet: RtpPacket, codec: Codec | undefined): void {
    if (codec !== undefined && codec.clockRate !== this.clockRate) {
      this.clockRate = codec.clockRate;
      this.jitter = new JitterBuffer(codec.clockRate, () => this.restart());
    }
    this.jitter.insert(packet, codec);
  }

  /** The next 20 ms; undefined while the party is silent or absent. */
  frame(): Frame | undefined {
    const rate = this.decoder?.rate ?? this.rate;
    this.watchDelay(rate);
    const before = this.concealedMs;
    this.fill(rate);
    const { decoder } = this;
    if (decoder === undefined || (before > MAXIMUM_CONCEALED_MS && this.concealedMs > MAXIMUM_CONCEALED_MS && this.fifo.length === 0)) return undefined;
    const wanted = frameSamples(decoder.rate);
    const samples = this.fifo.read(wanted);
    if (samples.length === wanted) return { samples, rate: decoder.rate };
    const padded = new Int16Array(wanted);
    padded.set(samples);
    return { samples: padded, rate: decoder.rate };
  }

  close(): void {
    this.closeDecoder();
    this.jitter.clear();
  }

  private fill(atRate: number): void {
    let rate = atRate;
    for (let taken = 0; this.fifo.length < frameSamples(rate) && taken < 50; taken += 1) {
      const next = this.jitter.take(this.packetMs);
      if (next.kind === 'packet') {
        if (next.packet.codec !== undefined) this.decode(next.packet.payload, next.packet.codec);
        rate = this.decoder?.rate ?? rate;
      } else if (next.kind === 'lost') {
        this.conceal(this.packetMs);
      } else {
        const missing = frameSamples(rate) - this.fifo.length;
        this.conceal((missing * 1000) / rate);
        break;
      }
    }
  }

  private decode(payload: Buffer, codec: Codec): void {
    const decoder = this.decoderFor(codec);
    if (decoder === undefined) return;
    try {
      const samples = decoder.decode(payload);
      if (samples.length === 0) return;
      this.packetMs = (samples.length * 1000) / decoder.rate;
      this.concealedMs = 0;
      this.fifo.push(this.concealment === undefined ? samples : this.concealment.received(samples));
    } catch {
      this.counts.badPackets += 1;
      this.conceal(this.packetMs);
    }
  }

  private conceal(milliseconds: number): void {
    if (this.decoder === undefined || milliseconds <= 0) return;
    const count = Math.round((milliseconds * this.decoder.rate) / 1000);
    this.concealedMs += milliseconds;
    if (this.concealedMs > MAXIMUM_CONCEALED_MS) {
      this.jitter.pause();
      return;
    }
    this.counts.concealedMs += milliseconds;
    this.fifo.push(this.concealment?.conceal(count) ?? this.decoder.conceal?.(count) ?? new Int16Array(count));
  }

  private decoderFor(codec: Codec): AudioDecoder | undefined {
    if (this.decoder !== undefined && this.decoderCodec !== undefined && sameCoding(codec, this.decoderCodec)) return this.decoder;
    this.closeDecoder();
    this.decoder = createDecoder(codec, this.rate);
    this.decoderCodec = codec;
    if (this.decoder !== undefined && this.decoder.conceal === undefined) this.concealment = new Concealment(this.decoder.rate);
    return this.decoder;
  }

  private closeDecoder(): void {
    this.decoder?.close();
    this.decoder = this.decoderCodec = this.concealment = undefined;
    this.fifo.clear();
  }

  private restart(): void {
    this.closeDecoder();
    this.concealedMs = Infinity;
    this.framesSeen = 0;
    this.lowestDelayMs = Infinity;
  }

  /** Shortens when a whole second never needed what lies waiting: clocks drift, and jitter passes. */
  private watchDelay(rate: number): void {
    const delay = this.delayMs;
    this.lowestDelayMs = Math.min(this.lowestDelayMs, delay);
    this.framesSeen += 1;
    this.shortenIn -= 1;
    if (this.framesSeen >= DELAY_WINDOW_FRAMES) {
      this.excessive = this.lowestDelayMs > this.jitter.targetMs + SPARE_MS;
      this.framesSeen = 0;
      this.lowestDelayMs = Infinity;
    }
    if (!this.excessive || this.shortenIn > 0) return;
    if (delay <= this.jitter.targetMs + SPARE_MS) {
      this.excessive = false;
      return;
    }
    // Shortening needs more sound at hand than one frame.
    this.decodeAhead(rate);
    if (this.fifo.shorten(rate)) {
      this.counts.shortened += 1;
      this.shortenIn = SHORTEN_EVERY_FRAMES;
    }
  }

  private decodeAhead(rate: number): void {
    for (let taken = 0; taken < 4 && this.fifo.length < 2 * frameSamples(rate); taken += 1) {
      const next = this.jitter.take(this.packetMs);
      if (next.kind === 'packet' && next.packet.codec !== undefined) this.decode(next.packet.payload, next.packet.codec);
      else if (next.kind === 'lost') this.conceal(this.packetMs);
      else return;
    }
  }
}
