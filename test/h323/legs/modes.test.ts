import type { H245Session, LogicalChannel } from '../../../src/h323/h245';
import type { h245 } from '../../../src/h323/schemas';
import type { GatewayStatus } from '../../../src/server';
import { SipWsClient, until } from '../../peers/harness';
import { Operator } from '../../support/control';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { EchoRoom, type EchoRoomOptions, type RoomCall } from '../support/echo-room';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(60_000);

/** Loopback addresses of this process alone: H.323's ports are fixed. */
const address = (host: number): string => `127.${64 + (process.pid >> 8) % 128}.${process.pid % 256}.${host}`;
const [ROOM, PHONE] = ['kuva@talo.kunta.example', 'puhelin@talo.kunta.example'];
const SERVICE = `kuva.fi@${DOMAIN}`;
const CODECS: Record<string, string> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

let version = 1;
/** A phone of these codecs, with pictures of so many bit/s at most. */
const sdp = (codecs: string, bitRate?: number): string => [
  'v=0', `o=- 1 ${version++} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio 40000 RTP/AVP ${codecs}`,
  ...codecs.split(' ').map((format) => `a=rtpmap:${format} ${CODECS[format]}/8000`),
  'm=video 40004 RTP/AVP 98', ...(bitRate === undefined ? [] : [`b=TIAS:${bitRate}`]), 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42e01f;packetization-mode=1', '',
].join('\r\n');
const section = (text: string, medium: string): string => text.split(/^m=/m).find((line) => line.startsWith(medium)) ?? '';
const formats = (text: string): string => /^audio \d+ \S+ ([\d ]+)/.exec(section(text, 'audio'))![1]!.trim();
/** Answers what is offered with those of its codecs that are. */
const answerWith = (codecs: string) => ({ body }: { body: string }): string =>
  sdp(codecs.split(' ').filter((codec) => formats(body).split(' ').includes(codec)).join(' ') || codecs.split(' ')[0]!);

const audioMode = (name: string): h245.ModeElement => ({ type: { audioMode: { [name]: null } as unknown as h245.AudioMode } });
const codec = (session: Pick<H245Session, 'channels'>, way: LogicalChannel['direction']): string | undefined => {
  const channel = session.channels.find(({ direction, sessionId }) => direction === way && sessionId === 1);
  return channel && Object.keys(Object.values(channel.dataType)[0] as object)[0];
};
const open = (session: Pick<H245Session, 'channels'>): string => session.channels.map(({ direction, sessionId }) => `${direction} ${sessionId}`).sort().join();
const BOTH = 'receive 1,receive 2,send 1,send 2';

let gateway: TestGateway;
let operator: Operator;
let ras: string;
const opened: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: address(71), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=ws',
  });
  operator = new Operator(gateway.dataDir);
  await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'kuva' }, { address: PHONE }]);
  await addService(gateway.directory, SERVICE, [ROOM]);
  ({ ras } = (await operator.status<GatewayStatus>()).h323!);
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => gateway?.stop());

interface Call {
  room: EchoRoom;
  taken: RoomCall;
  client: SipWsClient;
  /** A new offer of the phone's; resolves with the answer. */
  reinvite(offer: string): Promise<string>;
}

/** A SIP phone with a picture calls an H.323 room, and all channels are open. */
async function call(codecs: string, more: Partial<EchoRoomOptions> = {}): Promise<Call> {
  const room = await EchoRoom.open({ host: address(72), video: true, ...more });
  const endpoint = await RasEndpoint.open(ras, address(72));
  opened.push(room, endpoint);
  expect(await endpoint.register({ 'h323-ID': 'kuva' })).toHaveProperty('registrationConfirm');
  const client = await SipWsClient.connect({ url: `ws://${gateway.address('ws')}`, user: 'puhelin', domain: 'talo.kunta.example', password: PASSWORD });
  opened.push({ close: async () => { await client.register(0).catch(() => undefined); await client.close(); } });
  await client.register();
  client.onInvite = answerWith(codecs);
  const sip = await client.invite(`sip:${SERVICE}`, sdp(codecs));
  const taken = await until('sound and pictures are there', () => { const last = room.calls.at(-1); return last && open(last.session) === BOTH && last; });
  return { room, taken, client, reinvite: (offer) => sip.reinvite(offer) };
}

