import { CallRecords, Calls, Occupancy, openCallStore, RecordError, type CallStore } from '../../src/calls';
import type { PlanStage, RouteResult } from '../../src/routing';
import { FAST_UPDATE } from '../support/fast-update';
import { FakeCaller, FakeDevices } from './fakes/legs';

const stage = (strategy: PlanStage['strategy'], devices: string[], more: Partial<PlanStage> = {}): PlanStage => ({
  strategy, ringSeconds: 30, targetSeconds: 10, targets: devices.map((device) => ({ devices: [device], name: device, group: 'main' })), ...more,
});
const plan = (...stages: PlanStage[]): RouteResult => ({
  kind: 'plan', canonical: 'kela.fi@palvelu.example', name: 'Kela', service: 'kela.fi@palvelu.example', language: 'fi', media: 'direct', joins: false, stages, steps: [],
});
/** Lets every promise that can settle do so, without real time passing. */
const settle = async (): Promise<void> => { for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve)); };

describe('a call', () => {
  let store: CallStore;
  let records: CallRecords;
  let calls: Calls;
  let devices: FakeDevices;
  let occupancy: Occupancy;
  let result: RouteResult | Error;
  const errors: unknown[] = [];

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
    store = await openCallStore(':memory:');
    records = new CallRecords(store);
    devices = new FakeDevices({ a: 1, b: 1, c: 1, twin: 2 });
    occupancy = new Occupancy(() => 1);
    errors.length = 0;
    calls = new Calls({
      router: { route: async () => { if (result instanceof Error) throw result; return result; } },
      records, locator: devices, originator: devices, occupancy, now: Date.now, onError: (error) => errors.push(error),
    }, { maxCalls: 3, probeSeconds: 60, maxCallSeconds: 3_600 });
  });
  afterEach(async () => {
    await calls.close();
    jest.useRealTimers();
    await records.close();
    await store.close();
  });

  const dial = async (caller = new FakeCaller('call-1', 'kela')): Promise<FakeCaller> => {
    calls.incoming(caller);
    for (let i = 0; i < 10 && !records['pending'].size; i++) await settle();
    await records.flush();
    await settle();
    return caller;
  };
  const recorded = async (id = 'call-1') => { await settle(); await records.flush(); return records.get(id); };

  test('all at once: everybody rings, the first answer wins, the others are told it was completed elsewhere', async () => {
    result = plan(stage('all', ['a', 'b', 'c']));
    const caller = await dial();
    expect(devices.rung.map((ring) => ring.device)).toEqual(['a', 'b', 'c']);
    devices.last('a').ring();
    devices.last('b').ring();
    expect(caller.rings).toEqual([undefined]);
    devices.last('b').answer('v=b');
    await settle();
    expect(caller).toMatchObject({ answeredWith: 'v=b', connected: { address: 'b', name: 'b' } });
    for (const loser of ['a', 'c']) expect(devices.last(loser).cancelledWith?.reason).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(devices.last('b').cancelledWith).toBeUndefined();
    caller.leg.events?.released({ status: 200, q850: 16, text: 'normal clearing', by: 'callee' });
    expect(devices.last('b').leg.releasedWith).toMatchObject({ q850: 16 });
    expect(await recorded()).toMatchObject({
      outcome: 'answered', device: 'b', service: 'kela.fi@palvelu.example', language: 'fi', endedBy: 'caller', q850: 16,
      attempts: [{ device: 'a', result: 'elsewhere' }, { device: 'b', result: 'answered' }, { device: 'c', result: 'elsewhere' }],
    });
  });

  test('two answers in the same moment: the second is ended at once, nobody talks to nobody', async () => {
    result = plan(stage('all', ['a', 'b']));
    await dial();
    const first = devices.last('a').answer();
    const second = devices.last('b').answer();
    await settle();
    expect(first.releasedWith).toBeUndefined();
    expect(second.releasedWith?.reason).toContain('Call completed elsewhere');
  });

  test('in order: the next rings when one is busy, declines, or does not answer in its time', async () => {
    result = plan(stage('order', ['a', 'b', 'c']));
    await dial();
    expect(devices.rung).toHaveLength(1);
    devices.last('a').fail(486);
    await settle();
    expect(devices.rung.map((ring) => ring.device)).toEqual(['a', 'b']);
    devices.last('b').ring();
    jest.advanceTimersByTime(10_000);
    await settle();
    expect(devices.last('b').cancelledWith?.text).toBe('no answer');
    devices.last('c').fail(603);
    await settle();
    expect(await recorded()).toMatchObject({
      outcome: 'unanswered', sipStatus: 480, q850: 19,
      attempts: [{ device: 'a', result: 'busy' }, { device: 'b', result: 'no-answer' }, { device: 'c', result: 'declined' }],
    });
  });

  test('unregistered and busy devices are passed over without ringing', async () => {
    occupancy.take('a');
    result = plan(stage('order', ['gone', 'a', 'b']));
    await dial();
    expect(devices.rung.map((ring) => ring.device)).toEqual(['b']);
    devices.last('b').answer();
    expect((await recorded())?.attempts).toMatchObject([{ device: 'gone', result: 'unreachable' }, { device: 'a', result: 'busy' }, { device: 'b' }]);
  });

  test('the next stage rings when the first one has nobody', async () => {
    result = plan(stage('all', ['gone']), stage('all', ['c']));
    await dial();
    expect(devices.rung.map((ring) => ring.device)).toEqual(['c']);
  });

  test.each([
    ['everybody is busy', ['a', 'b'], [486, 486], { status: 486, q850: 17 }],
    ['one is busy, one unreachable', ['a', 'b'], [486, 404], { status: 480, q850: 17 }],
    ['all unreachable', ['a', 'gone'], [480], { status: 480, q850: 20 }],
  ])('%s: the caller is told so', async (_name, targets, statuses, told) => {
    result = plan(stage('all', targets));
    const caller = await dial();
    statuses.forEach((status, i) => devices.rung[i]?.fail(status));
    await settle();
    expect(caller.refusedWith).toMatchObject({ ...told, warning: expect.stringMatching(/^399 etasilta ".+"$/) });
  });

  test('a dialled device\'s own refusal reaches the caller as it is', async () => {
    result = { ...plan(stage('all', ['a'])), service: undefined, device: 'a' } as RouteResult;
    const caller = await dial();
    devices.last('a').fail(488, 'Not Acceptable Here');
    await settle();
    expect(caller.refusedWith).toMatchObject({ status: 488, q850: 88, text: 'Not Acceptable Here' });
  });

  test('a caller who hangs up stops every ringing leg at once', async () => {
    result = plan(stage('all', ['a', 'b']));
    const caller = await dial();
    caller.cancel();
    expect(devices.rung.map((ring) => ring.cancelledWith?.text)).toEqual(Array(2).fill('the caller hung up before an answer'));
    expect(await recorded()).toMatchObject({ outcome: 'abandoned', endedBy: 'caller', attempts: [{ result: 'cancelled' }, { result: 'cancelled' }] });
    expect(occupancy.busy('a')).toBe(false);
  });

  test('a CANCEL that comes before the call was routed rings nobody', async () => {
    result = plan(stage('all', ['a']));
    const caller = new FakeCaller('call-1', 'kela');
    caller.cancel();
    await dial(caller);
    expect(devices.rung).toHaveLength(0);
    expect(await recorded()).toMatchObject({ outcome: 'abandoned' });
  });

  test('a caller who goes while the callee answers leaves no half-made call', async () => {
    result = plan(stage('all', ['a']));
    const caller = new FakeCaller('call-1', 'kela');
    caller.gone = true;
    await dial(caller);
    const leg = devices.last('a').answer();
    expect(await recorded()).toMatchObject({ outcome: 'abandoned' });
    expect(leg.releasedWith).toBeDefined();
    expect(calls.size).toBe(0);
  });

  test('a device with two contacts rings on both; its line is taken once', async () => {
    result = plan(stage('all', ['twin']));
    await dial();
    expect(devices.of('twin')).toHaveLength(2);
    devices.of('twin')[0]!.fail(408);
    await settle();
    expect((await recorded())?.outcome).toBe('running');
    devices.of('twin')[1]!.answer();
    expect((await recorded())?.attempts).toMatchObject([{ device: 'twin', result: 'answered' }]);
    expect(occupancy.busy('twin')).toBe(true);
  });

  test('a device that is busy on one contact is not waited for on another', async () => {
    result = plan(stage('order', ['twin', 'a']));
    await dial();
    devices.of('twin')[0]!.fail(486);
    await settle();
    expect(devices.of('twin')[1]!.cancelledWith).toBeDefined();
    expect(devices.of('a')).toHaveLength(1);
  });

  test('a late offer: the callee\'s offer goes to the caller, the caller\'s answer in the ACK to the callee', async () => {
    result = plan(stage('all', ['a']));
    const caller = new FakeCaller('call-1', 'kela', null);
    await dial(caller);
    expect(devices.last('a').request.offer).toBeUndefined();
    const acked: (string | undefined)[] = [];
    devices.last('a').answer('v=callee-offer', (sdp) => acked.push(sdp));
    await settle();
    expect(caller.answeredWith).toBe('v=callee-offer');
    caller.ack?.('v=caller-answer');
    expect(acked).toEqual(['v=caller-answer']);
  });

  test('early media of a lone target passes; of one among several only the ringing does', async () => {
    result = plan(stage('all', ['a']));
    const alone = await dial();
    devices.last('a').ring('v=early');
    expect(alone.rings).toEqual(['v=early']);
    devices.last('a').fail(486);
    result = plan(stage('all', ['a', 'b']));
    const among = await dial(new FakeCaller('call-2', 'kela'));
    devices.last('b').ring('v=early');
    expect(among.rings).toEqual([undefined]);
  });

  describe('while its record is being written', () => {
    let written: () => void;
    let lost: (error: Error) => void;
    beforeEach(() => {
      jest.spyOn(records, 'start').mockReturnValueOnce(new Promise((resolve, reject) => { written = resolve; lost = reject; }));
      result = plan(stage('all', ['a']));
    });

    test('a call rings, but nobody is answered before it is there', async () => {
      const caller = new FakeCaller('call-1', 'kela');
      calls.incoming(caller);
      await settle();
      devices.last('a').ring();
      devices.last('a').answer('v=a');
      await settle();
      expect(caller.rings).toEqual([undefined]);
      expect(caller.answeredWith).toBeUndefined();
      written();
      await settle();
      expect(caller.answeredWith).toBe('v=a');
    });

    test('one whose record cannot be written stops ringing and is refused', async () => {
      const caller = new FakeCaller('call-1', 'kela');
      calls.incoming(caller);
      await settle();
      lost(new RecordError('The call record could not be written.'));
      await settle();
      expect(devices.last('a').cancelledWith).toMatchObject({ status: 503 });
      expect(caller.refusedWith).toMatchObject({ status: 503, q850: 41 });
      expect(calls.size).toBe(0);
    });

    test('one that was answered meanwhile is released at the device', async () => {
      const caller = new FakeCaller('call-1', 'kela');
      calls.incoming(caller);
      await settle();
      devices.last('a').answer('v=a');
      await settle();
      lost(new RecordError('The call record could not be written.'));
      await settle();
      expect(caller.refusedWith).toMatchObject({ status: 503 });
      expect(devices.last('a').leg.releasedWith).toBeDefined();
    });
  });

  test('a refused route is told with its status, warning and headers, and recorded', async () => {
    result = { kind: 'refused', status: 300, q850: 1, reasonCode: 'ambiguous', warning: '399 etasilta "two"', suggestions: [], headers: { Contact: '<sip:a@b>' }, steps: [] };
    const caller = await dial();
    expect(caller.refusedWith).toMatchObject({ status: 300, warning: '399 etasilta "two"', headers: { Contact: '<sip:a@b>' } });
    expect(await recorded()).toMatchObject({ outcome: 'refused', sipStatus: 300, cause: 'ambiguous' });
  });

  test('a directory that cannot be read is a failed call with 500, and said in the log', async () => {
    result = new Error('disk on fire');
    const caller = await dial();
    await settle();
    expect(caller.refusedWith).toMatchObject({ status: 500 });
    expect(errors).toEqual([result]);
    expect(await recorded()).toMatchObject({ outcome: 'failed' });
  });

  test('more calls than allowed are refused with 503 and Retry-After, the running ones go on', async () => {
    result = plan(stage('all', ['a']));
    for (const id of ['1', '2', '3']) calls.incoming(new FakeCaller(id, 'kela'));
    const fourth = new FakeCaller('4', 'kela');
    calls.incoming(fourth);
    expect(fourth.refusedWith).toMatchObject({ status: 503, headers: { 'Retry-After': '10' } });
    expect(calls.size).toBe(3);
    expect(calls.counters.refusedFull).toBe(1);
  });

  describe('once answered', () => {
    let caller: FakeCaller;
    beforeEach(async () => {
      result = plan(stage('all', ['a']));
      caller = await dial();
      devices.last('a').answer();
      await settle();
    });
    const callee = () => devices.last('a').leg;

    test('what one end asks the other answers', async () => {
      const hold = { method: 'INVITE', headers: {}, body: 'v=hold' };
      expect(await caller.leg.events?.renegotiate(hold)).toMatchObject({ status: 200, body: 'v=answer' });
      const info = { method: 'INFO', headers: { 'Content-Type': 'application/media_control+xml' }, body: '<x/>' };
      callee().reply = () => ({ status: 200, headers: {} });
      expect(await caller.leg.events?.message(info)).toMatchObject({ status: 200 });
      expect(callee().asked).toEqual([hold, info]);
      await callee().events?.renegotiate({ method: 'UPDATE', headers: {}, body: 'v=video' });
      expect(caller.leg.asked).toHaveLength(1);
    });

    test('wishes for key frames of one end are passed on twice a second at most, the first with the other\'s reply', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
      try {
        callee().reply = () => ({ status: 415, headers: {} });
        expect(await caller.leg.events!.message(FAST_UPDATE)).toMatchObject({ status: 415 });
        for (let i = 0; i < 50; i++) expect(await caller.leg.events!.message(FAST_UPDATE)).toMatchObject({ status: 200 });
        expect(callee().asked).toHaveLength(1);
        // The other end passes on what it is asked, as another gateway does: each wish is one, and none begets another without a pause.
        expect(await callee().events!.message(FAST_UPDATE)).toMatchObject({ status: 200 });
        expect(caller.leg.asked).toHaveLength(1);
        jest.advanceTimersByTime(5_000);
        expect([callee().asked.length, caller.leg.asked.length]).toEqual([2, 1]);
      } finally {
        jest.useRealTimers();
      }
    });

    test('both ends renegotiate at once: the second is told 491, and may when the first is through', async () => {
      let answer: (() => void) | undefined;
      callee().reply = () => new Promise((resolve) => { answer = () => resolve({ status: 200, headers: {} }); });
      const first = caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: 'v=1' });
      expect(await callee().events!.renegotiate({ method: 'INVITE', headers: {}, body: 'v=2' })).toMatchObject({ status: 491 });
      answer?.();
      expect(await first).toMatchObject({ status: 200 });
      expect(await callee().events!.renegotiate({ method: 'INVITE', headers: {}, body: 'v=2' })).toMatchObject({ status: 200 });
    });

    test('a re-INVITE without an offer stays open until its ACK has passed', async () => {
      const acked: unknown[] = [];
      callee().reply = () => ({ status: 200, headers: {}, body: 'v=offer2', ack: (sdp) => acked.push(sdp) });
      const reply = await caller.leg.events!.renegotiate({ method: 'INVITE', headers: {} });
      expect(await callee().events!.renegotiate({ method: 'INVITE', headers: {}, body: 'v=x' })).toMatchObject({ status: 491 });
      reply.ack?.('v=answer2');
      expect(acked).toEqual(['v=answer2']);
      expect(await callee().events!.renegotiate({ method: 'INVITE', headers: {}, body: 'v=x' })).toMatchObject({ status: 200 });
    });

    test('the callee hangs up: the caller is released and the record says who ended it', async () => {
      callee().events?.released({ status: 200, q850: 16, text: 'normal clearing', by: 'callee' });
      expect(caller.leg.releasedWith).toMatchObject({ q850: 16 });
      expect(await recorded()).toMatchObject({ outcome: 'answered', endedBy: 'callee' });
      expect(occupancy.busy('a')).toBe(false);
      expect(occupancy.callsToday('a')).toBe(1);
    });

    test('an end that no longer knows the call is found by probing, and the other is released', async () => {
      callee().alive = false;
      calls.find('call-1')?.probe();
      await settle();
      expect(caller.leg.releasedWith).toMatchObject({ status: 408, q850: 102 });
      expect(await recorded()).toMatchObject({ outcome: 'answered', endedBy: 'gateway', cause: 'the callee no longer answers' });
    });

    test('an operator may end it', async () => {
      calls.find('call')?.hangup({ status: 480, q850: 31, text: 'ended by an operator', by: 'operator' });
      expect(caller.leg.releasedWith).toMatchObject({ by: 'operator' });
      expect(callee().releasedWith).toMatchObject({ by: 'operator' });
      expect(await recorded()).toMatchObject({ outcome: 'answered', endedBy: 'operator' });
    });

    test('the caller\'s own device is busy meanwhile', () => {
      expect(occupancy.busy('caller@site.example')).toBe(true);
    });
  });

  test('a callee that asks for more in the moment it answers is heard once the caller is there', async () => {
    result = plan(stage('all', ['a']));
    const caller = await dial();
    const leg = devices.last('a').answer();
    const reply = leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: 'v=video' });
    expect(caller.leg.asked).toHaveLength(0);
    expect(await reply).toMatchObject({ status: 200, body: 'v=answer' });
    expect(caller.leg.asked).toMatchObject([{ body: 'v=video' }]);
  });

  test('a callee that hangs up before the caller\'s 200 is sent leaves nobody hanging', async () => {
    result = plan(stage('all', ['a']));
    const caller = await dial();
    const leg = devices.last('a').answer();
    leg.events?.released({ status: 200, q850: 16, text: 'normal clearing', by: 'callee' });
    await settle();
    expect(caller.leg.releasedWith).toBeDefined();
    expect(await recorded()).toMatchObject({ outcome: 'answered', endedBy: 'callee' });
  });
});
