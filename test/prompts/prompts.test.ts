import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Prompt, PromptLanguage } from '../../src/calls/media';
import { readWav } from '../peers/harness';

const FOLDER = path.resolve(__dirname, '../../dialplans/prompts');
// As types, so that a new prompt or language without its files does not compile.
const PROMPTS: Record<Prompt, true> = {
  ringing: true, 'please-wait': true, closed: true, 'all-busy': true, joining: true, joined: true, left: true,
  'no-answer': true, 'enter-pin': true, 'wrong-pin': true, goodbye: true,
};
const LANGUAGES: Record<PromptLanguage, true> = { fi: true, sv: true, en: true };
const CASES = Object.keys(LANGUAGES).flatMap((language) => Object.keys(PROMPTS).map((prompt): [string, string] => [language, prompt]));

const START_CODE = Buffer.from([0, 0, 1]);
const SPS = 7;
const PPS = 8;
const IDR_SLICE = 5;

/** NAL units of an Annex B stream (ITU-T H.264 annex B), without start codes. */
function nalUnits(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = stream.indexOf(START_CODE); at >= 0; at = stream.indexOf(START_CODE, at + 3)) starts.push(at + 3);
  return starts.map((start, i) => {
    const end = i + 1 < starts.length ? (starts[i + 1] as number) - 3 : stream.length;
    return stream.subarray(start, stream[end - 1] === 0 ? end - 1 : end);
  });
}

test('there are texts for every prompt in every language, and for nothing else', () => {
  const texts = parse(fs.readFileSync(path.join(FOLDER, 'texts.yaml'), 'utf8')) as Record<string, Record<string, string>>;
  expect(Object.keys(texts).sort()).toEqual(Object.keys(PROMPTS).sort());
  for (const text of Object.values(texts)) expect(text).toMatchObject({ fi: expect.any(String), sv: expect.any(String), en: expect.any(String) });
});

describe.each(CASES)('%s/%s', (language, prompt) => {
  const file = path.join(FOLDER, language, prompt);

  test('is said in 16 kHz mono, at an even loudness, from the first quarter second', () => {
    const { sampleRate, samples } = readWav(`${file}.wav`);
    expect(sampleRate).toBe(16_000);
    expect(fs.readFileSync(`${file}.wav`).readUInt16LE(22)).toBe(1);
    expect(samples.length / sampleRate).toBeGreaterThan(1);
    expect(samples.length / sampleRate).toBeLessThan(20);
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 32_768;
    expect(peak).toBeGreaterThan(0.5);
    expect(peak).toBeLessThan(0.75);
    expect(samples.subarray(0, sampleRate / 4).some((sample) => Math.abs(sample) > 1_000)).toBe(true);
  });

  test('is shown by one key frame of constrained baseline, level 3.0, in slices that fit a packet', () => {
    const units = nalUnits(fs.readFileSync(`${file}.h264`));
    const types = units.map((unit) => (unit[0] as number) & 0x1f);
    expect(types.slice(0, 2)).toEqual([SPS, PPS]);
    expect(types.length).toBeGreaterThan(2);
    expect(types.slice(2).every((type) => type === IDR_SLICE)).toBe(true);
    // profile_idc 66, constraint_set1_flag, level_idc 30 (ITU-T H.264 section 7.3.2.1.1).
    expect([units[0]?.[1], (units[0]?.[2] as number) & 0x40, units[0]?.[3]]).toEqual([66, 0x40, 30]);
    expect(Math.max(...units.map(({ length }) => length))).toBeLessThanOrEqual(1_200);
  });
});
