import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeStream, G722, OPUS, PCMA, PCMU } from './support/fake-session';
import { amplitudeAt, rms, tone } from './support/sound';
import { Stage } from './support/stage';
import { heardBy, Talker } from './support/talker';

// Minutes of sound are worked through, which takes its time on a busy machine.
jest.setTimeout(60_000);

const FREQUENCIES = [500, 900, 1_300, 1_700, 2_100];
const CODECS = [PCMU, G722, OPUS, PCMA, G722];

/** Five members of differing codecs, each with a tone of its own. */
function conference(stage: Stage, rate = 16_000, amplitude = 3_000) {
  const mixer = stage.processing.mixer({ rate, layout: 'speaker' });
  const streams = CODECS.map((negotiated) => new FakeStream(negotiated));
  const members = streams.map((stream) => mixer.join(stage.party(stream)));
  const talkers = streams.map((stream, i) => {
    const spoken = stream.codec.name === 'OPUS' ? rate : stream.codec.name === 'G722' ? 16_000 : 8_000;
    return new Talker(stream, tone(FREQUENCIES[i] as number, 6_000, spoken, amplitude), spoken);
  });
  return { mixer, streams, members, talkers, say: (now: number) => { for (const talker of talkers) talker.say(now); } };
}

/** Amplitude of each member's tone in what a stream was sent last. */
function spectrum(stream: FakeStream): number[] {
  const { samples, rate } = heardBy(stream);
  const last = samples.subarray(Math.max(0, samples.length - rate / 2));
  return FREQUENCIES.map((frequency) => amplitudeAt(last, frequency, rate));
}

