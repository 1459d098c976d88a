import type { GatewayStatus } from '../../../src/server';
import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { lastRecord } from '../../support/records';
import { registeredPhone } from '../../support/registered-phone';
import { freePorts, until } from '../harness';
import { phoneSdp, type RawPhone } from '../harness/raw-phone';
import { statusOf, valueOf } from '../harness/sip-text';

jest.setTimeout(60_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const OTHER = 'ex90-2@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const ONLY_GSM = phoneSdp().replace('RTP/AVP 8', 'RTP/AVP 3').replace('a=rtpmap:8 PCMA/8000', 'a=rtpmap:3 GSM/8000');
/** A server that somebody else runs has its own limits. */
const onEmbedded = process.env.ETASILTA_TEST_FREESWITCH === undefined ? describe : describe.skip;

let anchored: AnchoredGateway;
let operator: Operator;
let service: string;
let [caller, other, agent]: RawPhone[] = [];

async function start(env: Record<string, string> = {}): Promise<void> {
  anchored = await AnchoredGateway.start({ ETASILTA_CALLS_LINES_PER_DEVICE: '9', ...env });
  operator = new Operator(anchored.gateway.dataDir);
  await anchored.device(CALLER);
  await anchored.device(OTHER);
  service = `sip:${await anchored.device(AGENT, 'kela')}`;
  [caller, other, agent] = await Promise.all([CALLER, OTHER, AGENT].map((address) => registeredPhone(anchored.gateway, address)));
}
async function stop(): Promise<void> {
  await Promise.all([caller, other, agent].map((phone) => phone?.close()));
  await anchored.stop();
}

const media = async () => (await operator.status<GatewayStatus>()).media;
const nothingLeft = (): Promise<unknown> => until('nothing is left of the call', async () =>
  (await operator.calls()).length === 0 && (await media()).used === 0 && [caller, agent].every((phone) => phone!.calls.every(({ state }) => state !== 'ringing' && state !== 'talking')));

onEmbedded('a media server with room for one call', () => {
  beforeAll(() => start({ ETASILTA_MEDIA_MAX_SESSIONS: '2' }));
  afterAll(stop);

  test('refuses the second with 503, Retry-After and a Warning for the helpdesk; the status says how full it is; the next is taken', async () => {
    expect(await media()).toMatchObject({ used: 0, total: 2 });
    const call = await caller!.call(service);
    expect(await media()).toMatchObject({ used: 2, total: 2, servers: [{ state: 'up', maxSessions: 2 }] });
    const refusal = await other!.ask('INVITE', service, [], other!.description);
    expect(statusOf(refusal)).toBe(503);
    expect(Number(valueOf(refusal, 'Retry-After'))).toBeGreaterThan(0);
    expect(valueOf(refusal, 'Warning')).toMatch(/^399 \S+ "no media capacity"$/);
    expect((await operator.calls()).length).toBe(1);
    expect(agent!.calls).toHaveLength(1);
    await caller!.hangUp(call);
    await nothingLeft();
    await other!.hangUp(await other!.call(service));
    await nothingLeft();
  });
});

onEmbedded('a media server whose RTP ports are used up', () => {
  beforeAll(async () => {
    const first = await freePorts(8);
    // The sound of each party takes two, an offer of sound and picture four: of the second call, the answer to the caller or the offer for
    // the callee gets none, whichever comes second.
    // So few sessions leave no room for offers kept ready, which have ports, too.
    await start({ ETASILTA_MEDIA_MAX_SESSIONS: '8', ETASILTA_MEDIA_RTP_PORTS_MIN: String(first), ETASILTA_MEDIA_RTP_PORTS_MAX: String(first + 7) });
  });
  afterAll(stop);

  test('refuses a second call with 503 and says why; when the first has ended the next is taken', async () => {
    const call = await caller!.call(service);
    const refusal = await other!.ask('INVITE', service, [], other!.description);
    expect(statusOf(refusal)).toBe(503);
    expect(valueOf(refusal, 'Warning')).toMatch(/^399 \S+ "(the media server refused: no RTP port is left: 8 of 8 in use \(.*\)|no media capacity)"$/);
    expect(Number(valueOf(refusal, 'Retry-After'))).toBeGreaterThan(0);
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'failed', sipStatus: 503, q850: 42 });
    await caller!.hangUp(call);
    await nothingLeft();
    await other!.hangUp(await other!.call(service));
  });
});

describe('a call whose media cannot be', () => {
  beforeAll(() => start());
  afterAll(stop);

  test.each([
    ['offers no session description', 'nonsense'],
    ['offers a line without an address', 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n'],
  ])('whose caller %s is refused with 400 before anybody rings', async (_, body) => {
    const refusal = await caller!.ask('INVITE', service, [], body);
    expect(statusOf(refusal)).toBe(400);
    expect(valueOf(refusal, 'Warning')).toMatch(/^399 \S+ ".+"$/);
    await nothingLeft();
    expect(agent!.calls).toEqual([]);
  });

  test('whose caller offers a codec that nobody has is refused with 488, and nothing is left of it', async () => {
    const refusal = await caller!.ask('INVITE', service, [], ONLY_GSM);
    expect(statusOf(refusal)).toBe(488);
    expect(valueOf(refusal, 'Warning')).toMatch(/^399 \S+ ".+"$/);
    await nothingLeft();
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'failed', sipStatus: 488, q850: 88 });
  });

  test('whose callee answers with a codec that was not offered is 488 for the caller, released at the callee, and nothing is left of it', async () => {
    agent!.description = ONLY_GSM;
    const before = agent!.calls.length;
    const refusal = await caller!.ask('INVITE', service, [], caller!.description);
    agent!.description = phoneSdp();
    expect(statusOf(refusal)).toBe(488);
    expect(agent!.calls).toHaveLength(before + 1);
    await nothingLeft();
    expect(agent!.calls.at(-1)?.state).toBe('ended');
    expect(await lastRecord(anchored.gateway.dataDir)).toMatchObject({ outcome: 'failed', sipStatus: 488 });
  });

  test('does not keep others from theirs', async () => {
    await caller!.hangUp(await caller!.call(service));
    await nothingLeft();
  });
});
