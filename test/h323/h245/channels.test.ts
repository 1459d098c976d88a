import type { LogicalChannel } from '../../../src/h323/h245';
import type { h245 } from '../../../src/h323/schemas';
import { ALAW, audio, H224, H263, meeting, names, readyMeeting, ULAW, type Party } from './support/party';

const code = (error: { code: string }): string => error.code;
const channelsOf = ({ session }: Party): string[] => session.channels.map(({ direction, number }) => `${direction} ${number}`);

describe('a channel in which this side sends', () => {
  test('is opened: each side knows the media address of the side that receives', async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => ({ media: { rtp: { host: '198.51.100.4', port: 5_000 } } });
    const [channel] = await Promise.all([a.session.open(audio()), time.pass(100)]);
    expect(channel).toEqual({ direction: 'send', number: 1, sessionId: 1, dataType: ULAW, payloadType: 0, media: { rtp: { host: '198.51.100.4', port: 5_000 }, rtcp: { host: '198.51.100.4', port: 5_001 } } });
    expect(b.session.channels).toEqual([{
      direction: 'receive', number: 1, sessionId: 1, dataType: ULAW, payloadType: 0, media: { rtp: { host: '198.51.100.4', port: 5_000 } }, reports: { host: '192.0.2.7', port: 30_001 },
    }]);
    expect([a.told, b.told]).toEqual([['opened send 1'], ['opened receive 1']]);
  });

  test('has IPv6 addresses, a dynamic payload type and parameters of its packetisation', async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => ({ media: { rtp: { host: '2001:db8::1', port: 5_000 }, rtcp: { host: '2001:db8::1', port: 6_000 } }, payloadType: 111, flowControlToZero: true });
    const mediaPacketization: h245.H2250LogicalChannelParameters['mediaPacketization'] = { rtpPayloadType: { payloadDescriptor: { 'rfc-number': 4629 }, payloadType: 105 } };
    const [channel] = await Promise.all([a.session.open({ sessionId: 2, dataType: H263, payloadType: 105, parameters: { mediaPacketization, silenceSuppression: false } }), time.pass(100)]);
    expect(b.requests[0]).toMatchObject({ sessionId: 2, payloadType: 105, parameters: { mediaPacketization, silenceSuppression: false } });
    expect(channel).toMatchObject({ payloadType: 111, flowControlToZero: true, media: { rtp: { host: '2001:db8:0:0:0:0:0:1', port: 5_000 }, rtcp: { host: '2001:db8:0:0:0:0:0:1', port: 6_000 } } });
  });

  test('is refused with the cause that the peer gives', async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => ({ refuse: { dataTypeNotSupported: null } });
    const [error] = await Promise.all([a.session.open(audio()).catch((thrown: Error & { code: string; q850: number }) => thrown), time.pass(100)]);
    expect(error).toMatchObject({ code: 'h245-refused', q850: 88, message: 'channel 1: the peer refused it: dataTypeNotSupported' });
    expect([channelsOf(a), channelsOf(b), a.told, b.told]).toEqual([[], [], [], []]);
  });

  test('is closed and opened again, under another number', async () => {
    const { a, b, time } = await readyMeeting();
    const [first] = await Promise.all([a.session.open(audio()), time.pass(100)]);
    await Promise.all([a.session.close(first, true), time.pass(100)]);
    const [second] = await Promise.all([a.session.open(audio()), time.pass(100)]);
    expect(second.number).toBe(2);
    expect(a.told).toEqual(['opened send 1', 'closed send 1 local reopen', 'opened send 2']);
    expect(b.told).toEqual(['opened receive 1', 'closed receive 1 peer reopen', 'opened receive 2']);
    await expect(a.session.close(first)).resolves.toBeUndefined();
  });

  test('closed while the peer thinks about it: it is gone on both sides, and what the peer had accepted is given back', async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => new Promise((resolve) => time.wakeAfter(500, () => resolve({ media: { rtp: { host: '198.51.100.4', port: 5_000 } } })));
    const opening = a.session.open(audio()).catch(code);
    await time.pass(50);
    await Promise.all([a.session.close({ direction: 'send', number: 1 }), time.pass(1_000)]);
    expect(await opening).toBe('h245-closed');
    expect(b.told).toEqual(['closed receive 1 peer']);
    expect([channelsOf(a), channelsOf(b)]).toEqual([[], []]);
  });

  test('is given up when the peer does not answer in time (T103)', async () => {
    const { a, b, time } = await readyMeeting({ timers: { channel: 1_000 } });
    b.answer = () => new Promise(() => undefined);
    const [error] = await Promise.all([a.session.open(audio()).catch(code), time.pass(2_000)]);
    expect(error).toBe('h245-timeout');
    expect(names(a.wire.sent)).toEqual(['request openLogicalChannel', 'request closeLogicalChannel']);
    expect(names(b.wire.sent)).toEqual(['response closeLogicalChannelAck']);
  });

  test('is closed again when the peer tells no address', async () => {
    const { a, time } = await readyMeeting();
    const opening = a.session.open(audio()).catch(code);
    a.wire.say({ response: { openLogicalChannelAck: { forwardLogicalChannelNumber: 1 } } });
    expect(await opening).toBe('h245-invalid');
    expect(names(a.wire.sent)).toEqual(['request openLogicalChannel', 'request closeLogicalChannel']);
    await time.pass(30_000);
    expect(channelsOf(a)).toEqual([]);
  });

  test('takes the place of another one', async () => {
    const { a, b, time } = await readyMeeting();
    const [first] = await Promise.all([a.session.open(audio()), time.pass(100)]);
    await Promise.all([a.session.open(audio(1, { dataType: ALAW, payloadType: 8, replaces: first.number })), time.pass(100)]);
    expect(b.requests[1]!.replaces).toBe(1);
    expect(a.told).toEqual(['opened send 1', 'closed send 1 replaced', 'opened send 2']);
    expect(b.told).toEqual(['opened receive 1', 'opened receive 2', 'closed receive 1 peer']);
    await expect(a.session.open(audio(1, { replaces: 9 }))).rejects.toMatchObject({ code: 'h245-channel' });
  });

  test('cannot be opened before capabilities are exchanged, nor more of them than the bound', async () => {
    const { a } = meeting();
    await expect(a.session.open(audio())).rejects.toMatchObject({ code: 'h245-not-ready' });
    const ready = await readyMeeting({ limits: { channels: 2 } });
    const opening = [audio(1), audio(2), audio(3)].map((request) => ready.a.session.open(request).then(({ number }) => number, code));
    await ready.time.pass(100);
    expect(await Promise.all(opening)).toEqual([1, 2, 'h245-limit']);
  });

  test('what cannot be encoded is refused at once, and leaves nothing behind', async () => {
    const { a } = await readyMeeting();
    await expect(a.session.open(audio(300))).rejects.toMatchObject({ code: 'per-value' });
    expect([channelsOf(a), a.wire.sent]).toEqual([[], []]);
  });

  test('is closed by the wish of the side that receives', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), time.pass(100)]);
    const [received] = b.session.channels as [LogicalChannel];
    await Promise.all([b.session.close(received, true), time.pass(100)]);
    expect([a.told, b.told]).toEqual([['opened send 1', 'closed send 1 peer reopen'], ['opened receive 1', 'closed receive 1 local reopen']]);
    expect(names(b.wire.sent)).toEqual(['response openLogicalChannelAck', 'request requestChannelClose', 'response closeLogicalChannelAck']);
  });

  test('a wish to close what is not open is refused', async () => {
    const { a, b, time } = await readyMeeting();
    b.wire.send({ request: { requestChannelClose: { forwardLogicalChannelNumber: 4 } } });
    await time.pass(100);
    expect(names(a.wire.sent)).toEqual(['response requestChannelCloseReject']);
  });
});

