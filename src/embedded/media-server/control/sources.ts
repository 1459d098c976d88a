import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** What is to be played, as the media side takes it. */
export interface Source {
  /** As the application wrote it, without its parameters: what events show. */
  readonly name: string;
  /** An absolute path, or a stream. */
  readonly source: string;
  readonly kind: 'file' | 'tone_stream' | 'silence_stream';
  /** -1 until stopped. */
  readonly loops: number;
}

const MAXIMUM_FILES = 100;

/** Divides a list of files; `file_string://` is divided by `!` whatever the delimiter. */
export function sourcesOf(text: string, delimiter: string | undefined, folder: string): Source[] {
  const list = text.startsWith('file_string://') ? text.slice('file_string://'.length).split('!') : delimiter === undefined ? [text] : text.split(delimiter);
  return list.filter((name) => name.trim() !== '').slice(0, MAXIMUM_FILES).map((name) => sourceOf(name.trim(), folder));
}

/** `{loops=3,...}` before a name is for the player. */
function sourceOf(text: string, folder: string): Source {
  const match = /^\{([^}]*)\}([\s\S]*)$/.exec(text);
  const name = match?.[2] ?? text;
  const loops = /(?:^|,)loops=(-?\d{1,6})(?:,|$)/.exec(match?.[1] ?? '')?.[1];
  const scheme = /^(tone_stream|silence_stream):\/\//.exec(name)?.[1] as 'tone_stream' | 'silence_stream' | undefined;
  const source = scheme !== undefined || /^\w+:\/\//.test(name) || isAbsolute(name) ? name : join(folder, name);
  return { name, source, kind: scheme ?? 'file', loops: loops === undefined || Number(loops) === 0 ? 1 : Number(loops) };
}

/** Whether there is something to play; a seek offset (`@@SAMPLES`) is no part of the name. */
export async function exists({ kind, source }: Source): Promise<boolean> {
  if (kind !== 'file') return true;
  const found = await stat(source.replace(/@@\d+$/, '')).catch(() => undefined);
  return found?.isFile() === true;
}
