import { AnchoredGateway, talk } from '../../support/anchored-gateway';
import { describePeer, SipWsClient, until } from '../harness';
import { phoneSdp } from '../harness/raw-phone';
import { addService, DOMAIN, PASSWORD } from '../../support/test-gateway';

jest.setTimeout(60_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const WEB = 'selain-1@koti.kunta.example';

describePeer('baresip', 'keys pressed in a bridged call', () => {
  let anchored: AnchoredGateway;
  let service: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start({ ETASILTA_SIP_LISTEN: 'sip:127.0.0.1:0;transport=udp sip:127.0.0.1:0;transport=ws' });
    await anchored.device(CALLER);
    service = await anchored.device(AGENT, 'kela');
    await anchored.device(WEB);
    await addService(anchored.gateway.directory, `koti.fi@${DOMAIN}`, [WEB]);
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  test.each([['opus/48000/2', 'pcma'], ['g722/16000/1', 'opus/48000/2']])('arrive as events (RFC 4733) though the codecs differ: %s and %s', async (callerCodec, agentCodec) => {
    const agent = await anchored.phone(AGENT, { toneHz: 700, codecs: [agentCodec] });
    const caller = await anchored.phone(CALLER, { toneHz: 400, codecs: [callerCodec] });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await talk(1);
    for (const key of ['5', '#']) {
      await caller.command('sndcode', key);
      expect((await agent.waitFor('CALL_DTMF_START')).param).toBe(key);
      await agent.waitFor('CALL_DTMF_END');
    }
    await agent.command('sndcode', '7');
    expect((await caller.waitFor('CALL_DTMF_START')).param).toBe('7');
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
  });

  test('come as SIP INFO to a party that takes no events, and as events from its INFO', async () => {
    const [user = '', domain = ''] = WEB.split('@');
    const client = await SipWsClient.connect({ url: `ws://${anchored.gateway.address('ws')}`, user, domain, password: PASSWORD });
    try {
      await client.register();
      const agent = await anchored.phone(AGENT, { toneHz: 700, codecs: ['pcma'] });
      const call = await client.invite(`sip:${service}`, phoneSdp());
      await agent.waitFor('CALL_ESTABLISHED');
      await talk(1);
      await agent.command('sndcode', '9');
      expect(await until('the INFO comes', () => client.log.find((message) => message.startsWith('< INFO ')))).toMatch(/Signal=9/);
      await call.request('INFO', 'Signal=4\r\nDuration=160\r\n', [['Content-Type', 'application/dtmf-relay']]);
      expect((await agent.waitFor('CALL_DTMF_START')).param).toBe('4');
      await call.hangUp();
      await agent.waitFor('CALL_CLOSED');
    } finally {
      await client.close();
    }
  });
});
