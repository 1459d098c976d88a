import { MediaError } from '../../contracts';
import type { PcmSource } from './source';

const RATE = 16_000;
const MAXIMUM_SEGMENTS = 64;
const MAXIMUM_FREQUENCIES = 4;
const MAXIMUM_SEGMENT_MS = 600_000;
/** Level of each frequency when the script names none, dB of full scale. */
const DEFAULT_DB = -13;
const DTMF_DB = -10;
const MAXIMUM_DIGITS = 128;
const FADE_SAMPLES = RATE / 500;

/** A stretch of sound and the silence after it. */
interface Segment {
  onSamples: number;
  offSamples: number;
  frequencies: number[];
  amplitude: number;
}

const DTMF_ROWS = [697, 770, 852, 941];
const DTMF_COLUMNS = [1_209, 1_336, 1_477, 1_633];
const DTMF_KEYS = '123A456B789C*0#D';

/** The two frequencies of a key (ITU-T Q.23). */
function dtmfFrequencies(digit: string): [number, number] | undefined {
  const key = DTMF_KEYS.indexOf(digit.toUpperCase());
  if (key < 0 || digit.length !== 1) return undefined;
  return [DTMF_ROWS[key >> 2] as number, DTMF_COLUMNS[key & 3] as number];
}

const invalid = (script: string, why: string): MediaError =>
  new MediaError('invalid_tone', `tone_stream "${script.slice(0, 100)}": ${why}`, 400, 127, 'Example: tone_stream://%(1000,4000,425);loops=3');

/**
 * Reads the tone scripts that FreeSWITCH takes (TGML): `%(on,off,f1[,f2...])`, milliseconds and Hz, joined by `;`, with `v=`
 * for the level in dB and keys such as `123#` as DTMF; `loops=N` at the end, -1 for without end.
 */
export function toneSource(script: string): PcmSource {
  const segments: Segment[] = [];
  let loops = 1;
  let amplitude = amplitudeOf(DEFAULT_DB);
  for (const part of script.split(';').map((text) => text.trim()).filter((text) => text !== '')) {
    const setting = /^(v|loops|l|d|w)=(-?\d+(?:\.\d+)?)$/i.exec(part);
    if (setting !== null) {
      const value = Number(setting[2]);
      const name = (setting[1] as string).toLowerCase();
      if (name === 'v') amplitude = amplitudeOf(Math.min(0, Math.max(-60, value)));
      if (name === 'loops' || name === 'l') loops = value < 0 ? Infinity : Math.max(1, value);
      continue;
    }
    for (const piece of part.match(/%\([^)]*\)|[^%]/g) ?? []) segments.push(segmentOf(piece, amplitude, script));
    if (segments.length > MAXIMUM_SEGMENTS) throw invalid(script, `more than ${MAXIMUM_SEGMENTS} tones`);
  }
  if (segments.length === 0) throw invalid(script, 'names no tone');
  return new ToneSource(segments, loops);
}

/** Keys pressed one after the other, for legs without telephone-events; other characters are left out. */
export function dtmfSource(digits: string, durationMs: number, pauseMs: number): PcmSource {
  const pressed = [...digits.slice(0, MAXIMUM_DIGITS)].map(dtmfFrequencies).filter((frequencies) => frequencies !== undefined);
  const onSamples = Math.round((durationMs * RATE) / 1000);
  const offSamples = Math.round((pauseMs * RATE) / 1000);
  return new ToneSource(pressed.map((frequencies) => ({ onSamples, offSamples, frequencies, amplitude: amplitudeOf(DTMF_DB) })), pressed.length > 0 ? 1 : 0);
}

const amplitudeOf = (db: number): number => 32_767 * 10 ** (db / 20);

function segmentOf(piece: string, amplitude: number, script: string): Segment {
  const key = dtmfFrequencies(piece);
  if (key !== undefined) return { onSamples: RATE / 10, offSamples: RATE / 20, frequencies: key, amplitude };
  const numbers = /^%\(([\d.,\s]+)\)$/.exec(piece)?.[1]?.split(',').map(Number);
  const [onMs, offMs, ...frequencies] = numbers ?? [];
  if (onMs === undefined || offMs === undefined || numbers?.some((value) => !Number.isFinite(value))) throw invalid(script, `"${piece}" is no %(on,off,frequency)`);
  if (onMs > MAXIMUM_SEGMENT_MS || offMs > MAXIMUM_SEGMENT_MS || onMs + offMs < 1) throw invalid(script, `"${piece}" lasts 0 or more than ${MAXIMUM_SEGMENT_MS} ms`);
  if (frequencies.length > MAXIMUM_FREQUENCIES || frequencies.some((f) => f >= RATE / 2)) throw invalid(script, `"${piece}" needs at most ${MAXIMUM_FREQUENCIES} frequencies below ${RATE / 2} Hz`);
  return { onSamples: Math.round((onMs * RATE) / 1000), offSamples: Math.round((offMs * RATE) / 1000), frequencies, amplitude };
}

class ToneSource implements PcmSource {
  readonly rate = RATE;
  private segment = 0;
  private position = 0;

  constructor(private readonly segments: Segment[], private loopsLeft: number) {}

  read(count: number): Int16Array | undefined {
    const samples = new Int16Array(count);
    let made = 0;
    while (made < count && this.loopsLeft > 0) {
      samples[made] = this.sample();
      made += 1;
    }
    return made === 0 ? undefined : samples.subarray(0, made);
  }

  private sample(): number {
    const { onSamples, offSamples, frequencies, amplitude } = this.segments[this.segment] as Segment;
    const { position } = this;
    this.position += 1;
    if (this.position >= onSamples + offSamples) this.advance();
    if (position >= onSamples) return 0;
    let value = 0;
    for (const frequency of frequencies) value += Math.sin((2 * Math.PI * frequency * position) / RATE);
    // Edges are rounded off: a click is heard over the whole band.
    const edge = Math.min(1, (position + 1) / FADE_SAMPLES, offSamples === 0 ? 1 : (onSamples - position) / FADE_SAMPLES);
    return Math.max(-32_768, Math.min(32_767, value * amplitude * edge));
  }

  private advance(): void {
    this.position = 0;
    this.segment += 1;
    if (this.segment < this.segments.length) return;
    this.segment = 0;
    this.loopsLeft -= 1;
  }
}
