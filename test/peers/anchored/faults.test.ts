import type { GatewayStatus } from '../../../src/server';
import { AnchoredGateway, anchoredSettings, talk } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { toneShares } from '../../support/spectrum';
import { describePeer, isPicture, openUdpPorts, sendHostilePackets, startLossyLink, until, VIDEO_MODULE, type TestPicture } from '../harness';

jest.setTimeout(90_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const [CALLER_TONE, AGENT_TONE] = [400, 1000];
const PICTURE: TestPicture = { left: 'red', right: 'blue' };
const AGENT_PICTURE: TestPicture = { left: 'lime', right: 'yellow' };

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'bad networks and hostile packets', () => {
  let anchored: AnchoredGateway;
  let service: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    await anchored.device(CALLER);
    service = await anchored.device(AGENT, 'kela');
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  test('five percent of all packets lost, doubled and reordered each: both are heard and seen', async () => {
    const link = await startLossyLink(anchored.gateway.address('udp'), { loss: 0.05, duplicate: 0.05, reorder: 0.05 });
    try {
      const agent = await anchored.phone(AGENT, { toneHz: AGENT_TONE, codecs: ['opus/48000/2'], picture: AGENT_PICTURE });
      const caller = await anchored.phone(CALLER, { toneHz: CALLER_TONE, codecs: ['pcma'], picture: PICTURE, proxy: `127.0.0.1:${link.port}` });
      await caller.dial(`sip:${service}`);
      await agent.waitFor('CALL_ESTABLISHED');
      await until('each sees the other', async () => isPicture(await caller.seen() ?? [], AGENT_PICTURE) && isPicture(await agent.seen() ?? [], PICTURE), 30_000);
      await talk(3);
      await caller.hangUp();
      await agent.waitFor('CALL_CLOSED');
      expect(Math.min(link.counters.lost, link.counters.duplicated, link.counters.reordered)).toBeGreaterThan(5);
      expect(toneShares(caller.heard().at(-1)!, [AGENT_TONE], 2)[0]).toBeGreaterThan(0.5);
      expect(toneShares(agent.heard().at(-1)!, [CALLER_TONE], 2)[0]).toBeGreaterThan(0.5);
    } finally {
      await link.close();
    }
  });

  const rtpPorts = (): number[] => openUdpPorts(Number(anchored.settings.ETASILTA_MEDIA_RTP_PORTS_MIN), Number(anchored.settings.ETASILTA_MEDIA_RTP_PORTS_MAX));
  const onEmbedded = process.env.ETASILTA_TEST_FREESWITCH === undefined ? test : test.skip;

  onEmbedded.each([
    ['plain RTP', undefined], ['SDES', 'srtp-mand'], ['DTLS-SRTP', 'dtls_srtp'],
  ] as const)('hostile packets at every open media port of a call over %s: it goes on, and new calls are taken', async (_name, encryption) => {
    const agent = await anchored.phone(AGENT, { toneHz: AGENT_TONE, picture: AGENT_PICTURE });
    const caller = await anchored.phone(CALLER, { toneHz: CALLER_TONE, picture: PICTURE, encryption });
    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await until('the caller sees the agent', async () => isPicture(await caller.seen() ?? [], AGENT_PICTURE), 20_000);
    const ports = rtpPorts();
    expect(ports.length).toBeGreaterThanOrEqual(2);
    expect(await sendHostilePackets(ports, 10)).toBeGreaterThan(500);
    await talk(2);
    expect(await until('the picture still comes', async () => isPicture(await caller.seen() ?? [], AGENT_PICTURE), 10_000)).toBe(true);
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    expect(toneShares(caller.heard().at(-1)!, [AGENT_TONE], 1)[0]).toBeGreaterThan(0.8);
    expect(toneShares(agent.heard().at(-1)!, [CALLER_TONE], 1)[0]).toBeGreaterThan(0.8);

    await caller.dial(`sip:${service}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
  });

  onEmbedded('after the last call no media port is open but those of offers that are ready for the next', async () => {
    const operator = new Operator(anchored.gateway.dataDir);
    await until('all others are closed', async () => {
      const [server] = (await operator.status<GatewayStatus>()).media.servers;
      // Sound and picture, RTP and RTCP.
      return server?.ready === 4 && rtpPorts().length === server.ready * 4;
    });
  });
});

describePeer('baresip', 'a full media server', () => {
  test('a call beyond its room is refused with 503 and says why; when there is room again calls are taken', async () => {
    if (process.env.ETASILTA_TEST_FREESWITCH !== undefined) return;
    const anchored = await AnchoredGateway.start({ ...await anchoredSettings(), ETASILTA_MEDIA_MAX_SESSIONS: '2' });
    try {
      const operator = new Operator(anchored.gateway.dataDir);
      const [other, otherAgent] = ['ex90-2@ahtari.kunta.example', 'agent-2@kela.kunta.example'];
      await anchored.device(CALLER);
      await anchored.device(other);
      const service = await anchored.device(AGENT, 'kela');
      const second = await anchored.device(otherAgent, 'vero');
      const [caller, agent, late, idle] = [
        await anchored.phone(CALLER, { toneHz: CALLER_TONE }), await anchored.phone(AGENT, { toneHz: AGENT_TONE }),
        await anchored.phone(other, { toneHz: 500 }), await anchored.phone(otherAgent, { toneHz: 900 }),
      ];
      await caller.dial(`sip:${service}`);
      await agent.waitFor('CALL_ESTABLISHED');
      await late.dial(`sip:${second}`);
      expect((await late.waitFor('CALL_CLOSED')).param).toMatch(/503/);
      expect((await operator.calls()).length).toBe(1);
      await caller.hangUp();
      await agent.waitFor('CALL_CLOSED');
      await until('there is room again', async () => {
        await late.dial(`sip:${second}`);
        return Promise.race([idle.waitFor('CALL_ESTABLISHED').then(() => true), late.waitFor('CALL_CLOSED').then(() => false)]).catch(() => false);
      }, 20_000);
    } finally {
      await anchored.stop();
    }
  });
});
