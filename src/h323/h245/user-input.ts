import { H245Error } from './errors';
import type { RemoteCapabilities } from './capabilities';
import type { h245 } from '../schemas';

/** What a user pressed or typed. */
export interface UserInput {
  /** Digits of DTMF, hook flash `!`, or other text; empty when the duration of the tone before is corrected. */
  text: string;
  /** Milliseconds of a tone, where the peer said so. */
  durationMs?: number;
  form: 'signal' | 'signalUpdate' | 'alphanumeric';
}

const TONES = /^[0-9#*ABCD!]$/;
const MAX_TEXT = 256;
const MAX_DURATION_MS = 65_535;

/** The indications by which the peer takes the text (H.245 section B.14): as tones where it can, else as characters. */
export function userInputIndications(text: string, durationMs: number | undefined, peer: RemoteCapabilities): h245.UserInputIndication[] {
  if (text.length > MAX_TEXT) throw new H245Error('h245-limit', `user input of ${text.length} characters, over ${MAX_TEXT}`);
  const characters = [...text];
  const tones = characters.every((character) => TONES.test(character) && peer.takesUserInput(character === '!' ? 'hookflash' : 'dtmf'));
  if (!tones) return [{ alphanumeric: text }];
  return characters.map((signalType) => ({ signal: { signalType, duration: durationMs && boundedDuration(durationMs) } }));
}

export const boundedDuration = (ms: number): number => Math.min(MAX_DURATION_MS, Math.max(1, Math.round(ms)));

/** What an indication of the peer's says; undefined for those that this program does not ask for, among them encrypted ones. */
export function readUserInput(indication: h245.UserInputIndication): UserInput | undefined {
  if ('alphanumeric' in indication) return { text: indication.alphanumeric, form: 'alphanumeric' };
  if ('extendedAlphanumeric' in indication) return { text: indication.extendedAlphanumeric.alphanumeric, form: 'alphanumeric' };
  if ('signal' in indication) return { text: indication.signal.signalType, durationMs: indication.signal.duration, form: 'signal' };
  if ('signalUpdate' in indication) return { text: '', durationMs: indication.signalUpdate.duration, form: 'signalUpdate' };
  return undefined;
}
