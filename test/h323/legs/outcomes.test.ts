import { randomBytes } from 'node:crypto';
import type { GatewayStatus } from '../../../src/server';
import { alternative } from '../../../src/h323/per';
import { until } from '../../peers/harness';
import { phoneSdp, type RawPhone } from '../../peers/harness/raw-phone';
import { parseText, statusOf, valueOf } from '../../peers/harness/sip-text';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { registeredPhone } from '../../support/registered-phone';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { H323Phone, type H323PhoneOptions } from '../support/h323-phone';

jest.setTimeout(30_000);

const [ROOM, OTHER, PHONE] = ['huone', 'toinen', 'puhelin'].map((name) => `${name}@talo.kunta.example`) as [string, string, string];
const [KELA, BOTH] = ['kela.fi', 'kaikki.fi'].map((name) => `${name}@${DOMAIN}`) as [string, string];
const SILENT: H323PhoneOptions['answer'] = (_call, incoming) => incoming.alerting();
const refusing = (q850: number): H323PhoneOptions['answer'] => (call) => call.hangUp(q850);

let anchored: AnchoredGateway;
let operator: Operator;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  anchored = await AnchoredGateway.start({ ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(51), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8' });
  operator = new Operator(anchored.gateway.dataDir);
  const { directory } = anchored.gateway;
  await addDevices(directory, [{ address: ROOM, h323Id: 'huone' }, { address: OTHER, h323Id: 'toinen' }, { address: PHONE }]);
  await addService(directory, KELA, [PHONE], { ringSeconds: 2 });
  await addService(directory, BOTH, [ROOM, OTHER, PHONE]);
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => anchored?.stop());

const room = async (answer?: H323PhoneOptions['answer'], name = 'huone', host = 52): Promise<H323Phone> => {
  const { ras } = (await operator.status<GatewayStatus>()).h323!;
  const phone = await H323Phone.open({ host: ownAddress(host), h323Id: name, toneHz: 400, ras, ...(answer && { answer }) });
  open.push(phone);
  return phone;
};
const sip = async (onCalled: RawPhone['onCalled'] = 'ring'): Promise<RawPhone> => {
  const phone = await registeredPhone(anchored.gateway, PHONE);
  open.push({ close: async () => { await phone.register(0); await phone.close(); } });
  phone.onCalled = onCalled;
  return phone;
};

describe('a SIP phone calls an H.323 room', () => {
  test.each([
    ['is busy', 17, 486], ['has not the number', 1, 404], ['does not answer', 19, 480], ['declines', 21, 403], ['is out of order', 27, 502], ['is congested', 42, 503],
  ])('that %s (cause %i): %i, and the record says why', async (_what, q850, status) => {
    await room(refusing(q850));
    const answer = await (await sip()).ask('INVITE', `sip:${ROOM}`, [], phoneSdp());
    expect(statusOf(answer)).toBe(status);
    expect(valueOf(answer, 'Reason')).toContain(`cause=${q850}`);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ dialled: `sip:${ROOM}`, outcome: 'unanswered', sipStatus: status, q850, attempts: [{ device: ROOM, status, q850 }] });
  });

  test('and gives up while it rings: the room is told', async () => {
    const callee = await room(SILENT);
    const phone = await sip();
    const uri = `sip:${ROOM}`;
    const asked = phone.ask('INVITE', uri, [], phoneSdp());
    const call = await until('the room rings', () => callee.calls[0]);
    const ringing = parseText(await until('the phone is told', () => phone.received.find((text) => text.startsWith('SIP/2.0 180'))));
    const [, ownBranch] = /branch=([^;,\s]+)/.exec(valueOf(ringing, 'Via'))!;
    phone.write(phone.text('CANCEL', uri, [
      ['From', valueOf(ringing, 'From')], ['To', `<${uri}>`], ['Call-ID', valueOf(ringing, 'Call-ID')], ['CSeq', valueOf(ringing, 'CSeq').replace('INVITE', 'CANCEL')],
    ], '', ownBranch));
    // The answer to the CANCEL, which has the branch of the INVITE.
    expect(statusOf(await asked)).toBe(200);
    await until('the INVITE is answered', () => phone.received.some((text) => text.startsWith('SIP/2.0 487')));
    expect(await until('the room is told', () => call.ended)).toBe('peer 16');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ dialled: uri, outcome: 'abandoned', endedBy: 'caller', attempts: [{ device: ROOM, result: 'cancelled' }] });
  });
});

