import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Codec, MixerMember } from '../../../src/embedded/media-server/contracts';
import * as h264 from '../../../src/embedded/media-server/processing/video/h264';
import { PictureNumbers, startsKeyFrame as startsVp8KeyFrame } from '../../../src/embedded/media-server/processing/video/vp8';
import type { FakeSession} from './support/fake-session';
import { codec, FakeStream, PCMU } from './support/fake-session';
import { tone } from './support/sound';
import { Stage } from './support/stage';
import { Talker } from './support/talker';
import { Camera, decodedColours, depacketise, H264, H264_HIGH, H264_SINGLE, h264Pictures, hue, ivfOf, VP8, vp8Pictures } from './support/video';

// Pictures are made and decoded by programs of their own, which take their time on a busy machine.
jest.setTimeout(60_000);

const RED = h264Pictures('red', 10, 10);
const GREEN = h264Pictures('green', 10, 10, { stapA: true });
const BLUE = h264Pictures('blue', 10, 10);
const COLOURS = [RED, GREEN, BLUE];

const huesSent = (stream: FakeStream): string[] => decodedColours(depacketise(stream.sent), 'h264').map(hue);
const continuous = (stream: FakeStream): void => {
  for (const [i, packet] of stream.sent.slice(1).entries()) {
    const before = stream.sent[i];
    expect((packet.sequenceNumber - (before?.sequenceNumber ?? 0)) & 0xffff).toBe(1);
    expect((packet.timestamp - (before?.timestamp ?? 0)) >>> 0).toBeLessThan(90_000 * 3);
  }
};

/** Parties with a camera each (and a second line when wanted). */
function people(stage: Stage, cameras: number, negotiated: Codec = H264, slides = false) {
  return Array.from({ length: cameras }, (_, i) => {
    const audio = new FakeStream(PCMU);
    const video = new FakeStream(negotiated);
    const second = slides ? new FakeStream(negotiated, { content: 'slides' }) : undefined;
    const party = stage.party(audio, video, ...(second === undefined ? [] : [second]));
    const camera = new Camera(video, COLOURS[i % 3] as Buffer[][]);
    video.requestKeyFrame = () => { video.keyFramesRequested += 1; camera.restart(); };
    return { audio, video, second, party, camera };
  });
}
type Person = ReturnType<typeof people>[number];

/** Each camera shoots each 40 ms, and these talk. */
async function act(stage: Stage, all: readonly Person[], ticks: number, talking: readonly Person[] = []): Promise<void> {
  const talkers = talking.map(({ audio }) => new Talker(audio, tone(500, ticks * 20, 8_000), 8_000, Math.floor(stage.clock.now())));
  await stage.run(ticks, (now, tick) => {
    for (const talker of talkers) talker.say(now);
    if (tick % 2 === 0) for (const { camera } of all) camera.shoot(now);
  });
}

/** H.264 is forwarded as it is, so that a payload tells whose it was. */
const ORIGIN = new Map(COLOURS.flatMap((pictures, i) => pictures.flat().map((payload) => [payload, ['red', 'green', 'blue'][i]] as const)));
/** Whose picture each sees last. */
const seesNow = (all: readonly Person[]): (string | undefined)[] => all.map(({ video }) => ORIGIN.get(video.sent.at(-1)?.payload as Buffer));

describe('H.264 packets', () => {
  it.each([
    ['a parameter set', [0x67, 1], true], ['an IDR slice', [0x65, 1], true], ['another slice', [0x61, 1], false],
    ['an aggregate with a parameter set', [0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1], true], ['an aggregate of other slices', [0x78, 0, 2, 0x61, 1, 0, 2, 0x61, 1], false],
    ['the start of a split IDR slice', [0x7c, 0x85, 1], true], ['the middle of one', [0x7c, 0x05, 1], false], ['the start of another split slice', [0x7c, 0x81, 1], false],
    ['nothing', [], false], ['an aggregate cut short', [0x78, 0xff], false], ['an aggregate that claims too much', [0x78, 0xff, 0xff, 0x61], false],
    ['an aggregate of empty units', [0x78, 0, 0, 0, 0, 0, 0], false], ['a fragment cut short', [0x7c], false],
  ])('of %s start a key frame or do not', (_name, bytes, expected) => {
    expect(h264.startsKeyFrame(Buffer.from(bytes))).toBe(expected);
  });

  const profile = (id: string | undefined, mode = '1'): Codec => codec('H264', 97, 90_000, { ...(id === undefined ? {} : { 'profile-level-id': id }), 'packetization-mode': mode });
  it.each([
    ['42e01f', '42e01f', true], ['42e01f', '4d001f', true], ['42e01f', '64001f', true], ['42e01f', '428014', true], ['4de01f', '42e01f', true],
    ['428016', '42e01f', true], ['4d001f', '42e01f', false], ['64001f', '4d001f', false], ['64001f', '640028', true], ['58801f', '42e01f', true], ['58001f', '58001f', false],
    ['zz', '42e01f', false], [undefined, '42e01f', true], [undefined, undefined, true],
  ])('of profile %s go to one that negotiated %s: %s', (source, destination, expected) => {
    expect(h264.decodableAs(profile(source), profile(destination))).toBe(expected);
  });

  it('are not sent in a shape that was not negotiated', () => {
    expect(h264.decodableAs(profile('42e01f', '1'), profile('42e01f', '0'))).toBe(false);
    expect(h264.decodableAs(profile('42e01f', '0'), profile('42e01f', '1'))).toBe(true);
  });
});

