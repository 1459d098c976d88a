import { CallRecords, Calls, Occupancy, openCallStore, type CallStore } from '../../src/calls';
import { pin as pinField } from '../../src/directory/fields';
import type { RouteResult } from '../../src/routing';
import { until } from '../peers/harness/until';
import { FakeFloors } from './fakes/floors';
import { FakeCaller, FakeDevices } from './fakes/legs';
import { FakeMedia, sdp } from './fakes/media';

const ROOM = 'huone@palvelu.example';
const PIN = '4711';
const SLIDES = 'm=video 5004 RTP/AVP 96\r\na=content:slides\r\n';
const FLOOR = 'm=application 5070 UDP/BFCP *\r\na=floorctrl:c-only\r\n';
const HUNG_UP = { status: 200, q850: 16, text: 'normal clearing', by: 'callee' } as const;

describe('a meeting room', () => {
  let store: CallStore;
  let records: CallRecords;
  let calls: Calls;
  let media: FakeMedia;
  let floors: FakeFloors;
  let route: RouteResult;
  const errors: unknown[] = [];

  const room = (pin?: string): RouteResult => ({
    kind: 'plan', canonical: ROOM, name: ROOM, service: ROOM, language: 'fi', media: 'anchored', joins: false, stages: [], steps: [],
    room: pin === undefined ? {} : { pin: pinField.read(pin, () => undefined)! },
  });

  beforeEach(async () => {
    store = await openCallStore(':memory:');
    records = new CallRecords(store);
    const devices = new FakeDevices({});
    media = new FakeMedia();
    floors = new FakeFloors();
    errors.length = 0;
    route = room();
    calls = new Calls({
      router: { route: async () => route }, records, locator: devices, originator: devices, occupancy: new Occupancy(() => 2),
      media, floors, prompts: true, now: Date.now, onError: (error) => errors.push(error),
    }, { maxCalls: 10, probeSeconds: 60, maxCallSeconds: 3_600 });
  });
  afterEach(async () => {
    await calls.close();
    await records.close();
    await store.close();
    expect(floors.seats.map(({ told }) => told.at(-1))).toEqual(floors.seats.map(() => 'closed'));
  });

  const dial = (id: string, offer = sdp(id)): FakeCaller => {
    const caller = new FakeCaller(id, 'huone', offer);
    calls.incoming(caller);
    return caller;
  };
  const members = (): number => media.conferences.get(`room-${ROOM}`)?.members.size ?? 0;
  const recorded = async (id: string) => { await records.flush(); return records.get(id); };

  test('callers meet in it, each with a call of its own; it outlasts any of them', async () => {
    const [one, two] = [dial('one'), dial('two')];
    await until('both are in', () => members() === 2);
    one.leg.events?.released({ ...HUNG_UP });
    expect(media.conferences.get(`room-${ROOM}`)!.destroyed).toBe(false);
    expect(two.leg.releasedWith).toBeUndefined();
    expect(await recorded('one')).toMatchObject({ outcome: 'answered' });
  });

  test('a caller who hangs up while it is asked for the PIN is nobody\'s fault', async () => {
    route = room(PIN);
    media.plays = true;
    const caller = dial('one');
    await until('it is asked', () => media.endpoints[0]?.played.includes('enter-pin'));
    caller.leg.events?.released({ ...HUNG_UP, by: 'caller' });
    expect(await recorded('one')).toMatchObject({ outcome: 'answered', endedBy: 'caller' });
    expect(media.conferences.size).toBe(0);
    expect(errors).toEqual([]);
  });

  test('with a PIN: three wrong ones do not let in', async () => {
    route = room(PIN);
    const guess = dial('guess');
    await until('it is sent away', () => guess.leg.releasedWith);
    expect(media.of(guess.offer!).played).toEqual(['enter-pin', 'wrong-pin', 'wrong-pin', 'goodbye']);
    expect(guess.leg.releasedWith).toMatchObject({ status: 403 });
    expect(media.conferences.size).toBe(0);
    expect(floors.seats[0]!.told).not.toContain('admitted');
  });

  describe('has a floor', () => {
    test('that visitors are let in to when they are in the conference; who leaves gives its seat up', async () => {
      const one = dial('one');
      await until('it is let in', () => floors.seats[0]?.told.includes('admitted'));
      expect([floors.seats[0]!.conference, members()]).toEqual([`room-${ROOM}`, 1]);
      one.leg.events?.released({ ...HUNG_UP });
      expect(floors.seats[0]!.told).toEqual(['agreed without', 'admitted', 'closed']);
    });

    test('that is in the answers to a visitor\'s later offers, while the media server takes their slides', async () => {
      const one = dial('one');
      await until('it is let in', () => floors.seats[0]?.told.includes('admitted'));
      const offer = sdp('one') + FLOOR + SLIDES;
      const refused = await one.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: offer });
      expect(refused.body).not.toMatch(/^m=application [1-9]/m);
      media.of(one.offer!).modify = async () => sdp('answer') + FLOOR.replace('5070', '0') + SLIDES;
      const { body } = await one.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: offer });
      expect(body).toContain('m=application 6000 UDP/BFCP *\r\na=floorctrl:s-only');
      expect(floors.seats[0]!.told.slice(2)).toEqual(['agreed without', 'agreed']);
    });

    test('that a visitor who holds gives back', async () => {
      const one = dial('one');
      await until('it is in', () => members() === 1);
      await one.leg.events!.renegotiate({ method: 'INVITE', headers: {}, body: sdp('one').replace('m=audio 5000 RTP/AVP 0\r\n', 'm=audio 5000 RTP/AVP 0\r\na=sendonly\r\n') });
      expect(floors.seats[0]!.told).toContain('gave back');
    });

    test('that callers take no seat of who are gone before they are answered', async () => {
      const gone = new FakeCaller('gone', 'huone', sdp('gone'));
      gone.gone = true;
      calls.incoming(gone);
      await until('it has failed', async () => (await recorded('gone'))?.outcome === 'failed');
      expect(floors.seats[0]!.told.at(-1)).toBe('closed');
    });
  });
});
