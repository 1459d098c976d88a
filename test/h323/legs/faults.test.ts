import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { Command } from 'commander';
import type { CliContext } from '../../../src/cli/context';
import { register } from '../../../src/cli/h323';
import type { H323CallInfo } from '../../../src/h323/legs';
import { placeCall, SPEECH } from '../../../src/h323/signalling';
import type { GatewayStatus } from '../../../src/server';
import { controlRequest } from '../../../src/web';
import { until } from '../../peers/harness';
import { Operator } from '../../support/control';
import { ownAddress } from '../../support/own-address';
import { lastRecord } from '../../support/records';
import { addDevices, startTestGateway, type TestGateway } from '../../support/test-gateway';
import { H323Phone, type H323PhoneOptions, type PhoneCall } from '../support/h323-phone';

jest.setTimeout(60_000);

const NAMES = ['soittaja', 'huone'] as const;
const [CALLER, ROOM] = NAMES.map((name) => `${name}@talo.kunta.example`) as [string, string];

let gateway: TestGateway;
let operator: Operator;
let ras: string;
const open: { close(): unknown }[] = [];

const start = async (): Promise<void> => {
  gateway = await startTestGateway({
    ETASILTA_H323_ENABLED: 'true', ETASILTA_H323_ADDRESS: ownAddress(81), ETASILTA_H323_UNAUTHENTICATED: '127.0.0.0/8', ETASILTA_CALLS_PROBE_SECONDS: '15', ETASILTA_CALLS_LINES_PER_DEVICE: '50',
  });
  operator = new Operator(gateway.dataDir);
  await addDevices(gateway.directory, NAMES.map((name) => ({ address: `${name}@talo.kunta.example`, h323Id: name })));
  ({ ras } = (await operator.status<GatewayStatus>()).h323!);
};
beforeAll(start);
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
  expect(await legs()).toEqual([]);
});
afterAll(() => gateway?.stop());

const phone = async (n: 0 | 1, more: Partial<H323PhoneOptions> = {}): Promise<H323Phone> => {
  const opened = await H323Phone.open({ host: ownAddress(82 + n), h323Id: NAMES[n], toneHz: 400, ras, ...more });
  open.push(opened);
  return opened;
};
const talking = async (ofCaller: Partial<H323PhoneOptions>, ofRoom: Partial<H323PhoneOptions>): Promise<{ call: PhoneCall; taken: PhoneCall; room: H323Phone; caller: H323Phone }> => {
  const [caller, room] = [await phone(0, { fastStart: true, ...ofCaller }), await phone(1, ofRoom)];
  const call = await caller.dial(ROOM);
  const taken = await room.connected();
  await until('all channels are open', () => call.channels.length === 2 && taken.channels.length === 2);
  return { call, taken, room, caller };
};
const legs = (): Promise<H323CallInfo[]> => controlRequest(`${gateway.dataDir}/control.sock`, 'GET', '/h323/calls');
/** What `etasilta h323 COMMAND` prints. */
const printed = async (command: string): Promise<string> => {
  let text = '';
  const context = { config: () => Promise.resolve({ dataDir: gateway.dataDir }), print: (_data: unknown, asText: () => string) => { text = asText(); } };
  const program = new Command().exitOverride();
  register(program, context as unknown as CliContext);
  await program.parseAsync(['h323', command], { from: 'user' });
  return text;
};

/** What a network does to connections when it stops passing anything, without a word to either side. */
const freezer = async (host: string): Promise<{ freeze(): void }> => {
  const pairs: net.Socket[] = [];
  const server = net.createServer((near) => {
    const far = net.connect(1721, host);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
    pairs.push(near, far);
  });
  await new Promise<void>((resolve) => server.listen(1720, host, resolve));
  open.push({ close: () => {
    for (const socket of pairs) socket.destroy();
    server.close();
  } });
  return { freeze: () => { for (const socket of pairs) socket.unpipe().pause(); } };
};

test('running legs are listed with both ends, start mode, H.245 and codecs', async () => {
  const { call } = await talking({ fastStart: true }, { tunnelling: false, fastStart: true });
  const list = await until('H.245 is up', async () => { const now = await legs(); return now.every(({ h245 }) => h245 !== 'none') && now; });
  const common = { state: 'talking', start: 'fast', receives: ['PCMA/8000'], sends: ['PCMA/8000'] };
  expect(list).toEqual([
    expect.objectContaining({ ...common, role: 'caller', party: CALLER, other: ROOM, h245: 'tunnelled', id: call.signalling.callId.toString('hex') }),
    expect.objectContaining({ ...common, role: 'callee', other: CALLER, remote: `${ownAddress(83)}:1720`, h245: 'connection' }),
  ]);
  expect(list[1]!.party).toContain(ROOM);
  const lines = (await printed('calls')).split('\n');
  expect(lines[1]).toMatch(new RegExp(`talking +caller +${CALLER} .*${ROOM} +fast +tunnelled +PCMA/8000 +PCMA/8000`));
  expect(lines[2]).toMatch(new RegExp(`talking +callee .*${CALLER} +fast +connection +PCMA/8000 +PCMA/8000`));
  call.hangUp();
  await until('the list is empty', async () => (await printed('calls')).includes('No call has an H.323 leg.'));
});

