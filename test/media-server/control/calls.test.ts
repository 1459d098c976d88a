import { startMediaServer, type LocalMediaServer, type MediaServerOptions } from '../../../src/embedded/media-server';
import type { SipMessage } from '../../../src/embedded/sip-server/message';
import { until } from '../../peers/harness/until';
import { request, response, udpPeer, type Peer } from '../../sip-server/support/peer';
import { FAST_UPDATE } from '../../support/fast-update';
import { OutboundApplication } from './support/application';
import { EslClient } from './support/esl-client';
import { RtpPhone } from './support/rtp-phone';
import { PASSWORD } from './support/running-media-server';

/** SIP on the wire: what the server answers to bare messages, and what it sends by itself. */
let server: LocalMediaServer;
let phone: RtpPhone;
let caller: Peer;
let application: OutboundApplication;

const FROM = '<sip:127.0.0.1>;tag=caller';
const uri = (): string => `sip:drachtio@127.0.0.1:${server.sipPort}`;

async function start(options: Partial<MediaServerOptions> = {}): Promise<void> {
  server = await startMediaServer({
    esl: { host: '127.0.0.1', port: 0 }, password: PASSWORD, sip: { host: '127.0.0.1', port: 0 }, rtp: { min: 0, max: 0 }, ...options,
  });
  phone = await RtpPhone.open();
  caller = await udpPeer('127.0.0.1', server.sipPort);
  application = await OutboundApplication.listen();
}

afterEach(async () => {
  application.close();
  phone.close();
  caller.close();
  await server.close();
});

let lastCall = 0;

/** One call's requests. */
class Call {
  readonly callId = `call-${++lastCall}`;
  private cseq = 0;
  to: string | undefined;

  send(method: string, options: { body?: string; type?: string; headers?: string[]; cseq?: number; branch?: string } = {}): number {
    const cseq = options.cseq ?? ++this.cseq;
    const { type, ...rest } = options;
    const text = request(caller, method, uri(), {
      callId: this.callId, from: FROM, cseq, ...(this.to === undefined ? {} : { to: this.to }), branch: options.branch ?? `z9hG4bK-${this.callId}-${method}-${cseq}`,
      body: rest.body ?? '', headers: rest.headers ?? [],
    });
    caller.send(type === undefined ? text : text.replace('application/sdp', type));
    return cseq;
  }

  invite(body: string, headers: string[] = []): number {
    return this.send('INVITE', { body, headers: [application.header, 'User-Agent: drachtio-fsmrf:x', ...headers] });
  }

  async answered(body?: string): Promise<SipMessage> {
    const answer = await caller.next(200);
    this.to = answer.get('To');
    this.send('ACK', { cseq: answer.cseq?.seq ?? 1, ...(body === undefined ? {} : { body }) });
    return answer;
  }
}

async function established(): Promise<{ call: Call; channel: EslClient; uuid: string }> {
  const call = new Call();
  call.invite(phone.sdp());
  await call.answered();
  return { call, ...(await application.next()) };
}

