import fs from 'node:fs';
import path from 'node:path';
import { readWav, type Wav } from '../peers/harness';
import { likeness } from './spectrum';

const FOLDER = path.resolve(__dirname, '../../dialplans/prompts');
/** What correlation at least tells a prompt from silence, tones and other prompts. */
const ALIKE = 0.7;

/** The prompt that a recording is most like; undefined where it is like none. */
export function promptIn(recording: Wav, language: 'fi' | 'sv' | 'en'): string | undefined {
  const folder = path.join(FOLDER, language);
  const found = fs.readdirSync(folder).filter((name) => name.endsWith('.wav'))
    .map((name) => ({ prompt: path.basename(name, '.wav'), alike: likeness(recording, readWav(path.join(folder, name))) }))
    .sort((a, b) => b.alike - a.alike)[0];
  return found && found.alike > ALIKE ? found.prompt : undefined;
}