describe('a conference', () => {
  it.each([16_000, 48_000])('mixed at %i Hz lets everybody hear all others and nobody himself, whatever they speak', async (rate) => {
    const stage = new Stage();
    const { streams, say } = conference(stage, rate);
    await stage.run(70, say);
    streams.forEach((stream, self) => spectrum(stream).forEach((amplitude, other) => {
      if (other === self) expect(amplitude).toBeLessThan(100);
      else expect(amplitude).toBeGreaterThan(2_000);
    }));
    expect(stage.faults).toEqual([]);
  });

  it('saturates instead of wrapping when all shout', async () => {
    const stage = new Stage();
    const { streams, say } = conference(stage, 16_000, 30_000);
    await stage.run(60, say);
    const heard = heardBy(streams[1] as FakeStream).samples.subarray(8_000);
    expect(Math.max(...heard)).toBeGreaterThan(30_000);
    // Wrapped sums would jump over the whole range between neighbours.
    expect(amplitudeAt(heard, 500, 16_000)).toBeGreaterThan(6_000);
  });

  it('does not let others hear who is muted, nor who is deaf hear anybody', async () => {
    const stage = new Stage();
    const { streams, members, say } = conference(stage);
    (members[0] as { muted: boolean }).muted = true;
    (members[1] as { deaf: boolean }).deaf = true;
    await stage.run(60, say);
    expect(spectrum(streams[2] as FakeStream)[0]).toBeLessThan(60);
    expect(spectrum(streams[2] as FakeStream)[1]).toBeGreaterThan(2_000);
    expect(rms(heardBy(streams[1] as FakeStream).samples.subarray(8_000))).toBeLessThan(20);
    expect(members.map(({ talking }) => talking)).toEqual([false, true, true, true, true]);
  });

  it('plays to all, and to one alone', async () => {
    const stage = new Stage();
    const { mixer, members, streams } = conference(stage);
    const [toAll, toOne] = [mixer.play('tone_stream://%(900,0,600)'), mixer.play('tone_stream://%(900,0,1000)', members[3])];
    await stage.run(40);
    for (const [i, stream] of streams.entries()) {
      const { samples, rate } = heardBy(stream);
      const last = samples.subarray(rate / 4);
      expect(amplitudeAt(last, 600, rate)).toBeGreaterThan(4_000);
      if (i === 3) expect(amplitudeAt(last, 1_000, rate)).toBeGreaterThan(4_000);
      else expect(amplitudeAt(last, 1_000, rate)).toBeLessThan(100);
    }
    await stage.run(20);
    await expect(Promise.all([toAll.done, toOne.done])).resolves.toEqual([{ milliseconds: 900, stopped: false }, { milliseconds: 900, stopped: false }]);
  });

  it('is recorded as everybody heard it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mixer-'));
    try {
      const stage = new Stage();
      const { mixer, say } = conference(stage);
      const recording = mixer.record(join(folder, 'all.wav'));
      await stage.run(100, say);
      mixer.close();
      await recording.done;
      const bytes = execFileSync('ffmpeg', ['-v', 'error', '-i', join(folder, 'all.wav'), '-f', 's16le', '-']);
      const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).subarray(8_000);
      for (const frequency of FREQUENCIES) expect(amplitudeAt(samples, frequency, 16_000)).toBeGreaterThan(2_000);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('tells who talks and who has the floor; a short word takes it from nobody', async () => {
    const stage = new Stage();
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'speaker' });
    const streams = [new FakeStream(PCMU), new FakeStream(PCMU)];
    const members = streams.map((stream) => mixer.join(stage.party(stream)));
    const heard: unknown[] = [];
    mixer.on('talking', (member, talking) => heard.push([member.id, talking]));
    const tellFloor = (member: { id: number }): void => { heard.push(`floor ${member.id}`); };
    mixer.on('floor', tellFloor);
    const [long, word] = [new Talker(streams[0] as FakeStream, tone(400, 3_000, 8_000), 8_000), new Talker(streams[1] as FakeStream, tone(700, 400, 8_000), 8_000)];
    await stage.run(60, (now) => long.say(now));
    await stage.run(20, (now) => { long.say(now); word.say(now); });
    await stage.run(40, (now) => long.say(now));
    expect(heard).toEqual([[1, true], 'floor 1', [2, true], [2, false]]);
    const answer = new Talker(streams[1] as FakeStream, tone(700, 2_000, 8_000), 8_000, 99);
    await stage.run(30, (now) => long.say(now));
    await stage.run(80, (now) => answer.say(now));
    expect(heard.slice(4)).toEqual([[2, true], [1, false], 'floor 2']);
    expect(members.map(({ talking }) => talking)).toEqual([false, true]);
    mixer.off('floor', tellFloor).on('floor', (member) => heard.push(member));
    members[1]?.leave();
    await stage.run(2);
    expect(heard.at(-1)).toBeUndefined();
  });

  it('takes a member out of its bridge, lets it go to another, and knows it no more', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    const [partyA, partyB] = [stage.party(a), stage.party(b)];
    stage.processing.bridge(partyA, partyB);
    const mixer = stage.processing.mixer({ rate: 16_000, layout: 'speaker' });
    mixer.join(partyA);
    const second = mixer.join(partyB);
    expect(mixer.members.map(({ id }) => id)).toEqual([1, 2]);
    stage.processing.bridge(partyA, partyB);
    expect(mixer.members).toEqual([]);
    second.leave();
    a.arrive({ sequenceNumber: 1, timestamp: 1, payload: Buffer.alloc(160), arrivedAt: stage.clock.now() });
    expect(b.sent).toHaveLength(1);
    mixer.join(partyB);
    partyB.close();
    expect(mixer.members).toEqual([]);
    mixer.close();
    expect(() => mixer.join(partyA)).toThrow(expect.objectContaining({ code: 'conference_closed' }));
    expect(a.sent).toHaveLength(0);
  });
});

describe('the tick', () => {
  it('makes up for at most five that were missed, and counts the others as skipped', () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU);
    stage.party(stream).play('silence_stream://-1');
    stage.clock.advance(100);
    stage.clock.stall(70);
    stage.clock.advance(0);
    expect(stage.processing.lateness).toMatchObject({ ticks: 8, skipped: 0 });
    stage.clock.stall(1_000);
    stage.clock.advance(10);
    // Five made up for, and those of the ten milliseconds since.
    expect(stage.processing.lateness.ticks).toBeLessThanOrEqual(8 + 5 + 2);
    expect(stage.processing.lateness.skipped).toBeGreaterThan(40);
    expect(stage.processing.lateness.maximumMs).toBeGreaterThan(900);
    expect(stage.processing.lateness.percentile(0.5)).toBeLessThan(100);
    // What was late a minute ago is told no more.
    stage.clock.advance(61_000);
    expect(stage.processing.lateness.maximumMs).toBeLessThan(5);
  });
});