describe('an H.323 room calls a SIP phone', () => {
  test.each([['is busy', 486, 17], ['does not exist there', 404, 1], ['does not answer', 480, 18], ['declines', 603, 21], ['fails', 500, 41]])('that %s: %i becomes cause %i', async (_what, status, q850) => {
    await sip(status);
    const call = await (await room()).dial(PHONE);
    expect(await until('the room is told', () => call.ended)).toBe(`peer ${q850}`);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ caller: ROOM, protocol: 'h323', outcome: 'unanswered', sipStatus: status, q850 });
  });

  test('that rings: the room hears that it does, and no answer is cause 19', async () => {
    const phone = await sip('ring');
    const call = await (await room()).dial(KELA);
    await until('it rings', () => call.rang);
    expect(await until('the room is told', () => call.ended)).toBe('peer 19');
    await until('the phone rings no more', async () => (await phone.called()).state === 'cancelled');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ service: KELA, outcome: 'unanswered', q850: 19, attempts: [{ device: PHONE, result: 'no-answer' }] });
  });

  test('and gives up while it rings: the phone gets a CANCEL', async () => {
    const phone = await sip('ring');
    const call = await (await room()).dial(PHONE);
    const ringing = await phone.called();
    await until('it rings', () => call.rang);
    call.hangUp();
    await until('the phone is told', () => ringing.state === 'cancelled');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'abandoned', endedBy: 'caller', attempts: [{ device: PHONE, result: 'cancelled' }] });
  });

  test('of a name that nobody has: it is not admitted', async () => {
    const { ras } = await room();
    const answer = await ras.admission([{ 'h323-ID': 'eiole@palvelu.example' }], { callIdentifier: { guid: randomBytes(16) } });
    expect(alternative(answer, 'admissionReject')?.rejectReason).toEqual({ calledPartyNotRegistered: null });
  });

  test('that is not registered: cause 20, no subscriber', async () => {
    const call = await (await room()).dial(KELA);
    expect(await until('the room is told', () => call.ended)).toBe('peer 20');
  });
});

describe('a service hunts over H.323 and SIP at once', () => {
  test('the SIP phone answers: the rooms are released as not selected, the caller among them is not rung', async () => {
    const phone = await sip('ring');
    const other = await room(SILENT, 'toinen', 53);
    const caller = await room();
    const call = await caller.dial(BOTH);
    const ringing = await phone.called();
    const loser = await until('the other room rings', () => other.calls[0]);
    await until('the caller hears of it', () => call.rang);
    phone.answer(ringing);
    await until('the caller is connected', () => call.connected);
    expect(await until('the other room is told', () => loser.ended)).toBe('peer 26');
    call.hangUp();
    await until('the phone is told', () => ringing.state === 'ended');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ device: PHONE, outcome: 'answered' });
  });

  test('a room answers: the phone is cancelled, as answered elsewhere', async () => {
    const phone = await sip('ring');
    const other = await room(SILENT, 'toinen', 53);
    const caller = await room();
    const call = await caller.dial(BOTH);
    const ringing = await phone.called();
    (await until('the other room rings', () => other.calls[0])).answer(false);
    await until('the caller is connected', () => call.connected);
    await until('the phone is told', () => ringing.state === 'cancelled');
    expect(valueOf(ringing.ending!, 'Reason')).toMatch(/cause=200/);
    call.hangUp();
    await until('the other room is told', () => other.calls[0]!.ended);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ device: OTHER, outcome: 'answered' });
  });
});
