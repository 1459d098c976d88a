import { SupplementaryServices, type OperationHandlers } from '../../../src/h323/h450';
import { placeCall, SPEECH } from '../../../src/h323/signalling';
import { encode } from '../../../src/h323/per';
import { h450 } from '../../../src/h323/schemas';
import { systemClock } from '../../../src/h323/clock';
import type { GatewayStatus } from '../../../src/server';
import { describePeer, until } from '../../peers/harness';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { H323Phone, type PhoneCall } from '../support/h323-phone';

jest.setTimeout(60_000);

const NAMES = ['asiakas', 'huone', 'toinen'] as const;
const TONES = [400, 700, 1000];
const [, ROOM, OTHER] = NAMES.map((name) => `${name}@talo.kunta.example`) as [string, string, string];
const PHONE = 'puhelin@talo.kunta.example';
const OTHER_SERVICE = `toinen.fi@${DOMAIN}`;

let anchored: AnchoredGateway;
let operator: Operator;
const phones: H323Phone[] = [];

beforeAll(async () => {
  anchored = await AnchoredGateway.start({ ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(101), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8' });
  operator = new Operator(anchored.gateway.dataDir);
  const { directory } = anchored.gateway;
  await addDevices(directory, [...NAMES.map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name })), { address: PHONE }]);
  await addService(directory, OTHER_SERVICE, [OTHER], {}, { numericAlias: '9890101' });
});
afterEach(async () => {
  await anchored.closePhones();
  for (const phone of phones.splice(0)) {
    await phone.close();
    expect(phone.faults).toEqual([]);
  }
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => anchored?.stop());

const phone = async (n: 0 | 1 | 2): Promise<H323Phone> => {
  const opened = await H323Phone.open({ host: ownAddress(102 + n), h323Id: NAMES[n], toneHz: TONES[n]!, ras: (await operator.status<GatewayStatus>()).h323!.ras });
  phones.push(opened);
  return opened;
};
/** Who is heard, of the three. */
const hears = async (call: PhoneCall): Promise<string> => {
  const shares = toneShares(await call.hear(0.5), TONES);
  return NAMES.filter((_, i) => shares[i]! > 0.15).join();
};
const hearing = (call: PhoneCall, name: string): Promise<unknown> => until(`${name} is heard`, async () => await hears(call) === name, 20_000);
/** Gives a telephone's call supplementary services. */
const able = (call: PhoneCall, handlers: OperationHandlers = {}): SupplementaryServices =>
  (call.supplementary = new SupplementaryServices({ send: (service) => call.signalling.sendServices([service]), handlers, clear: () => undefined, clock: systemClock }));
const to = (...names: string[]): h450.CTInitiateArg => ({ callIdentity: '', reroutingNumber: { destinationAddress: names.map((name) => (/^\d+$/.test(name) ? { dialledDigits: name } : { 'h323-ID': name })) } });
const talking = async (): Promise<{ call: PhoneCall; taken: PhoneCall }> => {
  const room = await phone(1);
  const call = await (await phone(0)).dial(ROOM);
  const taken = await room.connected();
  await hearing(call, 'huone');
  return { call, taken };
};

describe('an H.323 endpoint transfers another that has no H.450', () => {
  test.each([['by the name of a device', 'toinen'], ['by the name of a service', OTHER_SERVICE], ['by a number', '9890101']])('%s: the gateway rings the third party, which takes its place', async (_name, whom) => {
    const { call, taken } = await talking();
    const other = await phone(2);
    await expect(able(call).invoke('callTransferInitiate', to(whom), 20_000)).resolves.toBeUndefined();
    const third = await other.connected();
    expect(await until('who transferred is released', () => call.ended)).toBe('peer 16');
    await Promise.all([hearing(taken, 'toinen'), hearing(third, 'huone')]);
    third.hangUp();
    expect(await until('the transferred one is told', () => taken.ended)).toBe('peer 16');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'answered', device: ROOM, joins: [{ device: OTHER, askedBy: 'caller', dialled: expect.stringContaining(whom === 'toinen' ? OTHER : OTHER_SERVICE) }] });
  });

  test('who was called may transfer the caller, too', async () => {
    const { call, taken } = await talking();
    const other = await phone(2);
    await able(taken).invoke('callTransferInitiate', to('toinen'), 20_000);
    const third = await other.connected();
    await Promise.all([hearing(call, 'toinen'), hearing(third, 'asiakas')]);
    expect(taken.ended).toBe('peer 16');
  });

  test('to one that does not answer: the two stay together, and who wanted it is told', async () => {
    const { call, taken } = await talking();
    await expect(able(call).invoke('callTransferInitiate', to('toinen'), 20_000)).rejects.toMatchObject({ service: 'establishmentFailure' });
    await Promise.all([hearing(taken, 'asiakas'), hearing(call, 'huone')]);
  });

  test.each([['nobody has the name', to('eiole'), 'invalidReroutingNumber'], ['nothing is named', to(), 'invalidReroutingNumber'], ['another gateway\'s call is meant', { ...to('toinen'), callIdentity: '12' }, 'unrecognizedCallIdentity']])('is refused where %s', async (_name, argument, service) => {
    const { call } = await talking();
    await expect(able(call).invoke('callTransferInitiate', argument)).rejects.toMatchObject({ service });
    await hearing(call, 'huone');
  });
});

