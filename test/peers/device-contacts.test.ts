import { randomUUID } from 'node:crypto';
import { addDevices, addService, DOMAIN, PASSWORD, startTestGateway, type TestGateway } from '../support/test-gateway';
import { phoneSdp, RawPhone, type RawPhoneOptions } from './harness/raw-phone';
import { valueOf } from './harness/sip-text';
import { until } from './harness';

jest.setTimeout(60_000);

const CALLER = 'soittaja@laite.kunta.example';
const AGENT = 'agentti@laite.kunta.example';
const OTHER = 'toinen@laite.kunta.example';
const SERVICE = `sip:yksi@${DOMAIN}`;
/** An address behind a firewall, where nobody listens and nothing can be sent to. */
const UNREACHABLE = 'sip:agentti@10.99.0.7:5060;transport=tcp';

describe('a device that is in several places', () => {
  let gateway: TestGateway;
  const phones: RawPhone[] = [];

  beforeEach(async () => {
    gateway = await startTestGateway();
    await addDevices(gateway.directory, [{ address: CALLER }, { address: AGENT }, { address: OTHER }]);
    await addService(gateway.directory, `yksi@${DOMAIN}`, [AGENT]);
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.close();
    await gateway.stop();
  });

  const open = async (address: string, options: Partial<RawPhoneOptions> = {}): Promise<RawPhone> => {
    const phone = await RawPhone.open({ server: gateway.address(options.transport ?? 'udp'), address, password: PASSWORD, ...options });
    phones.push(phone);
    return phone;
  };
  const registered = async (address: string, options: Partial<RawPhoneOptions> = {}): Promise<RawPhone> => {
    const phone = await open(address, options);
    await phone.register();
    return phone;
  };

  test('rings in all of them at once; who answers gets the call, the others hear that it was completed elsewhere', async () => {
    const [desk, home, caller] = [await registered(AGENT), await registered(AGENT, { transport: 'tcp' }), await open(CALLER)];
    desk.onCalled = home.onCalled = 'ring';
    const calling = caller.call(SERVICE);
    const [atDesk, atHome] = await Promise.all([desk.called(), home.called()]);
    home.answer(atHome);
    const call = await calling;
    await until('the desk stops ringing', () => atDesk.state === 'cancelled');
    expect(valueOf(atDesk.ending!, 'Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    await caller.hangUp(call);
    await until('the end at home', () => atHome.state === 'ended');
  });

  test('busy is said by the person: once one place declines so, the others stop ringing', async () => {
    const [desk, home, caller] = [await registered(AGENT), await registered(AGENT), await open(CALLER)];
    desk.onCalled = 'ring';
    home.onCalled = 486;
    const answer = await caller.ask('INVITE', SERVICE, [], phoneSdp());
    expect(answer.startLine).toMatch(/^SIP\/2\.0 486 /);
    await until('the desk stops ringing', () => desk.calls[0]?.state === 'cancelled');
  });

  test('a place that is gone takes nothing from the others', async () => {
    const [gone, home, caller] = [await registered(AGENT, { transport: 'tcp', contact: UNREACHABLE }), await registered(AGENT), await open(CALLER)];
    await gone.close();
    await caller.hangUp(await caller.call(SERVICE));
    expect(home.calls).toHaveLength(1);
  });

  test('unregistered, it is not called any more', async () => {
    const [desk, home, caller] = [await registered(AGENT), await registered(AGENT), await open(CALLER)];
    await desk.register(0);
    await caller.hangUp(await caller.call(SERVICE));
    expect([desk.calls.length, home.calls.length]).toEqual([0, 1]);
  });

  describe('behind a firewall that lets nothing in', () => {
    test('is called over the TCP connection that it opened, and calls over it without a second challenge', async () => {
      const [agent, caller] = [await registered(AGENT, { transport: 'tcp', contact: UNREACHABLE }), await registered(CALLER, { transport: 'tcp', contact: 'sip:soittaja@10.99.0.8:5060;transport=tcp' })];
      const call = await caller.call(SERVICE);
      const at = await agent.called();
      expect(at.invite?.startLine).toBe(`INVITE ${UNREACHABLE} SIP/2.0`);
      expect(valueOf(at.invite!, 'Route')).toBe('');
      expect(caller.received.filter((message) => message.startsWith('SIP/2.0 401'))).toHaveLength(1);
      await agent.hangUp(at);
      await until('the end at the caller, over its connection too', () => call.state === 'ended');
    });

    test('is told apart from another device with the same name and the same private address behind another firewall', async () => {
      const twin = 'agentti@toinen.kunta.example';
      await addDevices(gateway.directory, [{ address: twin }]);
      await addService(gateway.directory, `kaksi@${DOMAIN}`, [twin]);
      const [one, two, caller] = [
        await registered(AGENT, { transport: 'tcp', contact: UNREACHABLE }), await registered(twin, { transport: 'tcp', contact: UNREACHABLE, from: '127.0.0.9' }), await open(CALLER),
      ];
      await caller.hangUp(await caller.call(SERVICE));
      expect([one.calls.length, two.calls.length]).toEqual([1, 0]);
      await until('the end at the one', () => one.calls[0]?.state === 'ended');
      await caller.hangUp(await caller.call(`sip:kaksi@${DOMAIN}`));
      expect([one.calls.length, two.calls.length]).toEqual([1, 1]);
      await until('the end at the other', () => two.calls[0]?.state === 'ended');
    });

    test('comes back over a new connection with the same instance and reg-id: the new one replaces the old one, which still stands', async () => {
      const contactParams = `;reg-id=1;+sip.instance="<urn:uuid:${randomUUID()}>"`;
      const behind: Partial<RawPhoneOptions> = { transport: 'tcp', contact: UNREACHABLE, contactParams };
      const [before, after, caller] = [await registered(AGENT, behind), await open(AGENT, behind), await open(CALLER)];
      const answer = await after.register();
      expect(valueOf(answer, 'Contact')).toContain(UNREACHABLE);
      expect(valueOf(answer, 'Require')).toBe('outbound');
      await caller.hangUp(await caller.call(SERVICE));
      expect([before.calls.length, after.calls.length]).toEqual([0, 1]);
      expect(before.connected).toBe(true);
    });

    test('with two flows of one instance, rings over one of them; when that is gone, over the other (RFC 5626 section 5.3)', async () => {
      const instance = randomUUID();
      const flow = (regId: number): Partial<RawPhoneOptions> => ({ transport: 'tcp', contact: UNREACHABLE, contactParams: `;reg-id=${regId};+sip.instance="<urn:uuid:${instance}>"` });
      const [first, second, caller] = [await registered(AGENT, flow(1)), await registered(AGENT, flow(2)), await open(CALLER)];
      await caller.hangUp(await caller.call(SERVICE));
      expect(first.calls.length + second.calls.length).toBe(1);
      const [used, spare] = first.calls.length === 1 ? [first, second] : [second, first];
      await used.close();
      await caller.hangUp(await caller.call(SERVICE));
      expect(spare.calls).toHaveLength(1);
    });
  });

  test('who hangs up in the same moment as the answer is acknowledged ends the call at the other end too', async () => {
    const [agent, caller] = [await registered(AGENT), await registered(CALLER, { transport: 'tcp' })];
    const call = await caller.call(SERVICE, { endAtOnce: true });
    await until('the end at the agent', () => agent.calls[0]?.state === 'ended');
    expect(call.state).toBe('ended');
  });

  test('several places are still one line: while it talks in one, it is busy in all', async () => {
    const [desk, home, caller] = [await registered(AGENT), await registered(AGENT), await open(CALLER)];
    home.onCalled = 'ring';
    const call = await caller.call(SERVICE);
    const other = await open(OTHER);
    expect((await other.ask('INVITE', SERVICE, [], phoneSdp())).startLine).toMatch(/^SIP\/2\.0 486 /);
    expect([desk.calls.length, home.calls.length]).toEqual([1, 1]);
    await caller.hangUp(call);
  });
});
