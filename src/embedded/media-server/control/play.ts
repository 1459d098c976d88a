import type { Channel } from './channel';
import type { Header } from './event';
import type { Control } from './control';
import { codecRate } from './channel-headers';
import { exists, sourcesOf, type Source } from './sources';

export type PlayOutcome = 'played' | 'stopped' | 'not-found' | 'failed';

/**
 * Plays a list of files to a channel, one after the other, until the end or `signal`; tells PLAYBACK_START and
 * PLAYBACK_STOP of each and sets the `playback_` variables. Never rejects.
 */
export async function playFiles(control: Control, channel: Channel, list: string, signal: AbortSignal): Promise<PlayOutcome> {
  const sources = sourcesOf(list, channel.variable('playback_delimiter'), control.folder);
  let position = 0;
  let played = false;
  for (const source of sources) {
    if (!(await exists(source))) continue;
    if (signal.aborted || !channel.isUp) return 'stopped';
    const result = await playOne(control, channel, source, signal, position);
    if (result === undefined) return played ? 'played' : 'failed';
    played = true;
    position += result.samples;
    if (result.stopped) return 'stopped';
  }
  return played ? 'played' : 'not-found';
}

async function playOne(
  control: Control, channel: Channel, { name, source, kind, loops }: Source, signal: AbortSignal, position: number,
): Promise<{ samples: number; stopped: boolean } | undefined> {
  const headers: Header[] = [['Playback-File-Type', kind], ['Playback-File-Path', name]];
  const playing = channel.party?.play(source, { loops });
  if (playing === undefined) return undefined;
  const stop = (): void => playing.stop();
  signal.addEventListener('abort', stop, { once: true });
  channel.fire('PLAYBACK_START', headers);
  const begun = Number(/@@(\d{1,12})$/.exec(name)?.[1] ?? 0);
  try {
    const { milliseconds, stopped } = await playing.done;
    const samples = Math.round((milliseconds * Number(channel.audioCodec === undefined ? 8_000 : codecRate(channel.audioCodec))) / 1000);
    channel.setVariables({
      playback_last_offset_pos: String(position + begun + samples), playback_seconds: String(Math.floor(milliseconds / 1000)),
      playback_ms: String(milliseconds), playback_samples: String(samples),
    });
    channel.fire('PLAYBACK_STOP', [...headers, ['Playback-Status', stopped ? 'break' : 'done']]);
    return { samples, stopped };
  } catch (error) {
    control.log('info', 'playback-failed', { channel: channel.uuid, file: name, reason: error instanceof Error ? error.message : String(error) });
    channel.fire('PLAYBACK_STOP', [...headers, ['Playback-Status', 'break']]);
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A signal that follows another one, and can be given by itself. */
export function followingSignal(outer: AbortSignal): AbortController {
  const controller = new AbortController();
  if (outer.aborted) controller.abort(outer.reason);
  else outer.addEventListener('abort', () => controller.abort(outer.reason), { once: true, signal: controller.signal });
  return controller;
}
