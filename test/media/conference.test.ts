import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CallMedia, ConferenceOptions, MediaConference } from '../../src/calls';
import { readWav } from '../peers/harness/wav';
import { until } from '../peers/harness/until';
import { toneShares } from '../support/spectrum';
import { Bench, type Pool } from './support/bench';

const OPTIONS: ConferenceOptions = { layout: 'speaker', maxMembers: 20 };
let bench: Bench;
let pool: Pool;
let call: CallMedia;
let conference: MediaConference;

beforeAll(async () => { bench = await Bench.start(); });
beforeEach(async () => {
  pool = await bench.pool();
  call = await bench.call(pool);
  conference = await call.conference('room', OPTIONS);
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

test('Three in a conference hear the two others each, and not themselves', async () => {
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await Promise.all([anna, otto, liisa].map(({ endpoint }) => conference.join(endpoint)));
  await anna.phone.hears(1_000, 1_600);
  await otto.phone.hears(400, 1_600);
  await liisa.phone.hears(400, 1_000);
});

test('Two who are bridged go into a conference, a third one comes, and leaves them as they were', async () => {
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  await Promise.all([anna, otto].map(({ endpoint }) => conference.join(endpoint)));
  await anna.phone.hears(1_000);
  const third = await conference.join(liisa.endpoint);
  await otto.phone.hears(400, 1_600);
  await third.leave();
  await liisa.phone.hears();
  await otto.phone.hears(400);
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
  await otto.phone.hears(400);
});

test('Two who have only just been bridged go into a conference at once', async () => {
  const lost: unknown[] = [];
  for (const name of ['first', 'second', 'third', 'fourth']) {
    const own = await bench.call(pool, (why) => lost.push(why));
    const [anna, otto] = [await bench.caller(own, 400), await bench.callee(own, 1_000)];
    const meeting = await own.conference(name, OPTIONS);
    await anna.endpoint.bridge(otto.endpoint);
    await Promise.all([anna, otto].map(({ endpoint }) => meeting.join(endpoint)));
    await anna.phone.hears(1_000);
  }
  expect(lost).toEqual([]);
});

test('Who is muted is not heard and hears, until unmuted', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await conference.join(anna.endpoint);
  const member = await conference.join(otto.endpoint, { muted: true });
  await otto.phone.hears(400);
  await anna.phone.hears();
  await member.mute(false);
  await anna.phone.hears(1_000);
  await member.mute(true);
  await anna.phone.hears();
});

test('A conference that is locked or full takes nobody more', async () => {
  const small = await call.conference('small', { ...OPTIONS, maxMembers: 2 });
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await small.join(anna.endpoint);
  await small.lock(true);
  await expect(small.join(otto.endpoint)).rejects.toMatchObject({ code: 'conference-locked', sipStatus: 403 });
  await small.lock(false);
  await small.join(otto.endpoint);
  await expect(small.join(liisa.endpoint)).rejects.toMatchObject({ code: 'conference-full', sipStatus: 486 });
  await anna.phone.hears(1_000);
});

test('It ends when the last of those who keep it open has left; the others stay, and hear nothing', async () => {
  const [anna, otto, liisa] = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  await conference.join(anna.endpoint, { keepsOpen: true });
  const second = await conference.join(otto.endpoint, { keepsOpen: true });
  await conference.join(liisa.endpoint);
  anna.endpoint.release();
  await liisa.phone.hears(1_000);
  await second.leave();
  await liisa.phone.hears();
  await liisa.endpoint.bridge(otto.endpoint);
  await liisa.phone.hears(1_000);
});

test('Ended, it leaves its members where they can be bridged', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await Promise.all([anna, otto].map(({ endpoint }) => conference.join(endpoint)));
  await anna.phone.hears(1_000);
  await conference.destroy();
  await anna.phone.hears();
  await expect(conference.join(anna.endpoint)).rejects.toMatchObject({ code: 'media-gone' });
  await anna.endpoint.bridge(otto.endpoint);
  await anna.phone.hears(1_000);
});

test('Calls of one room meet in one conference', async () => {
  const other = await bench.call(pool);
  const [anna, otto] = [await bench.caller(call, 400), await bench.caller(other, 1_000)];
  await conference.join(anna.endpoint);
  await (await other.conference('room', OPTIONS)).join(otto.endpoint);
  await anna.phone.hears(1_000);
  await otto.phone.hears(400);
});

test('Everybody hears a prompt', async () => {
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  anna.phone.hush();
  otto.phone.hush();
  await Promise.all([anna, otto].map(({ endpoint }) => conference.join(endpoint)));
  await conference.play('joined', 'fi');
  await Promise.all([anna.phone.hearsSpeech(), otto.phone.hearsSpeech()]);
});

test('Those who stay hear that one has left, whoever it was', async () => {
  const members = [await bench.caller(call, 400), await bench.callee(call, 1_000), await bench.callee(call, 1_600)];
  for (const { endpoint } of members) await conference.join(endpoint);
  await members[2]?.phone.hears(400, 1_000);
  for (const { phone } of members) phone.hush();
  await members[2]?.phone.hears();
  members[0]?.endpoint.release();
  await conference.play('left', 'fi');
  await Promise.all(members.slice(1).map(({ phone }) => phone.hearsSpeech()));
});

test('It is recorded into a file with everybody in it', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'etasilta-record-'));
  const file = path.join(folder, 'conference.wav');
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await conference.record(file);
  await Promise.all([anna, otto].map(({ endpoint }) => conference.join(endpoint)));
  await anna.phone.hears(1_000);
  await until('something is recorded', () => fs.existsSync(file) && fs.statSync(file).size > 32_000);
  await conference.destroy();
  const shares = await until('both are recorded', () => {
    const found = toneShares(readWav(file), [400, 1_000]);
    return found.every((share) => share > 0.2) && found;
  });
  expect(shares).toHaveLength(2);
  fs.rmSync(folder, { recursive: true });
});

test.each(['interpreting', 'grid'] as const)('A conference with the layout %s takes an interpreter', async (layout) => {
  const other = await call.conference(layout, { ...OPTIONS, layout });
  const [anna, otto] = [await bench.caller(call, 400), await bench.callee(call, 1_000)];
  await other.join(anna.endpoint);
  await other.join(otto.endpoint, { interpreter: true });
  await anna.phone.hears(1_000);
});

test('Twenty are in one conference', async () => {
  const members = [await bench.caller(call, 400)];
  while (members.length < 20) members.push(await bench.callee(call, 1_300));
  await Promise.all(members.map(({ endpoint }) => conference.join(endpoint)));
  for (const { phone } of members.slice(1)) phone.hush();
  await members[19]?.phone.hears(400);
});
