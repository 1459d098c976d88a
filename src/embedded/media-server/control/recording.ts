import { isAbsolute, join } from 'node:path';
import { MediaError, type Recording } from '../contracts';
import { MAXIMUM_RECORDINGS, type Channel } from './channel';
import { codecRate } from './channel-headers';
import type { Control } from './control';

export const pathOf = (control: Control, file: string): string => (isAbsolute(file) ? file : join(control.folder, file));

/**
 * Starts to record a channel and tells RECORD_START, and RECORD_STOP with the `record_` variables when it ends. Throws
 * MediaError for a name that is missing or in use, and for too many.
 */
export function startRecording(control: Control, channel: Channel, file: string, options: { maxSeconds: number; stereo?: boolean }): Recording {
  if (file === '' || channel.party === undefined) throw new MediaError('no-file', 'a recording needs a file', 400, 100);
  const path = pathOf(control, file);
  if (channel.recordings.has(path)) throw new MediaError('recording', `${file} is being recorded already`, 400, 101);
  if (channel.recordings.size >= MAXIMUM_RECORDINGS) throw new MediaError('too-many-recordings', `there are ${MAXIMUM_RECORDINGS} recordings already`, 400, 47);
  const recording = channel.party.record(path, options);
  channel.recordings.set(path, recording);
  channel.fire('RECORD_START', [['Record-File-Path', file]]);
  const ended = (milliseconds: number, bytes: number, cause: string): void => {
    channel.recordings.delete(path);
    const rate = Number(channel.audioCodec === undefined ? 8_000 : codecRate(channel.audioCodec));
    channel.setVariables({
      record_file_size: String(bytes), record_seconds: String(Math.floor(milliseconds / 1000)), record_ms: String(milliseconds),
      record_samples: String(Math.round((milliseconds * rate) / 1000)),
    });
    channel.fire('RECORD_STOP', [['Record-File-Path', file], ['Record-Completion-Cause', cause]]);
  };
  const done = recording.done.then((result) => {
    ended(result.milliseconds, result.bytes, 'success');
    return result;
  }, (error: unknown) => {
    ended(0, 0, 'uncompleted');
    control.log('warn', 'recording-failed', { channel: channel.uuid, reason: error instanceof Error ? error.message : String(error) });
    throw error;
  });
  done.catch(() => undefined);
  return { done, stop: () => recording.stop(), get paused() { return recording.paused; }, set paused(value) { recording.paused = value; } };
}

/** Stops one recording, or `all`; false when there is none of that name. */
export function stopRecordings(control: Control, channel: Channel, file: string): boolean {
  if (file.trim() === 'all' || file.trim() === '') {
    for (const recording of channel.recordings.values()) recording.stop();
    return true;
  }
  const recording = channel.recordings.get(pathOf(control, file.trim()));
  recording?.stop();
  return recording !== undefined;
}
