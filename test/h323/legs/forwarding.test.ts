import { systemClock } from '../../../src/h323/clock';
import { SupplementaryServices } from '../../../src/h323/h450';
import { decode } from '../../../src/h323/per';
import { toTransportAddress } from '../../../src/h323/ras';
import { h450, type h225 } from '../../../src/h323/schemas';
import type { GatewayStatus } from '../../../src/server';
import { until } from '../../peers/harness';
import type { RawPhone } from '../../peers/harness/raw-phone';
import { valueOf } from '../../peers/harness/sip-text';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { registeredPhone } from '../../support/registered-phone';
import { addDevices, DOMAIN } from '../../support/test-gateway';
import { H323Phone, type H323PhoneOptions, type PhoneCall } from '../support/h323-phone';

jest.setTimeout(30_000);

const NAMES = ['soittaja', 'huone', 'toinen'] as const;
const [CALLER, ROOM] = NAMES.map((name) => `${name}@talo.kunta.example`) as [string, string];
const PHONE = 'puhelin@talo.kunta.example';
type Where = Pick<h225.FacilityUUIE, 'alternativeAddress' | 'alternativeAliasAddress'>;
const to = (reason: h225.FacilityReason, where: Where): H323PhoneOptions['answer'] => (call) => call.signalling.facility({ reason, ...where });
const forwarding = (where: Where): H323PhoneOptions['answer'] => to({ callForwarded: null }, where);
const CALLED = { alternativeAliasAddress: [{ 'h323-ID': 'toinen' }] };

let anchored: AnchoredGateway;
let operator: Operator;
const phones: H323Phone[] = [];

beforeAll(async () => {
  anchored = await AnchoredGateway.start({ ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(71), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8' });
  operator = new Operator(anchored.gateway.dataDir);
  await addDevices(anchored.gateway.directory, [...NAMES.map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name })), { address: PHONE }]);
});
afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.close();
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => anchored?.stop());

const phone = async (n: 0 | 1 | 2, answer?: H323PhoneOptions['answer']): Promise<H323Phone> => {
  const opened = await H323Phone.open({
    host: ownAddress(72 + n), h323Id: NAMES[n], toneHz: 400, ras: (await operator.status<GatewayStatus>()).h323!.ras, ...(answer && { answer }),
  });
  phones.push(opened);
  return opened;
};

/** Gives a telephone's call supplementary services. */
const able = (call: PhoneCall): SupplementaryServices =>
  (call.supplementary = new SupplementaryServices({ send: (service) => call.signalling.sendServices([service]), handlers: {}, clear: () => undefined, clock: systemClock }));
const name = (alias: string): h450.EndpointAddress => ({ destinationAddress: [{ 'h323-ID': alias }] });
const rerouting = (calledAddress: h450.EndpointAddress): h450.CallReroutingArg => ({
  reroutingReason: 'cfnr', calledAddress, diversionCounter: 1, h225InfoElement: Buffer.from('04038890a5', 'hex'), lastReroutingNr: name('huone'),
  subscriptionOption: 'notificationWithDivertedToNr', callingNumber: name('soittaja'),
});
/** What a call was told by H.450.3. */
const told = (call: PhoneCall, operation: 'divertingLegInformation1' | 'divertingLegInformation3'): unknown[] => call.services.flatMap(({ serviceApdu }) => ('rosApdus' in serviceApdu ? serviceApdu.rosApdus : []))
  .flatMap((ros) => ('invoke' in ros && 'local' in ros.invoke.opcode && ros.invoke.opcode.local === h450.OPERATIONS[operation].code ? [decode<unknown>(h450.OPERATIONS[operation].argument, ros.invoke.argument!)] : []));

