import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, MediaServer, SipDialog } from 'drachtio-fsmrf';
import { readWav } from '../../peers/harness/wav';
import { toneShares } from '../../support/spectrum';
import { RtpPhone } from './support/rtp-phone';
import { RunningMediaServer } from './support/running-media-server';

/** The unmodified drachtio-fsmrf on the embedded media server; what is heard is heard over real RTP. */
let running: RunningMediaServer;
let server: MediaServer;
let folder: string;
const phones: RtpPhone[] = [];

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

async function phone(): Promise<RtpPhone> {
  const opened = await RtpPhone.open();
  phones.push(opened);
  return opened;
}

/** An endpoint whose party says a tone. */
async function party(frequencyHz?: number): Promise<{ phone: RtpPhone; endpoint: Endpoint }> {
  const one = await phone();
  const endpoint = await server.createEndpoint({ remoteSdp: one.sdp() });
  if (frequencyHz !== undefined) one.talk(endpoint.local.sdp, frequencyHz);
  return { phone: one, endpoint };
}

const happens = (emitter: { once(name: string, listener: (value: unknown) => void): unknown }, name: string): Promise<unknown> =>
  new Promise((resolve) => emitter.once(name, resolve));

describe('endpoints', () => {
  test('the server is connected to and its SIP profile found', () => {
    expect(server.sip.ipv4.udp.address).toBe(`127.0.0.1:${running.media.sipPort}`);
  });

  test('an endpoint for a remote description', async () => {
    const { phone: one, endpoint } = await party();
    expect(endpoint.remote).toMatchObject({ mediaIp: '127.0.0.1', mediaPort: String(one.port) });
    expect(endpoint.local.sdp).toMatch(/^m=audio \d+ RTP\/AVP 0 101\r$/m);
    expect(endpoint.local.mediaIp).toBe('127.0.0.1');
    expect(endpoint.dtmfType).toBe('rfc2833');
    expect(endpoint.sip.callId).toBe(endpoint.dialog.sip.callId);
    await endpoint.destroy();
    expect(running.media.stats().sessions).toBe(0);
  });

  test('an endpoint without one gets its party later, whose description may have fewer lines', async () => {
    const endpoint = await server.createEndpoint();
    expect(endpoint.local.sdp).toMatch(/m=audio [\s\S]*m=video /);
    const one = await phone();
    const answer = await endpoint.modify(one.sdp());
    expect(answer.match(/^m=/gm)).toHaveLength(1);
    expect(endpoint.remote.mediaPort).toBe(String(one.port));
    expect(endpoint.local.sdp).toBe(answer);
    await endpoint.play('tone_stream://%(1000,0,440)');
    expect(one.share(440)).toBeGreaterThan(0.6);
  });

  test('an endpoint with SRTP offers keys', async () => {
    const endpoint = await server.createEndpoint({ srtp: true });
    expect(endpoint.local.sdp).toMatch(/m=audio \d+ RTP\/SAVP/);
    expect(endpoint.local.sdp).toContain('a=crypto:');
  });

  test('a caller of the SIP server is connected, hears, and hangs up', async () => {
    const one = await phone();
    const connected = new Promise<{ endpoint: Endpoint; dialog: SipDialog }>((resolve, reject) => {
      running.srf.invite((req, res) => void server.connectCaller(req, res).then(resolve, reject));
    });
    const other = await RunningMediaServer.start();
    const called = other.srf.createUAC(`sip:service@127.0.0.1:${running.sip.port('udp')}`, { localSdp: one.sdp() });
    const { endpoint, dialog } = await connected;
    const call = await called;
    const heard = endpoint.play('tone_stream://%(1000,0,440)');
    await heard;
    expect(one.share(440)).toBeGreaterThan(0.6);
    const ended = happens(dialog, 'destroy');
    await call.destroy();
    await ended;
    await endpoint.destroy();
    await other.stop();
  });

  test('hold and resume by new offers', async () => {
    const { phone: one, endpoint } = await party();
    const held = await endpoint.modify(one.sdp('inactive'));
    expect(held).toContain('a=inactive');
    const resumed = await endpoint.modify(one.sdp());
    expect(resumed).toContain('a=sendrecv');
  });

  test('an offer with no codec that is known is refused with its reason', async () => {
    const one = await phone();
    const sdp = one.sdp().replace('RTP/AVP 0 101', 'RTP/AVP 18').replaceAll(/a=(rtpmap|fmtp)[^\n]*\n/g, '') + 'a=rtpmap:18 G729/8000\r\n';
    await expect(server.createEndpoint({ remoteSdp: sdp })).rejects.toMatchObject({ status: 488 });
    expect(running.media.stats().sessions).toBe(0);
  });

  test('variables are set, exported and dumped, with the media counters when wanted', async () => {
    const { endpoint } = await party(440);
    await endpoint.set({ 'lab_a': '1', 'lab_b': '2' });
    await endpoint.set({ lab_c: 'a^b "c" \u00e4' });
    await endpoint.export({ lab_d: 'x' });
    await endpoint.play('silence_stream://400');
    const variables = await endpoint.getChannelVariables(true);
    expect(variables).toMatchObject({ variable_lab_a: '1', variable_lab_b: '2', variable_lab_c: 'a^b "c" \u00e4', variable_lab_d: 'x' });
    expect(variables['variable_rtp_audio_in_packet_count']).toBeGreaterThan(0);
    expect(variables['Unique-ID']).toBe(endpoint.uuid);
  });

  test('hanging up is told to both sides', async () => {
    const { endpoint } = await party();
    const told = happens(endpoint, 'destroy');
    const bye = happens(endpoint.dialog, 'destroy');
    await endpoint.api('uuid_exists', endpoint.uuid);
    await server.api(`uuid_kill ${endpoint.uuid} USER_BUSY`);
    expect(await told).toEqual({ reason: 'USER_BUSY' });
    await bye;
  });

  test('the end of the SIP dialog ends the channel', async () => {
    const { endpoint } = await party();
    const told = happens(endpoint, 'destroy');
    await endpoint.api('uuid_exists', endpoint.uuid);
    await endpoint.dialog.destroy();
    expect(await told).toEqual({ reason: 'NORMAL_CLEARING' });
    expect(await server.api('show channels count')).toBe('\n0 total.\n');
  });
});

