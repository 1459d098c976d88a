import type { CallMedia } from '../../src/calls';
import { until } from '../peers/harness/until';
import { Bench } from './support/bench';

let bench: Bench;
let call: CallMedia;

beforeAll(async () => { bench = await Bench.start(); });
beforeEach(async () => { call = await bench.call(await bench.pool()); });
afterEach(() => bench.reset());
afterAll(() => bench.stop());

test('Two parties that are bridged hear each other and not themselves', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  await otto.phone.hears(400);
});

test('Parted, they hear nothing; bridged again with a third one, those two hear each other', async () => {
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  await anna.endpoint.unbridge();
  await anna.phone.hears();
  await otto.phone.hears();
  await anna.endpoint.bridge(liisa.endpoint);
  await anna.phone.hears(1_600);
  await liisa.phone.hears(400);
});

test('A bridged party is moved to another one without being parted first', async () => {
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await anna.endpoint.bridge(otto.endpoint);
  await otto.phone.hears(400);
  await otto.endpoint.bridge(liisa.endpoint);
  await otto.phone.hears(1_600);
  await liisa.phone.hears(1_000);
  await anna.phone.hears();
});

test('When one of two is released the other stays, and can be bridged again', async () => {
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  otto.endpoint.release();
  await anna.phone.hears();
  await anna.endpoint.bridge(liisa.endpoint);
  await anna.phone.hears(1_600);
});

test('A party on hold hears nothing and is not heard until it comes back', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  anna.phone.hush();
  expect(await anna.endpoint.modify(anna.phone.sdp('inactive'))).toMatch(/^a=inactive/m);
  await Promise.all([anna.phone.hears(), otto.phone.hears()]);
  anna.phone.take(anna.endpoint.localSdp);
  expect(await anna.endpoint.modify(anna.phone.sdp())).not.toMatch(/^a=(inactive|sendonly|recvonly)/m);
  await otto.phone.hears(400);
  await anna.phone.hears(1_000);
});

test('Keys that one presses reach the other, and are told', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  let told = '';
  anna.endpoint.onDtmf((digit) => { told += digit; });
  await anna.endpoint.bridge(otto.endpoint);
  await otto.phone.hears(400);
  anna.phone.press('19*#');
  await until('the keys are told', () => told === '19*#');
  await until('the other one has the keys', () => otto.phone.digits === '19*#');
});

test('Keys are sent to a party', async () => {
  const anna = await bench.caller(call, 400);
  await anna.endpoint.sendDtmf('70#');
  await until('the keys have come', () => anna.phone.digits === '70#');
  await expect(anna.endpoint.sendDtmf('1; hangup')).rejects.toMatchObject({ code: 'media-dtmf' });
});

test('A party that the server asks for a new offer goes on talking by it', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  const offer = await anna.endpoint.reoffer({ video: false });
  expect(offer).toMatch(/^m=audio \d+ RTP\/AVP /m);
  await anna.endpoint.accept(anna.phone.answer(offer));
  await otto.phone.hears(400);
  await anna.phone.hears(1_000);
});

test('Media that the server cannot use are refused with 488', async () => {
  const offer = (await bench.phone(400)).sdp().replace(/^m=audio .*$/m, 'm=audio 40000 RTP/AVP 18').replace(/^a=(rtpmap|fmtp).*\r\n/gm, '');
  await expect(call.answer(offer)).rejects.toMatchObject({ code: 'media-refused', sipStatus: 488, q850: 88 });
});

test.each(['srtp', 'webrtc'] as const)('Media by %s are heard through two endpoints that talk to each other by it', async (transport) => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.caller(call, 1_000)];
  const offering = await call.offer(transport, { video: true });
  expect(offering.localSdp).toMatch(transport === 'srtp' ? /^m=audio \d+ RTP\/SAVP /m : /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF /m);
  expect(offering.localSdp.match(/^m=audio /gm)).toHaveLength(1);
  expect(offering.localSdp.match(/^m=video /gm)).toHaveLength(1);
  const answering = await call.answer(offering.localSdp);
  await offering.accept(answering.localSdp);
  await anna.endpoint.bridge(offering);
  await otto.endpoint.bridge(answering);
  await anna.phone.hears(1_000);
  await otto.phone.hears(400);
});
