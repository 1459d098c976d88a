import { Occupancy, release, type AttemptRecord, type Diversion, type EarlierDiversions } from '../../src/calls';
import { Hunt, type Answer } from '../../src/calls/hunt';
import type { PlanStage } from '../../src/routing';
import { FakeDevices, type FakeRing } from './fakes/legs';

const stage = (devices: string[], more: Partial<PlanStage> = {}): PlanStage => ({
  strategy: 'all', ringSeconds: 30, targetSeconds: 10, targets: devices.map((device) => ({ devices: [device], name: device, group: 'main' })), ...more,
});
/** Lets every promise that can settle do so, without real time passing. */
const settle = async (): Promise<void> => { for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve)); };
const GONE = release(487, 'the caller hung up', 'caller');

/** Services as devices dial them. */
const SERVICES: Record<string, PlanStage[]> = {
  'sip:apu': [stage(['x'], { ringSeconds: 20 }), stage(['y'], { ringSeconds: 20 })], 'sip:b': [stage(['b'])], 'sip:c': [stage(['c'])], 'sip:x': [stage(['x'])], 'sip:y': [stage(['y'])],
};

describe('a device that is rung diverts the call', () => {
  let devices: FakeDevices;
  let occupancy: Occupancy;
  let attempts: AttemptRecord[];
  let told: Diversion[];
  let early: (string | undefined)[];
  let now: number;
  let hunt: Hunt;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
    devices = new FakeDevices({ a: 1, b: 1, c: 1, x: 1, y: 1 });
    occupancy = new Occupancy(() => 1);
    [attempts, told, early, now] = [[], [], [], 0];
  });
  afterEach(() => jest.useRealTimers());

  const run = (stages: PlanStage[], diversions?: EarlierDiversions): Promise<Answer | undefined> => {
    hunt = new Hunt({ locator: devices, originator: devices, occupancy, now: () => now, stagesOf: (dialled) => Promise.resolve(SERVICES[dialled] ?? []) },
      { from: { address: 'caller@site.example' }, to: { address: 'kela' }, offer: 'v=offer', headers: {}, hops: 69, ...(diversions && { diversions }) },
      attempts, (sdp) => early.push(sdp), () => ({ released: () => undefined, renegotiate: () => Promise.reject(new Error('none')), message: () => Promise.reject(new Error('none')) }),
      (diversion) => told.push(diversion));
    return hunt.run(stages);
  };
  const diverts = async (device: string, to: string, reason: Diversion['reason'] = 'unknown'): Promise<void> => {
    devices.last(device).events.failed({ ...release(302, 'moved', 'callee'), diversion: { to, reason } });
    await settle();
  };
  const pass = async (seconds: number): Promise<void> => {
    now += seconds * 1_000;
    jest.advanceTimersByTime(seconds * 1_000);
    await settle();
  };
  const rung = (): string[] => devices.rung.map(({ device }) => device);
  const last = (device: string): FakeRing => devices.last(device);

  test('to a service: its stages ring one after another, each its own time, though the first device\'s was shorter', async () => {
    const answer = run([stage(['a'], { ringSeconds: 5 })]);
    await diverts('a', 'sip:apu', 'user-busy');
    expect(rung()).toEqual(['a', 'x']);
    await pass(19);
    expect(last('x').cancelledWith).toBeUndefined();
    await pass(1);
    expect(last('x').cancelledWith?.text).toBe('no answer');
    expect(rung()).toEqual(['a', 'x', 'y']);
    expect(last('y').request.diversions).toEqual([{ by: 'a', reason: 'user-busy', counter: 1 }]);
    last('y').answer();
    expect((await answer)?.device).toBe('y');
    expect(told).toEqual([{ to: 'sip:apu', reason: 'user-busy' }]);
    expect(attempts).toMatchObject([{ device: 'a', status: 302 }, { device: 'x', result: 'no-answer' }, { device: 'y', result: 'answered' }]);
  });

  test('others of its group ring on: who answers of them ends what rings where it was diverted', async () => {
    const answer = run([stage(['a', 'b'])]);
    await diverts('a', 'sip:apu');
    last('b').answer();
    expect((await answer)?.device).toBe('b');
    expect(last('x').cancelledWith?.text).toBe('answered elsewhere');
    await pass(60);
    expect(rung()).toEqual(['a', 'b', 'x']);
    expect(['a', 'x', 'y'].map((device) => occupancy.take(device) !== undefined)).toEqual([true, true, true]);
  });

  test('who answers there ends what rings in the group', async () => {
    const answer = run([stage(['a', 'b'])]);
    await diverts('a', 'sip:apu');
    last('x').answer();
    expect((await answer)?.device).toBe('x');
    expect(last('b').cancelledWith?.text).toBe('answered elsewhere');
  });

  test('when the group\'s time is over the others are given up, and an answer that comes too late is ended', async () => {
    const answer = run([stage(['a', 'b'], { ringSeconds: 5 }), stage(['c'])]);
    await diverts('a', 'sip:apu');
    await pass(5);
    expect(last('b').cancelledWith?.text).toBe('no answer');
    expect(last('b').answer().releasedWith?.text).toBe('answered elsewhere');
    last('x').fail(486);
    await settle();
    last('y').fail(486);
    await settle();
    // Nobody there: the next stage.
    last('c').answer();
    expect((await answer)?.device).toBe('c');
    expect(rung()).toEqual(['a', 'b', 'x', 'y', 'c']);
  });

  test('the caller hangs up: nobody rings any more, wherever it was diverted', async () => {
    const answer = run([stage(['a'])]);
    await diverts('a', 'sip:apu');
    hunt.stop(GONE);
    expect(await answer).toBeUndefined();
    expect(last('x').cancelledWith).toBe(GONE);
    await pass(60);
    expect(rung()).toEqual(['a', 'x']);
  });

  test('three times at most, and all are told', async () => {
    const answer = run([stage(['a'])], [{ by: 'before@partner.example', reason: 'away', counter: 2 }]);
    await diverts('a', 'sip:b');
    await diverts('b', 'sip:c', 'no-answer');
    await diverts('c', 'sip:x');
    expect(last('x').request.diversions).toEqual([
      { by: 'c', reason: 'unknown', counter: 1 }, { by: 'b', reason: 'no-answer', counter: 1 }, { by: 'a', reason: 'unknown', counter: 1 }, { by: 'before@partner.example', reason: 'away', counter: 2 },
    ]);
    await diverts('x', 'sip:y');
    expect(await answer).toBeUndefined();
    expect(rung()).toEqual(['a', 'b', 'c', 'x']);
  });

  test('a call that was diverted 15 times before is not diverted once more', async () => {
    const answer = run([stage(['a'])], [{ reason: 'unknown', counter: 15 }]);
    await diverts('a', 'sip:b');
    expect(await answer).toBeUndefined();
    expect(rung()).toEqual(['a']);
  });

  test('early media are those of who rings alone', async () => {
    void run([stage(['a', 'b'])]);
    await diverts('a', 'sip:x');
    last('x').ring('v=early');
    expect(early).toEqual([undefined]);
    hunt.stop(GONE);
    void run([stage(['a'])]);
    await diverts('a', 'sip:x');
    last('x').ring('v=early');
    expect(early).toEqual([undefined, 'v=early']);
    hunt.stop(GONE);
  });
});
