import type { Party } from '../../../src/embedded/media-server/contracts';
import { FakeStream, G722, OPUS, PCMA, PCMU } from './support/fake-session';
import { amplitudeAt, rms, tone } from './support/sound';
import { Stage } from './support/stage';
import { heardBy, Talker } from './support/talker';

const sequenceSteps = (stream: FakeStream): number[] =>
  stream.sent.slice(1).map(({ sequenceNumber }, i) => (sequenceNumber - (stream.sent[i]?.sequenceNumber ?? 0)) & 0xffff);
const timestampSteps = (stream: FakeStream): number[] =>
  stream.sent.slice(1).map(({ timestamp }, i) => (timestamp - (stream.sent[i]?.timestamp ?? 0)) >>> 0);

describe('a bridge', () => {
  it('passes packets of a codec that both sides speak unchanged, and at once', () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    stage.processing.bridge(stage.party(a), stage.party(b));
    const payload = Buffer.alloc(160, 0x55);
    a.arrive({ sequenceNumber: 7, timestamp: 1_000, payload, arrivedAt: stage.clock.now() });
    expect(b.sent).toHaveLength(1);
    expect(b.sent[0]).toMatchObject({ marker: true, payload });
    expect(a.sent).toHaveLength(0);
  });

  it('keeps the gaps and the order of forwarded packets, and forwards nothing from before its start', () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    stage.processing.bridge(stage.party(a), stage.party(b));
    for (const n of [65_534, 65_535, 1, 0, 2, 65_530]) {
      a.arrive({ sequenceNumber: n, timestamp: (160 * ((n + 10) & 0xffff)) >>> 0, payload: Buffer.from([n & 0xff]), arrivedAt: stage.clock.now() });
    }
    const first = b.sent[0]?.sequenceNumber ?? 0;
    expect(b.sent.map(({ sequenceNumber }) => (sequenceNumber - first) & 0xffff)).toEqual([0, 1, 3, 2, 4]);
  });

  it('begins a new run of numbers when the source begins anew, without a break in its own', () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    stage.processing.bridge(stage.party(a), stage.party(b));
    const arrive = (ssrc: number, sequenceNumber: number, timestamp: number): void =>
      a.arrive({ ssrc, sequenceNumber, timestamp, payload: Buffer.alloc(160), arrivedAt: stage.clock.now() });
    arrive(1, 100, 5_000);
    stage.clock.advance(20);
    arrive(2, 40_000, 3_000_000_000);
    stage.clock.advance(20);
    arrive(2, 9, 77);
    expect(sequenceSteps(b)).toEqual([1, 1]);
    expect(timestampSteps(b)).toEqual([160, 160]);
    expect(b.sent.map(({ marker }) => marker)).toEqual([true, true, true]);
  });

  it.each([
    ['PCMU to G.722', PCMU, 8_000, G722],
    ['G.722 to PCMA', G722, 16_000, PCMA],
    ['Opus to PCMU', OPUS, 16_000, PCMU],
    ['PCMA to Opus', PCMA, 8_000, OPUS],
  ])('transcodes %s: the tone arrives with its frequency and level', async (_name, from, rate, to) => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(from), new FakeStream(to)];
    stage.processing.bridge(stage.party(a), stage.party(b));
    const talker = new Talker(a, tone(1_000, 2_000, rate), rate);
    await stage.run(90, (now) => talker.say(now));
    const heard = heardBy(b);
    const steady = heard.samples.subarray(heard.samples.length / 4);
    expect(amplitudeAt(steady, 1_000, heard.rate)).toBeGreaterThan(6_500);
    expect(amplitudeAt(steady, 1_000, heard.rate)).toBeLessThan(9_500);
    expect(amplitudeAt(steady, 2_310, heard.rate)).toBeLessThan(150);
    expect(new Set(sequenceSteps(b))).toEqual(new Set([1]));
    expect(new Set(timestampSteps(b))).toEqual(new Set([to.clockRate / 50]));
  });

  it('keeps numbers continuous through player, bridge, player over the bridge, and nothing', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    const [partyA, partyB] = [stage.party(a), stage.party(b)];
    const alone = partyB.play('tone_stream://%(200,0,440)');
    await stage.run(20);
    await expect(alone.done).resolves.toEqual({ milliseconds: 200, stopped: false });
    const bridge = stage.processing.bridge(partyA, partyB);
    const talker = new Talker(a, tone(1_000, 4_000, 8_000), 8_000);
    await stage.run(25, (now) => talker.say(now));
    const over = partyB.play('tone_stream://%(200,0,440)');
    await stage.run(25, (now) => talker.say(now));
    await over.done;
    bridge.close();
    await stage.run(25);
    partyB.play('tone_stream://%(100,0,440)');
    await stage.run(10);
    expect(new Set(sequenceSteps(b))).toEqual(new Set([1]));
    // 500 ms of silence count on the clock too; nothing ever runs back, or ahead of it.
    const steps = timestampSteps(b);
    expect(steps.every((step) => step > 0 && step < 8_000)).toBe(true);
    const clockMs = (stage.clock.now() - 1_000);
    expect(steps.reduce((sum, step) => sum + step, 0) / 8).toBeLessThan(clockMs);
    expect(steps.reduce((sum, step) => sum + step, 0) / 8).toBeGreaterThan(clockMs - 400);
  });

  it('lets a player be heard on top of the other party, and goes back to forwarding', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    const [partyA, partyB] = [stage.party(a), stage.party(b)];
    stage.processing.bridge(partyA, partyB);
    const talker = new Talker(a, tone(1_000, 4_000, 8_000), 8_000);
    await stage.run(10, (now) => talker.say(now));
    b.sent.length = 0;
    partyB.play('tone_stream://%(600,0,440)');
    await stage.run(25, (now) => talker.say(now));
    const heard = heardBy(b).samples.subarray(800);
    expect(amplitudeAt(heard, 440, 8_000)).toBeGreaterThan(4_000);
    expect(amplitudeAt(heard, 1_000, 8_000)).toBeGreaterThan(6_000);
    await stage.run(20, (now) => talker.say(now));
    const last = talker.packet(stage.clock.now());
    if (last === undefined) throw new Error('the talker has nothing left to say');
    a.arrive(last);
    expect(b.sent.at(-1)?.payload).toBe(last.payload);
  });

  it('lets the other hear silence, not nothing, while a party is on hold or muted', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    const [partyA, partyB] = [stage.party(a), stage.party(b)];
    stage.processing.bridge(partyA, partyB);
    a.canReceive = false;
    await stage.run(10);
    expect(b.sent).toHaveLength(10);
    expect(rms(heardBy(b).samples)).toBeLessThan(10);
    a.canReceive = true;
    partyA.muted = true;
    const talker = new Talker(a, tone(1_000, 1_000, 8_000), 8_000);
    await stage.run(10, (now) => talker.say(now));
    expect(rms(heardBy(b).samples)).toBeLessThan(10);
  });

  it('sends nothing to a party that does not want to hear', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(G722)];
    b.canSend = false;
    stage.processing.bridge(stage.party(a), stage.party(b));
    const talker = new Talker(a, tone(1_000, 1_000, 8_000), 8_000);
    await stage.run(20, (now) => talker.say(now));
    expect(b.sent).toHaveLength(0);
  });

  it('transcodes when a party switches to a codec that the other does not speak', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU), new FakeStream(PCMU)];
    a.receives = new Map([[0, PCMU], [8, PCMA]]);
    stage.processing.bridge(stage.party(a), stage.party(b));
    const spoken = tone(1_000, 1_000, 8_000);
    const other = new FakeStream(PCMA);
    other.on('rtp', (packet) => a.emit('rtp', packet));
    const talker = new Talker(other, spoken, 8_000);
    await stage.run(40, (now) => talker.say(now));
    expect(amplitudeAt(heardBy(b).samples.subarray(1_600), 1_000, 8_000)).toBeGreaterThan(7_000);
  });

  it('moves to another bridge when its party does, and leaves the old partner with nothing', async () => {
    const stage = new Stage();
    const [a, b, c] = [new FakeStream(PCMU), new FakeStream(PCMU), new FakeStream(PCMU)];
    const [partyA, partyB, partyC] = [stage.party(a), stage.party(b), stage.party(c)];
    const first = stage.processing.bridge(partyA, partyB);
    stage.processing.bridge(partyA, partyC);
    first.close();
    a.arrive({ sequenceNumber: 1, timestamp: 1, payload: Buffer.alloc(160), arrivedAt: stage.clock.now() });
    b.arrive({ sequenceNumber: 1, timestamp: 1, payload: Buffer.alloc(160), arrivedAt: stage.clock.now() });
    expect([a.sent.length, b.sent.length, c.sent.length]).toEqual([0, 0, 1]);
  });

  it('leaves nothing behind when its parties close, whatever they were doing', async () => {
    const stage = new Stage();
    const before = process.memoryUsage().external;
    for (let n = 0; n < 400; n += 1) {
      const [a, b] = [new FakeStream(OPUS), new FakeStream(PCMU)];
      const parties = [stage.party(a), stage.party(b)];
      stage.processing.bridge(parties[0] as Party, parties[1] as Party);
      const talker = new Talker(a, tone(500, 100, 16_000), 16_000);
      await stage.run(4, (now) => talker.say(now));
      const playing = parties[1]?.play('tone_stream://%(100,100,400);loops=-1');
      await stage.run(1);
      for (const party of parties) party.close();
      talker.close();
      await expect(playing?.done).resolves.toMatchObject({ stopped: true });
      expect([a, b].map((stream) => stream.eventNames().length)).toEqual([0, 0]);
      expect(parties.map(({ session }) => session.listenerCount('streams'))).toEqual([0, 0]);
      expect(() => parties[0]?.play('silence_stream://10')).toThrow(expect.objectContaining({ code: 'party_closed' }));
      expect(() => stage.processing.bridge(parties[0] as Party, parties[1] as Party)).toThrow(expect.objectContaining({ code: 'party_closed' }));
    }
    expect(stage.clock.waiting).toBe(0);
    // 400 calls' codecs kept would be more than 20 MB.
    expect(process.memoryUsage().external - before).toBeLessThan(8 << 20);
  });

  it('stops its tick when the last party closes', () => {
    const stage = new Stage();
    const parties = [stage.party(new FakeStream(OPUS)), stage.party(new FakeStream(PCMU))];
    expect(stage.clock.waiting).toBe(1);
    for (const party of parties) party.close();
    expect(stage.clock.waiting).toBe(0);
  });
});