describe('modes that the H.323 side asks for', () => {
  test('another codec that the SIP side has: it is sent, and the SIP side is told; pictures that are not asked for stop', async () => {
    const { room, taken: { session }, client } = await call('9 8 0', { modes: true });
    expect([codec(session, 'receive'), codec(session, 'send')]).toEqual(['g722-64k', 'g722-64k']);
    expect(await (session as H245Session).requestMode([[audioMode('g711Ulaw64k')], [audioMode('g711Alaw64k')]])).toBe('mostPreferred');
    await until('sound is of the other codec, both ways as in SIP', () => codec(session, 'receive') === 'g711Ulaw64k' && codec(session, 'send') === 'g711Ulaw64k');
    await until('the phone is told of the codec', () => formats(client.offers.at(-1) ?? sdp('9')) === '0');
    expect(open(session)).toBe('receive 1,send 1,send 2');
    expect(section(client.offers.at(-1)!, 'video')).toMatch(/^a=sendonly/m);
    expect(room.faults).toEqual([]);
  });

  test('the picture comes back when it is asked for again', async () => {
    const { taken: { session } } = await call('8', { modes: true });
    const picture = session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
    const video = (picture.dataType as { videoData: { genericVideoCapability: h245.GenericCapability } }).videoData.genericVideoCapability;
    expect(await (session as H245Session).requestMode([[audioMode('g711Alaw64k')]])).toBe('mostPreferred');
    await until('the picture stops', () => open(session) === 'receive 1,send 1,send 2');
    expect(await (session as H245Session).requestMode([[audioMode('g711Alaw64k'), { type: { videoMode: { genericVideoMode: video } } }]])).toBe('mostPreferred');
    await until('the picture is back', () => open(session) === BOTH);
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
    expect([open(session), codec(session, 'receive')]).toEqual([BOTH, 'g711Alaw64k']);
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

describe('flow control', () => {
  const pictures = ({ taken }: Call): LogicalChannel => taken.session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
  const told = ({ client }: Call): string => section(client.offers.at(-1) ?? '', 'video');

  test('a limit of the H.323 side goes to the SIP side as b=, until it is lifted', async () => {
    const here = await call('8');
    here.taken.session.flowControl({ channel: pictures(here), maximumBitRate: 5_120 });
    await until('the phone is told the limit', () => /^b=TIAS:512000\r$/m.test(told(here)) && /^b=AS:544\r$/m.test(told(here)));
    here.taken.session.flowControl({ channel: pictures(here) });
    await until('the phone is told that it is lifted', () => /^b=TIAS:1920000\r$/m.test(told(here)) || !/^b=/m.test(told(here)));
    expect(here.room.faults).toEqual([]);
  });

  test('a limit on everything leaves room for sound; with nothing left pictures stop', async () => {
    const here = await call('8');
    here.taken.session.flowControl({ maximumBitRate: 3_840 });
    await until('the phone is told the limit', () => /^b=TIAS:320000\r$/m.test(told(here)));
    here.taken.session.flowControl({ maximumBitRate: 640 });
    await until('the phone is told to send no picture', () => /^a=sendonly\r$/m.test(told(here)));
    expect(section(here.client.offers.at(-1)!, 'audio')).toMatch(/^a=sendrecv/m);
  });

  test('a limit of the SIP side goes to the H.323 side, until it is lifted', async () => {
    const here = await call('8');
    await here.reinvite(sdp('8', 256_000));
    expect(await until('the room is told the limit', () => here.taken.limits.at(-1))).toBe(2_560);
    await here.reinvite(sdp('8'));
    await until('the room is told that it is lifted', () => here.taken.limits.length === 2 && here.taken.limits[1] === undefined);
  });
});

test('a lost picture is a wish for a key frame', async () => {
  const { taken: { session }, client } = await call('8');
  const picture = session.channels.find(({ direction, sessionId }) => direction === 'receive' && sessionId === 2)!;
  (session as H245Session).command(picture, { lostPicture: [{ pictureNumber: 3 }] });
  await until('the phone is asked', () => client.log.some((text) => text.startsWith('< INFO') && text.includes('picture_fast_update')));
});
