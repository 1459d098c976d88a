import type { RtpPacket, RtpStream } from '../contracts';
import { RtpTimeline } from './rtp-timeline';

/** One line of far-end camera control (H.281 in H.224, RFC 4573). What is said on it goes on as it came to whom it is joined with. */
export class CameraLine {
  /** The line of the party whose camera is controlled, and who controls this one's. */
  other: CameraLine | undefined;
  private readonly timeline: RtpTimeline;

  constructor(readonly stream: RtpStream, random: () => number, private readonly fault: (where: string, error: unknown) => void) {
    this.timeline = new RtpTimeline(stream.codec.clockRate, random);
    stream.on('rtp', this.onRtp);
  }

  close(): void {
    this.stream.off('rtp', this.onRtp);
    if (this.other) this.other.other = undefined;
    this.other = undefined;
  }

  private send(from: CameraLine, packet: RtpPacket): void {
    const stamp = this.stream.canSend ? this.timeline.forwarded(from, packet, packet.arrivedAt) : undefined;
    if (stamp) this.stream.send({ sequenceNumber: stamp.sequenceNumber, timestamp: stamp.timestamp, marker: packet.marker, payload: packet.payload });
  }

  private readonly onRtp = (packet: RtpPacket): void => {
    const { other, stream } = this;
    if (!other || !stream.canReceive || !stream.receives.has(packet.payloadType)) return;
    try {
      other.send(this, packet);
    } catch (error) {
      this.fault('camera control packet', error);
    }
  };
}
