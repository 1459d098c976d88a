import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { toneShares } from '../../support/spectrum';
import { describePeer } from '../harness';

jest.setTimeout(60_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';

describePeer('baresip', 'SRTP with keys in the description, at each party\'s own strength', () => {
  let anchored: AnchoredGateway;
  let service: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    await anchored.device(CALLER);
    service = await anchored.device(AGENT, 'kela');
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

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