describe('a channel of the peer', () => {
  test('is answered by a user who needs a while', async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => new Promise((resolve) => time.wakeAfter(500, () => resolve({ media: { rtp: { host: '198.51.100.4', port: 5_000 } } })));
    const [channel] = await Promise.all([a.session.open(audio()), time.pass(1_000)]);
    expect(channel.media.rtp.port).toBe(5_000);
  });

  test('is refused when the user takes too long, or throws', async () => {
    const { a, b, time } = await readyMeeting({}, { timers: { answer: 1_000 } });
    b.answer = () => new Promise(() => undefined);
    const [late] = await Promise.all([a.session.open(audio()).catch((error: Error) => error.message), time.pass(2_000)]);
    expect(late).toContain('dataTypeNotAvailable');
    b.answer = () => Promise.reject(new Error('no port'));
    const [thrown] = await Promise.all([a.session.open(audio()).catch((error: Error) => error.message), time.pass(2_000)]);
    expect(thrown).toContain('unspecified');
    expect(b.errors[0]).toMatchObject({ code: 'h245-channel', cause: new Error('no port') });
    expect(channelsOf(b)).toEqual([]);
  });

  test('over the bound is refused', async () => {
    const { a, b, time } = await readyMeeting({}, { limits: { channels: 1 } });
    const opening = [audio(1), audio(2)].map((request) => a.session.open(request).then(({ number }) => number, (error: Error) => error.message));
    await time.pass(100);
    expect(await Promise.all(opening)).toEqual([1, expect.stringContaining('dataTypeNotAvailable')]);
    expect(channelsOf(b)).toEqual(['receive 1']);
  });

  test('multicast, another multiplex, and a replacement of nothing are refused', async () => {
    const { b } = await readyMeeting();
    const group = { multicastAddress: { iPAddress: { network: Buffer.from([224, 0, 0, 1]), tsapIdentifier: 5_000 } } };
    const open = (forward: Partial<h245.OpenLogicalChannel['forwardLogicalChannelParameters']>): void => b.wire.say({ request: { openLogicalChannel: {
      forwardLogicalChannelNumber: 7, forwardLogicalChannelParameters: { dataType: ULAW, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1 } }, ...forward },
    } } });
    open({ multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1, mediaChannel: group } } });
    open({ multiplexParameters: { none: null } });
    open({ replacementFor: 99 });
    expect(b.wire.sent.map((message) => 'response' in message && 'openLogicalChannelReject' in message.response && Object.keys(message.response.openLogicalChannelReject.cause)[0])).toEqual([
      'multicastChannelNotAllowed', 'dataTypeNotSupported', 'replacementForRejected',
    ]);
  });

  test('under a number that is in use: the one before is over', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), time.pass(100)]);
    a.wire.send({ request: { openLogicalChannel: {
      forwardLogicalChannelNumber: 1, forwardLogicalChannelParameters: { dataType: ALAW, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 1 } } },
    } } });
    await time.pass(100);
    expect(b.told).toEqual(['opened receive 1', 'closed receive 1 peer', 'opened receive 1']);
    expect(b.session.channels).toMatchObject([{ dataType: ALAW, payloadType: 8 }]);
  });

  test('a close of what is not open is acknowledged', async () => {
    const { a, b, time } = await readyMeeting();
    a.wire.send({ request: { closeLogicalChannel: { forwardLogicalChannelNumber: 12, source: { user: null } } } });
    await time.pass(100);
    expect(names(b.wire.sent)).toEqual(['response closeLogicalChannelAck']);
  });
});

