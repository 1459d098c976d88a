import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { MediaError } from '../../contracts';
import { toneSource } from './tone';
import { parseWav, type Sound } from './wav';

/** Sound made or read as it is needed. */
export interface PcmSource {
  readonly rate: number;
  /** Up to `count` samples; undefined when there is no more. */
  read(count: number): Int16Array | undefined;
}

const MAXIMUM_FILE_BYTES = 64 * 1024 * 1024;
/** Sounds kept in memory for the next listener: prompts are played to many. */
const MAXIMUM_CACHED_SAMPLES = 32 * 1024 * 1024;
const SILENCE_RATE = 8_000;

class SoundSource implements PcmSource {
  readonly rate: number;

  constructor(private readonly sound: Sound, private position: number) {
    this.rate = sound.rate;
  }

  read(count: number): Int16Array | undefined {
    const { samples } = this.sound;
    if (this.position >= samples.length) return undefined;
    const part = samples.subarray(this.position, this.position + count);
    this.position += part.length;
    return part;
  }
}

/** `silence_stream://MS[,NOISE]`: MS -1 lasts until stopped; the higher NOISE, the softer the noise, 0 is true silence. */
class SilenceSource implements PcmSource {
  readonly rate = SILENCE_RATE;
  private left: number;
  private readonly amplitude: number;

  constructor(milliseconds: number, divisor: number, private readonly random: () => number) {
    this.left = milliseconds < 0 ? Infinity : (milliseconds * SILENCE_RATE) / 1000;
    this.amplitude = divisor > 0 ? 65_536 / Math.max(64, divisor) : 0;
  }

  read(count: number): Int16Array | undefined {
    if (this.left <= 0) return undefined;
    const samples = new Int16Array(Math.min(count, this.left));
    this.left -= samples.length;
    if (this.amplitude > 0) for (let i = 0; i < samples.length; i += 1) samples[i] = (this.random() - 0.5) * this.amplitude;
    return samples;
  }
}

/** Opens what may be played; WAV files are read whole and kept while they are in use by many. */
export class SoundLibrary {
  private readonly sounds = new Map<string, Sound & { changed: number }>();
  private cachedSamples = 0;

  /** Names that are not absolute are looked for under `roots` in their order. */
  constructor(private readonly roots: readonly string[], private readonly random: () => number) {}

  /** `@@SAMPLES` after a file's name is where to begin. Rejects with MediaError when there is no such sound or it cannot be played. */
  async open(source: string): Promise<PcmSource> {
    const silence = /^silence_stream:\/\/(-?\d{1,9})(?:,(\d{1,6}))?$/.exec(source);
    if (silence !== null) return new SilenceSource(Number(silence[1]), Number(silence[2] ?? 0), this.random);
    if (source.startsWith('tone_stream://')) return toneSource(source.slice('tone_stream://'.length));
    const scheme = /^([a-z_]+):\/\//.exec(source);
    if (scheme !== null) throw new MediaError('unknown_source', `"${scheme[1]}://" cannot be played`, 400, 127, 'silence_stream://, tone_stream:// and WAV files can.');
    const [, name, offset] = /^(.*?)(?:@@(\d{1,12}))?$/s.exec(source) as unknown as [string, string, string | undefined];
    return new SoundSource(await this.file(name), Number(offset ?? 0));
  }

  /** Where a file of this name is. */
  async path(name: string): Promise<{ path: string; size: number; changed: number }> {
    // A name that climbs out of its root is not a name under it.
    const inside = (candidate: string): string[] => (normalize(candidate).startsWith('..') ? [] : this.roots.map((root) => join(root, candidate)));
    for (const path of isAbsolute(name) ? [name] : inside(name)) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() !== true) continue;
      if (found.size > MAXIMUM_FILE_BYTES) throw new MediaError('sound_too_large', `${name} is larger than ${MAXIMUM_FILE_BYTES} bytes`, 500, 41);
      return { path, size: found.size, changed: found.mtimeMs };
    }
    throw new MediaError('sound_not_found', `there is no sound "${name}"`, 404, 127, `Looked for in ${isAbsolute(name) ? 'the file system' : this.roots.join(', ') || 'no folder: none is configured'}.`);
  }

  private async file(name: string): Promise<Sound> {
    const { path, changed } = await this.path(name);
    const known = this.sounds.get(path);
    if (known?.changed === changed) {
      this.sounds.delete(path);
      this.sounds.set(path, known);
      return known;
    }
    const sound = parseWav(await readFile(path), name);
    this.keep(path, { ...sound, changed });
    return sound;
  }

  private keep(path: string, sound: Sound & { changed: number }): void {
    this.forget(path);
    if (sound.samples.length > MAXIMUM_CACHED_SAMPLES / 4) return;
    this.sounds.set(path, sound);
    this.cachedSamples += sound.samples.length;
    while (this.cachedSamples > MAXIMUM_CACHED_SAMPLES) this.forget(this.sounds.keys().next().value as string);
  }

  private forget(path: string): void {
    const sound = this.sounds.get(path);
    if (sound === undefined) return;
    this.cachedSamples -= sound.samples.length;
    this.sounds.delete(path);
  }
}
