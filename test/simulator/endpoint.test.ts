import { networkInterfaces } from 'node:os';
import { startSimulatedEndpoint, type EndpointOptions, type SimulatedCall, type SimulatedEndpoint } from '../../src/simulator';
import { until } from '../peers/harness/until';
import { TestSwitch } from './b2bua';

const PASSWORDS = { anna: 'a-secret', bertta: 'b "secret"' };
let exchange: TestSwitch;
const endpoints: SimulatedEndpoint[] = [];

async function start(user: keyof typeof PASSWORDS, more: Partial<EndpointOptions> = {}): Promise<SimulatedEndpoint> {
  const endpoint = await startSimulatedEndpoint({ address: `${user}@test.example`, password: PASSWORDS[user], registrar: exchange.uri, ...more });
  endpoints.push(endpoint);
  return endpoint;
}

async function connect(more: Partial<EndpointOptions> = {}): Promise<{ caller: SimulatedCall; callee: SimulatedCall }> {
  const [anna, bertta] = [await start('anna', { toneHz: 440, ...more }), await start('bertta', { toneHz: 1000, ...more })];
  const answered = bertta.nextCall();
  const caller = await anna.call('bertta@test.example');
  return { caller, callee: await answered };
}

const packets = (call: SimulatedCall, count: number): Promise<true> =>
  until(`${count} packets`, () => (call.mediaReport.audio?.received ?? 0) >= count || undefined).then(() => true);

beforeEach(async () => { exchange = await TestSwitch.start(PASSWORDS); });
afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
  await exchange.close();
});

describe('registration', () => {
  test('with digest, and gone when the endpoint closes', async () => {
    const anna = await start('anna');
    expect(exchange.contacts.get('anna')).toBe(anna.contact);
    await anna.close();
    expect(exchange.contacts.has('anna')).toBe(false);
  });

  test('with SHA-256 digest', async () => {
    const strong = await TestSwitch.start(PASSWORDS, 'SHA-256');
    const anna = await startSimulatedEndpoint({ address: 'anna@test.example', password: PASSWORDS.anna, registrar: strong.uri });
    expect(strong.contacts.get('anna')).toBe(anna.contact);
    await anna.close();
    await strong.close();
  });

  test('a wrong password is told as such', async () => {
    await expect(start('anna', { password: 'wrong' })).rejects.toMatchObject({ code: 'registration', sipStatus: 401, hint: expect.stringContaining('password') as string });
  });

  test('it is refreshed before it expires', async () => {
    const anna = await start('anna', { registerSeconds: 1 });
    exchange.contacts.clear();
    await until('the refresh', () => exchange.contacts.get('anna') === anna.contact);
  });

  test.each(['anna', 'anna@', 'a b@test.example'])('%j is no address of an endpoint', async (address) => {
    await expect(startSimulatedEndpoint({ address, registrar: exchange.uri })).rejects.toMatchObject({ code: 'address' });
  });

  test.each(['127.0.0.1', 'sip:', 'sip:host:99999', 'sip:host;transport=sctp', 'sip:user@host'])('%j is no server address', async (registrar) => {
    await expect(start('anna', { registrar })).rejects.toMatchObject({ code: 'server-address' });
  });
});