test('an H.323 endpoint that has H.450.2 is asked to call by itself; its call says what it is for, and is answered', async () => {
  const { call, taken } = await talking();
  const other = await phone(2);
  const setUp: unknown[] = [];
  able(taken, {
    callTransferInitiate: (argument) => new Promise((resolve, reject) => {
      const invocation: h450.ServiceApdus = { rosApdus: [{ invoke: { invokeId: 7, opcode: { local: h450.OPERATIONS.callTransferSetup.code }, argument: encode(h450.CTSetupArg, { callIdentity: '' }) } }] };
      const { ras, options: { host } } = phones[0]!;
      const callId = Buffer.alloc(16, 8);
      ras.admission(argument!.reroutingNumber.destinationAddress, { callIdentifier: { guid: callId } }).then(() => {
        const second = placeCall({
          address: { host: ownAddress(101), port: 1720 }, from: host, callId, bearer: SPEECH, source: { aliases: [{ 'h323-ID': 'huone' }] },
          destination: { aliases: argument!.reroutingNumber.destinationAddress }, services: [{ serviceApdu: invocation }],
        }, phones[0]!.endpoint, {
          connected: () => undefined, released: () => undefined,
          services: (services) => {
            setUp.push(...services.map(({ serviceApdu }) => serviceApdu));
            resolve(undefined);
            setImmediate(() => taken.hangUp());
            open.push(() => second.release());
          },
        });
      }, reject);
    }),
  });
  const open: (() => void)[] = [];
  await expect(able(call).invoke('callTransferInitiate', to('toinen'), 20_000)).resolves.toBeUndefined();
  await other.connected();
  expect(setUp).toEqual([{ rosApdus: [{ returnResult: { invokeId: 7 } }] }]);
  expect(await until('the first call is over', () => call.ended)).toBe('peer 16');
  expect(other.calls).toHaveLength(1);
  for (const close of open) close();
});

describe('an H.323 endpoint joins the ends of its two calls, which go through the gateway', () => {
  test('the two go on with each other; it is released from both', async () => {
    const [caller, room, other] = [await phone(0), await phone(1), await phone(2)];
    const first = await caller.dial(ROOM);
    const taken = await room.connected();
    const second = await caller.dial(OTHER);
    const third = await other.connected();
    await Promise.all([hearing(first, 'huone'), hearing(second, 'toinen')]);
    const named = await able(second).invoke('callTransferIdentify');
    expect(named).toEqual({ callIdentity: expect.stringMatching(/^\d{4}$/), reroutingNumber: { destinationAddress: [{ 'h323-ID': OTHER }] } });
    await expect(able(first).invoke('callTransferInitiate', named!, 20_000)).resolves.toBeUndefined();
    expect([await until('the first call is over', () => first.ended), await until('the second is over', () => second.ended)]).toEqual(['peer 16', 'peer 16']);
    await Promise.all([hearing(taken, 'toinen'), hearing(third, 'huone')]);
    expect(await operator.calls()).toHaveLength(1);
    taken.hangUp();
    expect(await until('the other is told', () => third.ended)).toBe('peer 16');
  });

  test('nobody joins what is another\'s call', async () => {
    const { call, taken } = await talking();
    const named = await able(taken).invoke('callTransferIdentify');
    await expect(able(call).invoke('callTransferInitiate', named!)).rejects.toMatchObject({ service: 'notAvailable' });
    await hearing(call, 'huone');
  });
});

describePeer('baresip', 'transfers between H.323 and SIP', () => {
  test('baresip is transferred by an H.323 room: it gets a REFER and calls', async () => {
    const baresip = await anchored.phone(PHONE, { toneHz: 400, codecs: ['pcma'] });
    const other = await phone(2);
    const call = await (await phone(1)).dial(PHONE);
    await until('baresip answers', () => call.connected);
    await call.hear(0.3);
    await expect(able(call).invoke('callTransferInitiate', to('toinen'), 20_000)).resolves.toBeUndefined();
    const third = await other.connected();
    expect(await until('the room is released', () => call.ended)).toBe('peer 16');
    await until('the two hear each other', async () => toneShares(await third.hear(0.5), TONES)[0]! > 0.5);
    await baresip.hangUp();
  });

  test('baresip transfers an H.323 room that has no H.450: the gateway rings the third party, and tells baresip how it goes', async () => {
    const baresip = await anchored.phone(PHONE, { toneHz: 1300, codecs: ['pcma'] });
    const room = await phone(1);
    const other = await phone(2);
    await baresip.dial(`sip:${ROOM}`);
    await baresip.waitFor('CALL_ESTABLISHED');
    const taken = await room.connected();
    expect(await baresip.command('transfer', `sip:${OTHER}`)).toMatchObject({ ok: true });
    const third = await other.connected();
    await Promise.all([hearing(taken, 'toinen'), hearing(third, 'huone')]);
    await baresip.waitFor('CALL_CLOSED');
  });
});
