import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { toneShares } from '../../support/spectrum';
import { describePeer, isPicture, until, VIDEO_MODULE, type BaresipOptions, type TestPicture } from '../harness';

jest.setTimeout(60_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'ex90-2@kela.kunta.example';
const CALLER_PICTURE: TestPicture = { left: 'red', right: 'blue' };
const AGENT_PICTURE: TestPicture = { left: 'lime', right: 'yellow' };
const KEYING: Record<string, BaresipOptions['encryption']> = { 'plain RTP': undefined, SDES: 'srtp-mand', 'DTLS-SRTP': 'dtls_srtp' };

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'pictures and keying bridged by a media server', () => {
  let anchored: AnchoredGateway;
  let service: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    await anchored.device(CALLER);
    service = await anchored.device(AGENT, 'kela');
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  test.each([
    ['plain RTP', 'plain RTP'], ['SDES', 'SDES'], ['SDES', 'plain RTP'], ['plain RTP', 'SDES'], ['DTLS-SRTP', 'plain RTP'], ['DTLS-SRTP', 'SDES'],
  ] as const)('%s and, called, %s: each decodes the other\'s H.264 and hears the other', async (callerKeying, agentKeying) => {
    const agent = await anchored.phone(AGENT, { toneHz: 1000, codecs: ['g722/16000/1', 'pcma'], picture: AGENT_PICTURE, encryption: KEYING[agentKeying] });
    const caller = await anchored.phone(CALLER, { toneHz: 400, codecs: ['g722/16000/1', 'pcma'], picture: CALLER_PICTURE, encryption: KEYING[callerKeying] });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await caller.waitFor('CALL_ESTABLISHED');
    await until('the caller sees the agent', async () => isPicture(await caller.seen() ?? [], AGENT_PICTURE), 20_000);
    await until('the agent sees the caller', async () => isPicture(await agent.seen() ?? [], CALLER_PICTURE), 20_000);
    await talk(1);
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    expect(toneShares(caller.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    expect(toneShares(agent.heard().at(-1)!, [400], 1)[0]).toBeGreaterThan(0.8);
  });

  test('a caller without a picture and an agent with one talk, and neither waits for a picture', async () => {
    const agent = await anchored.phone(AGENT, { toneHz: 1000, picture: AGENT_PICTURE });
    const caller = await anchored.phone(CALLER, { toneHz: 400 });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await talk();
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    expect(toneShares(agent.heard().at(-1)!, [400], 1)[0]).toBeGreaterThan(0.8);
  });

  test('who calls with AES_CM_128 alone keeps it, who is called takes AEAD_AES_256_GCM; each hears the other', async () => {
    const agent = await anchored.phone(AGENT, { toneHz: 1000, encryption: 'srtp-mand' });
    const caller = await anchored.phone(CALLER, { toneHz: 400, encryption: 'srtp-mand' });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await talk();
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    const suite = (log: string): string | undefined => /SRTP is Enabled \(cryptosuite=(\w+)\)/.exec(log)?.[1];
    expect([suite(caller.log), suite(agent.log)]).toEqual(['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM']);
    expect(toneShares(caller.heard().at(-1)!, [1000], 1)[0]).toBeGreaterThan(0.8);
    expect(toneShares(agent.heard().at(-1)!, [400], 1)[0]).toBeGreaterThan(0.8);
  });
});
