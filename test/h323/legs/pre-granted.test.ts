import { alternative, encode } from '../../../src/h323/per';
import { toTransportAddress } from '../../../src/h323/ras';
import { h225 } from '../../../src/h323/schemas';
import type { GatewayStatus } from '../../../src/server';
import { describePeer, until } from '../../peers/harness';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { toneShares } from '../../support/spectrum';
import { addDevices } from '../../support/test-gateway';
import { Asterisk, asteriskMissing } from '../support/asterisk';
import { H323Phone, type H323PhoneOptions, type PhoneCall } from '../support/h323-phone';
import { dissect, expectedFields, firstDifference } from '../support/tshark';

jest.setTimeout(60_000);

const NAMES = ['asiakas', 'huone'] as const;
const TONES = [400, 700];
const ROOM = 'huone@talo.kunta.example';
const GATEWAY = ownAddress(121);
/** kbit/s of the line that all are at, and most that one call gets. */
const [LINE, CALL] = [600, 400];

let anchored: AnchoredGateway;
let operator: Operator;
const phones: H323Phone[] = [];

const status = async (): Promise<NonNullable<GatewayStatus['h323']>> => (await operator.status<GatewayStatus>()).h323!;
const phone = async (n: 0 | 1, more: Partial<H323PhoneOptions> = {}): Promise<H323Phone> => {
  const opened = await H323Phone.open({ host: ownAddress(122 + n), h323Id: NAMES[n], toneHz: TONES[n]!, ras: (await status()).ras, ...more });
  phones.push(opened);
  return opened;
};
const hears = async (call: PhoneCall, n: 0 | 1): Promise<unknown> => until(`${NAMES[n]} is heard`, async () => toneShares(await call.hear(0.5), TONES)[n]! > 0.5, 20_000);

beforeAll(async () => {
  anchored = await AnchoredGateway.start({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: GATEWAY, ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_H323_PRE_GRANTED_ADMISSION: 'true',
    ETASILTA_H323_BANDWIDTH_PER_SITE: String(LINE), ETASILTA_H323_BANDWIDTH_PER_CALL: String(CALL),
  });
  operator = new Operator(anchored.gateway.dataDir);
  await addDevices(anchored.gateway.directory, [...NAMES.map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name, ...(name === 'huone' && { e164: '200' }) })), { address: 'north@talo.kunta.example', h323Id: 'north', e164: '100' }]);
});
afterEach(async () => {
  for (const opened of phones.splice(0)) {
    await opened.close();
    expect(opened.faults).toEqual([]);
  }
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => anchored?.stop());

test('an endpoint that need not ask calls another through the gateway; both ends are counted, and nothing is left of it', async () => {
  const room = await phone(1);
  const caller = await phone(0);
  expect(caller.confirm.callSignalAddress).toEqual([toTransportAddress({ host: GATEWAY, port: 1720 })]);
  expect((await status()).calls).toBe(0);
  const call = await caller.dialUnasked(ROOM, { endpointIdentifier: caller.confirm.endpointIdentifier });
  const taken = await room.connected();
  await Promise.all([hears(call, 1), hears(taken, 0)]);
  expect((await status()).calls).toBe(2);
  call.hangUp();
  await until('the other end is released', () => taken.ended);
  await until('nothing is counted', async () => (await status()).calls === 0);
});

test('one that says its name only is known by it and its address', async () => {
  const room = await phone(1);
  const call = await (await phone(0)).dialUnasked(ROOM);
  await room.connected();
  await until('the caller is connected', () => call.connected);
  expect((await operator.calls())[0]).toMatchObject({ caller: 'asiakas@talo.kunta.example', source: 'registered' });
});

test('one that asks all the same is admitted, and counted once', async () => {
  const room = await phone(1);
  const call = await (await phone(0)).dial(ROOM);
  await room.connected();
  await hears(call, 1);
  expect((await status()).calls).toBe(2);
});

test('strangers, and those who use another\'s identifier, are refused', async () => {
  const room = await phone(1);
  const caller = await phone(0);
  const nobody = await caller.dialUnasked(ROOM, { endpointIdentifier: 'f'.repeat(32) });
  expect(await until('it is refused', () => nobody.ended)).toBe('peer 57');
  const thief = await caller.dialUnasked(ROOM, { endpointIdentifier: room.confirm.endpointIdentifier });
  expect(await until('it is refused', () => thief.ended)).toBe('peer 57');
  expect(room.calls).toEqual([]);
  expect((await status()).calls).toBe(0);
});

test('what is granted beforehand takes of the line of the site until the call is over', async () => {
  const room = await phone(1);
  const call = await (await phone(0)).dialUnasked(ROOM);
  const taken = await room.connected();
  await Promise.all([hears(call, 1), hears(taken, 0)]);
  /** What another call would get that asks for as much as it may; the one before it is given back. */
  const left = async (): Promise<number | undefined> => {
    const answer = await room.ras.admission([{ 'h323-ID': 'asiakas' }], { bandWidth: CALL * 10, callIdentifier: { guid: Buffer.alloc(16, 9) } });
    return alternative(answer, 'admissionConfirm')?.bandWidth;
  };
  // Both ends are of the site, and each takes sound both ways, in 100 bit/s.
  await until('the call has its part', async () => await left() === LINE * 10 - 2 * 1_280);
  call.hangUp();
  await until('the line is free', async () => await left() === CALL * 10);
});

describePeer('tshark', 'tshark', () => {
  test('reads the grant as it is meant', async () => {
    const { confirm } = await phone(0);
    const message: h225.RasMessage = { registrationConfirm: confirm };
    const [seen] = dissect([{ transport: 'udp', sourcePort: 1719, destinationPort: 40_000, payload: encode(h225.RasMessage, message) }]);
    expect([seen!.malformed, firstDifference(expectedFields(h225.RasMessage, message), seen!.fields)]).toEqual([false, undefined]);
    expect(seen!.fields).toEqual(expect.arrayContaining(['makeCall=1', 'useGKCallSignalAddressToAnswer=1', 'irrFrequencyInCall=60', `totalBandwidthRestriction=${CALL * 10}`]));
  });
});

const missing = asteriskMissing();
(missing === undefined ? test : test.skip)(`Asterisk's chan_ooh323, which asks for each call, takes the grant and calls as ever${missing === undefined ? '' : ` (${missing})`}`, async () => {
  const room = await phone(1);
  const asterisk = await Asterisk.start({ address: ownAddress(124), h323Id: 'north', e164: '100', gatekeeper: GATEWAY, codec: 'alaw' });
  try {
    await until('it is registered', async () => (await status()).registrations === 2, 30_000);
    await asterisk.command('channel originate OOH323/200 application Echo');
    const taken = await room.connected();
    await hears(taken, 1);
    expect((await status()).calls).toBe(2);
  } finally {
    await asterisk.stop();
  }
}, 90_000);
