import type { RtpPacket } from '../../../src/embedded/media-server/contracts';
import { AudioReceiver } from '../../../src/embedded/media-server/processing/audio/receiver';
import { createEncoder } from '../../../src/embedded/media-server/processing/audio/codecs';
import { codec, G722, OPUS, PCMU } from './support/fake-session';
import { amplitudeAt, concat, rms, speech, tone } from './support/sound';

// Minutes of sound are worked through, which takes its time on a busy machine.
jest.setTimeout(60_000);

type Sent = RtpPacket;

/** `samples` as packets of 20 ms that arrive on time, 20 ms apart times `clock`. */
function packets(samples: Int16Array, rate: number, negotiated = PCMU, clock = 1, start = { sequenceNumber: 65_520, timestamp: 4_294_967_000, ssrc: 1, at: 0 }): Sent[] {
  const encoder = createEncoder(negotiated, rate);
  return Array.from({ length: Math.floor((samples.length * 50) / rate) }, (_, i) => ({
    payloadType: negotiated.payloadType, marker: i === 0, ssrc: start.ssrc, sequenceNumber: (start.sequenceNumber + i) & 0xffff,
    timestamp: (start.timestamp + (i * negotiated.clockRate) / 50) >>> 0, payload: encoder?.encode(samples.subarray((i * rate) / 50, ((i + 1) * rate) / 50)) ?? Buffer.alloc(0),
    arrivedAt: start.at + i * 20 * clock,
  }));
}

/** Hears them, one frame each 20 ms; silence where nothing is heard. */
function hear(sent: readonly Sent[], ticks: number, receiver = new AudioReceiver(16_000), negotiated = PCMU, each: (tick: number) => void = () => undefined): Int16Array {
  const waiting = [...sent].sort((a, b) => a.arrivedAt - b.arrivedAt);
  const rate = negotiated.name === 'PCMU' ? 8_000 : 16_000;
  return concat(Array.from({ length: ticks }, (_, tick) => {
    while (waiting.length > 0 && (waiting[0] as Sent).arrivedAt <= tick * 20 + 5) receiver.receive(waiting.shift() as Sent, negotiated);
    each(tick);
    return receiver.frame()?.samples ?? new Int16Array(rate / 50);
  }));
}

