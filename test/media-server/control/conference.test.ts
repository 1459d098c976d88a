import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conference, Endpoint, EslEvent, MediaServer } from 'drachtio-fsmrf';
import { until } from '../../peers/harness/until';
import { readWav } from '../../peers/harness/wav';
import { toneShares } from '../../support/spectrum';
import { RtpPhone } from './support/rtp-phone';
import { RunningMediaServer } from './support/running-media-server';

/** Conferences as drachtio-fsmrf makes and steers them, heard over real RTP. */
let running: RunningMediaServer;
let server: MediaServer;
let folder: string;
const phones: RtpPhone[] = [];

beforeAll(() => {
  // drachtio-fsmrf tells of every conference on the console.
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'media-server-'));
  running = await RunningMediaServer.start();
  server = await running.connect();
});

afterEach(async () => {
  for (const phone of phones.splice(0)) phone.close();
  await running.stop();
  rmSync(folder, { recursive: true });
});

/** A member whose party says a tone. */
async function member(conference: Conference | string, frequencyHz?: number, options?: object): Promise<{ phone: RtpPhone; endpoint: Endpoint }> {
  const phone = await RtpPhone.open();
  phones.push(phone);
  const endpoint = await server.createEndpoint({ remoteSdp: phone.sdp() });
  if (frequencyHz !== undefined) phone.talk(endpoint.local.sdp, frequencyHz);
  await endpoint.join(conference, options);
  return { phone, endpoint };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The next event of an action that fits. */
const action = (conference: Conference, name: string, fits: (event: EslEvent) => boolean = () => true): Promise<EslEvent> =>
  new Promise((resolve) => conference.on(name, (event: EslEvent) => fits(event) && resolve(event)));

test('everybody hears the others and not himself', async () => {
  const conference = await server.createConference('room', { maxMembers: 10 });
  expect(await conference.getSize()).toBe(1);
  const a = await member(conference, 440);
  const b = await member(conference, 880);
  await Promise.all([a.phone.hears(880), b.phone.hears(440)]);
  expect(a.phone.share(440)).toBeLessThan(0.1);
  expect(await conference.getSize()).toBe(3);
  expect(conference.participants.size).toBe(2);
});

test('a name is taken once', async () => {
  await server.createConference('room');
  await expect(server.createConference('room')).rejects.toBe('conference exists');
});

test('a conference without name gets one', async () => {
  const conference = await server.createConference();
  expect(conference.name).toMatch(/^anon-/);
});

test('the list names the members, the newest first, as FreeSWITCH does', async () => {
  const conference = await server.createConference('room');
  const a = await member(conference);
  const lines = (await conference.list()).getBody().trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe(`${a.endpoint.conf.memberId};sofia/drachtio_mrf/nobody@127.0.0.1:${running.sip.port('udp')};${a.endpoint.uuid};unknown;;hear|speak;0;0;100`);
  const [shown] = JSON.parse(await server.api('conference room json_list')) as [{ members: { uuid: string }[] }];
  expect(shown.members.map(({ uuid }) => uuid)).toContain(a.endpoint.uuid);
  expect(await server.api('conference list')).toMatch(/^\+OK Conference room \(2 members rate: 16000 /);
});

test('who is muted is heard by nobody, who is deaf hears nobody', async () => {
  const conference = await server.createConference('room');
  const a = await member(conference, 440);
  const b = await member(conference, 880);
  await b.phone.hears(440);
  const muted = action(conference, 'muteMember');
  expect(await a.endpoint.confMute()).toBe(`+OK mute ${a.endpoint.conf.memberId}\n`);
  expect((await muted).getHeader('Speak')).toBe('false');
  await pause(300);
  b.phone.forget();
  await pause(400);
  expect(b.phone.share(440)).toBeLessThan(0.1);
  await a.endpoint.confUnmute();
  await b.phone.hears(440);
  await b.endpoint.confDeaf();
  await pause(300);
  b.phone.forget();
  await pause(400);
  expect(b.phone.share(440)).toBeLessThan(0.1);
  await b.endpoint.confUndeaf();
  await b.phone.hears(440);
});

test('who talks is told', async () => {
  const conference = await server.createConference('room');
  const talks = action(conference, 'startTalking');
  const floor = action(conference, 'floorChange', (event) => event.getHeader('New-ID') !== 'none');
  const a = await member(conference, 440);
  expect((await talks).getHeader('Member-ID')).toBe(String(a.endpoint.conf.memberId));
  expect((await floor).getHeader('New-ID')).toBe(String(a.endpoint.conf.memberId));
  const stops = action(conference, 'stopTalking');
  a.phone.hush();
  expect((await stops).getHeader('Unique-ID')).toBe(a.endpoint.uuid);
});

test('all members at once are muted and made to hear again', async () => {
  const conference = await server.createConference('room');
  await member(conference);
  expect((await conference.mute('all')).match(/\+OK mute \d+\n/g)).toHaveLength(2);
  expect((await conference.unmute('all')).match(/\+OK unmute \d+\n/g)).toHaveLength(2);
  await conference.deaf('all');
  await conference.undeaf('all');
  await expect(conference.mute('99')).rejects.toThrow('Non-Existant ID 99');
});

test('a file is played to all, files follow one another, and one is played to a member alone', async () => {
  const conference = await server.createConference('room');
  const a = await member(conference);
  const b = await member(conference);
  const result = await conference.play(['tone_stream://%(400,0,440)', 'tone_stream://%(600,0,440)']);
  expect(result.milliseconds).toBe(1_000);
  expect(a.phone.share(440)).toBeGreaterThan(0.6);
  expect(b.phone.share(440)).toBeGreaterThan(0.6);
  b.phone.forget();
  a.phone.forget();
  const done = action(conference, 'playFileMemberDone');
  await a.endpoint.confPlay('tone_stream://%(700,0,880)');
  await done;
  expect(a.phone.share(880)).toBeGreaterThan(0.6);
  expect(b.phone.share(880)).toBeLessThan(0.1);
  const missing = await conference.play('/nonexistent.wav');
  expect(missing.milliseconds).toBe(0);
});

test('the conference is recorded, with a pause', async () => {
  const conference = await server.createConference('room');
  await member(conference, 440);
  const listener = await member(conference);
  const file = join(folder, 'room.wav');
  expect((await conference.chkRecord()).getBody()).toBe('Conference is not being recorded.\n');
  const stopped = action(conference, 'stopRecording');
  await conference.startRecording(file);
  // What a member has heard, the recording has too.
  listener.phone.forget();
  await until('sound', () => listener.phone.heardMs > 1_500);
  await conference.pauseRecording(file);
  await conference.resumeRecording(file);
  expect((await conference.chkRecord()).getBody()).toContain(file);
  await conference.stopRecording(file);
  const event = await stopped;
  expect(event.getHeader('Path')).toBe(file);
  expect(Number(event.getHeader('Milliseconds-Elapsed'))).toBeGreaterThan(300);
  // Frame by frame: what a busy machine leaves out shifts the tone, which is none the less there.
  expect(toneShares(readWav(file), [440])[0]).toBeGreaterThan(0.6);
});

test('a locked conference lets nobody in', async () => {
  const conference = await server.createConference('room');
  expect(await conference.lock()).toBe('+OK room locked\n');
  const phone = await RtpPhone.open();
  phones.push(phone);
  const endpoint = await server.createEndpoint({ remoteSdp: phone.sdp() });
  const complete = await endpoint.execute('conference', 'room');
  expect(complete.getHeader('Application-Response')).toContain('locked');
  await conference.unlock();
  await expect(endpoint.join('room')).resolves.toMatchObject({ confUuid: conference.uuid });
});

test('a conference that is full lets nobody in, and says how full it may be', async () => {
  const conference = await server.createConference('room', { maxMembers: 1 });
  expect(await conference.get('max_members')).toBe(1);
  const phone = await RtpPhone.open();
  phones.push(phone);
  const endpoint = await server.createEndpoint({ remoteSdp: phone.sdp() });
  expect((await endpoint.execute('conference', 'room')).getHeader('Application-Response')).toContain('full');
  expect(await conference.set('max_members', 8)).toBe('1');
});

test('a PIN keeps others out', async () => {
  const conference = await server.createConference('room');
  await server.api('conference room pin 1234');
  const a = await member(conference, undefined, { pin: '1234' });
  expect(a.endpoint.conf.memberId).toBeGreaterThan(0);
  expect((await a.endpoint.api('conference', 'room nopin')).getBody()).toContain('deleted');
});

test('a member that is kicked can go on', async () => {
  const conference = await server.createConference('room');
  const a = await member(conference);
  const left = action(conference, 'delMember');
  const kicked = action(conference, 'kickMember');
  expect(await a.endpoint.confKick()).toBe(`+OK kicked ${a.endpoint.conf.memberId}\n`);
  await kicked;
  expect((await left).getHeader('Conference-Size')).toBe('1');
  expect((await a.endpoint.play('silence_stream://50')).playbackMilliseconds).toBe('50');
  await a.endpoint.join(conference);
  const size = await conference.getSize();
  expect(size).toBe(2);
});

test('a member moves to another conference', async () => {
  const one = await server.createConference('one');
  const two = await server.createConference('two');
  const a = await member(one);
  const b = await member(two, 660);
  await a.endpoint.transfer('two');
  await a.phone.hears(660);
  expect(await one.getSize()).toBe(1);
  expect(await two.getSize()).toBe(3);
  await b.endpoint.destroy();
  expect(await two.getSize()).toBe(2);
});

test('two bridged parties become a conference without anyone negotiating anew', async () => {
  const first = await RtpPhone.open();
  const second = await RtpPhone.open();
  phones.push(first, second);
  const a = await server.createEndpoint({ remoteSdp: first.sdp() });
  const b = await server.createEndpoint({ remoteSdp: second.sdp() });
  first.talk(a.local.sdp, 440);
  second.talk(b.local.sdp, 880);
  await a.bridge(b);
  await first.hears(880);
  await Promise.all([a.join('meeting'), b.join('meeting')]);
  const c = await member('meeting', 1_320);
  await Promise.all([first.hears(1_320, 0.25), second.hears(1_320, 0.25), c.phone.hears(440, 0.25), c.phone.hears(880, 0.25)]);
  expect(await server.api('conference meeting list count')).toBe('3');
  await a.bridge(b);
  first.forget();
  await first.hears(880);
  expect(await server.api('conference meeting list count')).toBe('1');
});

test('when the leg that holds the conference goes, so does the conference', async () => {
  const conference = await server.createConference('room');
  const a = await member(conference);
  await conference.destroy();
  expect(await server.api('conference list')).toBe('+OK No active conferences.\n');
  expect(a.endpoint.connected).toBe(true);
  expect((await a.endpoint.play('silence_stream://50')).playbackMilliseconds).toBe('50');
});

test('the layout that keeps the interpreter visible', async () => {
  const conference = await server.createConference('room');
  const a = await member(conference);
  expect(await server.api('conference room vid-layout interpreting')).toBe('+OK Change mode to [interpreting]\n');
  expect(await server.api(`conference room vid-res-id ${a.endpoint.conf.memberId} interpreter`)).toMatch(/^\+OK/);
  expect(await server.api('conference room vid-layout 3x3')).toBe('-ERR Invalid Video Layout [3x3]\n');
});

test('unknown commands and conferences', async () => {
  await server.createConference('room');
  expect(await server.api('conference nowhere list count')).toBe('-ERR Conference nowhere not found\n');
  expect(await server.api('conference room dance')).toBe("-ERR Conference command 'dance' not found.\n");
});
