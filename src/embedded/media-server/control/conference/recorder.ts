import type { Recording } from '../../contracts';
import type { Control } from '../control';
import { pathOf } from '../recording';
import { MIX_RATE, type Conference } from './conference';

/** The recordings of one conference, by the name that the application gave. */
export class ConferenceRecorder {
  private readonly recordings = new Map<string, Recording>();

  constructor(private readonly control: Control, private readonly conference: Conference) {}

  get files(): string[] {
    return [...this.recordings.keys()];
  }

  /** False when the file is being recorded already. Throws what the media side does. */
  start(file: string): boolean {
    if (this.recordings.has(file)) return false;
    const recording = this.conference.mixer.record(pathOf(this.control, file));
    this.recordings.set(file, recording);
    this.conference.fire([['Action', 'start-recording'], ['Path', file], ['Other-Recordings', String(this.recordings.size > 1)]]);
    const ended = (milliseconds: number, bytes: number, error?: string): void => {
      this.recordings.delete(file);
      this.conference.fire([
        ['Action', 'stop-recording'], ['Path', file], ['Other-Recordings', String(this.recordings.size > 0)],
        ['Samples-Out', String(Math.round((milliseconds * MIX_RATE) / 1000))], ['Samplerate', String(MIX_RATE)],
        ['Milliseconds-Elapsed', String(milliseconds)], ['Record-File-Size', String(bytes)], ...(error === undefined ? [] : [['Error', error] as const]),
      ]);
    };
    recording.done.then(({ milliseconds, bytes }) => ended(milliseconds, bytes),
      (error: unknown) => ended(0, 0, error instanceof Error ? error.message : String(error)));
    return true;
  }

  /** False when there is no such recording. */
  pause(file: string, paused: boolean): boolean {
    const recording = this.recordings.get(file);
    if (recording === undefined) return false;
    recording.paused = paused;
    this.conference.fire([['Action', paused ? 'pause-recording' : 'resume-recording'], ['Path', file], ['Other-Recordings', String(this.recordings.size > 1)]]);
    return true;
  }

  /** Stops one recording, or `all`; returns the files. */
  stop(file: string): string[] {
    const files = file === 'all' ? this.files : this.files.filter((name) => name === file);
    for (const name of files) this.recordings.get(name)?.stop();
    return files;
  }

  stopAll(): void {
    this.stop('all');
  }
}
