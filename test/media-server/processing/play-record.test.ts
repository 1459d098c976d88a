import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeStream, G722, OPUS, PCMU } from './support/fake-session';
import { amplitudeAt, rms, tone } from './support/sound';
import { Stage } from './support/stage';
import { heardBy, Talker } from './support/talker';

// Much is computed or left to ffmpeg, which takes its time on a busy machine.
jest.setTimeout(60_000);

const ffmpeg = (...args: string[]): Buffer => execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...args], { maxBuffer: 64 << 20 });
const linear = (bytes: Buffer): Int16Array => new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)));

/** As another program reads the file: its rate, channels and samples (interleaved). */
function readByFfmpeg(file: string): { rate: number; channels: number; samples: Int16Array } {
  const described = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file]).toString());
  const { sample_rate, channels } = described.streams[0];
  return { rate: Number(sample_rate), channels, samples: linear(ffmpeg('-i', file, '-f', 's16le', '-')) };
}

describe('playing and recording', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'processing-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Lets files be read and written; nothing else is waited for. */
  const settle = async (done: Promise<unknown>, stage: Stage): Promise<void> => {
    let settled = false;
    done.then(() => { settled = true; }, () => { settled = true; });
    // The stage's time flies; the disk's does not.
    for (const limit = Date.now() + 30_000; !settled && Date.now() < limit;) await stage.run(1);
    expect(settled).toBe(true);
  };

  it.each([
    ['16 bit mono 8 kHz', ['-ar', '8000', '-ac', '1', '-c:a', 'pcm_s16le']],
    ['16 bit stereo 48 kHz', ['-ar', '48000', '-ac', '2', '-c:a', 'pcm_s16le']],
    ['8 bit mono 16 kHz', ['-ar', '16000', '-ac', '1', '-c:a', 'pcm_u8']],
    ['A-law', ['-ar', '8000', '-ac', '1', '-c:a', 'pcm_alaw']],
    ['mu-law', ['-ar', '8000', '-ac', '1', '-c:a', 'pcm_mulaw']],
    ['16 bit mono 44.1 kHz', ['-ar', '44100', '-ac', '1', '-c:a', 'pcm_s16le']],
  ])('plays a WAV file of %s made by ffmpeg', async (_name, format) => {
    const file = join(folder, 'sound.wav');
    ffmpeg('-f', 'lavfi', '-i', 'sine=frequency=700:duration=1', '-af', 'volume=6dB', ...format, file);
    const stage = new Stage({ soundRoots: [folder] });
    const stream = new FakeStream(G722);
    const playing = stage.party(stream).play('sound.wav');
    await settle(playing.done, stage);
    const { milliseconds, stopped } = await playing.done;
    expect(stopped).toBe(false);
    expect(milliseconds).toBe(1_000);
    const { samples } = heardBy(stream);
    expect(samples.length / 16).toBeGreaterThanOrEqual(1_000);
    const middle = samples.subarray(3_200, 12_800);
    expect(amplitudeAt(middle, 700, 16_000)).toBeGreaterThan(5_500);
    expect(amplitudeAt(middle, 1_900, 16_000)).toBeLessThan(120);
  });

  it('begins where the name says', async () => {
    ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', '-ar', '8000', join(folder, 'sound.wav'));
    const stage = new Stage({ soundRoots: [folder] });
    const playing = stage.party(new FakeStream(PCMU)).play('sound.wav@@6000');
    await settle(playing.done, stage);
    await expect(playing.done).resolves.toMatchObject({ milliseconds: 250 });
  });

  it('plays again as often as asked, and stops when told', async () => {
    const stage = new Stage();
    const party = stage.party(new FakeStream(PCMU));
    const thrice = party.play('silence_stream://100', { loops: 3 });
    const endless = party.play('tone_stream://%(40,40,400,450);loops=-1');
    await settle(thrice.done, stage);
    await expect(thrice.done).resolves.toEqual({ milliseconds: 300, stopped: false });
    endless.stop();
    await expect(endless.done).resolves.toMatchObject({ stopped: true });
  });

  it('lets sounds played at the same time be heard each as loud as alone', async () => {
    const stage = new Stage();
    const stream = new FakeStream(G722);
    const party = stage.party(stream);
    for (const frequency of [500, 1_100]) party.play(`tone_stream://v=-18;%(600,0,${frequency})`);
    await stage.run(40);
    const { samples } = heardBy(stream);
    for (const frequency of [500, 1_100]) {
      expect(amplitudeAt(samples.subarray(1_600, 8_000), frequency, 16_000)).toBeGreaterThan(3_800);
      expect(amplitudeAt(samples.subarray(1_600, 8_000), frequency, 16_000)).toBeLessThan(4_500);
    }
  });

  it.each([
    ['a file that is not there', 'nothing.wav', 'sound_not_found'],
    ['a name that climbs out of its root', '../../etc/passwd', 'sound_not_found'],
    ['a file that is no WAV', 'text.wav', 'invalid_sound_file'],
    ['a tone script without sense', 'tone_stream://%(a,b)', 'invalid_tone'],
    ['an unknown scheme', 'say://hello', 'unknown_source'],
  ])('says why it cannot play %s, and the tick goes on', async (_name, source, code) => {
    writeFileSync(join(folder, 'text.wav'), 'no sound at all');
    const stage = new Stage({ soundRoots: [folder] });
    const playing = stage.party(new FakeStream(PCMU)).play(source);
    await settle(playing.done, stage);
    await expect(playing.done).rejects.toMatchObject({ name: 'MediaError', code });
    expect(stage.faults).toEqual([]);
  });

  it('records what a party says, and on the other channel what it hears', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    const party = stage.party(a);
    stage.processing.bridge(party, stage.party(b));
    const file = join(folder, 'both.wav');
    const recording = party.record(file, { stereo: true });
    const [said, heard] = [new Talker(a, tone(500, 3_000, 8_000), 8_000), new Talker(b, tone(1_300, 3_000, 8_000), 8_000)];
    await stage.run(120, (now) => { said.say(now); heard.say(now); });
    recording.stop();
    const { milliseconds, bytes } = await recording.done;
    expect(bytes).toBe(readFileSync(file).length);
    expect(milliseconds).toBe(2_400);
    const { rate, channels, samples } = readByFfmpeg(file);
    expect([rate, channels]).toEqual([8_000, 2]);
    const channel = (n: number): Int16Array => samples.filter((_, i) => i % 2 === n).subarray(4_000);
    expect(amplitudeAt(channel(0), 500, rate)).toBeGreaterThan(7_000);
    expect(amplitudeAt(channel(0), 1_300, rate)).toBeLessThan(100);
    expect(amplitudeAt(channel(1), 1_300, rate)).toBeGreaterThan(7_000);
    expect(amplitudeAt(channel(1), 500, rate)).toBeLessThan(100);
    // The packets themselves went through untouched all the while.
    expect(b.sent).toHaveLength(120);
  });

  it('keeps a file that can be played when the process ends without a word', async () => {
    const stage = new Stage();
    const stream = new FakeStream(OPUS);
    const file = join(folder, 'cut.wav');
    stage.party(stream).record(file);
    const talker = new Talker(stream, tone(440, 6_000, 16_000), 16_000);
    await stage.run(290, (now) => talker.say(now));
    const { samples, rate } = readByFfmpeg(file);
    expect(samples.length / rate).toBeGreaterThan(3.5);
    expect(readFileSync(file).readUInt32LE(40) / 2 / rate).toBeGreaterThan(1.9);
    expect(amplitudeAt(samples.subarray(rate), 440, rate)).toBeGreaterThan(6_000);
  });

  it('writes nothing while paused and ends by itself at its length', async () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU);
    const recording = stage.party(stream).record(join(folder, 'short.wav'), { maxSeconds: 1 });
    await stage.run(25);
    recording.paused = true;
    await stage.run(100);
    recording.paused = false;
    await settle(recording.done, stage);
    await expect(recording.done).resolves.toEqual({ milliseconds: 1_000, bytes: 44 + 16_000 });
  });

  it('says clearly that the disk is full or the folder missing, and the call goes on', async () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU);
    const party = stage.party(stream);
    const full = party.record('/dev/full');
    const missing = party.record(join(folder, 'no/such/folder.wav'));
    await settle(missing.done, stage);
    await expect(full.done).rejects.toMatchObject({ code: 'recording_failed', hint: 'The disk is full.' });
    await expect(missing.done).rejects.toMatchObject({ code: 'recording_failed' });
    party.play('tone_stream://%(100,0,400)');
    await stage.run(10);
    expect(rms(heardBy(stream).samples)).toBeGreaterThan(1_000);
    expect(stage.faults).toEqual([]);
  });
});