describe('a call between two endpoints through a back-to-back user agent', () => {
  test('each hears the tone of the other, and the end of one is the end of the other', async () => {
    const { caller, callee } = await connect();
    await Promise.all([packets(caller, 40), packets(callee, 40)]);
    expect(caller.mediaReport.audio).toMatchObject({ codec: 'PCMA', heard: { kind: 'tone', frequencyHz: 1000 } });
    expect(callee.mediaReport.audio).toMatchObject({ codec: 'PCMA', heard: { kind: 'tone', frequencyHz: 440 } });
    await callee.hangUp();
    expect(await caller.ended).toEqual({ by: 'there' });
    expect(await callee.ended).toEqual({ by: 'here' });
  });

  test('in PCMU where that is preferred', async () => {
    const { caller, callee } = await connect({ laws: ['PCMU'] });
    await packets(callee, 20);
    expect(caller.mediaReport.audio?.codec).toBe('PCMU');
    expect(callee.mediaReport.audio).toMatchObject({ codec: 'PCMU', heard: { kind: 'tone', frequencyHz: 440 } });
  });

  test('with pictures: key frames arrive, at once when asked for', async () => {
    const { caller, callee } = await connect({ video: true });
    await until('a key frame', () => (callee.mediaReport.video?.keyFrames ?? 0) > 0);
    const before = callee.mediaReport.video?.keyFrames ?? 0;
    await callee.requestKeyFrame();
    await until('another key frame', () => (callee.mediaReport.video?.keyFrames ?? 0) > before);
    expect(caller.mediaReport.video?.codec).toBe('H264');
  });

  test('a far end without video leaves that line refused in place, and sound alone', async () => {
    await start('bertta', { toneHz: 1000 });
    const call = await (await start('anna', { video: true })).call('bertta@test.example');
    await packets(call, 10);
    expect(call.mediaReport.video).toBeUndefined();
  });

  test('hold stops the far end, resuming starts it again', async () => {
    const { caller, callee } = await connect();
    await packets(caller, 10);
    await caller.hold();
    const held = callee.mediaReport.audio?.sent ?? 0;
    const heard = callee.mediaReport.audio?.received ?? 0;
    // The holding side goes on speaking: that is the clock here.
    await packets(callee, heard + 15);
    expect(callee.mediaReport.audio?.sent).toBe(held);
    await caller.resume();
    await until('the far end speaks again', () => (callee.mediaReport.audio?.sent ?? 0) > held);
  });

  test('digits go as events in the sound and in INFO', async () => {
    const { caller, callee } = await connect();
    await caller.sendDigits('19*#');
    await until('all digits', () => callee.mediaReport.audio?.digits === '19*#');
    await caller.sendDigits('07', 'info');
    expect(callee.digitsByInfo).toBe('07');
    await until('sound after the digits', () => callee.mediaReport.audio?.heard.kind === 'tone');
    expect(callee.mediaReport.audio?.heard).toEqual({ kind: 'tone', frequencyHz: 440 });
  });

  test('an endpoint told to send no media is silent', async () => {
    const { caller, callee } = await connect({ sendMedia: false });
    await caller.hangUp();
    await callee.ended;
    expect(callee.mediaReport.audio).toMatchObject({ sent: 0, received: 0, heard: { kind: 'nothing' } });
  });
});

describe('a call that is not answered', () => {
  test.each([
    [{ kind: 'reject', status: 486 }, 486],
    [{ kind: 'reject', status: 603, reason: 'Not Now', afterMs: 10 }, 603],
  ] as const)('refused as %j', async (behaviour, status) => {
    const bertta = await start('bertta', { behaviour });
    await expect((await start('anna')).call('bertta@test.example')).rejects.toMatchObject({ code: 'call-failed', sipStatus: status, failure: { status } });
    expect(bertta.timesRung).toBe(1);
    expect(bertta.calls.size).toBe(0);
  });

  test('nobody picks up: it is cancelled after the ringing time, and the callee stops ringing', async () => {
    const bertta = await start('bertta', { behaviour: { kind: 'ring' } });
    const anna = await start('anna');
    await expect(anna.call('bertta@test.example', { ringSeconds: 0.3 })).rejects.toMatchObject({
      failure: { status: 487, reason: 'not answered in 0.3 s', rang: { name: 'bertta@test.example' }, setup: { ringing: expect.any(Number) as number } },
    });
    bertta.behaviour = { kind: 'answer' };
    const answered = bertta.nextCall();
    const again = await anna.call('bertta@test.example');
    await again.hangUp();
    expect(await (await answered).ended).toEqual({ by: 'there' });
  });

  test('an unknown name: the far end\'s own words are kept', async () => {
    await expect((await start('anna')).call('nobody@test.example')).rejects.toMatchObject({
      failure: { status: 404, explanation: 'no such service' }, hint: expect.stringContaining('directory search') as string,
    });
  });

  test('given up by the caller before anything rang', async () => {
    await start('bertta', { behaviour: { kind: 'ignore' } });
    const anna = await start('anna');
    const abort = new AbortController();
    const call = anna.call('bertta@test.example', { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ failure: { reason: 'cancelled' } });
  });
});

const hasIpv6 = Object.values(networkInterfaces()).flat().some((entry) => entry?.address === '::1');
(hasIpv6 ? test : test.skip)('straight from one endpoint to another over IPv6, without a registrar', async () => {
  const callee = await startSimulatedEndpoint({ address: 'bertta@test.example', registrar: 'sip:[::1]:9', register: false, toneHz: 1000 });
  const caller = await startSimulatedEndpoint({ address: 'anna@test.example', registrar: callee.contact.replace(/bertta@/, ''), register: false });
  endpoints.push(caller, callee);
  const call = await caller.call(callee.contact);
  await packets(call, 15);
  expect(call.mediaReport.audio).toMatchObject({ heard: { kind: 'tone', frequencyHz: 1000 } });
  expect(call.remote.contact).toContain('[::1]');
});