describe('VP8 packets', () => {
  it('start a key frame or do not, however short they are cut', () => {
    const key = Buffer.from([0x90, 0xf0, 0x81, 2, 3, 4, 0x10, 0]);
    expect(startsVp8KeyFrame(key)).toBe(true);
    expect(startsVp8KeyFrame(Buffer.from([0x90, 0xf0, 0x81, 2, 3, 4, 0x11, 0]))).toBe(false);
    expect(startsVp8KeyFrame(Buffer.from([0x80, 0xf0, 0x81, 2, 3, 4, 0x10, 0]))).toBe(false);
    expect(startsVp8KeyFrame(Buffer.from([0x10, 0x10]))).toBe(true);
    for (let length = 0; length < 7; length += 1) expect(startsVp8KeyFrame(key.subarray(0, length))).toBe(false);
  });

  it('keep counting pictures over a change of source, in 7 and in 15 bit', () => {
    const numbers = new PictureNumbers();
    const id = (payload: Buffer | undefined): number => (payload?.readUInt16BE(2) ?? 0) & 0x7fff;
    const first = id(numbers.rewrite(Buffer.from([0x90, 0xc0, 0xff, 0xff, 9, 1])));
    expect(id(numbers.rewrite(Buffer.from([0x90, 0xc0, 0x80, 0x00, 10, 1])))).toBe(first + 1);
    numbers.restart();
    const other = numbers.rewrite(Buffer.from([0x90, 0xc0, 0x90, 0x11, 200, 1]));
    expect(id(other)).toBe(first + 2);
    expect(other?.[4]).toBe(3);
    numbers.restart();
    expect(numbers.rewrite(Buffer.from([0x90, 0x80, 0x45, 1]))?.[2]).toBe(first + 3);
    expect(numbers.rewrite(Buffer.from([0x90, 0x80]))).toBeUndefined();
  });
});

