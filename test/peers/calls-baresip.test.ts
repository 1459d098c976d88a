import { lastRecord } from '../support/records';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../support/test-gateway';
import { Baresip, describePeer, toneShare } from './harness';

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'agent@kela.kunta.example';
const SERVICE = `kela.fi@${DOMAIN}`;

describePeer('baresip', 'baresip dials a service by name', () => {
  let gateway: TestGateway;
  const agents: Baresip[] = [];
  const user = async (address: string, toneHz: number, more: object = {}): Promise<Baresip> => {
    const [name = '', domain] = address.split('@');
    const transport = (more as { transport?: 'udp' }).transport ?? 'udp';
    const agent = await Baresip.start({ user: name, domain, password: PASSWORD, registrar: gateway.address(transport), toneHz, ...more });
    agents.push(agent);
    return agent;
  };
  beforeAll(async () => {
    gateway = await startTestGateway();
    await addDevices(gateway.directory, [{ address: CALLER }, { address: AGENT }]);
    await addService(gateway.directory, SERVICE, [AGENT]);
  });
  afterEach(async () => { for (const agent of agents.splice(0)) await agent.close(); });
  afterAll(() => gateway.stop());

  test.each(['udp', 'tcp'] as const)('over %s: both register with digest, the agent rings and answers, each hears the other', async (transport) => {
    const agent = await user(AGENT, 400, { transport });
    const caller = await user(CALLER, 1000, { transport });
    expect(await agent.registration()).toBe('200 OK');
    expect(await caller.registration()).toBe('200 OK');
    await caller.dial(`sip:kela@${DOMAIN}`);
    await caller.waitFor('CALL_ESTABLISHED');
    await agent.waitFor('CALL_ESTABLISHED');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
    await caller.waitFor('CALL_CLOSED');
    expect(toneShare(caller.heard()[0]!, 400)).toBeGreaterThan(0.5);
    expect(toneShare(agent.heard()[0]!, 1000)).toBeGreaterThan(0.5);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ caller: CALLER, service: SERVICE, device: AGENT, outcome: 'answered', endedBy: 'caller' });
  });

  test('an unknown name is refused with 404', async () => {
    const caller = await user(CALLER, 400);
    await caller.registration();
    await caller.dial(`sip:kelaa@${DOMAIN}`);
    expect((await caller.waitFor('CALL_CLOSED')).param).toMatch(/404/);
    expect(await lastRecord(gateway.dataDir)).toMatchObject({ outcome: 'refused', sipStatus: 404 });
  });
});
