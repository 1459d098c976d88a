import type { GatewayStatus } from '../../../src/server';
import { alternative } from '../../../src/h323/per';
import { toHostPort } from '../../../src/h323/ras';
import { SipWsClient, until } from '../../peers/harness';
import { parseText, statusOf } from '../../peers/harness/sip-text';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { EchoRoom } from '../support/echo-room';
import { H323Phone, type H323PhoneOptions, type PhoneCall } from '../support/h323-phone';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(30_000);

const [ROOM, VIDEO_ROOM, PHONE] = ['huone', 'kuva', 'puhelin'].map((name) => `${name}@talo.kunta.example`) as [string, string, string];
const VIDEO_SERVICE = `kuva.fi@${DOMAIN}`;

interface Wanted {
  port?: number;
  direction?: string;
  video?: number;
  videoDirection?: string;
}

let version = 1;
/** What the SIP side says of itself. */
const sdp = ({ port = 40_000, direction = 'sendrecv', video, videoDirection = 'sendrecv' }: Wanted = {}): string => [
  'v=0', `o=- 1 ${version++} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${port} RTP/AVP 8`, 'a=rtpmap:8 PCMA/8000', `a=${direction}`,
  ...(video === undefined ? [] : [`m=video ${video} RTP/AVP 98`, 'a=rtpmap:98 H264/90000', 'a=fmtp:98 profile-level-id=42e01f;packetization-mode=1', `a=${videoDirection}`]), '',
].join('\r\n');
/** Lines of a description: where each medium goes. */
const lines = (text: string): string[] => text.split(/^m=/m).slice(1).map((line) => {
  const [medium, port] = line.split(' ');
  return port === '0' ? `${medium} refused` : `${medium} ${/^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(line)?.[1] ?? 'sendrecv'}`;
});
/** Answers what is offered as a phone does that wants all it can have. */
const answerTo = (offer: string): string => {
  const [direction, videoDirection] = lines(offer).map((line) => line.split(' ')[1]!.replace(/sendonly|recvonly/, (way) => (way === 'sendonly' ? 'recvonly' : 'sendonly')));
  if (offer === '') return sdp({ video: 40_004 });
  return sdp({ direction, ...(videoDirection !== undefined && { video: videoDirection === 'refused' ? 0 : 40_004, videoDirection }) });
};
const audioOf = (text: string): string => `${/^c=IN IP4 (\S+)/m.exec(text)![1]}:${/^m=audio (\d+)/m.exec(text)![1]}`;
const target = (call: PhoneCall): string => call.session.channels.filter(({ direction }) => direction === 'send').map(({ media: { rtp: { host, port } } }) => `${host}:${port}`).join();

let gateway: TestGateway;
let operator: Operator;
let ras: string;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(61), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=ws',
  });
  operator = new Operator(gateway.dataDir);
  await addDevices(gateway.directory, [{ address: ROOM, h323Id: 'huone' }, { address: VIDEO_ROOM, h323Id: 'kuva' }, { address: PHONE }]);
  await addService(gateway.directory, VIDEO_SERVICE, [VIDEO_ROOM]);
  ({ ras } = (await operator.status<GatewayStatus>()).h323!);
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => gateway?.stop());

const room = async (more: Partial<H323PhoneOptions> = {}): Promise<H323Phone> => {
  const phone = await H323Phone.open({ host: ownAddress(62), h323Id: 'huone', toneHz: 400, ras, ...more });
  open.push(phone);
  return phone;
};
const sip = async (): Promise<SipWsClient> => {
  const client = await SipWsClient.connect({ url: `ws://${gateway.address('ws')}`, user: 'puhelin', domain: 'talo.kunta.example', password: PASSWORD });
  open.push({ close: async () => { await client.register(0).catch(() => undefined); await client.close(); } });
  await client.register();
  return client;
};