describe('prompts, digits and recordings', () => {
  test('a tone is heard, and how long it was', async () => {
    const { phone: one, endpoint } = await party();
    const begun = happens(endpoint, 'playback-start');
    const ended = happens(endpoint, 'playback-stop');
    const result = await endpoint.play('tone_stream://%(1000,0,440)');
    expect(result).toEqual({ playbackSeconds: '1', playbackMilliseconds: '1000', playbackLastOffsetPos: '8000' });
    expect(await begun).toEqual({ file: 'tone_stream://%(1000,0,440)' });
    expect(await ended).toEqual({ file: 'tone_stream://%(1000,0,440)' });
    expect(one.share(440)).toBeGreaterThan(0.7);
  });

  test('several files follow one another', async () => {
    const { phone: one, endpoint } = await party();
    const result = await endpoint.play(['tone_stream://%(300,0,440)', 'tone_stream://%(300,0,880)']);
    expect(result).toMatchObject({ playbackMilliseconds: '300', playbackLastOffsetPos: '4800' });
    expect(one.heardMs).toBeGreaterThan(500);
  });

  test('a file that is not there', async () => {
    const { endpoint } = await party();
    await expect(endpoint.play('/nonexistent.wav')).rejects.toThrow('File Not Found');
  });

  test('a file is played from where it is wanted', async () => {
    const { endpoint } = await party(700);
    const file = join(folder, 'one-second.wav');
    await endpoint.record(file, { timeLimitSecs: 1 });
    const whole = await endpoint.play(file);
    const rest = await endpoint.play({ file, seekOffset: 4_000 });
    expect(Number(whole.playbackMilliseconds) - Number(rest.playbackMilliseconds)).toBe(500);
    expect(rest.playbackLastOffsetPos).toBe(whole.playbackLastOffsetPos);
  });

  test('a long file ends at its time limit, and uuid_break ends it at once', async () => {
    const { endpoint } = await party();
    const limited = await endpoint.play({ file: 'silence_stream://60000', timeoutSecs: 1 });
    expect(Number(limited.playbackMilliseconds)).toBeLessThan(5_000);
    const started = happens(endpoint, 'playback-start');
    const playing = endpoint.play('silence_stream://-1');
    await started;
    await endpoint.api('uuid_break', endpoint.uuid);
    expect(Number((await playing).playbackMilliseconds)).toBeLessThan(5_000);
  });

  test('digits of the party are told, and collected with a prompt', async () => {
    const { phone: one, endpoint } = await party();
    const pressed: string[] = [];
    endpoint.on('dtmf', ({ dtmf }: { dtmf: string }) => pressed.push(dtmf));
    const started = happens(endpoint, 'playback-start');
    const collecting = endpoint.playCollect({ file: 'tone_stream://%(20000,0,440)', min: 1, max: 4, timeout: 5_000 });
    await started;
    one.press(endpoint.local.sdp, '12#');
    expect(await collecting).toMatchObject({ digits: '12', terminatorUsed: '#' });
    expect(pressed).toEqual(['1', '2', '#']);
  });

  test('digits that do not fit are asked for again, and none are none', async () => {
    const { phone: one, endpoint } = await party();
    const invalid: unknown[] = [];
    endpoint.on('playback-start', (event) => invalid.push(event));
    const collecting = endpoint.playCollect({ file: 'silence_stream://20', min: 2, max: 2, tries: 2, timeout: 3_000, digitTimeout: 200, regexp: '^1', invalidFile: 'silence_stream://40' });
    await happens(endpoint, 'playback-stop');
    one.press(endpoint.local.sdp, '29');
    await happens(endpoint, 'playback-stop');
    await happens(endpoint, 'playback-stop');
    one.press(endpoint.local.sdp, '17');
    expect(await collecting).toMatchObject({ digits: '17' });
    const nothing = await endpoint.playCollect({ file: 'silence_stream://20', timeout: 100 });
    expect(nothing).toMatchObject({ digits: null, terminatorUsed: null });
  });

  test('digits are sent as telephone-events', async () => {
    const { phone: one, endpoint } = await party();
    await endpoint.execute('send_dtmf', '5@100');
    const until = Date.now() + 5_000;
    while (!one.payloadTypes.has(101) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(one.payloadTypes.has(101)).toBe(true);
  });

  test('what the party says is recorded', async () => {
    const { endpoint } = await party(700);
    const file = join(folder, 'party.wav');
    const result = await endpoint.record(file, { timeLimitSecs: 1 });
    expect(result).toMatchObject({ recordSeconds: '1', terminatorUsed: null });
    expect(toneShares(readWav(file), [700])[0]).toBeGreaterThan(0.7);
  });

  test('a file that cannot be written is told', async () => {
    const { endpoint } = await party();
    const complete = await endpoint.execute('record', join(folder, 'nowhere', 'party.wav'));
    expect(complete.getHeader('Application-Response')).toMatch(/^-ERR /);
    expect(endpoint.connected).toBe(true);
  });

  test('a muted party is recorded as silence', async () => {
    const { endpoint } = await party(700);
    await endpoint.mute();
    const file = join(folder, 'muted.wav');
    await endpoint.record(file, { timeLimitSecs: 1 });
    expect(toneShares(readWav(file), [700])[0]).toBeLessThan(0.1);
    await endpoint.unmute();
  });

  test('the whole call is recorded while it goes on', async () => {
    const { endpoint } = await party(700);
    const file = join(folder, 'session.wav');
    await endpoint.recordSession(file);
    await endpoint.play('silence_stream://600');
    await endpoint.execute('stop_record_session', file);
    await endpoint.destroy();
    expect(statSync(file).size).toBeGreaterThan(8_000);
    expect(toneShares(readWav(file), [700])[0]).toBeGreaterThan(0.7);
  });
});

describe('bridges', () => {
  test('two parties hear one another until they are parted', async () => {
    const a = await party(440);
    const b = await party(880);
    await a.endpoint.bridge(b.endpoint);
    await Promise.all([a.phone.hears(880), b.phone.hears(440)]);
    expect(a.phone.share(440)).toBeLessThan(0.1);
    await a.endpoint.unbridge();
    await new Promise((resolve) => setTimeout(resolve, 200));
    b.phone.forget();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(b.phone.share(440)).toBeLessThan(0.1);
    const result = await a.endpoint.play('tone_stream://%(500,0,600)');
    expect(result.playbackMilliseconds).toBe('500');
  });

  test('a party that hangs up leaves the other one standing', async () => {
    const a = await party();
    const b = await party();
    await a.endpoint.bridge(b.endpoint.uuid);
    await a.endpoint.destroy();
    expect(b.endpoint.connected).toBe(true);
    expect((await b.endpoint.play('silence_stream://50')).playbackMilliseconds).toBe('50');
  });

  test('with a channel that is not there', async () => {
    const { endpoint } = await party();
    await expect(endpoint.bridge('00000000-0000-4000-8000-000000000000')).rejects.toThrow('-ERR');
  });
});
