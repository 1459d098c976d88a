import type { RtpPacket, RtpStream } from '../../contracts';
import { VideoOutlet } from './outlet';

/** A source is asked for key frames at most this often, however many see it and lose packets. */
const KEY_FRAME_EVERY_MS = 500;
/** A camera that sent nothing for this long is off. */
const LIVE_MS = 3_000;
/** Slides stand still; their senders are slower. */
const LIVE_SLIDES_MS = 10_000;

/** One video m-line: who sees its pictures, and whose pictures it sends. */
export class VideoLine {
  /** Those who forward this line's packets, or wait for its key frame. */
  readonly outlets = new Set<VideoOutlet>();
  readonly outlet: VideoOutlet;
  /** The party asked for a picture: what is made here is sent anew. */
  pictureWanted = true;
  private heardAt = -Infinity;
  private askedAt = -Infinity;
  private wanted = false;

  constructor(readonly stream: RtpStream, private readonly now: () => number, random: () => number, private readonly fault: (where: string, error: unknown) => void) {
    this.outlet = new VideoOutlet(stream, random);
    stream.on('rtp', this.onRtp);
    stream.on('changed', this.onChanged);
    stream.on('keyFrameRequested', this.onKeyFrameRequested);
  }

  /** Whether the party's camera sends at present. */
  live(now: number): boolean {
    return this.stream.canReceive && this.heardWithin(this.stream.content === 'slides' ? LIVE_SLIDES_MS : LIVE_MS, now);
  }

  /** Whether the party has sent anything in the last so many milliseconds. */
  heardWithin(milliseconds: number, now: number): boolean {
    return now - this.heardAt < milliseconds;
  }

  /** Asks the party for a key frame, at once or as soon as it may be asked again. */
  wantKeyFrame(now: number): void {
    this.wanted = now - this.askedAt < KEY_FRAME_EVERY_MS;
    if (this.wanted) return;
    this.askedAt = now;
    this.stream.requestKeyFrame();
  }

  tick(now: number): void {
    if (this.wanted) this.wantKeyFrame(now);
    this.outlet.tick(now);
  }

  close(): void {
    this.stream.off('rtp', this.onRtp);
    this.stream.off('changed', this.onChanged);
    this.stream.off('keyFrameRequested', this.onKeyFrameRequested);
    this.outlet.close(this.now());
    for (const outlet of this.outlets) outlet.lost(this);
  }

  private readonly onRtp = (packet: RtpPacket): void => {
    if (!this.stream.canReceive) return;
    this.heardAt = packet.arrivedAt;
    const codec = this.stream.receives.get(packet.payloadType);
    if (codec === undefined) return;
    for (const outlet of this.outlets) {
      try {
        outlet.packet(this, packet, codec);
      } catch (error) {
        this.fault('video packet', error);
      }
    }
  };

  private readonly onChanged = (): void => this.outlet.changed(this.now());

  private readonly onKeyFrameRequested = (): void => {
    this.pictureWanted = true;
    this.outlet.source?.wantKeyFrame(this.now());
  };
}
