import type { OutgoingRtp } from '../../../src/embedded/media-server/contracts';
import { codec, EVENTS, FakeStream, G722, OPUS, PCMU } from './support/fake-session';
import { amplitudeAt, tone } from './support/sound';
import { Stage } from './support/stage';
import { heardBy, Talker } from './support/talker';

const event = (digit: number, duration: number, end = false): Buffer => Buffer.from([digit, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);

/** The digits that a party was sent, each with its packets. */
function digitsSent(stream: FakeStream): { digit: string; packets: OutgoingRtp[] }[] {
  const events = stream.sent.filter(({ payloadType }) => payloadType === stream.telephoneEvent?.payloadType);
  const stamps = [...new Set(events.map(({ timestamp }) => timestamp))];
  return stamps.map((stamp) => {
    const packets = events.filter(({ timestamp }) => timestamp === stamp);
    return { digit: '0123456789*#ABCD'[packets[0]?.payload[0] ?? 99] ?? '?', packets };
  });
}

/** Lets a party press a key for so many packets, ended by `ends` end packets. */
function press(stage: Stage, stream: FakeStream, digit: number, packets: number, ends: number, sequenceNumber: number, timestamp: number): void {
  const { clockRate, payloadType } = stream.telephoneEvent ?? EVENTS;
  const step = clockRate / 50;
  for (let i = 0; i < packets + ends; i += 1) {
    const payload = event(digit, Math.min(i + 1, packets) * step, i >= packets);
    stream.arrive({ payloadType, sequenceNumber: sequenceNumber + i, timestamp, payload, marker: i === 0, arrivedAt: stage.clock.now() });
    stage.clock.advance(20);
  }
}

describe('telephone-events', () => {
  it('are one digit each, with their duration, however often the end is sent or comes twice', () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU, { events: EVENTS });
    const heard: [string, number][] = [];
    stage.party(stream).on('dtmf', (digit, milliseconds) => heard.push([digit, milliseconds]));
    press(stage, stream, 5, 6, 3, 10, 1_000);
    press(stage, stream, 5, 6, 3, 20, 9_000);
    press(stage, stream, 11, 3, 1, 30, 20_000);
    stream.arrive({ payloadType: 101, sequenceNumber: 33, timestamp: 20_000, payload: event(11, 480, true), arrivedAt: stage.clock.now() });
    expect(heard).toEqual([['5', 120], ['5', 120], ['#', 60]]);
  });

  it('end by themselves when their end was lost, or when the next begins', () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU, { events: EVENTS });
    const heard: string[] = [];
    stage.party(stream).on('dtmf', (digit) => heard.push(digit));
    press(stage, stream, 1, 4, 0, 10, 1_000);
    press(stage, stream, 2, 4, 0, 20, 3_000);
    expect(heard).toEqual(['1']);
    stage.clock.advance(300);
    expect(heard).toEqual(['1', '2']);
  });

  it('that are cut short or no digits are nothing', () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU, { events: EVENTS });
    const heard: string[] = [];
    stage.party(stream).on('dtmf', (digit) => heard.push(digit));
    for (const payload of [Buffer.alloc(0), Buffer.from([1]), event(16, 800, true), event(255, 800, true)]) {
      stream.arrive({ payloadType: 101, sequenceNumber: 1, timestamp: 1, payload, arrivedAt: stage.clock.now() });
    }
    stage.clock.advance(500);
    expect(heard).toEqual([]);
  });

  it.each([['G.711', PCMU, EVENTS], ['Opus', OPUS, codec('TELEPHONE-EVENT', 110, 48_000)]])('are sent beside %s with growing duration, marker first, three ends last', async (_name, audio, events) => {
    const stage = new Stage();
    const stream = new FakeStream(audio, { events });
    const party = stage.party(stream);
    party.play('tone_stream://%(2000,0,440)');
    await stage.run(10);
    party.sendDtmf('4x2', 100);
    await stage.run(50);
    const sent = digitsSent(stream);
    expect(sent.map(({ digit }) => digit)).toEqual(['4', '2']);
    const packets = sent[0]?.packets ?? [];
    const step = events.clockRate / 50;
    expect(packets.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false]);
    expect(packets.map(({ payload }) => payload.readUInt16BE(2) / step)).toEqual([1, 2, 3, 4, 5, 5, 5]);
    expect(packets.map(({ payload }) => (payload[1] ?? 0) >> 7)).toEqual([0, 0, 0, 0, 1, 1, 1]);
    const steps = stream.sent.slice(1).map(({ sequenceNumber }, i) => (sequenceNumber - (stream.sent[i]?.sequenceNumber ?? 0)) & 0xffff);
    expect(new Set(steps)).toEqual(new Set([1]));
    // The sound goes on afterwards at the time that it is, not where it stopped.
    const [first, last] = [stream.sent[0], stream.sent.at(-1)];
    expect(((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0).toBeGreaterThanOrEqual((audio.clockRate / 50) * 55);
    expect(((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0).toBeLessThanOrEqual((audio.clockRate / 50) * 60);
  });

  it('pass a bridge of like legs packet by packet, under the number that the other side negotiated', () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU, { events: EVENTS }), new FakeStream(PCMU, { events: codec('TELEPHONE-EVENT', 97) })];
    stage.processing.bridge(stage.party(a), stage.party(b));
    press(stage, a, 7, 5, 3, 10, 1_000);
    stage.clock.advance(500);
    expect(digitsSent(b).map(({ digit, packets }) => [digit, packets.length])).toEqual([['7', 8]]);
  });

  it('are made anew on a bridge of differing legs', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(OPUS, { events: codec('TELEPHONE-EVENT', 110, 48_000) }), new FakeStream(G722, { events: EVENTS })];
    stage.processing.bridge(stage.party(a), stage.party(b));
    press(stage, a, 9, 6, 3, 10, 1_000);
    await stage.run(20);
    const sent = digitsSent(b);
    expect(sent.map(({ digit }) => digit)).toEqual(['9']);
    expect(sent[0]?.packets.at(-1)?.payload.readUInt16BE(2)).toBe(8 * 120);
  });

  it('are heard under the payload type that the party uses, though another is sent to it', () => {
    const stage = new Stage();
    const stream = new FakeStream(PCMU, { events: EVENTS });
    stream.receives = new Map([[0, PCMU], [97, codec('TELEPHONE-EVENT', 97)]]);
    const heard: string[] = [];
    stage.party(stream).on('dtmf', (digit) => heard.push(digit));
    stream.arrive({ payloadType: 97, sequenceNumber: 1, timestamp: 1, payload: event(3, 800, true), arrivedAt: stage.clock.now() });
    expect(heard).toEqual(['3']);
  });

  it('in a flood, and listeners that throw, cost the session nothing', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU, { events: EVENTS }), new FakeStream(PCMU)];
    const party = stage.party(a);
    party.on('dtmf', () => { throw new Error('a listener at fault'); });
    stage.processing.bridge(party, stage.party(b));
    for (let n = 0; n < 200; n += 1) a.arrive({ payloadType: 101, sequenceNumber: n, timestamp: n * 8_000, payload: event(n % 10, 800, true), arrivedAt: stage.clock.now() });
    await stage.run(20);
    expect(stage.faults).toEqual([expect.objectContaining({ message: 'a listener at fault' })]);
  });

  it('become tones where the other leg knows no events', async () => {
    const stage = new Stage();
    const [a, b] = [new FakeStream(PCMU, { events: EVENTS }), new FakeStream(PCMU)];
    stage.processing.bridge(stage.party(a), stage.party(b));
    const talker = new Talker(a, tone(300, 400, 8_000, 50), 8_000);
    await stage.run(5, (now) => talker.say(now));
    press(stage, a, 0, 10, 3, 65_510, 4_294_961_000);
    await stage.run(40);
    const { samples } = heardBy(b);
    const loudest = samples.findIndex((sample) => Math.abs(sample) > 4_000);
    const pressed = samples.subarray(loudest, loudest + 1_500);
    expect(amplitudeAt(pressed, 941, 8_000)).toBeGreaterThan(5_000);
    expect(amplitudeAt(pressed, 1_336, 8_000)).toBeGreaterThan(5_000);
  });
});
