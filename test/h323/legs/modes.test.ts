import type { H245Session, LogicalChannel } from '../../../src/h323/h245';
import type { h245 } from '../../../src/h323/schemas';
import { until } from '../../peers/harness';
import { answerWith, BOTH, formats, openChannels, RoomAndPhone, sdp, section, type RoomAndPhoneCall } from '../support/room-and-phone';

jest.setTimeout(60_000);

const audioMode = (name: string): h245.ModeElement => ({ type: { audioMode: { [name]: null } as unknown as h245.AudioMode } });
const codec = (session: Pick<H245Session, 'channels'>, way: LogicalChannel['direction']): string | undefined => {
  const channel = session.channels.find(({ direction, sessionId }) => direction === way && sessionId === 1);
  return channel && Object.keys(Object.values(channel.dataType)[0] as object)[0];
};

let both: RoomAndPhone;
const call = (...args: Parameters<RoomAndPhone['call']>): Promise<RoomAndPhoneCall> => both.call(...args);

beforeAll(async () => { both = await RoomAndPhone.start(71); });
afterEach(() => both.close());
afterAll(() => both?.stop());

describe('modes that the H.323 side asks for', () => {
  test('another codec that the SIP side has: it is sent, and the SIP side is told; pictures that are not asked for stop', async () => {
    const { room, taken: { session }, client } = await call('9 8 0', { modes: true });
    expect([codec(session, 'receive'), codec(session, 'send')]).toEqual(['g722-64k', 'g722-64k']);
    expect(await (session as H245Session).requestMode([[audioMode('g711Ulaw64k')], [audioMode('g711Alaw64k')]])).toBe('mostPreferred');
    await until('sound is of the other codec, both ways as in SIP', () => codec(session, 'receive') === 'g711Ulaw64k' && codec(session, 'send') === 'g711Ulaw64k');
    await until('the phone is told of the codec', () => formats(client.offers.at(-1) ?? sdp('9')) === '0');
    expect(openChannels(session)).toBe('receive 1,send 1,send 2');
    expect(section(client.offers.at(-1)!, 'video')).toMatch(/^a=sendonly/m);
    expect(room.faults).toEqual([]);
  });

  test('the picture comes back when it is asked for again', async () => {
    const { taken: { session } } = await call('8', { modes: true });
    const picture = session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
    const video = (picture.dataType as { videoData: { genericVideoCapability: h245.GenericCapability } }).videoData.genericVideoCapability;
    expect(await (session as H245Session).requestMode([[audioMode('g711Alaw64k')]])).toBe('mostPreferred');
    await until('the picture stops', () => openChannels(session) === 'receive 1,send 1,send 2');
    expect(await (session as H245Session).requestMode([[audioMode('g711Alaw64k'), { type: { videoMode: { genericVideoMode: video } } }]])).toBe('mostPreferred');
    await until('the picture is back', () => openChannels(session) === BOTH);
  });

  test('a codec that the SIP side did not describe: it is asked for it, and sends it', async () => {
    const { room, taken: { session }, client } = await call('8', { modes: true });
    client.onInvite = answerWith('0 8');
    expect(await (session as H245Session).requestMode([[audioMode('g728')], [audioMode('g711Ulaw64k')]])).toBe('lessPreferred');
    await until('sound is of the other codec', () => codec(session, 'receive') === 'g711Ulaw64k' && codec(session, 'send') === 'g711Ulaw64k');
    await until('the phone is told in the end what is so', () => formats(client.offers.at(-1)!) === '0');
    expect(room.faults).toEqual([]);
  });

  test('what the SIP side does not send is not available, and nothing changes', async () => {
    const { room, taken: { session }, client } = await call('8');
    await expect((session as H245Session).requestMode([[audioMode('g711Ulaw64k')]])).rejects.toThrow('modeUnavailable');
    await until('the phone is told that nothing has changed', () => formats(client.offers.at(-1)!) === '8');
    expect([openChannels(session), codec(session, 'receive')]).toEqual([BOTH, 'g711Alaw64k']);
    expect(room.faults).toEqual([]);
  });
});

describe('a SIP side that changes its codec', () => {
  test('the H.323 side is asked for that mode, and sends so', async () => {
    const { room, taken, reinvite } = await call('8 0', { modes: true });
    const answer = await reinvite(sdp('0'));
    expect(formats(answer)).toBe('0');
    expect(taken.modes).toHaveLength(1);
    expect(taken.modes[0]!.map((mode) => mode.map(({ type }) => Object.keys(Object.values(type)[0] as object)[0]))).toEqual([['g711Ulaw64k', 'genericVideoMode']]);
    expect([codec(taken.session, 'receive'), codec(taken.session, 'send')]).toEqual(['g711Ulaw64k', 'g711Ulaw64k']);
    expect(room.faults).toEqual([]);
  });

  test('one that has no modes is asked to close its channel and to open another', async () => {
    const { room, taken, reinvite } = await call('8 0');
    await reinvite(sdp('0'));
    expect(taken.modes).toHaveLength(1);
    await until('both channels are of the new codec', () => codec(taken.session, 'receive') === 'g711Ulaw64k' && codec(taken.session, 'send') === 'g711Ulaw64k');
    expect(room.faults).toEqual([]);
  });
});

test('a lost picture is a wish for a key frame', async () => {
  const { taken: { session }, client } = await call('8');
  const picture = session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
  (session as H245Session).command(picture, { lostPicture: [{ pictureNumber: 3 }] });
  await until('the phone is asked', () => client.log.some((text) => text.startsWith('< INFO') && text.includes('picture_fast_update')));
});
