import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDecoder, createEncoder } from '../../../src/embedded/media-server/processing/audio/codecs';
import { G722Decoder } from '../../../src/embedded/media-server/processing/audio/g722';
import { codec, G722, OPUS, PCMA, PCMU } from './support/fake-session';
import { OggOpus } from './support/ogg-opus';
import { amplitudeAt, concat, rms, signalToNoise, speech, tone } from './support/sound';

// Much is computed or left to ffmpeg, which takes its time on a busy machine.
jest.setTimeout(60_000);

const bytesOf = (samples: Int16Array): Buffer => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
const samplesOf = (bytes: Buffer): Int16Array => new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)));

/** `bytes` through ffmpeg from one raw format to another. */
const ffmpeg = (input: string[], bytes: Buffer, output: string[]): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...input, '-i', 'pipe:0', ...output, 'pipe:1'], { input: bytes, maxBuffer: 64 << 20 });

describe('codecs', () => {
  it.each([
    ['PCMU', PCMU, 'mulaw', 'pcm_mulaw'],
    ['PCMA', PCMA, 'alaw', 'pcm_alaw'],
  ])('%s encodes and decodes as ffmpeg does, code for code', (_name, negotiated, format, encoder) => {
    const all = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const codes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const raw = ['-f', 's16le', '-ar', '8000', '-ac', '1'];
    const theirs = samplesOf(ffmpeg(['-f', format, '-ar', '8000', '-ac', '1'], codes, ['-f', 's16le']));
    const ours = createDecoder(negotiated, 8_000)?.decode(codes);
    expect(ours).toEqual(theirs);
    // Rounding at the border of two codes is free; what each decodes to is as near to the sample.
    const encoded = createEncoder(negotiated, 8_000)?.encode(all) ?? Buffer.alloc(0);
    const reference = ffmpeg(raw, bytesOf(all), ['-f', format, '-c:a', encoder]);
    const error = (coded: Buffer, i: number): number => Math.abs((theirs[coded[i] as number] as number) - (all[i] as number));
    const worse = all.filter((_, i) => error(encoded, i) > error(reference, i));
    expect(worse.length).toBeLessThan(all.length * 0.02);
  });

  it('G.722 decodes as ffmpeg does, sample for sample', () => {
    const said = concat([speech(1_000, 16_000), tone(6_500, 500, 16_000, 12_000)]);
    const encoded = createEncoder(G722, 16_000)?.encode(said) ?? Buffer.alloc(0);
    const theirs = samplesOf(ffmpeg(['-f', 'g722'], encoded, ['-f', 's16le']));
    const ours = new G722Decoder().decode(encoded);
    expect(ours).toHaveLength(said.length);
    expect(ours.subarray(0, theirs.length)).toEqual(theirs);
  });

  it('G.722 encodes so that ffmpeg hears what was said, in both bands', () => {
    const said = speech(2_000, 16_000);
    const encoded = createEncoder(G722, 16_000)?.encode(said) ?? Buffer.alloc(0);
    expect(encoded).toHaveLength(2 * 8_000);
    const heard = samplesOf(ffmpeg(['-f', 'g722'], encoded, ['-f', 's16le']));
    expect(signalToNoise(said, heard, 40)).toBeGreaterThan(18);
    const high = createEncoder(G722, 16_000)?.encode(tone(6_000, 1_000, 16_000)) ?? Buffer.alloc(0);
    const treble = samplesOf(ffmpeg(['-f', 'g722'], high, ['-f', 's16le'])).subarray(4_000);
    expect(amplitudeAt(treble, 6_000, 16_000)).toBeGreaterThan(6_500);
  });

  it('G.722 encodes as ffmpeg does, octet for octet, and hears what ffmpeg encoded', () => {
    const said = speech(2_000, 16_000);
    const encoded = ffmpeg(['-f', 's16le', '-ar', '16000', '-ac', '1'], bytesOf(said), ['-f', 'g722', '-c:a', 'g722']);
    expect(createEncoder(G722, 16_000)?.encode(said)).toEqual(encoded);
    const heard = new G722Decoder().decode(encoded);
    expect(signalToNoise(said, heard, 40)).toBeGreaterThan(18);
  });

  describe('Opus', () => {
    let folder: string;
    beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'opus-')); });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it.each([16_000, 48_000])('at %i Hz encodes so that ffmpeg hears what was said', (rate) => {
      const said = tone(1_000, 2_000, rate);
      const encoder = createEncoder(OPUS, rate);
      const packets = Array.from({ length: 100 }, (_, i) => encoder?.encode(said.subarray((i * rate) / 50, ((i + 1) * rate) / 50)) ?? Buffer.alloc(0));
      encoder?.close();
      const file = join(folder, 'said.opus');
      writeFileSync(file, OggOpus.write(packets));
      const heard = samplesOf(execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', '48000', '-'], { maxBuffer: 64 << 20 }));
      expect(heard.length).toBeGreaterThan(90_000);
      const steady = heard.subarray(24_000);
      expect(amplitudeAt(steady, 1_000, 48_000)).toBeGreaterThan(7_000);
      expect(rms(steady)).toBeLessThan((8_000 / Math.SQRT2) * 1.05);
    });

    it.each([['mono', 1], ['stereo', 2]])('hears what ffmpeg encoded in %s', (_name, channels) => {
      const file = join(folder, 'said.opus');
      execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=frequency=1000:duration=2:sample_rate=48000', '-af', 'volume=6dB', '-ac', String(channels), '-c:a', 'libopus', '-b:a', '48k', file]);
      const decoder = createDecoder(OPUS, 16_000);
      const heard = concat(OggOpus.read(file).map((packet) => decoder?.decode(packet) ?? new Int16Array(0)));
      decoder?.close();
      expect(heard.length).toBeGreaterThan(30_000);
      const steady = heard.subarray(8_000, 30_000);
      expect(amplitudeAt(steady, 1_000, 16_000)).toBeGreaterThan(5_500);
      expect(amplitudeAt(steady, 3_100, 16_000)).toBeLessThan(100);
    });

    it('refuses what is no Opus packet and goes on with the next', () => {
      const encoder = createEncoder(OPUS, 16_000);
      const decoder = createDecoder(OPUS, 16_000);
      const good = encoder?.encode(tone(500, 20, 16_000)) ?? Buffer.alloc(0);
      for (const bad of [Buffer.alloc(0), Buffer.from([0xff, 0xff, 0xff]), Buffer.alloc(4_000, 7), Buffer.alloc(70_000)]) {
        expect(() => decoder?.decode(bad)).toThrow();
      }
      expect(decoder?.decode(good)).toHaveLength(320);
      encoder?.close();
      decoder?.close();
      expect(() => decoder?.decode(good)).toThrow(/closed/);
    });

    it('gives back what it took: thousands of codecs one after the other need no more memory than a few', () => {
      const open = (): void => {
        const pair = [createEncoder(OPUS, 48_000), createDecoder(OPUS, 48_000)];
        for (const one of pair) one?.close();
      };
      for (let i = 0; i < 50; i += 1) open();
      const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
      for (let i = 0; i < 3_000; i += 1) open();
      // 3,000 pairs kept would be more than 150 MB.
      expect(process.memoryUsage().arrayBuffers + process.memoryUsage().external - before).toBeLessThan(16 << 20);
    });
  });

  it('nothing longer than 120 ms is taken for one packet', () => {
    expect(createDecoder(PCMU, 8_000)?.decode(Buffer.alloc(60_000))).toHaveLength(960);
  });

  it('L16 is linear in network byte order, its channels mixed down', () => {
    const stereo = codec('L16', 96, 16_000, {}, 2);
    expect(createEncoder(stereo, 16_000)?.encode(Int16Array.of(258, -2))).toEqual(Buffer.from([1, 2, 1, 2, 0xff, 0xfe, 0xff, 0xfe]));
    expect(createDecoder(stereo, 16_000)?.decode(Buffer.from([0, 100, 0, 200, 7]))).toEqual(Int16Array.of(150));
    expect(createDecoder(codec('L16', 96, 11_025), 16_000)).toBeUndefined();
  });
});