describe('bidirectional channels', () => {
  const h224 = (): Parameters<Party['session']['open']>[0] => ({
    sessionId: 3, dataType: H224, payloadType: 100, reverse: { dataType: H224, payloadType: 101 }, media: { rtp: { host: '192.0.2.7', port: 30_000 } },
  });

  test('are open once the side that took it is told so: both know the other\'s address', async () => {
    const { a, b, time } = await readyMeeting();
    const [channel] = await Promise.all([a.session.open(h224()), time.pass(100)]);
    expect(channel).toMatchObject({ number: 1, reverse: { number: 1, dataType: H224 } });
    expect(b.requests[0]!.reverse).toEqual({ dataType: H224, payloadType: 101, media: { rtp: { host: '192.0.2.7', port: 30_000 }, rtcp: { host: '192.0.2.7', port: 30_001 } } });
    expect(names(a.wire.sent)).toEqual(['request openLogicalChannel', 'indication openLogicalChannelConfirm']);
    expect(b.told).toEqual(['opened receive 1']);
    await Promise.all([a.session.close(channel), time.pass(100)]);
    expect([a.told, b.told]).toEqual([['opened send 1', 'closed send 1 local'], ['opened receive 1', 'closed receive 1 peer']]);
  });

  test('are given up when the confirmation does not come (T103)', async () => {
    const { b, time } = await readyMeeting({}, { timers: { channel: 1_000 } });
    b.wire.say({ request: { openLogicalChannel: {
      forwardLogicalChannelNumber: 5,
      forwardLogicalChannelParameters: { dataType: H224, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 3 } } },
      reverseLogicalChannelParameters: { dataType: H224 },
    } } });
    expect(b.told).toEqual([]);
    await time.pass(2_000);
    expect(b.told).toEqual(['closed receive 5 fault']);
  });

  test("opened by both at once: the master's is, the slave's is not", async () => {
    const { a, b, time } = await readyMeeting();
    const opening = [a, b].map(({ session }) => session.open(h224()).then(({ number }) => number, code));
    await time.pass(1_000);
    expect(await Promise.all(opening)).toEqual([1, 'h245-conflict']);
    expect([channelsOf(a), channelsOf(b)]).toEqual([['send 1'], ['receive 1']]);
  });

  test('of a stack of its own (T.120) have its address', async () => {
    const { a, b, time } = await readyMeeting();
    const t120: h245.DataType = { data: { application: { t120: { separateLANStack: null } }, maxBitRate: 640 } };
    const separateStack: h245.NetworkAccessParameters = {
      networkAddress: { localAreaAddress: { unicastAddress: { iPAddress: { network: Buffer.from([198, 51, 100, 9]), tsapIdentifier: 1503 } } } }, associateConference: false,
    };
    b.answer = () => ({ media: { rtp: { host: '198.51.100.9', port: 1503 } }, separateStack });
    const [channel] = await Promise.all([a.session.open({ sessionId: 3, dataType: t120, payloadType: 0, reverse: { dataType: t120, payloadType: 0 } }), time.pass(100)]);
    expect(channel).toMatchObject({ separateStack, media: { rtp: { host: '198.51.100.9', port: 1503 } } });
  });
});