describe('a room that is rung diverts the call by callRerouting (H.450.3)', () => {
  test('the other room is rung and told who sent the call; the caller is told where it goes, and who answers', async () => {
    const results: unknown[] = [];
    const setups: unknown[] = [];
    const room = await phone(1, (call, incoming) => {
      incoming.alerting();
      able(call).invoke('callRerouting', rerouting(name('toinen'))).then(() => results.push('accepted'), (error: Error) => results.push(error));
    });
    const other = await phone(2, (call) => {
      const { services } = call;
      setups.push(...services.flatMap(({ interpretationApdu, serviceApdu }) => ('rosApdus' in serviceApdu ? [interpretationApdu, ...serviceApdu.rosApdus] : [])));
      call.answer();
    });
    const call = await (await phone(0)).dial(ROOM);
    await until('the call is answered', () => call.connected);
    await other.connected();
    expect(results).toEqual(['accepted']);
    expect(room.calls[0]!.ended).toBe('peer 16');
    expect(setups[0]).toEqual({ discardAnyUnrecognizedInvokePdu: null });
    const { invoke } = setups[1] as { invoke: h450.Invoke };
    expect(decode(h450.DivertingLegInformation2Arg, invoke.argument!)).toMatchObject({ diversionCounter: 1, diversionReason: 'cfnr', divertingNr: name(ROOM), originalCalledNr: name(ROOM) });
    expect(told(call, 'divertingLegInformation1')).toMatchObject([{ diversionReason: 'cfnr', nominatedNr: name('toinen') }]);
    await until('the caller is told who answers', () => told(call, 'divertingLegInformation3').length > 0);
    expect(told(call, 'divertingLegInformation3')).toMatchObject([{ presentationAllowedIndicator: true, redirectionNr: name('toinen') }]);
  });

  test('to a name that nobody has, or without end: it is refused, and the room may still answer', async () => {
    const errors: unknown[] = [];
    await phone(1, (call, incoming) => {
      incoming.alerting();
      able(call).invoke('callRerouting', rerouting(name('eiole'))).catch((error: unknown) => { errors.push(error); call.answer(false); });
    });
    const call = await (await phone(0)).dial(ROOM);
    await until('the call is answered', () => call.connected);
    expect(errors).toMatchObject([{ service: 'invalidDivertedNumber' }]);
  });

  test('settings of diversion are refused: they are the directory\'s', async () => {
    await phone(1);
    const call = await (await phone(0)).dial(ROOM);
    await until('the call is answered', () => call.connected);
    const user = { servedUserNr: name('soittaja'), procedure: 'cfu', basicService: 'allServices' } as const;
    const services = able(call);
    await expect(services.invoke('activateDiversionQ', { ...user, divertedToAddress: name('toinen'), activatingUserNr: name('soittaja') })).rejects.toMatchObject({ service: 'notAvailable' });
    await expect(services.invoke('interrogateDiversionQ', { ...user, interrogatingUserNr: name('soittaja') })).rejects.toMatchObject({ service: 'notAvailable' });
  });
});