describe('calls from the network', () => {
  beforeEach(() => start());

  test('an offer is answered, and the channel handed to its application', async () => {
    const call = new Call();
    call.invite(phone.sdp());
    expect((await call.answered()).body.toString()).toMatch(/^m=audio \d+ RTP\/AVP 0 101\r$/m);
    expect((await application.next()).data.get('variable_sip_call_id')).toBe(call.callId);
    call.send('BYE', { headers: ['Reason: Q.850;cause=17'] });
    await caller.next(200);
    expect(server.stats().sessions).toBe(0);
  });

  test('without one the 200 makes an offer, and the ACK brings the answer', async () => {
    const call = new Call();
    call.invite('', ['X-Secure-RTP: true']);
    const offer = (await caller.next(200));
    expect(offer.body.toString()).toContain('RTP/SAVP');
    expect(application.connections).toHaveLength(0);
    call.to = offer.get('To');
    call.send('ACK', { cseq: 1, body: offer.body.toString() });
    const { data } = await application.next();
    expect(decodeURIComponent(data.get('variable_switch_r_sdp') ?? '')).toBe(offer.body.toString());
  });

  test('an ACK whose answer cannot be used ends the call', async () => {
    const call = new Call();
    call.invite('');
    await call.answered('this is no description');
    expect((await caller.next('BYE')).get('Reason')).toContain('INCOMPATIBLE_DESTINATION');
  });

  test('an INVITE that names no application is for nobody', async () => {
    new Call().send('INVITE', { body: phone.sdp() });
    expect((await caller.next(404)).get('Warning')).toContain('X-esl-outbound');
  });

  test('a description that is none, and one without anything in common, are refused with the reason', async () => {
    const [broken, strange] = [new Call(), new Call()];
    broken.invite('v=0\r\nnonsense');
    expect((await caller.next(400)).get('Warning')).toMatch(/^399 media-server "/);
    strange.invite(phone.sdp().replace('RTP/AVP 0 101', 'RTP/AVP 18').replaceAll(/a=(rtpmap|fmtp)[^\n]*\n/g, ''));
    expect((await caller.next(488)).get('Warning')).toContain('nothing in the offer');
    expect(server.stats()).toMatchObject({ sessions: 0, ports: { used: 0 } });
  });

  test('an application that cannot be reached ends the call', async () => {
    const call = new Call();
    call.send('INVITE', { body: phone.sdp(), headers: ['X-esl-outbound: 127.0.0.1:1'] });
    await call.answered();
    expect((await caller.next('BYE')).get('Reason')).toContain('DESTINATION_OUT_OF_ORDER');
  });

  test('the application must be at an address that is allowed', async () => {
    const call = new Call();
    call.send('INVITE', { body: phone.sdp(), headers: ['X-esl-outbound: 192.0.2.1:8021'] });
    await call.answered();
    expect((await caller.next('BYE')).get('Reason')).toContain('NO_ROUTE_DESTINATION');
  });

  test('no BYE before the ACK', async () => {
    const call = new Call();
    call.invite(phone.sdp());
    const answer = await caller.next(200);
    const client = await EslClient.authenticated(server.eslPort, PASSWORD);
    const [uuid] = /^[0-9a-f-]{36}/m.exec(await client.api('show channels')) ?? [];
    expect(await client.api(`uuid_kill ${uuid}`)).toContain('+OK');
    await until('the end', () => server.stats().sessions === 0);
    expect(caller.received.map(({ method }) => method)).not.toContain('BYE');
    call.to = answer.get('To');
    call.send('ACK', { cseq: 1 });
    await caller.next('BYE');
  });

  test('a new offer, an UPDATE, and an INVITE that wants our offer', async () => {
    const { call, channel, uuid } = await established();
    call.send('INVITE', { body: phone.sdp('sendonly') });
    expect((await call.answered()).body.toString()).toContain('a=recvonly');
    call.send('UPDATE', { body: phone.sdp('sendrecv') });
    expect((await caller.next(200)).body.toString()).toContain('a=sendrecv');
    call.send('UPDATE');
    expect((await caller.next(200)).body).toHaveLength(0);
    call.send('INVITE');
    const offer = await call.answered(phone.sdp());
    expect(offer.body.toString()).toContain('m=audio');
    expect(await channel.api(`uuid_getvar ${uuid} remote_media_port`)).toBe(String(phone.port));
  });

  test('a new offer that cannot be used leaves the call as it was', async () => {
    const { call, channel, uuid } = await established();
    call.send('INVITE', { body: phone.sdp().replace('RTP/AVP 0 101', 'RTP/AVP 18').replaceAll(/a=(rtpmap|fmtp)[^\n]*\n/g, '') });
    expect((await caller.next(488)).get('Warning')).toBeDefined();
    expect(await channel.api(`uuid_exists ${uuid}`)).toBe('true');
  });

  test('INFO brings digits and the wish for a key frame', async () => {
    const { call, channel } = await established();
    await channel.command('event json DTMF');
    call.send('INFO', { type: 'application/dtmf-relay', body: 'Signal=5\r\nDuration=160\r\n' });
    await caller.next(200);
    expect(await channel.event('DTMF')).toMatchObject({ 'DTMF-Digit': '5', 'DTMF-Duration': '1280' });
    call.send('INFO', { type: FAST_UPDATE.headers['Content-Type'], body: FAST_UPDATE.body });
    await caller.next(200);
    call.send('INFO', { type: 'text/plain', body: 'hello' });
    await caller.next(415);
  });

  test('OPTIONS, inside and outside of calls, and methods that there are not', async () => {
    caller.send(request(caller, 'OPTIONS', uri()));
    expect((await caller.next(200)).get('Allow')).toContain('INVITE');
    const { call } = await established();
    call.send('OPTIONS');
    await caller.next(200);
    call.send('MESSAGE', { body: 'hello', type: 'text/plain' });
    await caller.next(405);
    caller.send(request(caller, 'REGISTER', uri()));
    expect((await caller.next(405)).get('Allow')).toContain('INVITE');
  });

  test('a cancelled INVITE leaves nothing', async () => {
    const call = new Call();
    call.invite(phone.sdp());
    call.send('CANCEL', { cseq: 1, branch: `z9hG4bK-${call.callId}-INVITE-1` });
    await caller.next(200);
    // Whichever was quicker: the call is cancelled, or stands.
    const answer = await until('an answer to the INVITE', () => caller.received.find(({ status, cseq }) => status >= 200 && cseq?.method === 'INVITE'));
    call.to = answer.get('To') ?? '';
    if (answer.status === 200) {
      call.send('ACK', { cseq: 1 });
      call.send('BYE');
      await until('the end', () => (server.stats().sessions === 0 ? true : undefined));
    }
    expect(server.stats().sessions).toBe(0);
  });

  test('session timers are accepted', async () => {
    const call = new Call();
    call.invite(phone.sdp(), ['Supported: timer', 'Session-Expires: 1800;refresher=uac']);
    expect((await call.answered()).get('Session-Expires')).toBe('1800;refresher=uac');
    const impatient = new Call();
    impatient.invite(phone.sdp(), ['Supported: timer', 'Session-Expires: 1800']);
    await impatient.answered();
    impatient.send('UPDATE', { headers: ['Session-Expires: 5'] });
    expect((await caller.next(422)).get('Min-SE')).toBe('90');
  });

  test('uuid_media_reneg sends a new offer with the codecs wanted', async () => {
    const { call, channel, uuid } = await established();
    expect(await channel.api(`uuid_media_reneg ${uuid} =PCMA,PCMU`)).toBe('+OK Success\n');
    const invite = await caller.next('INVITE');
    expect(invite.body.toString()).toMatch(/^m=audio \d+ RTP\/AVP 8 0/m);
    caller.send(response(caller, invite, '200 OK', { body: phone.sdp().replace('RTP/AVP 0 101', 'RTP/AVP 8 101').replace('0 PCMU', '8 PCMA') }));
    await caller.next('ACK');
    call.send('BYE');
    await caller.next(200);
  });
});

describe('calls that the server makes', () => {
  beforeEach(() => start());

  async function originate(variables = ''): Promise<{ invite: SipMessage; result: Promise<string>; client: EslClient }> {
    const client = await EslClient.authenticated(server.eslPort, PASSWORD);
    const result = client.api(`originate {${application.header.replace('X-', 'sip_h_X-').replace(': ', '=')},sip_user_agent=drachtio-fsmrf:y${variables}}sofia/drachtio_mrf/sip:party@127.0.0.1:${caller.port} drachtio XML mrf`);
    return { invite: await caller.next('INVITE'), result: result.finally(() => client.close()), client };
  }

  const answerTo = (invite: SipMessage, body: string): string =>
    response(caller, invite, '200 OK', { body });

  test('an offer waits for its answer, and the channel is handed to its application', async () => {
    const { invite, result } = await originate(',origination_uuid=01234567-89ab-4def-8123-456789abcdef,rtp_secure_media=forbidden');
    expect(invite.body.toString()).toContain('RTP/AVP');
    caller.send(response(caller, invite, '180 Ringing'));
    caller.send(answerTo(invite, phone.sdp()));
    await caller.next('ACK');
    expect(await result).toBe('+OK 01234567-89ab-4def-8123-456789abcdef\n');
    const { uuid, data } = await application.next();
    expect(uuid).toBe('01234567-89ab-4def-8123-456789abcdef');
    expect(data.get('Call-Direction')).toBe('outbound');
    expect(data.get('variable_sip_user_agent')).toBe('drachtio-fsmrf%3Ay');
    expect(data.get('variable_remote_media_port')).toBe(String(phone.port));
  });

  test('SRTP and WebRTC are offered when wanted', async () => {
    const secure = await originate(',rtp_secure_media=mandatory');
    expect(secure.invite.body.toString()).toContain('RTP/SAVP');
    caller.send(response(caller, secure.invite, '486 Busy Here'));
    expect(await secure.result).toBe('-ERR USER_BUSY\n');
    const browser = await originate(',media_webrtc=true');
    expect(browser.invite.body.toString()).toContain('a=ice-ufrag');
    caller.send(response(caller, browser.invite, '603 Decline'));
    expect(await browser.result).toBe('-ERR CALL_REJECTED\n');
    expect(server.stats()).toMatchObject({ sessions: 0, ports: { used: 0 } });
  });

  test('who does not answer in time is not rung any more', async () => {
    const { invite, result } = await originate(',originate_timeout=1');
    caller.send(response(caller, invite, '180 Ringing'));
    const cancel = await caller.next('CANCEL');
    caller.send(response(caller, cancel, '200 OK'));
    caller.send(response(caller, invite, '487 Request Terminated'));
    expect(await result).toBe('-ERR NO_ANSWER\n');
  });

  test('an answer that cannot be used ends the call', async () => {
    const { invite, result } = await originate();
    caller.send(answerTo(invite, 'nonsense'));
    await caller.next('ACK');
    expect((await caller.next('BYE')).get('Reason')).toContain('INCOMPATIBLE_DESTINATION');
    expect(await result).toBe('-ERR INCOMPATIBLE_DESTINATION\n');
  });

  test('only addresses that may call are called', async () => {
    const client = await EslClient.authenticated(server.eslPort, PASSWORD);
    expect(await client.api('originate sofia/drachtio_mrf/sip:x@192.0.2.1 &park()')).toBe('-ERR OUTGOING_CALL_BARRED\n');
    expect(await client.api('originate nonsense')).toBe('-ERR INVALID_NUMBER_FORMAT\n');
    client.close();
  });
});

describe('limits', () => {
  test('a full server says so', async () => {
    await start({ maxSessions: 1 });
    const { call } = await established();
    new Call().invite(phone.sdp());
    const full = await caller.next(503);
    expect(full.get('Warning')).toContain('no media capacity');
    expect(full.get('Retry-After')).toBe('5');
    call.send('BYE');
    await caller.next(200);
    const next = new Call();
    next.invite(phone.sdp());
    await next.answered();
  });

  test('a server without ports says so', async () => {
    await start({ rtp: { min: 45_000, max: 45_001 } });
    await established();
    new Call().invite(phone.sdp());
    const refused = await until('a refusal', () => caller.received.find(({ status }) => status >= 500));
    expect(refused.get('Warning')).toMatch(/port/);
    expect(server.stats().sessions).toBe(1);
  });

  test('a leg that says nothing for long is ended when the operator wants that', async () => {
    await start({ mediaTimeoutSeconds: 1 });
    await established();
    expect((await caller.next('BYE')).get('Reason')).toContain('MEDIA_TIMEOUT');
  });
});
