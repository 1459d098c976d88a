import { randomInt } from 'node:crypto';
import { SimulatorError } from '../errors';
import { AudioStream } from './audio';
import type { G711Law } from './g711';
import type { StreamCounts } from './rtp-stream';
import { answerDirection, findAudio, findVideo, readSdp, writeAnswer, writeOffer, type Direction, type LocalMedia, type RemoteLine } from './sdp';
import type { Heard } from './tone';
import { VideoStream } from './video';

export interface MediaOptions {
  /** Local address that sockets are bound to and SDP names. */
  host: string;
  /** Tone that is spoken, 200 to 3400 Hz. */
  toneHz: number;
  /** Offer and take H.264. Default false. */
  video?: boolean;
  /** Codecs, the preferred first. Default PCMA, PCMU. */
  laws?: readonly G711Law[];
  /** False: negotiate, but send nothing. Default true. */
  send?: boolean;
}

export interface AudioReport extends StreamCounts {
  codec: string;
  heard: Heard;
  /** Received as RFC 4733 events. */
  digits: string;
}

export interface VideoReport extends StreamCounts {
  codec: string;
  keyFrames: number;
}

export interface MediaReport {
  audio?: AudioReport;
  video?: VideoReport;
}

/** The media of one call: offers and answers (RFC 3264), streams that follow what was agreed. */
export class MediaSession {
  private readonly sessionId = randomInt(1, 0x1_0000_0000);
  private version = 0;
  private direction: Direction = 'sendrecv';
  private law: G711Law | undefined;
  private videoAgreed = false;

  private constructor(private readonly options: MediaOptions, private readonly audio: AudioStream, private readonly video: VideoStream | undefined) {}

  /** Binds the sockets. Throws SimulatorError `rtp-port`. */
  static async open(options: MediaOptions): Promise<MediaSession> {
    const audio = await AudioStream.open({ host: options.host, toneHz: options.toneHz });
    try {
      return new MediaSession(options, audio, options.video ? await VideoStream.open(options.host) : undefined);
    } catch (error) {
      await audio.close();
      throw error;
    }
  }

  /** Session description to offer. */
  offer(): string {
    return writeOffer(this.local());
  }

  /** Takes an offer and answers it. Throws SimulatorError `sdp-invalid`, `no-common-codec` (both with SIP status 488). */
  answer(offer: string): string {
    const lines = readSdp(offer);
    const answer = writeAnswer(this.local(), lines);
    this.use(lines);
    return answer;
  }

  /** Takes the answer to our offer. Throws SimulatorError `sdp-invalid`, `no-common-codec`. */
  accept(answer: string): void {
    this.use(readSdp(answer));
  }

  /** Direction of offers and answers from now on: hold is `sendonly` or `inactive`. */
  setDirection(direction: Direction): void {
    this.direction = direction;
  }

  /** False where the far end takes no events. Digits: 0-9 * # A-D. */
  sendDigits(digits: string): boolean {
    return this.audio.sendDigits(digits);
  }

  sendKeyFrame(): void {
    this.video?.sendKeyFrame();
  }

  get report(): MediaReport {
    return {
      ...(this.law === undefined ? {} : { audio: { codec: this.law, ...this.audio.counts, heard: this.audio.heard, digits: this.audio.digits } }),
      ...(this.video === undefined || !this.videoAgreed ? {} : { video: { codec: 'H264', ...this.video.counts } }),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.audio.close(), this.video?.close()]);
  }

  private get laws(): readonly G711Law[] {
    return this.options.laws ?? ['PCMA', 'PCMU'];
  }

  private local(): LocalMedia {
    return {
      host: this.options.host, audioPort: this.audio.port, laws: this.laws, direction: this.direction,
      sessionId: this.sessionId, version: ++this.version,
      ...(this.video === undefined ? {} : { videoPort: this.video.port }),
    };
  }

  private use(lines: readonly RemoteLine[]): void {
    const audio = findAudio(lines);
    const law = audio?.laws.find((name) => this.laws.includes(name));
    if (audio === undefined || law === undefined) {
      throw new SimulatorError('no-common-codec', 'The far end has no sound in PCMA or PCMU over plain RTP', { sipStatus: 488, q850: 88 });
    }
    this.law = law;
    this.audio.use(law, audio.host, audio.port, audio.rtcpPort, audio.eventPayloadType);
    this.audio.send(this.sends(audio));
    const video = findVideo(lines);
    this.videoAgreed = this.video !== undefined && video?.h264PayloadType !== undefined;
    if (video?.h264PayloadType !== undefined) this.video?.use(video.h264PayloadType, video.host, video.port, video.rtcpPort);
    this.video?.send(video !== undefined && this.sends(video));
  }

  private sends(line: RemoteLine): boolean {
    return this.options.send !== false && answerDirection(line.direction, this.direction).startsWith('send') && line.host !== '0.0.0.0';
  }
}
