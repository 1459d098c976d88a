import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { toneShares } from '../../support/spectrum';
import { describePeer } from '../harness';

jest.setTimeout(60_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const [CALLER_TONE, AGENT_TONE] = [400, 1000];
const CODECS = { 'G.711 A-law': 'pcma', 'G.711 µ-law': 'pcmu', 'G.722': 'g722/16000/1', Opus: 'opus/48000/2' };
type Codec = keyof typeof CODECS;
const PAIRS: [Codec, Codec][] = [
  ['G.711 A-law', 'G.711 A-law'], ['G.722', 'G.722'], ['Opus', 'Opus'],
  ['G.711 A-law', 'G.711 µ-law'], ['G.711 µ-law', 'G.722'], ['G.722', 'Opus'], ['Opus', 'G.711 A-law'],
];

describePeer('baresip', 'two baresips bridged by a media server', () => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let service: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    operator = new Operator(anchored.gateway.dataDir);
    await anchored.device(CALLER);
    service = await anchored.device(AGENT, 'kela');
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  test.each(PAIRS)('%s and %s: each hears the other and not itself', async (callerCodec, agentCodec) => {
    const agent = await anchored.phone(AGENT, { toneHz: AGENT_TONE, codecs: [CODECS[agentCodec]] });
    const caller = await anchored.phone(CALLER, { toneHz: CALLER_TONE, codecs: [CODECS[callerCodec]] });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await caller.waitFor('CALL_ESTABLISHED');
    // Both legs end at the media server: nothing flows directly.
    expect((await operator.status<{ media: { used: number } }>()).media.used).toBeGreaterThanOrEqual(2);
    await talk();
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    const atCaller = toneShares(caller.heard().at(-1)!, [AGENT_TONE, CALLER_TONE], 1);
    const atAgent = toneShares(agent.heard().at(-1)!, [CALLER_TONE, AGENT_TONE], 1);
    for (const [other, self] of [atCaller, atAgent]) {
      expect(other).toBeGreaterThan(0.8);
      expect(self).toBeLessThan(0.01);
    }
  });

  test('wideband stays wideband: what both have is used, whatever either prefers', async () => {
    const agent = await anchored.phone(AGENT, { toneHz: 6000, codecs: ['pcma', 'g722/16000/1'] });
    const caller = await anchored.phone(CALLER, { toneHz: CALLER_TONE, codecs: ['g722/16000/1', 'pcma'] });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await talk();
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    // 6 kHz is beyond what G.711 can carry.
    expect(toneShares(caller.heard().at(-1)!, [6000], 1)[0]).toBeGreaterThan(0.8);
  });
});