test('settings of diversion by H.450, and diversion of an answered call, are refused with the error for that, hold is taken, and the call goes on', async () => {
  const { call, taken } = await talking({}, {});
  const invoke = (invokeId: number, local: number): void => call.signalling.sendServices([{ serviceApdu: { rosApdus: [{ invoke: { invokeId, opcode: { local } } }] } }]);
  for (const [index, code] of [15, 17, 19, 101, 99].entries()) invoke(index + 1, code);
  await until('they are answered', () => call.services.length >= 4);
  const answers = call.services.flatMap(({ serviceApdu }) => ('rosApdus' in serviceApdu ? serviceApdu.rosApdus : []));
  const NOT_AVAILABLE = { local: 3 };
  expect(answers).toEqual(expect.arrayContaining([
    { returnError: expect.objectContaining({ invokeId: 1, errcode: NOT_AVAILABLE }) }, { returnError: expect.objectContaining({ invokeId: 2, errcode: NOT_AVAILABLE }) },
    { returnError: expect.objectContaining({ invokeId: 3, errcode: NOT_AVAILABLE }) }, { reject: { invokeId: 5, problem: { invoke: 1 } } },
  ]));
  expect([call.ended, taken.ended]).toEqual([undefined, undefined]);
  call.hangUp();
});

test('a caller whose Setup needs a service that is not known here is told so, and nobody is rung', async () => {
  const [caller, room] = [await phone(0, {}), await phone(1, {})];
  const callId = randomBytes(16);
  await caller.ras.admission([{ 'h323-ID': ROOM }], { callIdentifier: { guid: callId } });
  const released: number[] = [];
  placeCall({
    address: { host: ownAddress(81), port: 1720 }, from: caller.options.host, callId, bearer: SPEECH, source: { aliases: [{ 'h323-ID': 'soittaja' }] }, destination: { aliases: [{ 'h323-ID': ROOM }] },
    services: [{ interpretationApdu: { clearCallIfAnyInvokePduNotRecognized: null }, serviceApdu: { rosApdus: [{ invoke: { invokeId: 1, opcode: { local: 999 } } }] } }],
  }, caller.endpoint, { connected: () => undefined, released: ({ q850 }) => released.push(q850) });
  await until('the caller is told', () => released.length > 0);
  expect(released).toEqual([29]);
  await until('the gateway has no call', async () => (await operator.calls()).length === 0);
  expect(room.calls).toEqual([]);
});

test('H.245 in a connection of its own that breaks ends a call of slow start', async () => {
  const { call, taken } = await talking({}, { tunnelling: false });
  (taken.signalling.control as unknown as { close(): void }).close();
  expect(await until('the caller is told', () => call.ended)).toBe('peer 41');
  expect(await until('the room is told', () => taken.ended)).toBe('peer 41');
  expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'answered', q850: 41, cause: 'the H.245 connection was lost' });
});

test('a connection of call signalling that breaks ends the call: the other side is told', async () => {
  const { call, room } = await talking({}, {});
  await room.breakDown();
  expect(await until('the caller is told', () => call.ended)).toBe('peer 27');
  expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'answered', endedBy: 'callee', q850: 27 });
});

test('a connection of call signalling that breaks leaves a call that has H.245 apart, which ends with that', async () => {
  const { call, taken, room } = await talking({}, { tunnelling: false });
  await room.breakDown();
  await call.pause();
  await until('H.245 still works', () => taken.channels.length === 1);
  expect(call.ended).toBeUndefined();
  call.hangUp();
  await until('the room notices', () => taken.session.channels.length === 0);
});

test('a room that is gone without a word is found by asking, and the caller is released', async () => {
  const frozen = await freezer(ownAddress(83));
  const { call } = await talking({}, { port: 1721 });
  frozen.freeze();
  expect(await until('the caller is told', () => call.ended, 40_000)).toBe('peer 102');
  expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'answered', q850: 102, cause: 'the callee no longer answers' });
});

test('many short calls leave nothing behind', async () => {
  const CALLS = 300;
  const AT_ONCE = 10;
  const [caller, room] = [await phone(0, { fastStart: true }), await phone(1, { tunnelling: false })];
  const resources = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  };
  const one = async (): Promise<void> => {
    const call = await caller.dial(ROOM);
    await until('it is connected', () => call.connected, 20_000);
    call.hangUp();
    await call.close();
  };
  await one();
  const idle = async (): Promise<void> => {
    await until('the room knows that all are over', () => room.calls.every(({ ended }) => ended !== undefined), 20_000);
    for (const call of room.calls.splice(0)) await call.close();
    caller.calls.splice(0);
    await until('the gatekeeper has no call', async () => (await operator.status<GatewayStatus>()).h323!.calls === 0, 20_000);
  };
  await idle();
  const before = resources();
  for (let done = 0; done < CALLS; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, one));
  await idle();
  const few = (kind: string): number => (before[kind] ?? 0) + 3;
  await until(`sockets and timers are as before: ${JSON.stringify([before, resources()])}`, () => ['TCPSocketWrap', 'TCPServerWrap', 'UDPWrap', 'Timeout'].every((kind) => (resources()[kind] ?? 0) <= few(kind)), 20_000);
  expect((await operator.status<GatewayStatus>()).calls).toMatchObject({ running: 0 });
  expect([caller.faults, room.faults]).toEqual([[], []]);
});

test('a gateway that stops ends its calls with a word to both', async () => {
  const { call, taken } = await talking({}, { tunnelling: false });
  const closing = open.splice(0);
  await gateway.stop();
  expect(await until('the caller is told', () => call.ended)).toBe('peer 41');
  expect(await until('the room is told', () => taken.ended)).toBe('peer 41');
  await start();
  for (const each of closing as H323Phone[]) await each.closeWithoutGatekeeper();
});
