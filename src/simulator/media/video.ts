import { beginsKeyFrame, H264Pattern, packetise } from './h264-pattern';
import { RtpStream, type StreamCounts } from './rtp-stream';

const CLOCK_RATE = 90_000;
const FRAMES_PER_SECOND = 10;
const TICK_MS = 1_000 / FRAMES_PER_SECOND;
/** Fits an Ethernet frame with IP, UDP, RTP and SRTP around it. */
const PAYLOAD_LIMIT = 1_200;

/** Picture of a simulated endpoint: sends a test pattern in H.264, counts what comes. */
export class VideoStream {
  private readonly pattern = new H264Pattern(FRAMES_PER_SECOND);
  private payloadType = 0;
  private first = true;
  private receivedKeyFrames = 0;
  private stream!: RtpStream;

  static async open(host: string): Promise<VideoStream> {
    const video = new VideoStream();
    video.stream = await RtpStream.open({
      host, clockRate: CLOCK_RATE, tickMs: TICK_MS,
      source: (missed) => video.next(missed),
      onPacket: (_payloadType, payload) => {
        if (beginsKeyFrame(payload)) video.receivedKeyFrames++;
      },
    });
    return video;
  }

  get port(): number {
    return this.stream.port;
  }

  get counts(): StreamCounts & { keyFrames: number } {
    return { ...this.stream.counts, keyFrames: this.receivedKeyFrames };
  }

  use(payloadType: number, host: string, port: number, rtcpPort: number | undefined): void {
    this.payloadType = payloadType;
    this.stream.sendTo(host, port, rtcpPort);
  }

  send(active: boolean): void {
    if (active) this.stream.start();
    else this.stream.pause();
  }

  /** The far end asked for a whole picture (RFC 5168). */
  sendKeyFrame(): void {
    this.pattern.forceKeyFrame();
  }

  close(): Promise<void> {
    return this.stream.close();
  }

  private next(missed: number): { payloadType: number; payload: Buffer; marker: boolean; clock: number }[] {
    const payloads = this.pattern.next().flatMap((nal) => packetise(nal, PAYLOAD_LIMIT));
    const clock = ((this.first ? 0 : 1) + missed) * (CLOCK_RATE / FRAMES_PER_SECOND);
    this.first = false;
    // All packets of a frame have its timestamp; the last one is marked (RFC 6184 section 5.1).
    return payloads.map((payload, i) => ({
      payloadType: this.payloadType, payload, marker: i === payloads.length - 1, clock: i === 0 ? clock : 0,
    }));
  }
}