describe('video over a bridge', () => {
  it('begins at a key frame that was asked for, and is decoded without a fault', async () => {
    const stage = new Stage();
    const [a, b] = people(stage, 2) as [Person, Person];
    await act(stage, [a, b], 7);
    stage.processing.bridge(a.party, b.party);
    expect([a.video.keyFramesRequested, b.video.keyFramesRequested]).toEqual([1, 1]);
    await act(stage, [a, b], 40);
    expect(new Set(huesSent(a.video))).toEqual(new Set(['green']));
    expect(new Set(huesSent(b.video))).toEqual(new Set(['red']));
    expect(huesSent(a.video)).toHaveLength(20);
    continuous(a.video);
  });

  it('passes a request for a key frame to who is seen, not more often than twice a second', async () => {
    const stage = new Stage();
    const [a, b] = people(stage, 2) as [Person, Person];
    stage.processing.bridge(a.party, b.party);
    await act(stage, [a, b], 50);
    const before = a.video.keyFramesRequested;
    for (let i = 0; i < 50; i += 1) {
      b.video.emit('keyFrameRequested');
      await act(stage, [a, b], 1);
    }
    expect(a.video.keyFramesRequested - before).toBeGreaterThanOrEqual(2);
    expect(a.video.keyFramesRequested - before).toBeLessThanOrEqual(3);
  });

  it.each([
    ['another codec', VP8], ['a lower profile', H264_HIGH], ['no split packets', H264_SINGLE],
  ])('sends nothing to who negotiated %s', async (name, negotiated) => {
    const stage = new Stage();
    const [source, other] = name === 'a lower profile' ? [new FakeStream(H264_HIGH), new FakeStream(H264)] : [new FakeStream(H264), new FakeStream(negotiated)];
    stage.processing.bridge(stage.party(source), stage.party(other));
    const camera = new Camera(source, RED);
    await stage.run(60, (now) => camera.shoot(now));
    expect(other.sent).toEqual([]);
    expect(source.keyFramesRequested).toBeGreaterThan(0);
    expect(stage.faults).toEqual([]);
  });

  it('is sent under another payload type when the line\'s first codec is not the source\'s but another is', async () => {
    const stage = new Stage();
    const [source, other] = [new FakeStream(VP8), new FakeStream(H264)];
    other.receives = new Map([[97, H264], [120, { ...VP8, payloadType: 120 }]]);
    stage.processing.bridge(stage.party(source), stage.party(other));
    const camera = new Camera(source, vp8Pictures('red', 5, 5, 0));
    await stage.run(10, (now) => camera.shoot(now));
    expect(new Set(other.sent.map(({ payloadType }) => payloadType))).toEqual(new Set([120]));
  });

  it('sends slides to the line of slides and the camera to the other', async () => {
    const stage = new Stage();
    const [a, b] = people(stage, 2, H264, true) as [Person, Person];
    stage.processing.bridge(a.party, b.party);
    const slides = new Camera(a.second as FakeStream, BLUE);
    await stage.run(40, (now) => { slides.shoot(now); a.camera.shoot(now); });
    expect(new Set(huesSent(b.second as FakeStream))).toEqual(new Set(['blue']));
    expect(new Set(huesSent(b.video))).toEqual(new Set(['red']));
    expect(a.second?.sent).toEqual([]);
  });

  it('follows lines that come and go with renegotiation', async () => {
    const stage = new Stage();
    const [a, b] = people(stage, 2) as [Person, Person];
    stage.processing.bridge(a.party, b.party);
    const session = b.party.session as FakeSession;
    session.renegotiate([b.audio]);
    await act(stage, [a], 10);
    expect(b.video.sent).toEqual([]);
    const again = new FakeStream(H264);
    session.renegotiate([b.audio, again]);
    await act(stage, [a], 20);
    expect(new Set(huesSent(again))).toEqual(new Set(['red']));
    expect(stage.faults).toEqual([]);
  });

  it('carries VP8 with its picture numbers continuous', async () => {
    const stage = new Stage();
    const streams = [new FakeStream(VP8), new FakeStream(VP8), new FakeStream(VP8)];
    const [a, b, c] = streams.map((stream) => stage.party(stream));
    const cameras = [new Camera(streams[0] as FakeStream, vp8Pictures('red', 20, 10, 32_755)), new Camera(streams[2] as FakeStream, vp8Pictures('blue', 20, 10, 5))];
    if (a === undefined || b === undefined || c === undefined) throw new Error('three parties');
    stage.processing.bridge(a, b);
    await stage.run(20, (now) => cameras[0]?.shoot(now));
    stage.processing.bridge(b, c);
    await stage.run(20, (now) => { for (const camera of cameras) camera.shoot(now); });
    const seen = streams[1] as FakeStream;
    const hues = decodedColours(ivfOf(seen.sent), 'ivf').map(hue);
    expect(hues).toEqual([...Array(20).fill('red'), ...Array(20).fill('blue')]);
    const ids = seen.sent.filter(({ marker }) => marker).map(({ payload }) => payload.readUInt16BE(2) & 0x7fff);
    expect(ids.slice(1).every((id, i) => id === (((ids[i] as number) + 1) & 0x7fff))).toBe(true);
    expect(stage.faults).toEqual([]);
  });

  it('takes no harm from hostile payloads', async () => {
    const stage = new Stage();
    for (const negotiated of [H264, VP8]) {
      const [a, b] = [new FakeStream(negotiated), new FakeStream(negotiated)];
      stage.processing.bridge(stage.party(a), stage.party(b));
      const hostile = [[], [0x78], [0x78, 0xff], [0x7c], [0x67], [0x90, 0xff], [0x90, 0x80], [0x90, 0x80, 0x80], [0x90, 0xf0, 0x80, 1, 2, 3], [0x10, 0]].map((bytes) => Buffer.from(bytes));
      expect(() => hostile.forEach((payload, i) => a.arrive({ sequenceNumber: i * 7_919, timestamp: i * 0x10000001, payload, arrivedAt: stage.clock.now() }))).not.toThrow();
    }
    await stage.run(5);
    expect(stage.faults).toEqual([]);
  });
});

