import { differences } from '../../bfcp/support/tshark';
import { describePeer, until, type WsCall } from '../../peers/harness';
import { PASSED, type FloorParty, type FloorPartyOptions } from '../../support/floor-party';
import { addService, DOMAIN } from '../../support/test-gateway';
import { linesOf, Presentations } from '../support/presentations';
import type { PresentingCall, PresentingRoomOptions } from '../support/presenting-room';

jest.setTimeout(60_000);

const [MEETING, LOCKED] = ['kokous', 'salainen'].map((name) => `${name}.fi@${DOMAIN}`) as [string, string];
const PIN = '4711';
/** Address that a room has behind its firewall. */
const INSIDE = '192.0.2.88';

describePeer('ffmpeg', 'presentations in meeting rooms', () => {
  let meeting: Presentations;
  beforeAll(async () => {
    meeting = await Presentations.start('anchored', 111);
    const { directory } = meeting.anchored.gateway;
    await addService(directory, MEETING, [], {}, { kind: 'room' });
    await addService(directory, LOCKED, [], {}, { kind: 'room', pin: PIN });
  });
  const dialogues: WsCall[] = [];
  afterEach(async () => {
    for (const dialogue of dialogues.splice(0)) await dialogue.hangUp().catch(() => undefined);
    await meeting.close();
  });
  afterAll(() => meeting?.stop());

  const entered = async (call: PresentingCall): Promise<PresentingCall> => {
    await until('the room is in the meeting', () => call.connected && call.channels >= 4);
    return call;
  };
  /** Two H.323 rooms in one meeting. */
  const two = async (ofOne: Partial<PresentingRoomOptions> = {}, ofOther: Partial<PresentingRoomOptions> = {}, name = MEETING) => {
    const [room, hall] = [await meeting.room(ofOne), await meeting.hall(ofOther)];
    const [one, other] = [await entered(await room.dial(name)), await entered(await hall.dial(name))];
    return { one, other, faults: () => [...room.faults, ...hall.faults] };
  };
  const dialledIn = async (options: FloorPartyOptions = {}, name = MEETING) => {
    const client = await meeting.sip();
    const party = await meeting.party(client, options);
    const dialogue = await client.invite(`sip:${name}`, party.offer());
    dialogues.push(dialogue);
    party.meet(dialogue.remoteSdp).catch(() => undefined);
    return { client, party, dialogue };
  };
  /** Asks until the room has the floor: the one before may not have been heard of by all. */
  const presents = (call: PresentingCall): Promise<unknown> => until('the room has the floor, and shows', () => {
    if (call.token.state !== 'requesting' && call.token.state !== 'owned') call.present();
    return call.content === 'send';
  });
  const partyPresents = async (party: FloorParty): Promise<void> => {
    await until('the party can ask for the floor', () => party.canPresent);
    await until('the party has the floor', async () => {
      await party.present().catch(() => undefined);
      return party.holds;
    });
  };

  test.each<[string, Partial<PresentingRoomOptions>, Partial<PresentingRoomOptions>]>([
    ['slow start', {}, {}], ['fast start', { fastStart: true }, { fastStart: true, tunnelling: false }], ['both', {}, { fastStart: true }],
    ['one of them encrypted', { encryption: true }, {}], ['one of them behind a firewall', {}, { inside: INSIDE }],
  ])('with %s: one room shows, the other is shown it and refused the floor; when the first stops, the other shows', async (_what, ofOne, ofOther) => {
    const { one, other, faults } = await two(ofOne, ofOther);
    await presents(one);
    await until('the other takes the presentation', () => other.content === 'receive');
    await meeting.shows((units) => one.show(units), () => other.shown);
    other.present();
    await until('the other is refused', () => other.told.includes('refused'));
    expect([one.content, other.content]).toEqual(['send', 'receive']);
    expect(one.told).not.toContain('requested');
    one.stop();
    await until('the other is shown nothing', () => other.content === '');
    await presents(other);
    await until('the first takes the presentation', () => one.content === 'receive');
    await meeting.shows((units) => other.show(units), () => one.shown);
    expect(faults()).toEqual([]);
  });

  test.each<[string, FloorPartyOptions]>([['UDP', {}], ['TCP', { transport: 'tcp' }]])('a SIP party with BFCP over %s and a room show each other, one at a time', async (_what, options) => {
    const { party, dialogue } = await dialledIn(options);
    expect(linesOf(dialogue.remoteSdp)).toEqual(['audio', 'video', 'application', 'video slides']);
    const room = await meeting.room();
    const inRoom = await entered(await room.dial(MEETING));
    await partyPresents(party);
    await until('the room takes the presentation', () => inRoom.content === 'receive');
    await meeting.shows((units) => party.show(units), () => inRoom.shown);
    inRoom.present();
    await until('the room is refused', () => inRoom.told.includes('refused'));
    await party.stop();
    await presents(inRoom);
    await until('the party is told that others show', () => party.isShown);
    await meeting.shows((units) => inRoom.show(units), () => party.shown);
    await party.present();
    expect([party.told.at(-1), inRoom.content]).toEqual(['denied', 'send']);
    expect(room.faults).toEqual([]);
  });

  test('who comes later is shown what is shown already; its sender is asked for a key frame, and again by who misses one', async () => {
    const room = await meeting.room();
    const one = await entered(await room.dial(MEETING));
    await presents(one);
    const before = one.fastUpdates;
    const hall = await meeting.hall();
    const other = await entered(await hall.dial(MEETING));
    await until('the newcomer takes the presentation', () => other.content === 'receive');
    await meeting.shows((units) => one.show(units), () => other.shown);
    expect(one.fastUpdates).toBeGreaterThan(before);
    const asked = one.fastUpdates;
    other.missesPicture();
    await until('who shows is asked for a key frame', () => one.fastUpdates > asked);
  });

  test('who leaves gives the floor to others; who is gone without a word loses it when another asks', async () => {
    const { one, other, faults } = await two();
    const { party } = await dialledIn();
    await presents(one);
    one.hangUp();
    await partyPresents(party);
    await until('the room takes the presentation', () => other.content === 'receive');
    party.vanish();
    other.present();
    await until('the room is refused', () => other.told.includes('refused'));
    await until('the room has the floor, and shows', () => {
      if (other.token.state !== 'requesting' && other.token.state !== 'owned') other.present();
      return other.content === 'send';
    }, 30_000);
    expect(faults()).toEqual([]);
  });

  test('a SIP party adds slides when it is in the meeting, gives way while it holds, and takes them away', async () => {
    const room = await meeting.room();
    const inRoom = await entered(await room.dial(MEETING));
    const { party, dialogue } = await dialledIn({ slides: false });
    expect(linesOf(dialogue.remoteSdp)).toEqual(['audio', 'video']);
    const reinvite = async (): Promise<string[]> => {
      await party.meet(await dialogue.reinvite(party.offer()));
      return linesOf(dialogue.remoteSdp);
    };
    party.hasSlides = true;
    expect(await reinvite()).toEqual(['audio', 'video', 'application', 'video slides']);
    await partyPresents(party);
    await until('the room takes the presentation', () => inRoom.content === 'receive');
    const floor = (): string[] => dialogue.remoteSdp.split('\r\n').filter((line) => /^(m=application|a=(confid|userid|floorid|floorctrl))/.test(line));
    const agreed = floor();
    expect(await reinvite()).toEqual(['audio', 'video', 'application', 'video slides']);
    expect([floor(), party.holds]).toEqual([agreed, true]);
    party.isHolding = true;
    await reinvite();
    await until('it has given way', () => party.told.at(-1) === 'revoked');
    await until('the room is shown nothing', () => inRoom.content === '');
    party.isHolding = false;
    expect(await reinvite()).toEqual(['audio', 'video', 'application', 'video slides']);
    expect(floor()).toEqual(agreed);
    await partyPresents(party);
    await until('the room takes the presentation', () => inRoom.content === 'receive');
    party.hasSlides = false;
    expect(await reinvite()).toEqual(['audio', 'video', 'application refused', 'video refused']);
    await until('the room is shown nothing', () => inRoom.content === '');
    await presents(inRoom);
  });

  test('who has not given the PIN is shown nothing and gets no floor; who has is shown what is shown', async () => {
    const { one, other, faults } = await two({}, {}, LOCKED);
    one.press(`${PIN}#`);
    await presents(one);
    other.present();
    await until('who waits is refused', () => other.told.includes('refused'));
    expect(other.content).toBe('');
    other.press(`${PIN}#`);
    await until('it takes the presentation', () => other.content === 'receive');
    await meeting.shows((units) => one.show(units), () => other.shown);
    expect(faults()).toEqual([]);
  });

  test('a SIP party without BFCP is shown presentations', async () => {
    const { one } = await two();
    const { party } = await dialledIn({ floor: false });
    await presents(one);
    await meeting.shows((units) => one.show(units), () => party.shown);
  });
});

describePeer('tshark', 'what passed in these calls', () => {
  test('of BFCP is read alike by tshark', () => {
    expect(PASSED.filter(({ message: { primitive } }) => primitive === 'FloorRequest').length).toBeGreaterThan(2);
    expect(differences(PASSED)).toEqual([]);
  });
});
