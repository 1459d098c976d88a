import dgram from 'node:dgram';
import { alternative } from '../../../src/h323/per';
import { toHostPort } from '../../../src/h323/ras';
import type { GatewayStatus } from '../../../src/server';
import { controlRequest } from '../../../src/web';
import type { H323RegistrationInfo } from '../../../src/h323/gateway';
import { describePeer, expectAllSuccessful, until } from '../../peers/harness';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { sippCaller } from '../../support/sipp-devices';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { Asterisk, asteriskMissing } from '../support/asterisk';
import { EchoRoom } from '../support/echo-room';
import { H323Phone, type H323PhoneOptions, type PhoneCall } from '../support/h323-phone';
import { RasEndpoint } from '../support/ras-endpoint';

jest.setTimeout(30_000);

const NAMES = ['soittaja', 'huone'] as const;
const [, ROOM] = NAMES.map((name) => `${name}@talo.kunta.example`) as [string, string];
/** Milliwatt's is Asterisk's. */
const TONES = [400, 700, 1004];

let gateway: TestGateway;
let operator: Operator;
let ras: string;
const phones: H323Phone[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(91), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    ETASILTA_SIP_PEERS: JSON.stringify([{ name: 'partner', addresses: ['127.0.0.1'] }]),
  });
  operator = new Operator(gateway.dataDir);
  await addDevices(gateway.directory, NAMES.map((name, n) => ({ address: `${name}@talo.kunta.example`, h323Id: name, e164: String(100 * (n + 1)) })));
  await addDevices(gateway.directory, [{ name: 'kuva-1' }, { name: 'kuva-2' }, { name: 'asterisk', e164: '300' }].map(({ name, ...more }) => ({ address: `${name}@talo.kunta.example`, h323Id: name, ...more })));
  await addService(gateway.directory, `huone.fi@${DOMAIN}`, [ROOM]);
  ({ ras } = (await operator.status<GatewayStatus>()).h323!);
});
afterEach(async () => {
  for (const phone of phones.splice(0)) {
    await phone.close();
    expect(phone.faults).toEqual([]);
  }
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => gateway?.stop());

const phone = async (n: 0 | 1, more: Partial<H323PhoneOptions> = {}): Promise<H323Phone> => {
  const opened = await H323Phone.open({ host: ownAddress(92 + n), h323Id: NAMES[n], toneHz: TONES[n]!, ras, ...more });
  phones.push(opened);
  return opened;
};
const hearing = (call: PhoneCall, tone: number): Promise<unknown> => until(`${tone} Hz is heard`, async () => toneShares(await call.hear(0.3), TONES)[TONES.indexOf(tone)]! > 0.8, 15_000);
const target = (call: PhoneCall): string => call.session.channels.filter(({ direction }) => direction === 'send').map(({ media: { rtp: { host, port } } }) => `${host}:${port}`).join();
const place = (call: PhoneCall): string => `${/^c=IN IP4 (\S+)/m.exec(call.description)![1]}:${/^m=audio (\d+)/m.exec(call.description)![1]}`;

describe.each([
  ['slow start on both sides', {}, {}],
  ['H.245 apart on both sides', { tunnelling: false }, { tunnelling: false }],
  ['H.245 apart at the caller', { tunnelling: false }, {}],
  ['slow start to one that has fast start', {}, { fastStart: true }],
  ['fast start to one that has none', { fastStart: true }, {}],
])('media straight between two H.323 rooms: %s', (_name, ofCaller, ofCallee) => {
  test('each sends to where the other receives, and hears it', async () => {
    const room = await phone(1, ofCallee);
    const call = await (await phone(0, ofCaller)).dial(ROOM);
    await until('it is answered', () => call.connected);
    const taken = await room.connected();
    await Promise.all([hearing(call, 700), hearing(taken, 400)]);
    expect([target(call), target(taken)]).toEqual([place(taken), place(call)]);
    expect([call.channels, taken.channels]).toEqual([['receive 1', 'send 1'], ['receive 1', 'send 1']]);
    call.hangUp();
    expect(await until('the other is told', () => taken.ended)).toBe('peer 16');
  });

  test('one pauses and goes on', async () => {
    const room = await phone(1, ofCallee);
    const call = await (await phone(0, ofCaller)).dial(ROOM);
    const taken = await room.connected();
    await hearing(call, 700);
    await call.pause();
    await until('the other stops', () => taken.channels.join() === 'receive 1' || taken.channels.length === 0);
    await call.resume();
    await Promise.all([hearing(call, 700), hearing(taken, 400)]);
    call.hangUp();
  });
});

test('pictures go straight between two H.323 rooms without fast start, too', async () => {
  const [caller, room] = await Promise.all([94, 95].map((host) => EchoRoom.open({ host: ownAddress(host), video: true }))) as [EchoRoom, EchoRoom];
  const endpoints = await Promise.all([94, 95].map((host) => RasEndpoint.open(ras, ownAddress(host))));
  try {
    for (const [n, endpoint] of endpoints.entries()) expect(await endpoint.register({ 'h323-ID': `kuva-${n + 1}` })).toHaveProperty('registrationConfirm');
    const guid = Buffer.alloc(16, 9);
    const confirm = alternative(await endpoints[0]!.admission([{ 'h323-ID': 'kuva-2' }], { callIdentifier: { guid } }), 'admissionConfirm');
    const call = caller.call(toHostPort(confirm!.destCallSignalAddress)!, 'kuva-2', guid);
    const channels = ({ calls }: EchoRoom): string => (calls.at(-1)?.session.channels ?? []).map(({ direction, sessionId }) => `${direction} ${sessionId}`).sort().join();
    await until('sound and pictures are there on both sides', () => [caller, room].every((each) => channels(each) === 'receive 1,receive 2,send 1,send 2'));
    const targets = (from: EchoRoom): number[] => from.calls.at(-1)!.session.channels.filter(({ direction }) => direction === 'send').map(({ media }) => media.rtp.port).sort();
    expect(targets(caller)).toEqual([room.port('audio'), room.port('video')].sort());
    expect(targets(room)).toEqual([caller.port('audio'), caller.port('video')].sort());
    expect([...caller.faults, ...room.faults]).toEqual([]);
    call.release();
    await until('the room is told', () => room.calls.at(-1)!.ended);
  } finally {
    for (const each of [...endpoints, caller, room]) await each.close();
  }
});

test('rooms that encrypt their media hear each other through the gateway, which has the keys', async () => {
  const secure = await startTestGateway({ ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(97), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_H323_ENCRYPTION: 'required' });
  await addDevices(secure.directory, ['salattu-1', 'salattu-2'].map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name })));
  const { ras: there } = (await new Operator(secure.dataDir).status<GatewayStatus>()).h323!;
  const encryption = { required: true };
  const [caller, room] = await Promise.all([98, 99].map((host) => EchoRoom.open({ host: ownAddress(host), video: false, encryption }))) as [EchoRoom, EchoRoom];
  const endpoints = await Promise.all([98, 99].map((host) => RasEndpoint.open(there, ownAddress(host))));
  try {
    for (const [n, endpoint] of endpoints.entries()) expect(await endpoint.register({ 'h323-ID': `salattu-${n + 1}` })).toHaveProperty('registrationConfirm');
    const guid = Buffer.alloc(16, 10);
    const confirm = alternative(await endpoints[0]!.admission([{ 'h323-ID': 'salattu-2' }], { callIdentifier: { guid } }), 'admissionConfirm');
    const call = caller.call(toHostPort(confirm!.destCallSignalAddress)!, 'salattu-2', guid);
    await until('both directions are open on both sides', () => [caller, room].every(({ calls }) => calls.at(-1)?.session.channels.length === 2));
    // Both send back what they hear: one packet goes round for ever.
    const start = dgram.createSocket('udp4');
    await until('sound goes round', async () => {
      if (room.packets('audio') === 0) start.send(Buffer.concat([Buffer.from('800900010000000000000001', 'hex'), Buffer.alloc(160, 0xd5)]), caller.port('audio'), ownAddress(98));
      await new Promise(setImmediate);
      return caller.packets('audio') > 20 && room.packets('audio') > 20;
    });
    start.close();
    expect([...caller.faults, ...room.faults]).toEqual([]);
    call.release();
    await until('the room is told', () => room.calls.at(-1)!.ended);
  } finally {
    for (const each of [...endpoints, caller, room]) await each.close();
    await secure.stop();
  }
});