describe('codecs that cannot be beside each other', () => {
  const symmetric = { handlers: { conflict: (theirs: h245.DataType, ours: h245.DataType) => JSON.stringify(theirs) !== JSON.stringify(ours) } };
  const open = ({ session }: Party, dataType: h245.DataType): Promise<number | string> => session.open(audio(1, { dataType, payloadType: dataType === ALAW ? 8 : 0 })).then(({ number }) => number, code);

  test("both at once: the slave's is refused, the master's stays", async () => {
    const { a, b, time } = await readyMeeting(symmetric, symmetric);
    const opening = [open(a, ULAW), open(b, ALAW)];
    await time.pass(1_000);
    expect(await Promise.all(opening)).toEqual([1, 'h245-conflict']);
    const again = open(b, ULAW);
    await time.pass(1_000);
    expect(await again).toBe(2);
  });

  test("the slave's, though open, gives way to the master's", async () => {
    const { a, b, time } = await readyMeeting(symmetric, symmetric);
    const first = open(b, ALAW);
    await time.pass(1_000);
    const second = open(a, ULAW);
    await time.pass(1_000);
    expect(await Promise.all([first, second])).toEqual([1, 1]);
    expect(b.told).toEqual(['opened send 1', 'closed send 1 conflict reopen', 'opened receive 1']);
    expect(a.told).toEqual(['opened receive 1', 'closed receive 1 peer reopen', 'opened send 1']);
  });

  test('the same ones are no conflict, nor others where both directions may differ', async () => {
    for (const options of [symmetric, {}]) {
      const { a, b, time } = await readyMeeting(options, options);
      const opening = [open(a, ULAW), open(b, options === symmetric ? ULAW : ALAW)];
      await time.pass(1_000);
      expect(await Promise.all(opening)).toEqual([1, 1]);
    }
  });
});

