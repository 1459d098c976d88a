import path from 'node:path';
import type { Prompt, PromptLanguage } from '../calls';

/** Path of a prompt's sound, `<folder>/<language>/<prompt>.wav`, as the media server sees it. */
export type Prompts = (prompt: Prompt, language: PromptLanguage) => string;

export const promptsIn = (folder: string): Prompts => (prompt, language) => path.posix.join(folder, language, `${prompt}.wav`);
