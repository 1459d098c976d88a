import { encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { CAPABILITIES, audio, meeting, names, Party, readyMeeting } from './support/party';
import { SimulatedTime } from './support/time';
import { WireEnd } from './support/wire';

const code = (error: { code: string }): string => error.code;

describe('pause by an empty capability set (H.323 section 8.4.6)', () => {
  test('the paused side closes its channels and opens none, and goes on receiving', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), b.session.open(audio()), time.pass(100)]);
    await Promise.all([a.session.setCapabilities({}), time.pass(100)]);
    expect(b.told).toEqual(expect.arrayContaining(['closed send 1 paused', 'capabilities 0']));
    expect(b.session.remoteCapabilities).toEqual({});
    expect(b.session.channels.map(({ direction }) => direction)).toEqual(['receive']);
    expect(a.session.channels.map(({ direction }) => direction)).toEqual(['send']);
    await expect(b.session.open(audio())).rejects.toMatchObject({ code: 'h245-not-ready', message: 'the peer takes no media now' });
    const [announcement] = await Promise.all([a.session.open(audio(2)), time.pass(100)]);
    expect(announcement.number).toBe(2);
  });

  test('a channel that is being opened is given up', async () => {
    const { a, b, time } = await readyMeeting();
    a.answer = () => new Promise(() => undefined);
    const opening = b.session.open(audio()).catch(code);
    await Promise.all([a.session.setCapabilities({}), time.pass(1_000)]);
    expect(await opening).toBe('h245-closed');
    expect(a.session.channels.concat(b.session.channels)).toEqual([]);
  });

  test('goes on from the beginning of phase B: capabilities, a master, then channels', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.setCapabilities({}), time.pass(100)]);
    const { capabilityTable = [], ...rest } = CAPABILITIES;
    b.wire.sent.splice(0);
    b.told.splice(0);
    await Promise.all([a.session.setCapabilities({ ...rest, capabilityTable: capabilityTable.slice(1) }), time.pass(100)]);
    expect(names(b.wire.sent)).toEqual([
      'response terminalCapabilitySetAck', 'request terminalCapabilitySet', 'request masterSlaveDetermination', 'response masterSlaveDeterminationAck',
    ]);
    expect(b.told).toEqual(['capabilities 2', 'ready slave']);
    await expect(Promise.all([b.session.open(audio()), time.pass(100)])).resolves.toBeDefined();
  });

  test('a peer that begins with the empty set is waited for', async () => {
    const { a, b, time } = meeting();
    a.session.start({});
    b.session.start(CAPABILITIES);
    a.wire.open();
    b.wire.open();
    await time.pass(60_000);
    expect(b.told).toEqual(['capabilities 0']);
    expect(a.told).toEqual(['capabilities 3', `ready ${a.session.status}`]);
    await Promise.all([a.session.setCapabilities(CAPABILITIES), time.pass(1_000)]);
    expect(b.told).toEqual(['capabilities 0', 'capabilities 3', `ready ${b.session.status}`]);
  });

  test('both pause each other, both go on', async () => {
    const { a, b, time } = await readyMeeting();
    const sets = [{}, CAPABILITIES].flatMap((set) => [a, b].map(({ session }) => session.setCapabilities(set)));
    await time.pass(1_000);
    await Promise.all(sets);
    expect([a.told.at(-1), b.told.at(-1)]).toEqual(['ready master', 'ready slave']);
  });
});

describe('the end', () => {
  test('channels are closed, both sides say goodbye, nothing follows', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.open(audio()), b.session.open(audio()), time.pass(100)]);
    await Promise.all([a.session.end(), time.pass(100)]);
    expect(names(a.wire.sent).slice(-2)).toEqual(['request closeLogicalChannel', 'command endSessionCommand']);
    expect(names(b.wire.sent).slice(-1)).toEqual(['command endSessionCommand']);
    expect(a.told.slice(-3)).toEqual(['closed send 1 ended', 'closed receive 1 ended', 'ended local']);
    expect(b.told.slice(-3)).toEqual(['closed receive 1 peer', 'closed send 1 ended', 'ended peer']);
    for (const { session, wire } of [a, b]) {
      wire.sent.splice(0);
      session.sendUserInput('1');
      await expect(session.open(audio())).rejects.toMatchObject({ code: 'h245-not-ready' });
      await expect(session.setCapabilities(CAPABILITIES)).rejects.toMatchObject({ code: 'h245-closed' });
      await expect(session.roundTrip()).rejects.toMatchObject({ code: 'h245-closed' });
      await session.end();
      expect(wire.sent).toEqual([]);
    }
    await time.pass(100_000);
    expect(time.waiting).toBe(0);
  });

  test('both at once', async () => {
    const { a, b, time } = await readyMeeting();
    await Promise.all([a.session.end(), b.session.end(), time.pass(100)]);
    expect([a.told, b.told]).toEqual([['ended local'], ['ended local']]);
  });

  test('a peer that does not answer it does not hold it', async () => {
    const { a, b, time } = await readyMeeting();
    b.wire.close();
    await Promise.all([a.session.end(), time.pass(10_000)]);
    expect([a.told, b.told]).toEqual([['ended local'], ['ended closed']]);
    expect(time.waiting).toBe(0);
  });

  test('of a session that the peer was never reached in says nothing', async () => {
    const { a } = meeting();
    a.session.start(CAPABILITIES);
    await a.session.end();
    expect([a.told, a.wire.sent]).toEqual([['ended local'], []]);
  });

  test('the channel going away settles everything that waits', async () => {
    const { a, b, time } = await readyMeeting();
    b.answer = () => new Promise((resolve) => time.wakeAfter(1_000, () => resolve({ media: { rtp: { host: '192.0.2.1', port: 4 } } })));
    const waiting = [a.session.open(audio()), a.session.requestMode([[{ type: { audioMode: { g728: null } } }]]), a.session.roundTrip(), a.session.setCapabilities(CAPABILITIES)].map((promise) => promise.then(() => 'done', code));
    await time.pass(7);
    a.wire.close();
    b.wire.close();
    expect(await Promise.all(waiting)).toEqual(Array<string>(4).fill('h245-closed'));
    await time.pass(100_000);
    expect(a.told).toEqual(['ended closed']);
    // The answer came too late, and what it holds is given back.
    expect(b.told.slice(-2)).toEqual(['ended closed', 'closed receive 1 ended']);
    expect(time.waiting).toBe(0);
  });

  test('during the exchange is no failure of it', async () => {
    const { a, b, time } = meeting();
    for (const { session, wire } of [a, b]) {
      session.start(CAPABILITIES);
      wire.open();
    }
    await time.pass(6);
    await Promise.all([a.session.end(), time.pass(100_000)]);
    expect([a.errors, b.errors, a.told.at(-1), b.told.at(-1)]).toEqual([[], [], 'ended local', 'ended peer']);
  });
});

