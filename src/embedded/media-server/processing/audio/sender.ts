import type { Codec, RtpPacket, RtpStream } from '../../contracts';
import { RtpTimeline } from '../rtp-timeline';
import { createEncoder, sameCoding, type AudioEncoder } from './codecs';
import { SampleFifo } from './sample-fifo';
import { TelephoneEventSender } from './telephone-event';

/** Packet times that are sent, milliseconds; Opus has no frame of 30 ms (RFC 6716 section 2.1.4). */
const PACKET_TIMES = [10, 20, 30, 40, 60];
const OPUS_PACKET_TIMES = [10, 20, 40, 60];

const packetTime = (codec: Codec, wanted: number): number => {
  const possible = codec.name === 'OPUS' ? OPUS_PACKET_TIMES : PACKET_TIMES;
  return possible.filter((time) => time <= wanted).pop() ?? 20;
};

/** Sends one party's sound: what is encoded here, packets forwarded, telephone-events, all on one timeline. */
export class AudioSender {
  private readonly timeline: RtpTimeline;
  private readonly events = new TelephoneEventSender();
  private eventTimestamp = 0;
  private encoder: AudioEncoder | undefined;
  private codec: Codec;
  private readonly fifo = new SampleFifo();

  /** `rate` is the rate of the work, for codecs that can be driven at several. */
  constructor(private readonly stream: RtpStream, private rate: number, random: () => number) {
    this.codec = stream.codec;
    this.timeline = new RtpTimeline(stream.codec.clockRate, random);
  }

  /** The rate in which `frame` wants its samples. */
  get encodingRate(): number {
    return this.liveEncoder()?.rate ?? this.rate;
  }

  get sendsEvents(): boolean {
    return this.events.active;
  }

  setRate(rate: number): void {
    if (rate === this.rate) return;
    this.rate = rate;
    this.closeEncoder();
  }

  /** The stream was renegotiated; what stays the same goes on undisturbed. */
  changed(): void {
    if (sameCoding(this.codec, this.stream.codec)) return;
    this.timeline.setClockRate(this.stream.codec.clockRate);
    this.closeEncoder();
  }

  /** Queues digits as telephone-events. */
  sendDigits(digits: string, durationMs: number): void {
    this.events.send(digits, durationMs);
    this.fifo.clear();
  }

  /** To be called each 20 ms while `sendsEvents`. */
  sendEvent(now: number): void {
    const event = this.stream.telephoneEvent;
    if (event === undefined) return;
    const packet = this.events.tick(event.clockRate);
    if (packet === undefined || !this.stream.canSend) return;
    if (packet.starts) this.eventTimestamp = this.timeline.timestampAt(now);
    const { sequenceNumber, timestamp } = this.timeline.ownAt(this.eventTimestamp, now);
    this.stream.send({ sequenceNumber, timestamp, marker: packet.starts, payload: packet.payload, payloadType: event.payloadType });
  }

  /** Encodes 20 ms at `encodingRate` and sends what fills a packet. */
  frame(samples: Int16Array, now: number): void {
    const encoder = this.liveEncoder();
    if (encoder === undefined) return;
    const milliseconds = packetTime(this.codec, this.stream.ptime);
    const wanted = (milliseconds * encoder.rate) / 1000;
    if (samples.length === wanted && this.fifo.length === 0) return this.encode(encoder, samples, milliseconds, now);
    this.fifo.push(samples);
    while (this.fifo.length >= wanted) this.encode(encoder, this.fifo.read(wanted), milliseconds, now);
  }

  /** Sends another stream's packet as it is; `payloadType` only for telephone-events. */
  forward(source: object, packet: RtpPacket, payloadType?: number): void {
    // Digits of our own are not talked over: what follows them is a new start.
    if (this.events.active || !this.stream.canSend) return;
    if (this.fifo.length > 0) this.fifo.clear();
    const stamp = this.timeline.forwarded(source, packet, packet.arrivedAt);
    if (stamp === undefined) return;
    this.stream.send({
      sequenceNumber: stamp.sequenceNumber, timestamp: stamp.timestamp, marker: packet.marker || stamp.first, payload: packet.payload,
      ...(payloadType === undefined ? {} : { payloadType }),
    });
  }

  close(): void {
    this.closeEncoder();
  }

  private encode(encoder: AudioEncoder, samples: Int16Array, milliseconds: number, now: number): void {
    if (!this.stream.canSend) return;
    const payload = encoder.encode(samples);
    const { sequenceNumber, timestamp, first } = this.timeline.own(now, (milliseconds * this.codec.clockRate) / 1000);
    this.stream.send({ sequenceNumber, timestamp, marker: first, payload });
  }

  private liveEncoder(): AudioEncoder | undefined {
    this.encoder ??= createEncoder(this.codec, this.rate);
    return this.encoder;
  }

  private closeEncoder(): void {
    this.encoder?.close();
    this.encoder = undefined;
    this.codec = this.stream.codec;
    this.fifo.clear();
  }
}