describe.each([['fast start', { fastStart: true }], ['fast start, H.245 apart', { fastStart: true, tunnelling: false }], ['slow start', {}], ['slow start, H.245 apart', { tunnelling: false }]])('media straight between a SIP phone and an H.323 room: %s', (_name, options) => {
  test('the phone calls: each is told where the other receives', async () => {
    const callee = await room(options);
    const call = await (await sip()).invite(`sip:${ROOM}`, sdp());
    const taken = await callee.connected();
    expect(lines(call.remoteSdp)).toEqual(['audio sendrecv']);
    expect(audioOf(call.remoteSdp)).toBe(audioOf(taken.description));
    await until('the room sends to the phone', () => target(taken) === '127.0.0.1:40000');
    await call.hangUp();
    expect(await until('the room is told', () => taken.ended)).toBe('peer 16');
    expect(callee.faults).toEqual([]);
  });

  test('the room calls: each is told where the other receives', async () => {
    const caller = await room(options);
    const client = await sip();
    client.onInvite = () => sdp({ port: 40_002 });
    const call = await caller.dial(PHONE);
    await until('it is answered', () => call.connected);
    await until('the room sends to the phone', () => target(call) === '127.0.0.1:40002');
    // Slow start has no offer: it comes in the ACK as the answer to the phone's.
    const told = await until('the phone is told', () => [client.offers[0] ?? '', ...client.log.filter((text) => text.startsWith('< ACK')).map((text) => parseText(text.slice(2)).body)].find((text) => text !== ''));
    expect(audioOf(told)).toBe(audioOf(call.description));
    call.hangUp();
    expect(caller.faults).toEqual([]);
  });

  test('the phone holds and resumes elsewhere: the room stops, and goes on to the new address', async () => {
    const callee = await room(options);
    const call = await (await sip()).invite(`sip:${ROOM}`, sdp());
    const taken = await callee.connected();
    await until('both directions are open', () => taken.channels.length === 2);
    expect(lines(await call.reinvite(sdp({ direction: 'sendonly' })))).toEqual(['audio recvonly']);
    expect(taken.channels).toEqual(['receive 1']);
    expect(lines(await call.reinvite(sdp({ direction: 'inactive' })))).toEqual(['audio inactive']);
    expect(taken.channels).toEqual([]);
    expect(lines(await call.reinvite(sdp({ port: 40_010 })))).toEqual(['audio sendrecv']);
    expect(taken.channels).toEqual(['receive 1', 'send 1']);
    expect(target(taken)).toBe('127.0.0.1:40010');
    expect(lines(await call.reinvite(sdp({ port: 40_020 })))).toEqual(['audio sendrecv']);
    await until('the room sends there', () => target(taken) === '127.0.0.1:40020');
    expect(callee.faults).toEqual([]);
  });

  test('the room pauses and resumes: the phone is put on hold and taken back', async () => {
    const callee = await room(options);
    const client = await sip();
    client.onInvite = ({ body }) => answerTo(body);
    await client.invite(`sip:${ROOM}`, sdp());
    const taken = await callee.connected();
    await until('both directions are open', () => taken.channels.length === 2);
    await taken.pause();
    await until('the phone is held', () => /^audio sendonly$/.test(lines(client.offers.at(-1) ?? '').join()));
    await taken.resume();
    await until('the phone is taken back', () => /^audio sendrecv$/.test(lines(client.offers.at(-1) ?? '').join()));
    await until('both directions are open again', () => taken.channels.join() === 'receive 1,send 1');
    expect(callee.faults).toEqual([]);
  });

  test('the room moves its media: the phone is told the new address', async () => {
    const callee = await room(options);
    const client = await sip();
    client.onInvite = () => sdp();
    await client.invite(`sip:${ROOM}`, sdp());
    const taken = await callee.connected();
    await until('both directions are open', () => taken.channels.length === 2);
    await taken.move();
    await until('the phone is told', () => client.offers.length > 0 && lines(client.offers.at(-1)!).join() === 'audio sendrecv' && audioOf(client.offers.at(-1)!) === audioOf(taken.description));
    expect(taken.channels).toEqual(['receive 1', 'send 1']);
    expect(callee.faults).toEqual([]);
  });
});

