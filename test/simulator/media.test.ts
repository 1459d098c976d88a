import { createHash } from 'node:crypto';
import { decodeG711, encodeG711 } from '../../src/simulator/media/g711';
import { beginsKeyFrame, H264Pattern, packetise } from '../../src/simulator/media/h264-pattern';
import { Reception } from '../../src/simulator/media/reception';
import { encodeReport, encodeRtp, parseReport, parseRtp, type RtpPacket } from '../../src/simulator/media/rtp-packet';
import { Listener, ToneGenerator } from '../../src/simulator/media/tone';

describe('G.711', () => {
  test.each([
    // From the tables of ITU-T G.711: zero, smallest and largest magnitudes.
    ['PCMU', 0xff, 0], ['PCMU', 0x80, 32_124], ['PCMU', 0x00, -32_124], ['PCMU', 0xfe, 8], ['PCMU', 0x7e, -8],
    ['PCMA', 0xd5, 8], ['PCMA', 0x55, -8], ['PCMA', 0xaa, 32_256], ['PCMA', 0x2a, -32_256],
  ] as const)('%s octet %i is %i', (law, octet, sample) => {
    expect(decodeG711(law, Uint8Array.of(octet))[0]).toBe(sample);
  });

  test.each(['PCMU', 'PCMA'] as const)('%s: what an octet means is coded as that octet again', (law) => {
    const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    const again = encodeG711(law, decodeG711(law, octets));
    // PCMU has two zeros, of which the positive one is sent.
    expect([...again]).toEqual([...octets].map((octet) => (law === 'PCMU' && octet === 0x7f ? 0xff : octet)));
  });
});

describe('listening', () => {
  const listen = (...blocks: Int16Array[]): Listener => {
    const listener = new Listener();
    for (const block of blocks) listener.add(block);
    return listener;
  };
  const noise = (count: number): Int16Array => {
    let state = 1;
    return Int16Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return ((state >>> 16) & 0x3fff) - 0x2000;
    });
  };

  test('nothing, silence, sound and a tone are told apart', () => {
    expect(listen().heard).toEqual({ kind: 'nothing' });
    expect(listen(new Int16Array(8_000)).heard).toEqual({ kind: 'silence' });
    expect(listen(noise(8_000)).heard).toEqual({ kind: 'sound' });
    expect(listen(new ToneGenerator(440, 8_000).next(8_000)).heard).toEqual({ kind: 'tone', frequencyHz: 440 });
  });

  test.each([200, 450, 1_000, 3_400])('a tone of %i Hz through either law, in packets of 20 ms', (frequencyHz) => {
    for (const law of ['PCMU', 'PCMA'] as const) {
      const [tone, listener] = [new ToneGenerator(frequencyHz, 8_000), new Listener()];
      for (let i = 0; i < 25; i++) listener.add(decodeG711(law, encodeG711(law, tone.next(160))));
      expect(listener.heard).toEqual({ kind: 'tone', frequencyHz });
    }
  });

  test('silence before and after a tone does not hide it', () => {
    expect(listen(new Int16Array(8_000), new ToneGenerator(600, 8_000).next(4_000), new Int16Array(8_000)).heard).toEqual({ kind: 'tone', frequencyHz: 600 });
  });
});

describe('RTP packets', () => {
  const packet: RtpPacket = { payloadType: 8, marker: true, sequence: 65_535, timestamp: 4_294_967_295, ssrc: 0xdeadbeef, payload: Buffer.from('sound') };

  test('what is encoded is parsed again', () => {
    expect(parseRtp(encodeRtp(packet))).toEqual(packet);
  });

  test('contributing sources, an extension and padding are not payload', () => {
    const bytes = Buffer.concat([
      Buffer.from([0x80 | 0x20 | 0x10 | 2, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]), Buffer.alloc(8, 1), Buffer.from([0xbe, 0xde, 0, 1, 9, 9, 9, 9]), Buffer.from('abc'), Buffer.from([0, 0, 3]),
    ]);
    expect(parseRtp(bytes)).toMatchObject({ sequence: 1, timestamp: 2, ssrc: 3, payload: Buffer.from('abc') });
  });

  test('bytes cut off anywhere and random bytes are no packet, and no fault', () => {
    const report = encodeReport(1, { time: 0, rtpTimestamp: 1, packets: 2, octets: 3 }, [], 'name', true);
    for (let length = 0; length < report.length; length++) parseReport(report.subarray(0, length));
    for (let length = 0; length < 12; length++) expect(parseRtp(encodeRtp(packet).subarray(0, length))).toBeUndefined();
    for (let seed = 0; seed < 2_000; seed++) {
      const bytes = createHash('sha512').update(String(seed)).digest().subarray(0, seed % 64);
      parseRtp(bytes);
      parseReport(bytes);
    }
    expect(parseRtp(Buffer.from([0xa0, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 200]))).toBeUndefined();
  });

  test('a report carries the sender\'s counts and what the receiver missed', () => {
    const block = { ssrc: 7, fractionLost: 128, cumulativeLost: -1, highestSequence: 70_000, jitter: 5, lastSenderReport: 6, delaySinceLast: 8 };
    const bytes = encodeReport(9, { time: 0, rtpTimestamp: 1, packets: 2, octets: 3 }, [block], 'name@host', true);
    expect(bytes.length % 4).toBe(0);
    // 1970 in NTP time is 2,208,988,800 s, of which the middle 32 bits count.
    expect(parseReport(bytes)).toEqual({
      ssrc: 9, senderReport: ((2_208_988_800 % 65_536) * 65_536) >>> 0, bye: true,
      blocks: [{ ssrc: 7, fractionLost: 128, cumulativeLost: -1, jitter: 5 }],
    });
    expect(parseReport(encodeReport(9, undefined, [], 'name', false))).toEqual({ ssrc: 9, blocks: [], bye: false });
  });
});