describe('sessions', () => {
  test('over three are numbered by the master, whoever asks', async () => {
    const { a, b, time } = await readyMeeting();
    const opening = [a.session.open(audio(0)), b.session.open(audio(0)), b.session.open(audio(1))];
    await time.pass(1_000);
    expect((await Promise.all(opening)).map(({ sessionId }) => sessionId)).toEqual([4, 5, 1]);
    expect(b.session.channels.map(({ direction, sessionId }) => `${direction} ${sessionId}`)).toEqual(['send 5', 'send 1', 'receive 4']);
  });

  test('a new one from the master without a number is refused by the slave', async () => {
    const { b } = await readyMeeting();
    b.wire.say({ request: { openLogicalChannel: {
      forwardLogicalChannelNumber: 5, forwardLogicalChannelParameters: { dataType: ULAW, multiplexParameters: { h2250LogicalChannelParameters: { sessionID: 0 } } },
    } } });
    expect(b.wire.sent).toEqual([{ response: { openLogicalChannelReject: { forwardLogicalChannelNumber: 5, cause: { invalidSessionID: null } } } }]);
  });

  test('a master that is asked for a new one says which, and a slave that is not told gives the channel up', async () => {
    const { b } = await readyMeeting();
    const opening = b.session.open(audio(0)).catch(code);
    b.wire.say({ response: { openLogicalChannelAck: { forwardLogicalChannelNumber: 1, forwardMultiplexAckParameters: { h2250LogicalChannelAckParameters: {
      mediaChannel: { unicastAddress: { iPAddress: { network: Buffer.from([192, 0, 2, 1]), tsapIdentifier: 5_000 } } },
    } } } } });
    expect(await opening).toBe('h245-invalid');
  });
});

describe('channels of fastStart', () => {
  const channel = (direction: 'send' | 'receive', number: number): LogicalChannel =>
    ({ direction, number, sessionId: 1, dataType: ULAW, payloadType: 0, media: { rtp: { host: '192.0.2.1', port: 4_000 } } });

  test('are closed as the others, and their numbers are not given again', async () => {
    const { a, b, time } = await readyMeeting();
    a.session.adopt(channel('send', 1));
    a.session.adopt(channel('receive', 1));
    b.session.adopt(channel('receive', 1));
    b.session.adopt(channel('send', 1));
    expect(() => a.session.adopt(channel('send', 1))).toThrow(expect.objectContaining({ code: 'h245-channel' }));
    expect(() => a.session.adopt(channel('receive', 1))).toThrow(expect.objectContaining({ code: 'h245-channel' }));
    const [next] = await Promise.all([a.session.open(audio(2)), time.pass(100)]);
    expect(next.number).toBe(2);
    await Promise.all([a.session.close(channel('send', 1)), a.session.close(channel('receive', 1)), time.pass(1_000)]);
    expect([channelsOf(a), channelsOf(b)]).toEqual([['send 2'], ['receive 2']]);
  });
});

describe('what a peer may get wrong', () => {
  test('refusing a channel that is open ends it', async () => {
    const { a, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), time.pass(100)]);
    a.wire.say({ response: { openLogicalChannelReject: { forwardLogicalChannelNumber: 1, cause: { unspecified: null } } } });
    expect(a.told).toEqual(['opened send 1', 'closed send 1 peer']);
  });

  test('acknowledging a close that was not asked ends it', async () => {
    const { a, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), time.pass(100)]);
    a.wire.say({ response: { closeLogicalChannelAck: { forwardLogicalChannelNumber: 1 } } });
    expect(a.told).toEqual(['opened send 1', 'closed send 1 fault']);
  });

  test('leaving a close unanswered does not hold it (T103)', async () => {
    const { a, b, time } = await readyMeeting();
    const [channel] = await Promise.all([a.session.open(audio()), time.pass(100)]);
    b.wire.close();
    await Promise.all([a.session.close(channel), time.pass(30_000)]);
    expect(channelsOf(a)).toEqual([]);
    expect(b.told).toEqual(['opened receive 1', 'closed receive 1 ended', 'ended closed']);
  });

  test('a wish to close that is refused, and one that is promised and not done', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), time.pass(100)]);
    const [received] = b.session.channels as [LogicalChannel];
    const refused = b.session.close(received).catch(code);
    b.wire.say({ response: { requestChannelCloseReject: { forwardLogicalChannelNumber: 1, cause: { unspecified: null } } } });
    expect(await refused).toBe('h245-refused');
    const promised = b.session.close(received).catch(code);
    b.wire.say({ response: { requestChannelCloseAck: { forwardLogicalChannelNumber: 1 } } });
    await time.pass(100);
    expect([await promised, channelsOf(b)]).toEqual([undefined, []]);
  });

  test("nothing that this side's user does with it: what cannot be answered is refused", async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => ({ media: { rtp: { host: 'nowhere', port: 1 } } });
    const [error] = await Promise.all([a.session.open(audio()).catch(code), time.pass(100)]);
    expect(error).toBe('h245-refused');
    expect([channelsOf(b), b.errors.map(code)]).toEqual([[], ['h245-channel']]);
  });
});