describe('a peer', () => {
  test('that is gone is noticed', async () => {
    const { a, b, time } = await readyMeeting();
    await time.pass(100_000);
    expect(names(a.wire.sent)).toEqual(expect.arrayContaining(['request roundTripDelayRequest', 'response roundTripDelayResponse']));
    b.wire.close();
    await time.pass(200_000);
    expect(a.told).toEqual(['failed h245-dead']);
  });

  test('that says something now and then is not gone', async () => {
    const time = new SimulatedTime();
    const party = await established(time);
    const measuring = party.session.roundTrip();
    party.wire.say({ response: { roundTripDelayResponse: { sequenceNumber: 1 } } });
    await measuring;
    for (let i = 0; i < 20; i++) {
      party.wire.say({ indication: { userInput: { alphanumeric: '1' } } });
      await time.pass(20_000);
    }
    expect(party.errors).toEqual([]);
    await time.pass(200_000);
    expect(party.errors).toMatchObject([{ code: 'h245-dead' }]);
  });

  test('that never answered a round-trip delay request is not asked for ever, nor taken for gone', async () => {
    const time = new SimulatedTime();
    const party = await established(time);
    await time.pass(1_000_000);
    expect(names(party.wire.sent).filter((name) => name === 'request roundTripDelayRequest')).toHaveLength(3);
    expect(party.errors).toEqual([]);
    await expect(party.session.roundTrip()).rejects.toMatchObject({ code: 'h245-unsupported' });
  });

  test('that does not know them is not asked again', async () => {
    for (const said of ['functionNotUnderstood', 'functionNotSupported'] as const) {
      const { a, time } = await readyMeeting();
      const measuring = a.session.roundTrip().catch(code);
      const request: h245.MultimediaSystemControlMessage = { request: { roundTripDelayRequest: { sequenceNumber: 1 } } };
      a.wire.say({ indication: said === 'functionNotUnderstood'
        ? { functionNotUnderstood: request as never }
        : { functionNotSupported: { cause: { unknownFunction: null }, returnedFunction: encode(h245.MultimediaSystemControlMessage, request) } } });
      expect(await measuring).toBe('h245-unsupported');
      await time.pass(200_000);
      expect(names(a.wire.sent).filter((name) => name === 'request roundTripDelayRequest')).toHaveLength(1);
    }
  });

  test('to whom H.245 went in Setup may take as long as the call is not answered', async () => {
    const time = new SimulatedTime();
    const { session, wire, told } = new Party('a', new WireEnd(time, () => 1), time, { timers: { firstAnswer: 240_000 } });
    session.start(CAPABILITIES);
    wire.open();
    await time.pass(200_000);
    expect(told).toEqual([]);
    wire.say({ request: { roundTripDelayRequest: { sequenceNumber: 0 } } });
    await time.pass(31_000);
    expect(told).toEqual(['failed h245-timeout']);
  });
});

/** One that got through the exchange with a peer that is silent since. */
async function established(time: SimulatedTime): Promise<Party> {
  const party = new Party('a', new WireEnd(time, () => 1), time);
  party.session.start(CAPABILITIES);
  party.wire.open();
  party.wire.say({ request: { terminalCapabilitySet: { ...CAPABILITIES, sequenceNumber: 1, protocolIdentifier: '0.0.8.245.0.7' } } });
  party.wire.say({ response: { terminalCapabilitySetAck: { sequenceNumber: 1 } } });
  party.wire.say({ response: { masterSlaveDeterminationAck: { decision: { slave: null } } } });
  expect(party.told).toEqual(['capabilities 3', 'ready slave']);
  return party;
}
