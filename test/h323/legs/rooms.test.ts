import type { GatewayStatus } from '../../../src/server';
import { until } from '../../peers/harness';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { toneShares } from '../../support/spectrum';
import { addDevices, addService, DOMAIN } from '../../support/test-gateway';
import { H323Phone, type H323PhoneOptions, type PhoneCall } from '../support/h323-phone';

jest.setTimeout(60_000);

const NAMES = ['asiakas', 'kela', 'tulkki'] as const;
const TONES = [400, 700, 1000];
const [KELA, INTERPRETER, ROOM, PIN_ROOM] = ['kela.fi', 'tulkki.fi', 'huone', 'salattu'].map((name) => `${name}@${DOMAIN}`) as [string, string, string, string];
const PIN = '4711';

let anchored: AnchoredGateway;
let operator: Operator;
const phones: H323Phone[] = [];

beforeAll(async () => {
  anchored = await AnchoredGateway.start({ ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(41), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8' });
  operator = new Operator(anchored.gateway.dataDir);
  const { directory } = anchored.gateway;
  await addDevices(directory, NAMES.map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name })));
  await addService(directory, KELA, ['kela@talo.kunta.example']);
  await addService(directory, INTERPRETER, ['tulkki@talo.kunta.example'], {}, { joins: true, kind: 'interpreting' });
  await addService(directory, ROOM, [], {}, { kind: 'room' });
  await addService(directory, PIN_ROOM, [], {}, { kind: 'room', pin: PIN });
});
afterEach(async () => {
  for (const phone of phones.splice(0)) {
    await phone.close();
    expect(phone.faults).toEqual([]);
  }
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
});
afterAll(() => anchored?.stop());

const phone = async (n: 0 | 1 | 2, more: Partial<H323PhoneOptions> = {}): Promise<H323Phone> => {
  const opened = await H323Phone.open({ host: ownAddress(42 + n), h323Id: NAMES[n], toneHz: TONES[n]!, ras: (await operator.status<GatewayStatus>()).h323!.ras, ...more });
  phones.push(opened);
  return opened;
};
/** Who is heard, of the three. */
const hears = async (call: PhoneCall, seconds = 1): Promise<string[]> => {
  const shares = toneShares(await call.hear(seconds), TONES);
  return NAMES.filter((_, i) => shares[i]! > 0.15);
};
const hearing = (call: PhoneCall, ...names: string[]): Promise<unknown> => until(`${names.join(' and ')} are heard`, async () => (await hears(call)).join() === names.join(), 20_000);

describe.each([
  ['slow start, tunnelled', { tunnelling: true }, { tunnelling: true }],
  ['slow start to H.245 in a connection of its own', { tunnelling: true }, { tunnelling: false }],
  ['fast start to one that has none', { fastStart: true }, {}],
  ['slow start to fast start', {}, { fastStart: true }],
  ['fast start on both sides', { fastStart: true }, { fastStart: true, tunnelling: false }],
])('from H.323 to H.323: %s', (_name, ofCaller, ofCallee) => {
  test('the two hear each other, and keys go both ways', async () => {
    const agent = await phone(1, ofCallee);
    const caller = await phone(0, ofCaller);
    const call = await caller.dial(KELA);
    await until('it is answered', () => call.connected);
    const taken = await agent.connected();
    await Promise.all([hearing(call, 'kela'), hearing(taken, 'asiakas')]);
    call.press('1#');
    taken.press('7');
    await until('the keys have come', () => taken.userInput.length > 1 && call.userInput.length > 0);
    expect(taken.userInput.map(({ text }) => text).join('')).toBe('1#');
    expect(call.userInput.map(({ text }) => text).join('')).toBe('7');
    call.hangUp();
    await until('the other is told', () => taken.ended);
    expect(taken.ended).toBe('peer 16');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ protocol: 'h323', caller: 'asiakas@talo.kunta.example', device: 'kela@talo.kunta.example', outcome: 'answered', endedBy: 'caller', q850: 16 });
  });
});

describe('an interpreter as third party among H.323 rooms', () => {
  const talking = async (): Promise<[PhoneCall, PhoneCall]> => {
    const agent = await phone(1);
    const caller = await phone(0);
    const call = await caller.dial(KELA);
    const taken = await agent.connected();
    await hearing(call, 'kela');
    return [call, taken];
  };

  test('an operator adds the interpreter: each hears the two others and not itself', async () => {
    const [call, taken] = await talking();
    const interpreter = await phone(2);
    await operator.change(await operator.theCall(), 'add', INTERPRETER);
    const third = await interpreter.connected();
    await Promise.all([hearing(call, 'kela', 'tulkki'), hearing(taken, 'asiakas', 'tulkki'), hearing(third, 'asiakas', 'kela')]);
    call.hangUp();
    await hearing(taken, 'tulkki');
    taken.hangUp();
    await until('the interpreter is released', () => third.ended);
  });

  test('the caller dials the interpreter from the same device', async () => {
    const [call, taken] = await talking();
    const interpreter = await phone(2);
    const second = await phones[1]!.dial(INTERPRETER);
    const third = await interpreter.connected();
    await until('the first call of the device is over', () => call.ended);
    await Promise.all([hearing(second, 'kela', 'tulkki'), hearing(taken, 'asiakas', 'tulkki'), hearing(third, 'asiakas', 'kela')]);
    second.hangUp();
    await hearing(taken, 'tulkki');
    taken.hangUp();
    await until('the interpreter is released', () => third.ended);
  });
});

describe('meeting rooms', () => {
  test('those who dial a room over H.323 hear each other', async () => {
    const [one, other] = [await (await phone(0)).dial(ROOM), await (await phone(1, { fastStart: true })).dial(ROOM)];
    await Promise.all([hearing(one, 'kela'), hearing(other, 'asiakas')]);
  });

  test('a room with a PIN lets in who presses it as user input of H.245', async () => {
    const [one, other] = [await (await phone(0)).dial(PIN_ROOM), await (await phone(1)).dial(PIN_ROOM)];
    await Promise.all([one.hear(0.5), other.hear(0.5)]);
    one.press(`${PIN}#`);
    other.press('1234#');
    await other.hear(1);
    other.press(`${PIN}#`);
    await Promise.all([hearing(one, 'kela'), hearing(other, 'asiakas')]);
  });
});

describe('hold at a media server', () => {
  test('a room that pauses is sent nothing and its other hears that it is not forgotten; after that they hear each other again', async () => {
    const agent = await phone(1);
    const call = await (await phone(0)).dial(KELA);
    const taken = await agent.connected();
    await Promise.all([hearing(call, 'kela'), hearing(taken, 'asiakas')]);
    await taken.pause();
    taken.speaks = false;
    await until('the caller hears a prompt, and not the room', async () => {
      const recording = await call.hear(1);
      return toneShares(recording, TONES)[1]! < 0.05 && recording.samples.some((sample) => Math.abs(sample) > 500);
    }, 20_000);
    expect(taken.channels).toEqual(['send 1']);
    await taken.resume();
    taken.speaks = true;
    await Promise.all([hearing(call, 'kela'), hearing(taken, 'asiakas')]);
    call.hangUp();
  });
});
