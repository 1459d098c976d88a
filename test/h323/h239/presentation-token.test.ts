import { decodeH239, encodeH239, type H239Message } from '../../../src/h323/h239';
import { decode, encode } from '../../../src/h323/per';
import { h245 } from '../../../src/h323/schemas';
import { Random } from '../support/random';
import { randomValue } from '../support/random-value';
import { overTheWire, terminals, type Terminal } from './support';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());
const pass = (milliseconds = 100): void => void jest.advanceTimersByTime(milliseconds);
const states = (...all: Terminal[]): string[] => all.map(({ token }) => token.state);

describe('messages of H.239', () => {
  test.each<H239Message>([
    { type: 'presentationTokenRequest', terminalLabel: 0, channelId: 103, symmetryBreaking: 127 },
    { type: 'presentationTokenResponse', terminalLabel: 257, channelId: 103, accepted: true },
    { type: 'presentationTokenResponse', terminalLabel: 0, channelId: 65_535, accepted: false },
    { type: 'presentationTokenRelease', terminalLabel: 0, channelId: 103 },
    { type: 'presentationTokenIndicateOwner', terminalLabel: 0, channelId: 103 },
    { type: 'flowControlReleaseRequest', channelId: 103, bitRate: 19_200 },
    { type: 'flowControlReleaseRequest', channelId: 103, bitRate: 100_000 },
    { type: 'flowControlReleaseResponse', channelId: 103, accepted: false },
  ])('%j passes as it is', (message) => {
    expect(decodeH239(overTheWire(encodeH239(message)))).toEqual(message);
  });

  test("a refusal that says nothing else, as H323plus's, is one", () => {
    const { kind, message } = encodeH239({ type: 'presentationTokenResponse', accepted: false });
    expect(message.messageContent).toHaveLength(1);
    expect(decodeH239({ kind, message })).toEqual({ type: 'presentationTokenResponse', accepted: false });
  });

  test('what is not of H.239 is left to others', () => {
    const random = new Random(1);
    for (let i = 0; i < 2_000; i++) {
      const message = decode(h245.GenericMessage, encode(h245.GenericMessage, randomValue(h245.GenericMessage, random)));
      expect(decodeH239({ kind: 'request', message })).toBeUndefined();
      expect(() => decodeH239({ kind: 'response', message: { ...message, messageIdentifier: { standard: '0.0.8.239.2' } } })).not.toThrow();
    }
    expect(decodeH239({ ...encodeH239({ type: 'presentationTokenRelease' }), kind: 'request' })).toBeUndefined();
  });
});