test('a SIP phone that wants a room transferred that has no H.450 is refused, and the call goes on', async () => {
  const callee = await room();
  const call = await (await sip()).invite(`sip:${ROOM}`, sdp());
  const taken = await callee.connected();
  expect(statusOf(await call.request('REFER', '', [['Refer-To', `<sip:${PHONE}>`]]))).toBe(501);
  expect(taken.ended).toBeUndefined();
  await call.hangUp();
  await until('the room is told', () => taken.ended);
});

test('a SIP phone that cannot be told now (491) is told again', async () => {
  const callee = await room();
  const client = await sip();
  let refusals = 2;
  client.onInvite = ({ body }) => (refusals-- > 0 ? 491 : answerTo(body));
  await client.invite(`sip:${ROOM}`, sdp());
  const taken = await callee.connected();
  await until('both directions are open', () => taken.channels.length === 2);
  await taken.pause();
  await until('the phone is held', () => refusals < 0 && lines(client.offers.at(-1)!).join() === 'audio sendonly');
  expect(client.offers.length).toBe(3);
  taken.hangUp();
});

describe('pictures in a running call', () => {
  const videoRoom = async (): Promise<{ room: EchoRoom; endpoint: RasEndpoint }> => {
    const opened = await EchoRoom.open({ host: ownAddress(63), video: true });
    const endpoint = await RasEndpoint.open(ras, ownAddress(63));
    open.push(opened, endpoint);
    expect(await endpoint.register({ 'h323-ID': 'kuva' })).toHaveProperty('registrationConfirm');
    return { room: opened, endpoint };
  };
  const channels = (opened: EchoRoom): string => opened.calls.at(-1)!.session.channels.map(({ direction, sessionId }) => `${direction} ${sessionId}`).sort().join();
  const BOTH = 'receive 1,receive 2,send 1,send 2';

  test('the SIP side adds them and takes them away', async () => {
    const { room: opened } = await videoRoom();
    const call = await (await sip()).invite(`sip:${VIDEO_SERVICE}`, sdp());
    await until('sound is there', () => channels(opened) === 'receive 1,send 1');
    expect(lines(await call.reinvite(sdp({ video: 40_004 })))).toEqual(['audio sendrecv', 'video sendrecv']);
    expect(channels(opened)).toBe(BOTH);
    expect(lines(await call.reinvite(sdp({ video: 0 })))).toEqual(['audio sendrecv', 'video refused']);
    expect(channels(opened)).toBe('receive 1,send 1');
    expect(opened.faults).toEqual([]);
  });

  test('the H.323 side takes its picture away and brings it back', async () => {
    const { room: opened, endpoint } = await videoRoom();
    const client = await sip();
    client.onInvite = ({ body }) => answerTo(body);
    const guid = Buffer.alloc(16, 3);
    const confirm = alternative(await endpoint.admission([{ 'h323-ID': PHONE }], { callIdentifier: { guid } }), 'admissionConfirm');
    const call = opened.call(toHostPort(confirm!.destCallSignalAddress)!, PHONE, guid);
    await until('sound and pictures are there', () => opened.calls.length > 0 && channels(opened) === BOTH);
    const { session } = opened.calls.at(-1)!;
    const picture = session.channels.find(({ direction, sessionId }) => direction === 'send' && sessionId === 2)!;
    await session.close(picture);
    await until('the phone is told', () => lines(client.offers.at(-1) ?? '')[1] === 'video recvonly');
    const { sessionId, dataType, payloadType } = picture;
    await session.open({ sessionId, dataType, payloadType });
    await until('the phone is told', () => lines(client.offers.at(-1) ?? '')[1] === 'video sendrecv');
    expect(opened.faults).toEqual([]);
    call.release();
  });
});
