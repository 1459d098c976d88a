import { CallRecords, Calls, Occupancy, openCallStore, release, type CallStore } from '../../src/calls';
import type { PlanStage, RouteResult } from '../../src/routing';
import { EtasiltaError } from '../../src/errors';
import { until } from '../peers/harness/until';
import { FAST_UPDATE } from '../support/fast-update';
import { FakeCaller, FakeDevices } from './fakes/legs';
import { FakeMedia, sdp } from './fakes/media';

const stage = (...devices: string[]): PlanStage => ({
  strategy: 'all', ringSeconds: 30, targetSeconds: 10, targets: devices.map((device) => ({ devices: [device], name: device, group: 'main' })),
});
const plan = (service: string, ...devices: string[]): RouteResult & { kind: 'plan' } => ({
  kind: 'plan', canonical: service, name: service, service, language: 'fi', media: 'anchored', joins: false, stages: [stage(...devices)], steps: [],
});
const HUNG_UP = { status: 200, q850: 16, text: 'normal clearing', by: 'callee' } as const;
const settle = async (): Promise<void> => { for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve)); };

describe('a call whose media meet at a media server', () => {
  let store: CallStore;
  let records: CallRecords;
  let calls: Calls;
  let devices: FakeDevices;
  let media: FakeMedia;
  let routes: Record<string, RouteResult>;
  const errors: unknown[] = [];

  beforeEach(async () => {
    store = await openCallStore(':memory:');
    records = new CallRecords(store);
    devices = new FakeDevices({ a: 1, b: 1, interpreter: 1 });
    media = new FakeMedia();
    errors.length = 0;
    routes = {
      kela: plan('kela.fi@palvelu.example', 'a'),
      tulkki: { ...plan('tulkki.fi@palvelu.example', 'interpreter'), joins: true, serviceKind: 'interpreting' },
    };
    calls = new Calls({
      router: { route: async ({ dialled }) => routes[dialled]! }, records, locator: devices, originator: devices, occupancy: new Occupancy(() => 2),
      media, prompts: true, now: Date.now, onError: (error) => errors.push(error),
    }, { maxCalls: 10, probeSeconds: 60, maxCallSeconds: 3_600 });
  });
  afterEach(async () => {
    await calls.close();
    await records.close();
    await store.close();
  });

  const dial = async (caller = new FakeCaller('call-1', 'kela', sdp('caller'))): Promise<FakeCaller> => {
    calls.incoming(caller);
    // The call waits for its record to be on the disk.
    for (let i = 0; i < 3; i++) {
      await settle();
      await records.flush();
    }
    await settle();
    return caller;
  };
  const talk = async (callee = sdp('a')): Promise<{ caller: FakeCaller; callee: FakeCaller['leg'] }> => {
    const caller = await dial();
    caller.leg.remoteSdp = caller.offer;
    const ring = devices.last('a');
    ring.leg.remoteSdp = callee;
    ring.answer(callee);
    await settle();
    return { caller, callee: ring.leg };
  };
  const recorded = async (id = 'call-1') => { await settle(); await records.flush(); return records.get(id); };

  test('each party negotiates with its own endpoint, the two are bridged, and all is given back at the end', async () => {
    const { caller, callee } = await talk();
    const calleeEndpoint = media.of(devices.last('a').request.offer!);
    const callerEndpoint = media.of(caller.offer!);
    expect(calleeEndpoint).toMatchObject({ like: caller.offer, accepted: [sdp('a')] });
    expect(media.endpoints).toHaveLength(2);
    expect(caller.answeredWith).toContain('s=local-');
    expect(callerEndpoint.bridged).toBe(calleeEndpoint);
    caller.leg.events?.released({ ...HUNG_UP });
    expect(callee.releasedWith).toMatchObject({ q850: 16 });
    expect(media.closed).toEqual(['call-1']);
    expect(await recorded()).toMatchObject({ outcome: 'answered', media: 'anchored', endedBy: 'caller' });
    expect(errors).toEqual([]);
  });

  test('a callee that chooses another codec than the caller\'s endpoint: that one is made again, with the callee\'s codecs first', async () => {
    const answer = sdp('a').replace('RTP/AVP 0', 'RTP/AVP 9');
    const { caller } = await talk(answer);
    const [first, second] = media.endpoints.filter(({ offered }) => offered === caller.offer);
    expect(first).toMatchObject({ released: true });
    expect(second).toMatchObject({ like: answer, released: false });
    expect(second?.bridged).toBeDefined();
    expect(caller.answeredWith).toContain(`s=local-${second?.id}`);
  });

  test('a caller who hangs up while the media server gets ready leaves nothing there', async () => {
    const open = media.open.bind(media);
    let ready = (): void => undefined;
    jest.spyOn(media, 'open').mockImplementationOnce(async (...of) => {
      await new Promise<void>((resolve) => { ready = resolve; });
      return open(...of);
    });
    const caller = new FakeCaller('call-1', 'kela', sdp('caller'));
    calls.incoming(caller);
    await settle();
    caller.cancel();
    ready();
    await settle();
    expect(devices.rung).toHaveLength(0);
    expect(media.closed).toEqual(['call-1']);
  });

  test('contacts that are rung together share one offer', async () => {
    routes.kela = plan('kela.fi@palvelu.example', 'a', 'b');
    await dial();
    expect(devices.last('a').request.offer).toBe(devices.last('b').request.offer);
    expect(media.offers).toHaveLength(1);
  });

  test('a contact that refuses plain RTP is offered SRTP before it counts as failed', async () => {
    const caller = await dial();
    devices.last('a').fail(488);
    await settle();
    expect(media.offers.map(({ transport }) => transport)).toEqual(['rtp', 'srtp']);
    devices.last('a').fail(488);
    await settle();
    expect(caller.refusedWith).toMatchObject({ status: 480 });
    expect(await recorded()).toMatchObject({ attempts: [{ device: 'a', status: 488 }] });
  });

  test('session timers end at each leg', async () => {
    const caller = new FakeCaller('call-1', 'kela', sdp('caller'));
    Object.assign(caller.headers, { 'Session-Expires': '1800;refresher=uac', Subject: 'x' });
    await dial(caller);
    expect(devices.last('a').request.headers).toEqual({ Subject: 'x', Supported: 'replaces' });
  });

  test('a full pool refuses with 503, Retry-After and a Warning that says so', async () => {
    media.full = new EtasiltaError('no-media-capacity', 'no media capacity', { sipStatus: 503, q850: 42 });
    const caller = await dial();
    expect(caller.refusedWith).toMatchObject({ status: 503, q850: 42, headers: { 'Retry-After': '10' }, warning: '399 etasilta "no media capacity"' });
    expect(await recorded()).toMatchObject({ outcome: 'failed', sipStatus: 503 });
  });

  test('an answer that the media server cannot take is 488 for both, and no half-made call', async () => {
    const caller = await dial();
    media.of(devices.last('a').request.offer!).fault = new EtasiltaError('no-codec', 'no common codec', { sipStatus: 488, q850: 88 });
    const leg = devices.last('a').answer(sdp('strange'));
    await settle();
    expect(leg.releasedWith).toMatchObject({ status: 488, q850: 88 });
    expect(caller.refusedWith).toMatchObject({ status: 488, q850: 88 });
    expect(media.closed).toEqual(['call-1']);
  });

  test('the caller hangs up in the moment of the answer: the callee is released', async () => {
    const caller = await dial();
    const leg = devices.last('a').answer(sdp('a'));
    caller.cancel();
    await settle();
    expect(leg.releasedWith).toBeDefined();
    expect(await recorded()).toMatchObject({ outcome: 'abandoned' });
  });

  test('the media server dies: both legs are released with cause 41 and the record is complete', async () => {
    const { caller, callee } = await talk();
    media.lose(release(503, 'the media server was lost', 'gateway', { q850: 41 }));
    for (const leg of [caller.leg, callee]) expect(leg.releasedWith).toMatchObject({ q850: 41 });
    expect(await recorded()).toMatchObject({ outcome: 'answered', q850: 41, endedBy: 'gateway' });
  });

  test('late offer: the caller is offered what suits the callee, and its answer comes in the ACK', async () => {
    const caller = await dial(new FakeCaller('call-1', 'kela', null));
    devices.last('a').answer(sdp('a'));
    await settle();
    const endpoint = media.of(caller.answeredWith!);
    expect(endpoint.like).toBe(sdp('a'));
    caller.ack?.(sdp('caller'));
    expect(endpoint.accepted).toEqual([sdp('caller')]);
  });

  test('early media of a lone callee is heard before the answer', async () => {
    const caller = await dial();
    devices.last('a').ring(sdp('early'));
    await settle();
    expect(caller.rings).toEqual([media.of(caller.offer!).localSdp]);
    devices.last('a').answer(sdp('early'));
    await settle();
    expect(media.of(devices.last('a').request.offer!).accepted).toEqual([sdp('early')]);
  });

  test('a service that takes its time: the caller hears that it is being connected, and no more of it once somebody answers', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
    try {
      const caller = await dial();
      jest.advanceTimersByTime(10_000);
      await settle();
      const endpoint = media.of(caller.offer!);
      expect(endpoint.played).toEqual(['ringing']);
      expect(caller.rings).toEqual([endpoint.localSdp]);
      devices.last('a').answer(sdp('a'));
      await settle();
      expect(endpoint.stops).toBe(1);
      expect(endpoint.bridged).toBeDefined();
    } finally {
      jest.useRealTimers();
    }
  });

  test('nobody answers: a registered caller hears so before it is refused', async () => {
    const caller = await dial();
    devices.last('a').fail(486);
    await settle();
    expect(media.of(caller.offer!).played).toEqual(['all-busy']);
    expect(caller.refusedWith).toMatchObject({ status: 486 });
  });

  test('a closed service says so; a partner\'s system is told by the status alone', async () => {
    routes.kela = { kind: 'refused', status: 480, q850: 20, warning: '399 etasilta "closed"', reasonCode: 'closed', suggestions: [], steps: [], service: 'kela.fi@palvelu.example', language: 'fi', media: 'anchored' };
    const caller = await dial();
    expect(media.of(caller.offer!).played).toEqual(['closed']);
    expect(caller.refusedWith).toMatchObject({ status: 480 });
    const partner = await dial(new FakeCaller('call-2', 'kela', sdp('partner'), { kind: 'peer', name: 'p' }));
    expect(partner.refusedWith).toMatchObject({ status: 480 });
    expect(media.endpoints).toHaveLength(1);
  });

  test('a caller who hangs up while it is told why is nobody\'s fault', async () => {
    media.plays = true;
    const caller = await dial();
    devices.last('a').fail(486);
    await settle();
    expect(media.of(caller.offer!).played).toEqual(['all-busy']);
    caller.cancel();
    expect(await recorded()).toMatchObject({ outcome: 'abandoned' });
    expect(media.of(caller.offer!).released).toBe(true);
    expect(errors).toEqual([]);
  });

  describe('once answered', () => {
    test('a hold is answered by the endpoint and does not trouble the other party', async () => {
      const { caller, callee } = await talk();
      expect(await caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: sdp('hold') })).toMatchObject({ status: 200, body: expect.stringContaining('s=answer-') as string });
      expect(callee.asked).toEqual([]);
    });

    test('who is held is told to wait, until the other comes back', async () => {
      const { caller } = await talk();
      const held = media.of(devices.last('a').request.offer!);
      await caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: `${sdp('hold')}a=sendonly\r\n` });
      expect(held.played).toEqual(['please-wait']);
      const { stops } = held;
      await caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: sdp('back') });
      expect(held.stops).toBe(stops + 1);
      expect(media.of(caller.offer!).played).toEqual([]);
    });

    test('added video is asked of the other party first, and refused when that one has none', async () => {
      const { caller, callee } = await talk();
      callee.reply = () => ({ status: 200, headers: {}, body: sdp('a') });
      const refused = await caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: sdp('more', true) });
      expect(refused.body).toContain('m=video 0');
      callee.reply = () => ({ status: 200, headers: {}, body: sdp('a', true) });
      const taken = await caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: sdp('more', true) });
      expect(taken.body).toContain('m=video 5002');
      expect(callee.asked).toHaveLength(2);
    });

    test('keys pass between INFO and RTP events, each party in its own way', async () => {
      const { caller } = await talk(sdp('a').replace(/a=rtpmap:101.*\r\n/, ''));
      const callerEndpoint = media.of(caller.offer!);
      callerEndpoint.press('5');
      expect(devices.last('a').leg.asked).toMatchObject([{ method: 'INFO', body: 'Signal=5\r\nDuration=250\r\n' }]);
      const info = { method: 'INFO', headers: { 'Content-Type': 'application/dtmf-relay' }, body: 'Signal=7\r\nDuration=160' };
      expect(await devices.last('a').leg.events!.message(info)).toMatchObject({ status: 200 });
      expect(callerEndpoint.dtmf).toEqual(['7']);
    });

    describe('what a party takes of pictures', () => {
      const limited = (name: string, bitRate: number): string => sdp(name, true).replace('m=video 5002 RTP/AVP 96\r\n', `m=video 5002 RTP/AVP 96\r\nb=TIAS:${bitRate}\r\n`);
      const toldOf = (text: string | undefined): string | undefined => /^b=TIAS:(\d+)\r$/m.exec(text ?? '')?.[1];
      const seeing = async () => {
        const caller = await dial(new FakeCaller('call-1', 'kela', limited('caller', 512_000)));
        caller.leg.remoteSdp = caller.offer;
        const ring = devices.last('a');
        ring.leg.remoteSdp = limited('a', 384_000);
        ring.answer(ring.leg.remoteSdp);
        await settle();
        ring.leg.reply = () => ({ status: 200, headers: {}, body: limited('a', 384_000) });
        return { caller, ring, callee: ring.leg };
      };
      const reinvite = ({ caller }: { caller: FakeCaller }, body: string) => caller.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body });

      test('is said to the other with the first description', async () => {
        const { caller, ring } = await seeing();
        expect([toldOf(ring.request.offer), toldOf(caller.answeredWith)]).toEqual(['512000', '384000']);
      });

      test('is offered to the other when it changes, and only then', async () => {
        const call = await seeing();
        const reply = await reinvite(call, limited('caller', 128_000));
        expect(call.callee.asked.map(({ body }) => toldOf(body))).toEqual(['128000']);
        expect(toldOf(reply.body)).toBe('384000');
        await reinvite(call, limited('caller', 128_000));
        await reinvite(call, sdp('caller', true));
        expect(call.callee.asked.map(({ body }) => toldOf(body))).toEqual(['128000', undefined]);
      });

      test('is no news while it takes none, as on hold', async () => {
        const call = await seeing();
        await reinvite(call, limited('caller', 128_000).replaceAll('RTP/AVP 96\r\n', 'RTP/AVP 96\r\na=inactive\r\n'));
        expect(call.callee.asked).toEqual([]);
        await reinvite(call, limited('caller', 512_000));
        expect(call.callee.asked).toEqual([]);
      });

      test('is offered again to one who was about to change something itself', async () => {
        const call = await seeing();
        call.callee.reply = () => ({ status: 491, headers: {} });
        await reinvite(call, limited('caller', 128_000));
        expect(call.callee.asked).toHaveLength(1);
        call.callee.reply = () => ({ status: 200, headers: {}, body: limited('a', 384_000) });
        await until('it is asked again', () => call.callee.asked.length > 1);
        expect(call.callee.asked.map(({ body }) => toldOf(body))).toEqual(['128000', '128000']);
      });

      test('of a caller without an offer the callee is told when the caller has said it', async () => {
        const caller = await dial(new FakeCaller('call-1', 'kela', null));
        const ring = devices.last('a');
        ring.leg.remoteSdp = limited('a', 384_000);
        ring.leg.reply = () => ({ status: 200, headers: {}, body: limited('a', 384_000) });
        ring.answer(ring.leg.remoteSdp);
        await settle();
        caller.leg.remoteSdp = limited('caller', 512_000);
        caller.ack?.(caller.leg.remoteSdp);
        await settle();
        expect([toldOf(ring.request.offer), toldOf(caller.answeredWith)]).toEqual([undefined, '384000']);
        expect(ring.leg.asked.map(({ body }) => toldOf(body))).toEqual(['512000']);
      });
    });

    test('wishes for key frames are passed on twice a second at most, the first at once', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
      try {
        const { caller, callee } = await talk(sdp('a', true).replace(/a=rtcp-fb.*\r\n/, ''));
        for (let i = 0; i < 50; i++) expect(await caller.leg.events!.message(FAST_UPDATE)).toMatchObject({ status: 200 });
        expect(callee.asked).toHaveLength(1);
        jest.advanceTimersByTime(5_000);
        await settle();
        expect(callee.asked.map(({ method, body }) => `${method} ${String(body?.includes('picture_fast_update'))}`)).toEqual(['INFO true', 'INFO true']);
      } finally {
        jest.useRealTimers();
      }
    });

    test('a fast update in INFO becomes a request of the other party\'s key frame', async () => {
      const { caller, callee } = await talk(sdp('a', true));
      expect(await caller.leg.events!.message(FAST_UPDATE)).toMatchObject({ status: 200 });
      expect(media.of(devices.last('a').request.offer!).refreshed).toBe(1);
      expect(callee.asked).toEqual([]);
    });
  });

  describe('a third party', () => {
    const third = () => devices.last('interpreter');
    const conference = () => media.conferences.get('call-call-1')!;

    test('asked for by an operator: the two talk on while it rings, then all three are in one conference', async () => {
      const { caller, callee } = await talk();
      const session = calls.find('call-1')!;
      expect(await session.addThird('tulkki')).toMatchObject({ party: expect.any(String) as string });
      await settle();
      expect(media.conferences.size).toBe(0);
      third().answer(sdp('interpreter'));
      await settle();
      expect(conference()).toMatchObject({ options: { layout: 'interpreting' } });
      expect([...conference().members.values()].map(({ interpreter }) => interpreter)).toEqual([false, false, true]);
      expect(await recorded()).toMatchObject({ joins: [{ role: 'interpreter', device: 'interpreter', askedBy: 'operator', withLeg: 'call-1' }] });
      // One leaves, the others stay; the third alone is no call.
      caller.leg.events?.released({ ...HUNG_UP });
      expect(callee.releasedWith).toBeUndefined();
      callee.events?.released({ ...HUNG_UP });
      expect(third().leg.releasedWith).toBeDefined();
      expect(conference().destroyed).toBe(true);
      expect(await recorded()).toMatchObject({ outcome: 'answered', joins: [{ endedAt: expect.any(Number) as number }] });
    });

    test('the third leaves: the two stay', async () => {
      const { caller, callee } = await talk();
      await calls.find('call-1')!.addThird('tulkki');
      await settle();
      third().answer(sdp('interpreter'));
      await settle();
      third().leg.events?.released({ ...HUNG_UP });
      expect([caller.leg.releasedWith, callee.releasedWith]).toEqual([undefined, undefined]);
      expect(conference().played).toEqual(['joined', 'left']);
      expect(calls.size).toBe(1);
    });

    test('it hangs up while it is let in: that is nobody\'s fault, and the two talk on', async () => {
      const { caller, callee } = await talk();
      await calls.find('call-1')!.addThird('tulkki');
      await settle();
      jest.spyOn(media.of(third().request.offer!), 'accept').mockImplementation(async () => {
        third().leg.events?.released({ ...HUNG_UP });
        throw new EtasiltaError('media-gone', 'the channel is gone', { sipStatus: 503 });
      });
      third().answer(sdp('interpreter'));
      await settle();
      expect([caller.leg.releasedWith, callee.releasedWith]).toEqual([undefined, undefined]);
      expect(await recorded()).toMatchObject({ outcome: 'running', joins: [{ status: 200 }] });
      expect(errors).toEqual([]);
    });

    test('it refuses: the two are told and stay as they were', async () => {
      const { caller } = await talk();
      await calls.find('call-1')!.addThird('tulkki');
      await settle();
      third().fail(603);
      await settle();
      expect(media.of(caller.offer!).played).toEqual(['joining', 'no-answer']);
      expect(media.conferences.size).toBe(0);
      expect(await recorded()).toMatchObject({ outcome: 'running', joins: [{ status: 480, attempts: [{ result: 'declined' }] }] });
    });

    test('dialled by a party\'s own device: the new leg takes the place of the old one', async () => {
      const { caller, callee } = await talk();
      const second = await dial(new FakeCaller('call-2', 'tulkki', sdp('second')));
      third().ring();
      expect(second.rings).toEqual([undefined]);
      expect(caller.leg.releasedWith).toBeUndefined();
      third().answer(sdp('interpreter'));
      await settle();
      expect(second.answeredWith).toContain('s=local-');
      expect(caller.leg.releasedWith).toMatchObject({ text: 'continues on the newer leg' });
      expect(callee.releasedWith).toBeUndefined();
      expect(conference().members.has(media.of(second.offer!))).toBe(true);
      expect(await recorded('call-2')).toMatchObject({ outcome: 'joined', joinedCall: 'call-1' });
      second.leg.events?.released({ ...HUNG_UP });
      callee.events?.released({ ...HUNG_UP });
      expect(await recorded()).toMatchObject({ outcome: 'answered' });
      expect(calls.size).toBe(0);
    });

    test('the party that dialled gives up: ringing stops, the call goes on', async () => {
      await talk();
      const second = await dial(new FakeCaller('call-2', 'tulkki', sdp('second')));
      second.cancel();
      await settle();
      expect(third().cancelledWith).toBeDefined();
      expect(calls.list().map(({ id }) => id)).toEqual(['call-1']);
      expect(await recorded('call-2')).toMatchObject({ outcome: 'abandoned' });
    });

    test('an operator mutes, locks and removes', async () => {
      const { callee } = await talk();
      expect(calls.find('call-1')!.conference).toBeUndefined();
      await calls.find('call-1')!.addThird('tulkki');
      await settle();
      third().answer(sdp('interpreter'));
      await settle();
      const bridge = calls.find('call-1')!.conference!;
      await bridge.mute('callee', true);
      expect([...conference().members.values()].map(({ muted }) => muted)).toEqual([false, true, false]);
      await bridge.lock(true);
      expect(conference().locked).toBe(true);
      bridge.remove('callee', release(480, 'removed by an operator', 'operator'));
      expect(callee.releasedWith).toMatchObject({ by: 'operator' });
      expect(bridge.partyIds).toHaveLength(2);
    });
  });
});
