import { randomBytes } from 'node:crypto';
import { alternative } from '../../../src/h323/per';
import { placeCall, SPEECH, type Digits, type OutgoingCall } from '../../../src/h323/signalling';
import type { GatewayStatus } from '../../../src/server';
import { until } from '../../peers/harness';
import { phoneSdp, type RawPhone } from '../../peers/harness/raw-phone';
import { statusOf } from '../../peers/harness/sip-text';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { registeredPhone } from '../../support/registered-phone';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { endpoint, recorder } from '../signalling/support';
import { H323Phone, type H323PhoneOptions } from '../support/h323-phone';

jest.setTimeout(30_000);

const [GATEKEEPER, EXCHANGE] = [ownAddress(111), ownAddress(113)];
const [PHONE, ROOM] = ['puhelin', 'huone'].map((name) => `${name}@talo.kunta.example`) as [string, string];
const KELA = `kela.fi@${DOMAIN}`;
const NUMBER = '9890101';

let anchored: AnchoredGateway;
let operator: Operator;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  anchored = await AnchoredGateway.start({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: GATEKEEPER, ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8',
    ETASILTA_H323_NEIGHBOURS: JSON.stringify([{ name: 'exchange', address: EXCHANGE }]),
  });
  operator = new Operator(anchored.gateway.dataDir);
  await addDevices(anchored.gateway.directory, [{ address: PHONE }, { address: ROOM, h323Id: 'huone', e164: '500' }]);
  await addService(anchored.gateway.directory, KELA, [PHONE], {}, { numericAlias: NUMBER });
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => anchored?.stop());

const sip = async (): Promise<RawPhone> => {
  const phone = await registeredPhone(anchored.gateway, PHONE);
  open.push({ close: async () => { await phone.register(0); await phone.close(); } });
  phone.onCalled = 'ring';
  return phone;
};
const room = async (answer?: H323PhoneOptions['answer']): Promise<H323Phone> => {
  const phone = await H323Phone.open({ host: ownAddress(112), h323Id: 'huone', toneHz: 400, ras: (await operator.status<GatewayStatus>()).h323!.ras, ...(answer && { answer }) });
  open.push(phone);
  return phone;
};
const digits = (text: string): Digits => ({ kind: 'dialled', digits: text });
/** A Setup of a telephone exchange that dials on. */
const begin = (first?: string): { call: OutgoingCall; log: string[] } => {
  const { log, events } = recorder();
  const faults: Error[] = [];
  const call = placeCall({
    address: { host: GATEKEEPER, port: 1720 }, from: EXCHANGE, callId: randomBytes(16), bearer: SPEECH, source: { aliases: [], number: { type: 0, plan: 1, presentation: 0, screening: 0, digits: '401234' } },
    destination: { aliases: [], ...(first !== undefined && { number: first }) }, canOverlapSend: true,
  }, endpoint(faults), events);
  open.push({ close: () => { call.release(); return Promise.resolve(expect(faults).toEqual([])); } });
  return { call, log };
};

describe('overlapped digits from H.323 to SIP', () => {
  test.each([['with the first digits in Setup', '98', '90101'], ['with none in Setup', undefined, NUMBER]])('%s: the phone rings when the dial plan knows the number', async (_name, first, rest) => {
    const phone = await sip();
    const { call, log } = begin(first);
    await until('more digits are asked for', () => log.includes('moreDigits'));
    for (const digit of rest.slice(0, -1)) call.sendDigits(digits(digit));
    expect(phone.calls).toEqual([]);
    call.sendDigits(digits(rest.slice(-1)));
    await phone.called();
    await until('the exchange hears that it rings', () => log.includes('alerting'));
    expect(log.filter((line) => line === 'moreDigits')).toHaveLength(1);
    call.release();
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ dialled: NUMBER, service: KELA, source: 'peer:exchange' });
  });

  test('a whole number in Setup is not waited for', async () => {
    const phone = await sip();
    const { log } = begin(NUMBER);
    await phone.called();
    expect(log).not.toContain('moreDigits');
  });

  test('a caller that gives up while it dials leaves no call', async () => {
    const { call, log } = begin('98');
    await until('more digits are asked for', () => log.includes('moreDigits'));
    call.release();
    const { log: second } = begin(NUMBER.slice(0, 3));
    await until('the gateway takes others', () => second.includes('moreDigits'));
    expect(await operator.calls()).toEqual([]);
  });
});

test('an admission request with only the beginning of a number is told so', async () => {
  const { ras } = await room();
  const answer = await ras.admission([{ dialledDigits: NUMBER.slice(0, -1) }], { callIdentifier: { guid: randomBytes(16) } });
  expect(alternative(answer, 'admissionReject')?.rejectReason).toEqual({ incompleteAddress: null });
});

test('a device that wants more digits than were dialled: the caller gets 484', async () => {
  await room((_call, incoming) => incoming.acknowledge());
  const phone = await sip();
  const answer = await phone.ask('INVITE', `sip:500@${DOMAIN}`, [], phoneSdp());
  expect(statusOf(answer)).toBe(484);
});