describe('video in a conference', () => {
  it('shows who speaks to all, and who spoke before to the speaker; each switch begins at a key frame and nobody misses a picture', async () => {
    const stage = new Stage();
    const all = people(stage, 3);
    const [red, green] = all as [Person, Person, Person];
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'speaker' });
    for (const { party } of all) mixer.join(party);
    await act(stage, all, 60, [green]);
    expect(seesNow(all)).toEqual(['green', 'red', 'green']);
    await act(stage, all, 60, [red]);
    expect(seesNow(all)).toEqual(['green', 'red', 'red']);
    await act(stage, all, 10, []);
    const blueSaw = huesSent(all[2]?.video as FakeStream);
    expect([...new Set(blueSaw)]).toEqual(['red', 'green']);
    // Red was first seen, then green, then red: two switches and not one more.
    expect(blueSaw.filter((seen, i) => i > 0 && seen !== blueSaw[i - 1])).toEqual(['green', 'red']);
    for (const { video } of all) continuous(video);
  });

  it('asks for a key frame for who joins late, and shows him nothing before it', async () => {
    const stage = new Stage();
    const all = people(stage, 2);
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'speaker' });
    for (const { party } of all) mixer.join(party);
    await act(stage, all, 53, [all[0] as Person]);
    const asked = all[0]?.video.keyFramesRequested ?? 0;
    const late = people(stage, 1)[0] as Person;
    mixer.join(late.party);
    await act(stage, [...all, late], 20, [all[0] as Person]);
    expect(all[0]?.video.keyFramesRequested).toBe(asked + 1);
    expect(h264.startsKeyFrame(late.video.sent[0]?.payload ?? Buffer.alloc(0))).toBe(true);
    expect(new Set(huesSent(late.video))).toEqual(new Set(['red']));
  });

  it('leaves out cameras that are muted or off, and takes another when the one seen leaves', async () => {
    const stage = new Stage();
    const all = people(stage, 3);
    const [red, green, blue] = all as [Person, Person, Person];
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'speaker' });
    const members = all.map(({ party }) => mixer.join(party));
    (members[1] as MixerMember).videoMuted = true;
    await act(stage, all, 60, [green]);
    expect(seesNow([blue])).toEqual(['red']);
    members[0]?.leave();
    await act(stage, [green, blue], 20, [blue]);
    (members[1] as MixerMember).videoMuted = false;
    await act(stage, [green, blue], 20, [blue]);
    expect(seesNow([green, blue])).toEqual(['blue', 'green']);
    expect(red.video.sent.length).toBeGreaterThan(0);
  });

  it('shows the slides of who shows some first, and of another as soon as he has stopped', async () => {
    const stage = new Stage();
    const all = people(stage, 3, H264, true);
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'speaker' });
    for (const { party } of all) mixer.join(party);
    const [one, other, viewer] = all as [Person, Person, Person];
    const [slides, others] = [new Camera(one.second as FakeStream, RED), new Camera(other.second as FakeStream, BLUE)];
    const seen = (): string | undefined => ORIGIN.get((viewer.second as FakeStream).sent.at(-1)?.payload as Buffer);
    await stage.run(20, (now) => slides.shoot(now));
    await stage.run(100, (now) => { slides.shoot(now); others.shoot(now); });
    expect(seen()).toBe('red');
    await stage.run(80, (now) => others.shoot(now));
    expect(seen()).toBe('blue');
    await stage.run(100, (now) => { slides.shoot(now); others.shoot(now); });
    expect(seen()).toBe('blue');
  });

  it('keeps the interpreter in everybody\'s sight, and shows him who speaks or, in silence, who signs', async () => {
    const stage = new Stage();
    const all = people(stage, 3);
    const [speaking, signing, interpreting] = all as [Person, Person, Person];
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'interpreting' });
    mixer.join(signing.party);
    mixer.join(speaking.party);
    mixer.join(interpreting.party, { interpreter: true });
    await act(stage, all, 30, []);
    await act(stage, all, 60, [speaking]);
    expect(seesNow(all)).toEqual(['blue', 'blue', 'red']);
    await act(stage, all, 160, [interpreting]);
    expect(seesNow(all)).toEqual(['blue', 'blue', 'green']);
    await act(stage, all, 60, [speaking, interpreting]);
    expect(seesNow(all)).toEqual(['blue', 'blue', 'red']);
    // Nobody's interpreter ever gave way to another picture.
    expect(new Set(huesSent(signing.video).slice(10))).toEqual(new Set(['blue']));
  });

  it('puts the second picture of interpreting on the second line, until somebody presents there', async () => {
    const stage = new Stage();
    const all = people(stage, 3, H264, true);
    const [speaking, signing, interpreting] = all as [Person, Person, Person];
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'interpreting' });
    for (const person of all) mixer.join(person.party, { interpreter: person === interpreting });
    await act(stage, all, 60, [speaking]);
    const second = (person: Person): string | undefined => huesSent(person.second as FakeStream).at(-1);
    expect([second(speaking), second(signing), second(interpreting)]).toEqual(['green', 'red', 'green']);
    const slides = new Camera(speaking.second as FakeStream, BLUE);
    await stage.run(40, (now) => slides.shoot(now));
    expect([second(signing), second(interpreting)]).toEqual(['blue', 'blue']);
  });
});

