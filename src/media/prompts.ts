import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Prompt, PromptLanguage } from '../calls';

/** Path of a prompt's sound, `<folder>/<language>/<prompt>.wav`, as the media server sees it. */
export type Prompts = (prompt: Prompt, language: PromptLanguage) => string;

/** Those of `own` that are there come before those of `folder`. */
export function promptsIn(folder: string, own?: string): Prompts {
  return (prompt, language) => {
    const file = path.posix.join(language, `${prompt}.wav`);
    const preferred = own === undefined ? undefined : path.posix.join(own, file);
    return preferred !== undefined && existsSync(preferred) ? preferred : path.posix.join(folder, file);
  };
}
