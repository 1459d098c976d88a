import { BfcpDecodeError, decodeMessage, encodeMessage, ERROR_CODES, fragment, MAX_MESSAGE, PRIMITIVES, Reassembly, TcpFraming, type BfcpMessage } from '../../src/bfcp';
import { mutate } from '../h323/support/mutate';
import { Random } from '../h323/support/random';
import { describePeer } from '../peers/harness';
import { randomMessage } from './support/random-message';
import { differences } from './support/tshark';

const header = { version: 2, responder: false, conferenceId: 0x01020304, transactionId: 0x0506, userId: 0x0708 } as const;
const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};
const octets = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');

describe('BFCP messages', () => {
  test('a FloorRequest as RFC 8855 sections 5.1 and 5.2 draw it', () => {
    const message: BfcpMessage = { ...header, primitive: 'FloorRequest', floorIds: [0x0a0b], participantProvidedInfo: 'hello', priority: 4 };
    expect(encodeMessage(message).toString('hex')).toBe(octets(`
      40 01 0004  01020304  0506 0708
      05 04 0a0b  10 07 68656c6c6f 00  08 04 8000`).toString('hex'));
  });

  test('groups count their padding, texts do not', () => {
    const message: BfcpMessage = { ...header, responder: true, primitive: 'FloorRequestStatus', floorRequest: {
      floorRequestId: 9, overallStatus: { floorRequestId: 9, requestStatus: { status: 'accepted', queuePosition: 2 } }, floors: [{ floorId: 1 }], beneficiary: { userId: 5, displayName: 'Eva' },
    } };
    expect(encodeMessage(message).toString('hex')).toBe(octets(`
      50 04 0007  01020304  0506 0708
      1f 1c 0009
        24 08 0009  0a 04 0202
        23 04 0001
        1c 0c 0005  18 05 457661 000000`).toString('hex'));
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  test('what is encoded is decoded to the same', () => {
    const random = new Random(1);
    for (let i = 0; i < 5_000; i++) {
      const message = randomMessage(random);
      expect(decodeMessage(encodeMessage(message))).toEqual(message);
    }
  });

  test('attributes in another order and unknown ones that are not mandatory are taken', () => {
    expect(decodeMessage(octets('2001 0004 00000001 0001 0002  08 04 4000  c8 05 010203 000000  05 04 0003'))).toMatchObject({ primitive: 'FloorRequest', floorIds: [3], priority: 2 });
  });

  test.each([
    ['an unknown version', '600b 0000 00000001 0001 0002', ERROR_CODES.unsupportedVersion],
    ['an unknown primitive', '2063 0000 00000001 0001 0002', ERROR_CODES.unknownPrimitive],
    ['a length that is not the message\'s', '200b 0001 00000001 0001 0002', ERROR_CODES.incorrectMessageLength],
    ['a missing attribute', '2002 0000 00000001 0001 0002', ERROR_CODES.unableToParseMessage],
    ['an attribute twice', '2002 0002 00000001 0001 0002 0704 0001 0704 0001', ERROR_CODES.unableToParseMessage],
    ['an attribute longer than the message', '2002 0001 00000001 0001 0002 0708 0001', ERROR_CODES.unableToParseMessage],
    ['an attribute without a length', '2002 0001 00000001 0001 0002 0700 0001', ERROR_CODES.unableToParseMessage],
  ])('%s is refused with its error code and the header to answer to', (_name, hex, errorCode) => {
    const error = thrown(() => decodeMessage(octets(hex)));
    expect(error).toBeInstanceOf(BfcpDecodeError);
    expect(error).toMatchObject({ errorCode, header: { conferenceId: 1, transactionId: 1, userId: 2 } });
  });

  test('mandatory attributes that are not known are listed for the sender', () => {
    expect(thrown(() => decodeMessage(octets('200b 0002 00000001 0001 0002 c904 0000 cb04 0000')))).toMatchObject({ errorCode: ERROR_CODES.unknownMandatoryAttribute, details: Buffer.from([100 << 1, 101 << 1]) });
  });

  test.each([
    ['an identifier', { primitive: 'FloorRelease', floorRequestId: 65_536 }],
    ['a text', { primitive: 'FloorRequest', floorIds: [1], participantProvidedInfo: 'x'.repeat(254) }],
    ['a group', { primitive: 'UserStatus', beneficiary: { userId: 1, displayName: 'x'.repeat(130), uri: 'x'.repeat(130) }, floorRequests: [] }],
    ['a list that may not be empty', { primitive: 'FloorRequest', floorIds: [] }],
    ['a message', { primitive: 'FloorQuery', floorIds: Array.from({ length: 5_000 }, () => 1) }],
  ] as const)('%s that does not fit is not encoded', (_name, body) => {
    expect(thrown(() => encodeMessage({ ...header, ...(body as unknown as { primitive: 'Hello' }) }))).toMatchObject({ code: 'bfcp-value' });
  });

  test('100,000 broken messages are decoded or refused, nothing else', () => {
    const random = new Random(2);
    const messages = Array.from({ length: 1_000 }, () => encodeMessage(randomMessage(random)));
    let decoded = 0;
    for (let i = 0; i < 100_000; i++) {
      let broken = random.pick(messages);
      for (let times = random.integer(1, 3); times > 0 && broken.length > 0; times--) broken = mutate(broken, random);
      const error = thrown(() => { decodeMessage(broken); decoded++; });
      if (error !== undefined && !(error instanceof BfcpDecodeError)) throw error;
    }
    expect(decoded).toBeGreaterThan(10_000);
  }, 60_000);
});

describe('fragments over UDP', () => {
  const message = encodeMessage({ ...header, primitive: 'FloorQuery', floorIds: Array.from({ length: 900 }, (_, i) => i) });

  test('each has the header of the whole, its place and its length', () => {
    const parts = fragment(message, 1200);
    expect(parts.map((part) => part.length)).toEqual([1200, 1200, 1200, 12 + 3600 + 4 * 4 - 3 * 1200].map((length, i) => (i < 3 ? length : 16 + 3600 - 3 * 1184)));
    expect(parts[1]!.subarray(0, 16).toString('hex')).toBe(octets('48 07 0384 01020304 0506 0708 0128 0128').toString('hex'));
  });

  test('are put together in any order, doubled too', () => {
    const random = new Random(3);
    for (let i = 0; i < 200; i++) {
      const parts = fragment(message, random.integer(20, 1500));
      const shuffled = [...parts, ...parts.filter(() => random.chance(0.3))].map((part) => ({ part, at: random.next() })).sort((a, b) => a.at - b.at).map(({ part }) => part);
      const reassembly = new Reassembly(10_000, () => 0);
      const whole = shuffled.map((part) => reassembly.add(part)).filter((each) => each !== undefined);
      expect(whole[0]?.equals(message)).toBe(true);
    }
  });

  test('are forgotten when they stay incomplete, and a flood of beginnings keeps only the last few', () => {
    let now = 0;
    const reassembly = new Reassembly(10_000, () => now);
    const [first, ...rest] = fragment(message, 1200);
    reassembly.add(first!);
    now = 10_001;
    expect(rest.map((part) => reassembly.add(part))).toEqual([undefined, undefined, undefined]);
    for (let id = 0; id < 1000; id++) {
      const stray = Buffer.from(first!);
      stray.writeUInt16BE(id, 8);
      reassembly.add(stray);
    }
    const mine = fragment(message, 1200).map((part) => reassembly.add(part));
    expect(mine.at(-1)?.equals(message)).toBe(true);
  });

  test('that lie about their lengths are dropped', () => {
    const random = new Random(4);
    const reassembly = new Reassembly(10_000, () => 0);
    for (let i = 0; i < 20_000; i++) {
      const error = thrown(() => {
        const whole = reassembly.add(mutate(random.pick(fragment(message, 400)), random));
        if (whole) expect(whole.length).toBeLessThanOrEqual(MAX_MESSAGE);
      });
      if (error !== undefined) expect(error).toBeInstanceOf(BfcpDecodeError);
    }
  });
});

describe('messages in a TCP stream', () => {
  test('are found however the stream is cut', () => {
    const random = new Random(5);
    const messages = Array.from({ length: 300 }, () => encodeMessage(randomMessage(random)));
    const stream = Buffer.concat(messages);
    const framing = new TcpFraming();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length;) {
      const length = random.integer(1, 200);
      found.push(...framing.add(Buffer.from(stream.subarray(at, at + length))));
      at += length;
    }
    expect(found.map((each) => each.toString('hex'))).toEqual(messages.map((each) => each.toString('hex')));
    expect(framing.midway).toBe(false);
  });

  test('that say they are greater than any message end the stream', () => {
    expect(thrown(() => new TcpFraming().add(octets('200b ffff 00000001 0001 0002')))).toBeInstanceOf(BfcpDecodeError);
  });
});

describePeer('tshark', 'tshark sees in our messages what was put in', () => {
  test('every primitive with random attributes', () => {
    const random = new Random(6);
    const messages = Array.from({ length: 1_500 }, () => randomMessage(random, ['x', 'ab', 'abc', 'four', 'Ääkköset'])).map((message) => ({ message, octets: encodeMessage(message) }));
    expect(new Set(messages.map(({ message }) => message.primitive)).size).toBe(Object.keys(PRIMITIVES).length);
    expect(differences(messages).slice(0, 5)).toEqual([]);
  }, 200_000);
});