describe('the presentation token', () => {
  test('is asked for, granted and given back', () => {
    const [a, b] = terminals([[5], []]);
    a.token.request(103);
    pass();
    expect(b.told).toEqual(['requested 103']);
    b.token.grant();
    pass();
    expect(states(a, b)).toEqual(['owned', 'granted']);
    a.token.release();
    pass();
    expect(states(a, b)).toEqual(['free', 'free']);
    expect([a.told, b.told]).toEqual([['granted'], ['requested 103', 'released']]);
  });

  test('is refused', () => {
    const [a, b] = terminals([[5], []]);
    a.token.request(103);
    pass();
    b.token.refuse();
    pass();
    expect([a.told, states(a, b)]).toEqual([['refused'], ['free', 'free']]);
  });

  test('is taken over: who had it loses it by granting, and keeps it by refusing', () => {
    const [a, b] = terminals([[5], [6, 7]]);
    a.token.request(103);
    pass();
    b.token.grant();
    pass();
    b.token.request(104);
    pass();
    a.token.refuse();
    pass();
    expect(states(a, b)).toEqual(['owned', 'granted']);
    b.token.request(104);
    pass();
    a.token.grant();
    pass();
    expect(states(a, b)).toEqual(['granted', 'owned']);
    expect(a.told).toEqual(['granted', 'requested 104', 'requested 104', 'revoked']);
    expect(b.told).toEqual(['requested 103', 'refused', 'granted']);
  });

  test('goes to the greater number when both ask at once', () => {
    const [a, b] = terminals([[50], [90]]);
    a.token.request(103);
    b.token.request(104);
    pass();
    expect(a.told).toEqual(['refused', 'requested 104']);
    a.token.grant();
    pass();
    expect(states(a, b)).toEqual(['granted', 'owned']);
    expect(b.told).toEqual(['granted']);
  });

  test('goes to nobody when both ask at once with the same number, and to one when they try again', () => {
    const [a, b] = terminals([[50, 10], [50, 11]]);
    a.token.request(103);
    b.token.request(104);
    pass();
    expect([a.told, b.told, states(a, b)]).toEqual([['refused'], ['refused'], ['free', 'free']]);
    a.token.request(103);
    b.token.request(104);
    pass();
    a.token.grant();
    pass();
    expect(states(a, b)).toEqual(['granted', 'owned']);
  });

  test('whatever the numbers and who is asked first, there is one owner or none', () => {
    const random = new Random(3);
    for (let round = 0; round < 300; round++) {
      const draw = (): number[] => Array.from({ length: 20 }, () => random.integer(1, 127));
      const [a, b] = terminals([draw(), draw()]);
      for (let step = 0; step < 20; step++) {
        const { token } = random.pick([a, b]);
        random.pick([() => token.request(103), () => token.request(103), () => token.release(), () => token.grant(), () => token.refuse()])();
        pass(random.pick([1, 15, 30]));
      }
      pass(30_000);
      const owners = states(a, b).filter((state) => state === 'owned');
      expect(owners.length).toBeLessThanOrEqual(1);
      if (owners.length === 1) expect(states(a, b)).toContain('granted');
      a.token.close();
      b.token.close();
    }
  });

  test('is not had when the peer does not answer, nor when it answers too late', () => {
    const [a, b] = terminals([[5], []]);
    a.token.request(103);
    pass(10_000);
    expect([a.told, a.token.state]).toEqual([['refused'], 'free']);
    pass();
    expect(b.told).toEqual(['requested 103', 'released']);
    a.token.received(encodeH239({ type: 'presentationTokenResponse', accepted: true }));
    expect(a.token.state).toBe('free');
  });

  test('is indicated by its owner again and again, which a terminal that came later believes', () => {
    const [a, b] = terminals([[5], []]);
    const [late] = terminals([[], []]);
    a.token.request(103);
    pass();
    b.token.grant();
    pass();
    const indications: unknown[] = [];
    b.token.received = (message) => { indications.push(decodeH239(message)); late.token.received(message); return true; };
    pass(45_000);
    expect(indications).toEqual(Array.from({ length: 3 }, () => ({ type: 'presentationTokenIndicateOwner', terminalLabel: 0, channelId: 103 })));
    expect(late.token.state).toBe('granted');
    a.token.close();
    pass(60_000);
    expect(indications).toHaveLength(3);
  });

  test('a request given up in the meantime is void for the peer', () => {
    const [a, b] = terminals([[5], []]);
    a.token.request(103);
    pass(30);
    a.token.release();
    pass();
    b.token.grant();
    expect([b.told, states(a, b)]).toEqual([['requested 103', 'released'], ['free', 'free']]);
  });

  test('a limit is released or not as the user says', () => {
    const asked: unknown[] = [];
    const [a, b] = terminals([[], []], (channelId, bitRate) => { asked.push([channelId, bitRate]); return true; });
    const answers: unknown[] = [];
    const receive = a.token.received.bind(a.token);
    a.token.received = (message) => { answers.push(decodeH239(message)); return receive(message); };
    a.token.requestFlowControlRelease(103, 19_200);
    pass();
    expect(asked).toEqual([[103, 19_200]]);
    expect(answers).toEqual([{ type: 'flowControlReleaseResponse', channelId: 103, accepted: true }]);
    expect(b.token.state).toBe('free');
  });
});