describe('reception', () => {
  const receive = (sequences: readonly number[], more: (i: number) => { at?: number; ssrc?: number } = () => ({})): Reception => {
    const reception = new Reception(8_000);
    sequences.forEach((sequence, i) => {
      const { at = i * 20, ssrc = 1 } = more(i);
      reception.add({ payloadType: 8, marker: false, sequence: sequence & 0xffff, timestamp: i * 160, ssrc, payload: Buffer.alloc(160) }, at);
    });
    return reception;
  };
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

  test('without loss, over the wrap of the sequence number', () => {
    expect(receive(range(65_530, 65_545))).toMatchObject({ packets: 15, lost: 0, jitterMs: 0 });
  });

  test('missing packets are lost, late ones are not', () => {
    expect(receive([1, 2, 5, 6, 4, 9])).toMatchObject({ packets: 6, lost: 3 });
  });

  test('a packet that comes twice hides a lost one, as in RFC 3550, but never counts below none', () => {
    expect(receive([1, 1, 2])).toMatchObject({ packets: 3, lost: 0 });
  });

  test('jitter follows RFC 3550 section 6.4.1: one packet 16 ms late moves it by a sixteenth, there and back', () => {
    const late = receive(range(0, 3), (i) => ({ at: i * 20 + (i === 1 ? 16 : 0) }));
    expect(late.jitterMs).toBeCloseTo(1 + (16 - 1) / 16, 5);
  });

  test('another source, and one that begins anew, keep what was counted', () => {
    expect(receive([1, 2, 4, 50, 51], (i) => ({ ssrc: i < 3 ? 1 : 2 }))).toMatchObject({ packets: 5, lost: 1 });
    expect(receive([1, 2, 30_000, 30_001])).toMatchObject({ packets: 4, lost: 0 });
  });

  test('the report tells the share lost since the last one', () => {
    const reception = receive([0, 1, 2, 3]);
    expect(reception.report(0)).toMatchObject({ fractionLost: 0, cumulativeLost: 0, highestSequence: 3 });
    reception.add({ payloadType: 8, marker: false, sequence: 7, timestamp: 0, ssrc: 1, payload: Buffer.alloc(1) }, 0);
    expect(reception.report(0)).toMatchObject({ fractionLost: 192, cumulativeLost: 3 });
  });
});

describe('the H.264 test pattern', () => {
  test('is the stream that ffmpeg 5.1 decoded without a complaint: 60 frames of 128x96, constrained baseline, six pictures', () => {
    // Made by writing the same bytes to a file: ffmpeg -v warning -err_detect explode -i pattern.h264 -f framemd5 -
    const pattern = new H264Pattern(10);
    const stream = createHash('sha256');
    for (let frame = 0; frame < 60; frame++) {
      for (const nal of pattern.next()) stream.update(Buffer.of(0, 0, 0, 1)).update(nal);
    }
    expect(stream.digest('hex')).toBe('cdcb3c4fc2bbcb89a57a09f4b36b2f1a083ad00112014f16ca86c885f1f051ec');
  });

  test('fragments of a NAL unit are put together again, and only the first begins a key frame', () => {
    const [, , key] = new H264Pattern(10).next();
    if (key === undefined) throw new Error('no key frame');
    const payloads = packetise(key, 1_200);
    expect(Math.max(...payloads.map((payload) => payload.length))).toBeLessThanOrEqual(1_200);
    const [first, last] = [payloads[0]?.readUInt8(1) ?? 0, payloads.at(-1)?.readUInt8(1) ?? 0];
    expect([first & 0xc0, last & 0xc0]).toEqual([0x80, 0x40]);
    const header = Buffer.of(((payloads[0]?.readUInt8(0) ?? 0) & 0xe0) | (first & 0x1f));
    expect(Buffer.concat([header, ...payloads.map((payload) => payload.subarray(2))])).toEqual(key);
    expect(payloads.map(beginsKeyFrame)).toEqual(payloads.map((_, i) => i === 0));
  });

  test('a key frame is found in an aggregate, and nothing in garbage', () => {
    const unit = (nal: number[]): number[] => [0, nal.length, ...nal];
    expect(beginsKeyFrame(Buffer.from([24, ...unit([0x67, 1]), ...unit([0x65, 1, 2])]))).toBe(true);
    expect(beginsKeyFrame(Buffer.from([24, ...unit([0x67, 1]), ...unit([0x41, 1, 2])]))).toBe(false);
    for (let seed = 0; seed < 500; seed++) expect(typeof beginsKeyFrame(createHash('sha256').update(String(seed)).digest().subarray(0, seed % 32))).toBe('boolean');
  });
});