describe('calls are diverted between H.323 and SIP', () => {
  const open = async (): Promise<RawPhone> => {
    const opened = await registeredPhone(anchored.gateway, PHONE);
    sipPhones.push(opened);
    return opened;
  };
  const sipPhones: RawPhone[] = [];
  afterEach(async () => { for (const opened of sipPhones.splice(0)) await opened.close(); });

  test('a room diverts to a SIP device by callRerouting: that is rung and told who sent the call, the caller where it goes', async () => {
    const sip = await open();
    const results: unknown[] = [];
    const room = await phone(1, (call, incoming) => {
      incoming.alerting();
      able(call).invoke('callRerouting', rerouting(name(PHONE))).then(() => results.push('accepted'), (error: Error) => results.push(error));
    });
    const call = await (await phone(0)).dial(ROOM);
    await until('the call is answered', () => call.connected);
    expect(results).toEqual(['accepted']);
    expect(room.calls[0]!.ended).toBe('peer 16');
    expect(valueOf(sip.calls[0]!.invite!, 'Diversion')).toBe(`<sip:${ROOM}>;reason=no-answer;counter=1`);
    expect(valueOf(sip.calls[0]!.invite!, 'History-Info')).toMatch(/^<sip:huone@talo\.kunta\.example>;index=1, <sip:\S+;cause=408>;index=1\.1;mp=1$/);
    expect(told(call, 'divertingLegInformation1')).toMatchObject([{ diversionReason: 'cfnr', nominatedNr: name(`sip:${PHONE}`) }]);
    call.hangUp();
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'answered', device: PHONE, attempts: [{ device: ROOM, status: 302 }, { device: PHONE, result: 'answered' }] });
  });

  test('a room forwards to a SIP device by Facility', async () => {
    const sip = await open();
    await phone(1, forwarding({ alternativeAliasAddress: [name(PHONE).destinationAddress[0]!] }));
    const call = await (await phone(0)).dial(ROOM);
    await until('the call is answered', () => call.connected);
    expect(valueOf(sip.calls[0]!.invite!, 'Diversion')).toBe(`<sip:${ROOM}>;reason=unknown;counter=1`);
  });

  test('a SIP device that answers 302 diverts to a room: it is told by divertingLegInformation2, the caller by 1 and 3', async () => {
    const sip = await open();
    sip.onCalled = 302;
    sip.movesTo = `sip:${ROOM};transport=udp`;
    const setups: unknown[] = [];
    const room = await phone(1, (call) => {
      setups.push(...call.services.flatMap(({ serviceApdu }) => ('rosApdus' in serviceApdu ? serviceApdu.rosApdus : [])));
      call.answer();
    });
    const call = await (await phone(0)).dial(PHONE);
    await until('the call is answered', () => call.connected);
    await room.connected();
    const [{ invoke }] = setups as [{ invoke: h450.Invoke }];
    expect(decode(h450.DivertingLegInformation2Arg, invoke.argument!)).toMatchObject({ diversionCounter: 1, diversionReason: 'unknown', divertingNr: name(PHONE) });
    await until('the caller is told who answers', () => told(call, 'divertingLegInformation3').length > 0);
    expect(told(call, 'divertingLegInformation1')).toMatchObject([{ diversionReason: 'unknown', nominatedNr: name(`sip:${ROOM}`) }]);
  });

  test('to where the device may not call, and to itself, the call ends', async () => {
    const sip = await open();
    sip.onCalled = 302;
    sip.movesTo = 'sip:eiole@talo.kunta.example';
    const nowhere = await (await phone(0)).dial(PHONE);
    expect(await until('it ends', () => nowhere.ended)).toMatch(/^peer/);
    expect(sip.calls).toHaveLength(1);
    sip.movesTo = `sip:${PHONE}`;
    const circle = await phones[0]!.dial(PHONE);
    expect(await until('it ends', () => circle.ended)).toMatch(/^peer/);
    // Nobody may dial oneself.
    expect(sip.calls).toHaveLength(2);
  });
});

describe('a room that is rung sends the call elsewhere by Facility', () => {
  test.each([
    ['callForwarded to an alias', forwarding(CALLED)],
    ['callForwarded to the address of a registered endpoint', forwarding({ alternativeAddress: toTransportAddress({ host: ownAddress(74), port: 1720 }) })],
    ['routeCallToGatekeeper with an alias', to({ routeCallToGatekeeper: null }, CALLED)],
  ])('%s: the other room is rung and answers', async (_name, answer) => {
    const room = await phone(1, answer);
    const other = await phone(2);
    const call = await (await phone(0)).dial(ROOM);
    await until('the call is answered', () => call.connected);
    const taken = await other.connected();
    expect(room.calls[0]!.ended).toBe('peer 16');
    await call.hear(0.2);
    call.hangUp();
    await until('the other room is told', () => taken.ended);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ caller: CALLER, dialled: ROOM, outcome: 'answered', attempts: [{ device: ROOM, result: 'answered' }] });
  });

  test.each([
    ['to an address that is nobody\'s here', forwarding({ alternativeAddress: toTransportAddress({ host: '192.0.2.99', port: 1720 }) })],
    ['to an alias that nobody has', forwarding({ alternativeAliasAddress: [{ 'h323-ID': `muu@${DOMAIN}` }] })],
    ['nowhere', to({ routeCallToGatekeeper: null }, {})],
  ])('%s: the caller is told that there is no way', async (_name, answer) => {
    const room = await phone(1, answer);
    const call = await (await phone(0)).dial(ROOM);
    expect(await until('the caller is told', () => call.ended)).toBe('peer 3');
    expect(room.calls[0]!.ended).toBe('peer 3');
  });

  test('two rooms that send it to each other: it ends after some rounds', async () => {
    const room = await phone(1, forwarding(CALLED));
    const other = await phone(2, forwarding({ alternativeAliasAddress: [{ 'h323-ID': 'huone' }] }));
    const call = await (await phone(0)).dial(ROOM);
    expect(await until('the caller is told', () => call.ended)).toBe('peer 3');
    expect([room.calls.length, other.calls.length]).toEqual([2, 2]);
  });
});
