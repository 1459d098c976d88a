import type { Codec, OutgoingRtp, RtpPacket, RtpStream } from '../../contracts';
import { RtpTimeline } from '../rtp-timeline';
import { decodable, startsKeyFrame } from './codecs';
import type { VideoLine } from './line';
import { PictureNumbers } from './vp8';

/** A source that does not start is asked again, at first often. */
const ASK_AGAIN_MS = 1_000;
const ASK_SELDOM_MS = 5_000;
const ASK_OFTEN_FOR_MS = 10_000;

/**
 * What one video line sends: one source's packets, forwarded from a key frame on. While the next source has not started the
 * one before goes on, so that a switch leaves no gap.
 */
export class VideoOutlet {
  private readonly timeline: RtpTimeline;
  private readonly pictures = new PictureNumbers();
  private current: VideoLine | undefined;
  private pending: VideoLine | undefined;
  private askAt = 0;
  private askOftenUntil = 0;
  /** The codec judged last, so that a packet costs no comparison of profiles; `sentAs` is what it goes out as. */
  private judged: { source: Codec; destination: Codec; sentAs: Codec | undefined } | undefined;

  constructor(readonly stream: RtpStream, random: () => number) {
    this.timeline = new RtpTimeline(stream.codec.clockRate, random);
  }

  /** What is shown or, while it has not started, is to be shown. */
  get source(): VideoLine | undefined {
    return this.pending ?? this.current;
  }

  select(source: VideoLine | undefined, now: number): void {
    if (source === this.source) return;
    this.pending?.outlets.delete(this);
    this.pending = undefined;
    if (source === undefined || source === this.current) {
      if (source === undefined) this.dropCurrent();
      return;
    }
    this.pending = source;
    source.outlets.add(this);
    this.askOftenUntil = now + ASK_OFTEN_FOR_MS;
    this.ask(now);
  }

  /** The source has gone. */
  lost(source: VideoLine): void {
    if (this.pending === source) this.pending = undefined;
    if (this.current === source) this.current = undefined;
    source.outlets.delete(this);
  }

  packet(from: VideoLine, packet: RtpPacket, codec: Codec): void {
    const sentAs = this.sentAs(codec);
    if (from === this.pending) {
      if (sentAs === undefined) return this.dropCurrent();
      if (!startsKeyFrame(codec, packet.payload)) return;
      this.dropCurrent();
      this.current = from;
      this.pending = undefined;
      this.pictures.restart();
    }
    if (from !== this.current || sentAs === undefined || !this.stream.canSend) return;
    // Senders fill up their rate with empty packets, which take their place in the sequence.
    const payload = codec.name === 'VP8' && packet.payload.length > 0 ? this.pictures.rewrite(packet.payload) : packet.payload;
    if (payload === undefined) return;
    const stamp = this.timeline.forwarded(from, packet, packet.arrivedAt);
    if (stamp === undefined) return;
    this.stream.send({ sequenceNumber: stamp.sequenceNumber, timestamp: stamp.timestamp, marker: packet.marker, payload, payloadType: sentAs.payloadType });
  }

  /** Packets of one picture made here, not forwarded; only while no source is selected. */
  picture(payloads: readonly Buffer[], durationMs: number, now: number): void {
    if (this.source !== undefined || !this.stream.canSend) return;
    const first = this.timeline.own(now, (durationMs * this.stream.codec.clockRate) / 1000);
    payloads.forEach((payload, index) => {
      const stamp = index === 0 ? first : this.timeline.more(first);
      const packet: OutgoingRtp = { sequenceNumber: stamp.sequenceNumber, timestamp: first.timestamp, marker: index === payloads.length - 1, payload };
      this.stream.send(packet);
    });
  }

  /** The line was renegotiated: another codec may be wanted, and a decoder begins anew. */
  changed(now: number): void {
    this.timeline.setClockRate(this.stream.codec.clockRate);
    const { source } = this;
    this.select(undefined, now);
    this.select(source, now);
  }

  /** To be called now and then: a source that has not started is asked for a key frame again. */
  tick(now: number): void {
    if (this.pending !== undefined && now >= this.askAt) this.ask(now);
  }

  close(now: number): void {
    this.select(undefined, now);
  }

  private ask(now: number): void {
    this.askAt = now + (now < this.askOftenUntil ? ASK_AGAIN_MS : ASK_SELDOM_MS);
    this.pending?.wantKeyFrame(now);
  }

  private dropCurrent(): void {
    this.current?.outlets.delete(this);
    this.current = undefined;
  }

  /** The line's first codec or, when that one's decoder would not understand, another that was negotiated. */
  private sentAs(codec: Codec): Codec | undefined {
    const destination = this.stream.codec;
    if (this.judged?.source !== codec || this.judged.destination !== destination) {
      const candidates = [destination, ...this.stream.receives.values()];
      this.judged = { source: codec, destination, sentAs: candidates.find((candidate) => decodable(codec, candidate)) };
    }
    return this.judged.sentAs;
  }
}
