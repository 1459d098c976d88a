import type { LogicalChannel } from '../../../src/h323/h245';
import { until } from '../../peers/harness';
import { RoomAndPhone, sdp, section, type RoomAndPhoneCall } from '../support/room-and-phone';

jest.setTimeout(60_000);

const pictures = ({ taken }: RoomAndPhoneCall): LogicalChannel => taken.session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
const told = ({ client, answer }: RoomAndPhoneCall): string => section(client.offers.at(-1) ?? answer, 'video');
/** What the room takes from the start, bit/s. */
const ROOM_RATE = /^b=TIAS:1920000\r$/m;

describe.each([['media straight between the parties', 'direct', 73], ['media at a media server', 'anchored', 75]] as const)('limits of bit rate, %s', (_name, media, hosts) => {
  let both: RoomAndPhone;
  beforeAll(async () => { both = await RoomAndPhone.start(hosts, media); });
  afterEach(() => both.close());
  afterAll(() => both?.stop());

  test('each side knows from the start what the other takes of its pictures', async () => {
    const here = await both.call('8');
    expect(told(here)).toMatch(ROOM_RATE);
    await both.close();
    const limited = await both.call('8', {}, sdp('8', 384_000));
    await until('the room keeps to the limit', () => opened(limited) <= 384_000 || limited.taken.limits.at(-1) === 3_840);
    expect([...here.room.faults, ...limited.room.faults]).toEqual([]);
  });

  test('a limit of the H.323 side goes to the SIP side as b=, until it is lifted', async () => {
    const here = await both.call('8');
    here.taken.session.flowControl({ channel: pictures(here), maximumBitRate: 5_120 });
    await until('the phone is told the limit', () => /^b=TIAS:512000\r$/m.test(told(here)) && /^b=AS:544\r$/m.test(told(here)));
    here.taken.session.flowControl({ channel: pictures(here) });
    await until('the phone is told that it is lifted', () => ROOM_RATE.test(told(here)) || !/^b=/m.test(told(here)));
    expect(here.room.faults).toEqual([]);
  });

  test('a limit on everything leaves room for sound; with nothing left a phone that sends to the room itself is told to send no picture', async () => {
    const here = await both.call('8');
    here.taken.session.flowControl({ maximumBitRate: 3_840 });
    await until('the phone is told the limit', () => /^b=TIAS:320000\r$/m.test(told(here)));
    if (media === 'anchored') return;
    here.taken.session.flowControl({ maximumBitRate: 640 });
    await until('the phone is told to send no picture', () => /^a=sendonly\r$/m.test(told(here)));
    expect(section(here.client.offers.at(-1)!, 'audio')).toMatch(/^a=sendrecv/m);
  });

  test('a limit of the SIP side goes to the H.323 side, until it is lifted', async () => {
    const here = await both.call('8');
    await here.reinvite(sdp('8', 256_000));
    expect(await until('the room is told the limit', () => here.taken.limits.at(-1))).toBe(2_560);
    await here.reinvite(sdp('8'));
    await until('the room is told that it is lifted', () => here.taken.limits.length >= 2 && here.taken.limits.at(-1) === undefined);
    expect(here.room.faults).toEqual([]);
  });
});

/** Bit rate that the room opened its channel of pictures with. */
function opened({ taken }: RoomAndPhoneCall): number {
  const channel = taken.session.channels.find(({ direction, sessionId }) => direction === 'send' && sessionId === 2)!;
  const { genericVideoCapability } = (channel.dataType as { videoData: { genericVideoCapability: { maxBitRate: number } } }).videoData;
  return genericVideoCapability.maxBitRate * 100;
}
