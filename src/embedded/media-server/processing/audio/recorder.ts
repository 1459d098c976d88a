import { open, type FileHandle } from 'node:fs/promises';
import { MediaError, type Recording } from '../../contracts';
import { frameSamples, type Frame } from './frame';
import { RateAdapter } from './resampler';
import { MAXIMUM_WAV_BYTES, wavHeader } from './wav';

const HEADER_BYTES = 44;
/** So much sound is gathered before it is written. */
const WRITE_MS = 500;
/** The header is brought up to date each so often: what a crash leaves can be played up to there. */
const HEADER_EVERY_MS = 2_000;
/** A disk that stands still for longer than this much sound ends the recording. */
const MAXIMUM_PENDING_BYTES = 8 * 1024 * 1024;

type Outcome = { milliseconds: number; bytes: number };

export interface RecorderOptions {
  rate: number;
  channels: 1 | 2;
  maxSeconds?: number;
}

/** Writes 16 bit PCM to a WAV file; every failure ends in `done`, never in the tick. */
export class Recorder implements Recording {
  readonly done: Promise<Outcome>;
  paused = false;
  private settle!: { resolve: (outcome: Outcome) => void; reject: (error: unknown) => void };
  private readonly adapters = [new RateAdapter(), new RateAdapter()];
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private writtenBytes = 0;
  private recordedSamples = 0;
  private headerAt = 0;
  private writing = true;
  private stopping = false;
  private file: FileHandle | undefined;

  constructor(private readonly path: string, private readonly options: RecorderOptions, private readonly finished: (recorder: Recorder) => void) {
    this.done = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
    this.done.catch(() => undefined);
    this.start().catch((error: unknown) => this.fail(error));
  }

  get rate(): number {
    return this.options.rate;
  }

  get stereo(): boolean {
    return this.options.channels === 2;
  }

  /** Takes 20 ms of each channel, undefined for silence. */
  frame(channels: readonly (Frame | undefined)[]): void {
    if (this.stopping || this.paused) return;
    const { rate, channels: count, maxSeconds } = this.options;
    const length = frameSamples(rate);
    const bytes = Buffer.alloc(length * count * 2);
    for (let channel = 0; channel < count; channel += 1) {
      const frame = channels[channel];
      if (frame === undefined) continue;
      const samples = (this.adapters[channel] as RateAdapter).convert(frame.samples, frame.rate, rate);
      for (let i = 0; i < length; i += 1) bytes.writeInt16LE(samples[i] as number, (i * count + channel) * 2);
    }
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    this.recordedSamples += length;
    if (this.pendingBytes > MAXIMUM_PENDING_BYTES) {
      this.fail(new MediaError('recording_failed', `${this.path}: the disk does not keep up`, 500, 38));
    } else if (this.recordedSamples >= (maxSeconds ?? Infinity) * rate || this.recordedSamples * count * 2 >= MAXIMUM_WAV_BYTES) {
      this.stop();
    } else if (!this.writing && this.pendingBytes >= (WRITE_MS * rate * count * 2) / 1000) {
      this.write();
    }
  }

  stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    this.finished(this);
    if (!this.writing) this.write();
  }

  private async start(): Promise<void> {
    this.file = await open(this.path, 'w');
    await this.file.write(wavHeader(this.options.rate, this.options.channels, 0), 0, HEADER_BYTES, 0);
    this.written();
  }

  private write(): void {
    this.writing = true;
    this.flush().then(() => this.written(), (error: unknown) => this.fail(error));
  }

  private async flush(): Promise<void> {
    const file = this.file as FileHandle;
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, HEADER_BYTES + this.writtenBytes);
      at += bytesWritten;
      this.writtenBytes += bytesWritten;
    }
    if (this.stopping || this.milliseconds() - this.headerAt >= HEADER_EVERY_MS) {
      this.headerAt = this.milliseconds();
      await this.writeHeader(file);
    }
  }

  private async writeHeader(file: FileHandle): Promise<void> {
    await file.write(wavHeader(this.options.rate, this.options.channels, this.writtenBytes), 0, HEADER_BYTES, 0);
  }

  private written(): void {
    this.writing = false;
    if (!this.stopping) return;
    if (this.pending.length > 0 || this.headerAt < this.milliseconds()) return this.write();
    this.close().then(() => this.settle.resolve({ milliseconds: this.milliseconds(), bytes: HEADER_BYTES + this.writtenBytes }), (error: unknown) => this.settle.reject(error));
  }

  private milliseconds(): number {
    return Math.round((this.writtenBytes * 1000) / (this.options.rate * this.options.channels * 2));
  }

  /** What was written so far is completed if the disk lets us, and stays. */
  private fail(error: unknown): void {
    if (!this.stopping) {
      this.stopping = true;
      this.finished(this);
    }
    this.pending = [];
    this.pendingBytes = 0;
    const code = (error as NodeJS.ErrnoException).code;
    const fault = error instanceof MediaError ? error : new MediaError('recording_failed', `${this.path}: ${(error as Error).message}`, 500, 38,
      code === 'ENOSPC' ? 'The disk is full.' : 'The folder has to exist and be writable.');
    const { file } = this;
    if (file === undefined) return this.settle.reject(fault);
    this.writeHeader(file).catch(() => undefined).then(() => this.close()).catch(() => undefined).then(() => this.settle.reject(fault), () => undefined);
  }

  private async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }
}