/** The same pseudo-random choices in every run. */
function random(): () => number {
  let state = 12_345;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** How many stretches of 5 ms, after the start, are near silence. */
const holes = (samples: Int16Array, rate: number): number => {
  let count = 0;
  const length = rate / 200;
  for (let at = rate / 5; at + length < samples.length; at += length) if (rms(samples.subarray(at, at + length)) < 500) count += 1;
  return count;
};

describe('the receiver', () => {
  it('hears a stream that arrives on time as it was said, within 60 ms', () => {
    const receiver = new AudioReceiver(16_000);
    const heard = hear(packets(tone(1_000, 2_000, 8_000), 8_000), 100, receiver);
    expect(holes(heard.subarray(0, 15_000), 8_000)).toBe(0);
    expect(receiver.counts).toEqual({ concealedMs: 0, badPackets: 0, shortened: 0 });
    expect(heard.findIndex((sample) => Math.abs(sample) > 1_000)).toBeLessThan(60 * 8);
  });

  it.each([['PCMU', PCMU, 8_000], ['G.722', G722, 16_000], ['Opus', OPUS, 16_000]])('conceals 5 %% loss of %s without holes', (_name, negotiated, rate) => {
    const choose = random();
    const sent = packets(tone(400, 8_000, rate), rate, negotiated).filter((_, i) => i < 5 || choose() > 0.05);
    expect(sent.length).toBeLessThan(390);
    const receiver = new AudioReceiver(16_000);
    const heard = hear(sent, 395, receiver, negotiated);
    expect(receiver.counts.concealedMs).toBeGreaterThan(100);
    expect(holes(heard, rate)).toBeLessThan(12);
    expect(amplitudeAt(heard.subarray(rate / 2), 400, rate)).toBeGreaterThan(6_500);
  });

  it('puts packets into order and hears doubles once', () => {
    const choose = random();
    const sent = packets(tone(1_000, 6_000, 8_000), 8_000);
    const shuffled = sent.flatMap((packet) => {
      const moved = { ...packet, arrivedAt: packet.arrivedAt + (choose() < 0.3 ? choose() * 50 : 0) };
      return choose() < 0.2 ? [moved, { ...moved, arrivedAt: moved.arrivedAt + 3 }] : [moved];
    });
    const receiver = new AudioReceiver(16_000);
    const heard = hear(shuffled, 300, receiver);
    expect(receiver.counts.concealedMs).toBeLessThan(200);
    expect(receiver.targetMs).toBeGreaterThan(40);
    // Once it knows how much packets vary, nothing is missing any more.
    const settled = heard.subarray(2 * 8_000, 5.8 * 8_000);
    expect(amplitudeAt(settled, 1_000, 8_000)).toBeGreaterThan(7_400);
    expect(holes(settled, 8_000)).toBe(0);
  });

  it('keeps its delay within bounds whatever the jitter, and gives it back when it passes', () => {
    const choose = random();
    const sent = packets(speech(20_000, 8_000), 8_000).map((packet, i) => (i > 100 && i < 300 ? { ...packet, arrivedAt: packet.arrivedAt + choose() * 400 } : packet));
    const receiver = new AudioReceiver(16_000);
    let most = 0;
    hear(sent, 990, receiver, PCMU, () => { most = Math.max(most, receiver.delayMs); });
    expect(most).toBeLessThan(700);
    expect(receiver.delayMs).toBeLessThan(200);
    expect(receiver.targetMs).toBeLessThan(180);
  });

  it.each([['fast', 0.999], ['slow', 1.001]])('follows a clock that is too %s by a thousandth', (_name, clock) => {
    const receiver = new AudioReceiver(16_000);
    const delays: number[] = [];
    const heard = hear(packets(tone(300, 60_000, 8_000), 8_000, PCMU, clock), 2_900, receiver, PCMU, () => { delays.push(receiver.delayMs); });
    expect(Math.max(...delays.slice(500))).toBeLessThan(150);
    expect(amplitudeAt(heard.subarray(8_000, 16_000), 300, 8_000)).toBeGreaterThan(7_000);
    expect(holes(heard.subarray(0, 57 * 8_000), 8_000)).toBeLessThan(3);
  });

  it('starts anew with another SSRC, a jump of sequence numbers, a jump of time, or a sender that begins again', () => {
    const starts = [
      { sequenceNumber: 100, timestamp: 1_000, ssrc: 1, at: 0 },
      { sequenceNumber: 50_000, timestamp: 9_000_000, ssrc: 2, at: 1_000 },
      { sequenceNumber: 3, timestamp: 9_008_000, ssrc: 2, at: 2_000 },
      { sequenceNumber: 53, timestamp: 4_000_000_000, ssrc: 2, at: 3_000 },
      { sequenceNumber: 1, timestamp: 77, ssrc: 2, at: 4_000 },
    ];
    const heard = hear(starts.flatMap((start) => packets(tone(1_000, 1_000, 8_000), 8_000, PCMU, 1, start)), 250);
    for (let second = 0; second < 5; second += 1) {
      expect(amplitudeAt(heard.subarray(second * 8_000 + 2_400, second * 8_000 + 7_600), 1_000, 8_000)).toBeGreaterThan(7_500);
    }
  });

  it('falls silent when nothing comes, and asks nothing of anybody', () => {
    const receiver = new AudioReceiver(16_000);
    hear(packets(tone(1_000, 400, 8_000), 8_000), 20, receiver);
    const after = Array.from({ length: 20 }, () => receiver.frame());
    expect(after.slice(10).every((frame) => frame === undefined)).toBe(true);
  });

  it('costs a hostile sender his own sound only: nonsense, floods and huge jumps', () => {
    const choose = random();
    const receiver = new AudioReceiver(48_000);
    const kinds = [OPUS, PCMU, G722, codec('L16', 96, 44_100)];
    for (let i = 0; i < 20_000; i += 1) {
      const negotiated = kinds[Math.floor(choose() * (i % 1_000 === 0 ? 4 : 1))] as typeof OPUS;
      receiver.receive({
        payloadType: negotiated.payloadType, ssrc: Math.floor(choose() * 1.01), marker: false, arrivedAt: i, sequenceNumber: Math.floor(choose() * 65_536),
        timestamp: Math.floor(choose() * 4_294_967_296), payload: Buffer.from(Array.from({ length: Math.floor(choose() * 30) }, () => Math.floor(choose() * 256))),
      }, negotiated);
      if (i % 20 === 0) receiver.frame();
    }
    expect(receiver.delayMs).toBeLessThan(100 * 120);
    receiver.close();
  });
});
