import { describePeer, until } from '../../peers/harness';
import { HALL_SERVICE, Presentations } from '../support/presentations';
import { tapWire, untapWire } from '../support/wire-tap';

jest.setTimeout(60_000);

/** Nothing can be sent there from here. */
const INSIDE = '192.0.2.88';

const payloadOf = (packet: Buffer): string => packet.subarray(12).toString('hex');

describePeer('ffmpeg', 'presentations in encrypted calls (H.235.6)', () => describe.each([['media straight between the parties', 'direct'], ['media at a media server', 'anchored']] as const)('%s', (_name, media) => {
  let meeting: Presentations;
  beforeAll(async () => { meeting = await Presentations.start(media, media === 'direct' ? 111 : 115, { ETASILTA_H323_ENCRYPTION: 'required' }); });
  afterEach(() => meeting.close());
  afterAll(() => meeting?.stop());

  test('a SIP party and the room show each other, and what goes to and from the room is not what they show', async () => {
    const wire = tapWire();
    const { caller, callee, inRoom } = await meeting.call({}, { encryption: true });
    await meeting.both(caller, inRoom);
    untapWire();
    const { host } = callee.options;
    // From one machine to another: within one a relay hands on what it has decrypted.
    const between = wire.filter(({ from, to }) => from !== to);
    for (const [passed, shown] of [[between.filter(({ to }) => to === host), inRoom.shown], [between.filter(({ from }) => from === host), caller.shown]] as const) {
      const inClear = new Set(shown.map(payloadOf));
      expect(inClear.size).toBeGreaterThan(10);
      expect(passed.length).toBeGreaterThan(10);
      expect(passed.map(({ packet }) => payloadOf(packet)).filter((payload) => inClear.has(payload))).toEqual([]);
    }
    expect(inRoom.channels).toBe(4);
    expect(callee.faults).toEqual([]);
  });

  test('the room calls, and shows', async () => {
    const { caller, callee, inRoom } = await meeting.called({ encryption: true });
    await meeting.both(callee, inRoom);
    expect(caller.faults).toEqual([]);
  });

  test('two rooms show each other', async () => {
    const [caller, callee] = [await meeting.room({ encryption: true }), await meeting.hall({ encryption: true })];
    await caller.dial(HALL_SERVICE);
    await meeting.eachOther(await meeting.taken(caller), await meeting.taken(callee));
    expect([...caller.faults, ...callee.faults]).toEqual([]);
  });
}));

describePeer('ffmpeg', 'presentations through firewalls (H.460.18, H.460.19)', () => {
  let meeting: Presentations;
  beforeAll(async () => { meeting = await Presentations.start('anchored', 121, { ETASILTA_H323_ENCRYPTION: 'wanted' }); });
  afterEach(() => meeting.close());
  afterAll(() => meeting?.stop());

  test('the room behind one calls: what it is shown finds the way by its keep-alives, each time anew, and what it shows, too', async () => {
    const { caller, callee, inRoom } = await meeting.called({ inside: INSIDE });
    await meeting.both(callee, inRoom);
    await meeting.both(callee, inRoom);
    expect(caller.faults).toEqual([]);
  });

  test('encrypted: what the room is shown goes to where its keep-alives come from', async () => {
    const { callee, inRoom } = await meeting.called({ inside: INSIDE, encryption: true });
    await until('the party can ask for the floor', () => callee.canPresent);
    await callee.present();
    await until('the room takes the presentation', () => inRoom.content === 'receive');
    const picture = [Buffer.alloc(500, 0x65)];
    await until('packets come through the firewall', async () => {
      callee.show(picture);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return inRoom.shown.length > 10;
    });
    for (const packet of inRoom.shown) {
      expect((packet.length - 12) % 16).toBe(0);
      expect(packet.includes(picture[0]!.subarray(0, 16))).toBe(false);
    }
  });
});