describe('a still picture', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'slide-'));
    const x264 = (name: string, ...params: string[]): void => {
      execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=blue:s=1280x720:r=1,noise=alls=60', '-frames:v', '2', '-c:v', 'libx264', '-profile:v', 'baseline', '-g', '1', ...params, '-pix_fmt', 'yuv420p', '-f', 'h264', join(folder, name)]);
    };
    x264('whole.h264');
    x264('sliced.h264', '-x264-params', 'slice-max-size=1200');
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=blue:s=320x240:r=5', '-frames:v', '5', '-c:v', 'libx264', '-g', '5', '-bf', '0', '-f', 'h264', join(folder, 'moving.h264')]);
    writeFileSync(join(folder, 'empty.h264'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([['split where that was negotiated', 'whole.h264', H264], ['whole where it was not', 'sliced.h264', H264_SINGLE]])('is sent %s, each second and when asked for', async (_name, file, negotiated) => {
    const stage = new Stage({ soundRoots: [folder] });
    const [audio, video] = [new FakeStream(PCMU), new FakeStream(negotiated)];
    const playing = stage.party(audio, video).play(file);
    const pictures = (): number => video.sent.filter(({ marker }) => marker).length;
    for (let i = 0; i < 5_000 && pictures() === 0; i += 1) await stage.run(1);
    await stage.run(160);
    const shown = pictures();
    expect(shown).toBe(4);
    video.emit('keyFrameRequested');
    await stage.run(15);
    expect(pictures()).toBeGreaterThan(shown);
    expect(new Set(huesSent(video))).toEqual(new Set(['blue']));
    expect(Math.max(...video.sent.map(({ payload }) => payload.length))).toBeLessThanOrEqual(1_400);
    continuous(video);
    playing.stop();
    const sent = video.sent.length;
    await stage.run(80);
    expect(video.sent).toHaveLength(sent);
  });

  it('of a prompt is seen beside its sound, for as long as that is heard', async () => {
    const stage = new Stage();
    const [audio, video] = [new FakeStream(PCMU), new FakeStream(H264)];
    const playing = stage.party(audio, video).play(resolve(__dirname, '../../../dialplans/prompts/fi/closed.wav'));
    for (let i = 0; i < 5_000 && video.sent.length === 0; i += 1) await stage.run(1);
    await stage.run(100);
    expect(decodedColours(depacketise(video.sent), 'h264').length).toBeGreaterThanOrEqual(2);
    playing.stop();
    const { length } = video.sent;
    await stage.run(100);
    expect(video.sent).toHaveLength(length);
    expect(stage.faults).toEqual([]);
  });

  it('gives way to the other party\'s video and is not sent where it cannot be decoded', async () => {
    const stage = new Stage({ soundRoots: [folder] });
    const [a, b] = people(stage, 2) as [Person, Person];
    a.party.play('whole.h264');
    stage.processing.bridge(a.party, b.party);
    const other = new FakeStream(VP8);
    stage.party(new FakeStream(PCMU), other).play('whole.h264');
    await act(stage, [a, b], 80);
    expect(new Set(huesSent(a.video))).toEqual(new Set(['green']));
    expect(other.sent).toEqual([]);
    expect(stage.faults).toEqual([]);
  });

  it.each([['empty.h264', 'invalid_video_file'], ['moving.h264', 'invalid_video_file'], ['none.h264', 'sound_not_found']])('of %s is refused with the reason', async (file, code) => {
    const stage = new Stage({ soundRoots: [folder] });
    await expect(stage.party(new FakeStream(PCMU), new FakeStream(H264)).play(file).done).rejects.toMatchObject({ code });
  });
});
