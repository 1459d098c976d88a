import type { CallMedia } from '../../src/calls';
import { until } from '../peers/harness/until';
import { Bench } from './support/bench';

let bench: Bench;
let call: CallMedia;

beforeAll(async () => { bench = await Bench.start(); });
beforeEach(async () => { call = await bench.call(await bench.pool()); });
afterEach(() => bench.reset());
afterAll(() => bench.stop());

test('A prompt is heard to its end', async () => {
  const { phone, endpoint } = await bench.caller(call, 400);
  const over = endpoint.play('goodbye', 'sv');
  await phone.hearsSpeech();
  await over;
  await phone.hears();
});

test('A prompt is repeated until it is stopped', async () => {
  const { phone, endpoint } = await bench.caller(call, 400);
  let over = false;
  const playing = endpoint.play('left', 'en', { loop: true }).then(() => { over = true; });
  await phone.hearsSpeech();
  const before = phone.received;
  // Longer than the prompt by itself, which lasts less than two seconds.
  await until('it goes on', () => phone.received > before + 150);
  expect(over).toBe(false);
  await endpoint.stop();
  await playing;
  await phone.hears();
});

test('A prompt that is being repeated ends when the party is bridged', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  const playing = anna.endpoint.play('please-wait', 'fi', { loop: true });
  await anna.phone.hearsSpeech();
  await anna.endpoint.bridge(otto.endpoint);
  await playing;
  await anna.phone.hears(1_000);
  await otto.phone.hears(400);
});

test('Keys are collected until #, or as many as were asked for', async () => {
  const { phone, endpoint } = await bench.caller(call, 400);
  const pin = endpoint.collect('enter-pin', 'fi', { digits: 8, seconds: 10 });
  await phone.hearsSpeech();
  phone.press('1234#');
  expect(await pin).toBe('1234');
  const four = endpoint.collect('enter-pin', 'fi', { digits: 4, seconds: 10 });
  await phone.hearsSpeech();
  phone.press('9876');
  expect(await four).toBe('9876');
});

test('Keys that came before the time ran out are told', async () => {
  const { phone, endpoint } = await bench.caller(call, 400);
  const pin = endpoint.collect('goodbye', 'en', { digits: 8, seconds: 2 });
  await phone.hearsSpeech();
  phone.press('12');
  expect(await pin).toBe('12');
  expect(await endpoint.collect('goodbye', 'en', { digits: 8, seconds: 1 })).toBe('');
});

test('What is played ends when the party goes', async () => {
  const { phone, endpoint } = await bench.caller(call, 400);
  const playing = endpoint.play('please-wait', 'fi', { loop: true });
  await phone.hearsSpeech();
  endpoint.release();
  await expect(playing).rejects.toMatchObject({ code: 'media-gone' });
});

test('A prompt for which there is no file is an error', async () => {
  const { endpoint } = await bench.caller(call, 400);
  await expect(endpoint.play('goodbye', 'xx' as 'fi')).rejects.toMatchObject({ code: 'media-server', message: expect.stringContaining('xx/goodbye') });
});

test('A prompt to one who is bridged is heard over the other one, who is still heard and hears nothing of it', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  otto.phone.hush();
  const over = anna.endpoint.play('no-answer', 'fi');
  await anna.phone.hearsSpeech();
  await otto.phone.hears(400);
  await over;
  otto.phone.take(otto.endpoint.localSdp);
  await anna.phone.hears(1_000);
});

test('A prompt to one in a conference is heard by nobody else', async () => {
  const conference = await call.conference('room', { layout: 'speaker', maxMembers: 4 });
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await Promise.all([anna, otto].map(({ endpoint }) => conference.join(endpoint)));
  await anna.phone.hears(1_000);
  otto.phone.hush();
  const over = anna.endpoint.play('no-answer', 'fi');
  await anna.phone.hearsSpeech();
  await otto.phone.hears(400);
  await over;
});