describePeer('sipp', 'a SIP caller without an offer', () => {
  test('is offered what the H.323 room can do, and then told where it receives', async () => {
    const room = await phone(1);
    const caller = await sippCaller(gateway.address('udp'), 'uac-late-offer-told-again', 'huone.fi');
    const taken = await room.connected();
    await until('the room sends to sipp', () => target(taken) === `127.0.0.1:${caller.mediaPort}`);
    expectAllSuccessful(await caller.finished);
    expect(await until('the room is told', () => taken.ended)).toBe('peer 16');
  });
});

const missing = asteriskMissing();
(missing === undefined ? describe : describe.skip).each([
  ['tunnelled H.245', { fastStart: false, tunnelling: true }], ['H.245 in a connection of its own', { fastStart: false, tunnelling: false }],
])(`media straight between Asterisk's chan_ooh323 without fast start and a room: %s${missing === undefined ? '' : ` (${missing})`}`, (_name, start) => {
  let asterisk: Asterisk;
  beforeAll(async () => {
    asterisk = await Asterisk.start({ address: ownAddress(96), h323Id: 'asterisk', e164: '300', gatekeeper: ownAddress(91), codec: 'alaw', ...start });
    const registrations = (): Promise<H323RegistrationInfo[]> => controlRequest(`${gateway.dataDir}/control.sock`, 'GET', '/h323/registrations');
    await until('Asterisk is registered', async () => (await registrations()).some(({ aliases }) => aliases.includes('asterisk')), 30_000);
  }, 60_000);
  afterAll(() => asterisk?.stop());

  test('it is called, and heard', async () => {
    const call = await (await phone(0)).dial('asterisk');
    await hearing(call, 1004);
    call.hangUp();
  });

  test('it calls, and sends back what it hears', async () => {
    const room = await phone(1);
    await asterisk.command('channel originate OOH323/200 application Echo');
    const taken = await room.connected();
    await hearing(taken, 700);
    taken.hangUp();
  });
});
