import { KeepAlive, type KeepAliveOptions, type RequestSender } from '../../src/sip/keep-alive';
import { type Binding, Location } from '../../src/sip/location';
import { routeFor } from '../../src/sip/route-for';

/** `410 of the server`: made by the SIP server itself, so it has no source. */
type Reply = number | 'silence' | 'error' | 'throw' | '410 of the server';

const responseOf = (answer: number | '410 of the server') => (typeof answer === 'number' ? { status: answer, source_address: '203.0.113.5' } : { status: 410, source_address: '' });

const start = 1_800_000_000_000;
const binding = (change: Partial<Binding> = {}): Binding => ({
  aor: 'ex90-1@ahtari.palvelu.example', key: 'k1', contact: 'sip:ex90-1@10.0.0.5:5060;transport=tcp', params: {}, q: 1, registeredAt: start, refreshedAt: start,
  expiresAt: start + 86_400_000, callId: 'c', cseq: 1, path: [], flow: { transport: 'tcp', address: '203.0.113.5', port: 40001 }, state: 'reachable', ...change,
});
const intervals = { natUdp: 25, udp: 120, stream: 90, lost: 300 };

/** Keep-alives under a simulated clock, to endpoints that answer as told. */
function setUp(reply: () => Reply, options: Partial<KeepAliveOptions> = {}) {
  const pings: { uri: string; proxy?: string; at: number }[] = [];
  let underWay = 0;
  let most = 0;
  const sender: RequestSender = {
    request(uri, { method, proxy, headers }, callback) {
      expect(method).toBe('OPTIONS');
      expect(headers.From).toBe('<sip:palvelu.example>');
      pings.push({ uri, proxy, at: (Date.now() - start) / 1000 });
      most = Math.max(most, ++underWay);
      const answer = reply();
      if (answer === 'throw') throw new Error('no connection to the SIP server');
      if (answer === 'error') callback(new Error('no route'));
      else callback(null, { once: (_, listener) => { if (answer !== 'silence') setTimeout(() => { underWay--; listener(responseOf(answer)); }, 100); } });
    },
  };
  const location = new Location();
  const keepAlive = new KeepAlive(sender, location, { domain: 'palvelu.example', random: () => 0, intervals, ...options });
  const events: string[] = [];
  for (const event of ['flow-lost', 'flow-found'] as const) location.on(event, () => events.push(`${event} at ${Math.floor((Date.now() - start) / 1000)}`));
  return { location, keepAlive, pings, events, most: () => most };
}

const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

describe('keep-alive', () => {
  test('asks over the flow of the registration, at the interval of its transport', async () => {
    const { location, keepAlive, pings } = setUp(() => 200);
    keepAlive.start();
    location.put(binding());
    await pass(200);
    expect(pings.map(({ uri, proxy }) => [uri, proxy])).toEqual(Array(2).fill(['sip:ex90-1@10.0.0.5:5060;transport=tcp', 'sip:203.0.113.5:40001;transport=tcp']));
    expect(pings[0]!.at).toBeGreaterThanOrEqual(90);
    expect(pings[1]!.at).toBeGreaterThanOrEqual(180);
  });

  test('an endpoint that answers where it listens, its connection gone, is called there, and that connection is trusted no more', async () => {
    const { location, keepAlive, pings } = setUp(() => 200);
    const listening = binding({ contact: 'sip:ex90-1@203.0.113.5:5060;transport=tcp' });
    location.restore([listening]);
    keepAlive.start();
    await pass(10);
    const [found] = location.contactsFor(listening.aor);
    expect(found).toMatchObject({ state: 'reachable', flowLost: true });
    await pass(100);
    for (const { uri, proxy } of [...pings, routeFor(found!)]) expect([uri, proxy]).toEqual([listening.contact, undefined]);
    expect(location.bindingsOn(listening.flow)).toEqual([]);
    location.put(listening);
    expect(location.bindingsOn(listening.flow)).toEqual([listening]);
  });

  test.each<[string, Partial<Binding>, number]>([
    ['behind NAT over UDP', { contact: 'sip:x@10.0.0.5', flow: { transport: 'udp', address: '203.0.113.5', port: 1024 } }, 25],
    ['without NAT over UDP', { contact: 'sip:x@203.0.113.5', flow: { transport: 'udp', address: '203.0.113.5', port: 5060 } }, 120],
    ['over a connection', {}, 90],
  ])('%s the interval is its own', async (_, change, interval) => {
    const { location, keepAlive, pings } = setUp(() => 200);
    keepAlive.start();
    location.put(binding(change));
    await pass(interval - 1);
    expect(pings).toEqual([]);
    await pass(2.5);
    expect(pings).toHaveLength(1);
  });

  test.each([200, 404, 405, 410, 480, 486, 500])('%i means alive', async (status) => {
    const { location, keepAlive, events } = setUp(() => status);
    keepAlive.start();
    location.put(binding());
    await pass(300);
    expect([events, location.contactsFor(binding().aor).length]).toEqual([[], 1]);
  });

  test.each<Reply>(['silence', 'error', 'throw', 408, 503, '410 of the server'])('%s twice in a row means that the flow is lost', async (reply) => {
    const { location, keepAlive, events, pings } = setUp(() => reply);
    keepAlive.start();
    location.put(binding());
    await pass(90 + 1 + 8 + 4 + 2 + 8 + 1);
    expect(pings).toHaveLength(2);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^flow-lost/);
    expect(location.contactsFor(binding().aor)).toEqual([]);
  });

  test('one failure is forgiven when the second try is answered', async () => {
    const replies: Reply[] = ['silence', 200];
    const { location, keepAlive, events, pings } = setUp(() => replies.shift() ?? 200);
    keepAlive.start();
    location.put(binding());
    await pass(110);
    expect([pings.length, events, location.contactsFor(binding().aor).length]).toEqual([2, [], 1]);
  });

  test('a lost contact is asked on, more seldom, and offered again when it answers', async () => {
    let reply: Reply = 503;
    const { location, keepAlive, events, pings } = setUp(() => reply);
    keepAlive.start();
    location.put(binding());
    await pass(150);
    expect(pings).toHaveLength(2);
    reply = 200;
    await pass(310);
    expect(pings).toHaveLength(3);
    expect(events.map((event) => event.split(' ')[0])).toEqual(['flow-lost', 'flow-found']);
    expect(location.contactsFor(binding().aor)).toHaveLength(1);
  });

  test('registering again is a sign of life: the flow is offered at once and the clock starts anew', async () => {
    const { location, keepAlive, pings } = setUp(() => 503);
    keepAlive.start();
    location.put(binding());
    await pass(150);
    expect(location.contactsFor(binding().aor)).toEqual([]);
    const before = pings.length;
    location.put(binding({ cseq: 2, flow: { transport: 'tcp', address: '203.0.113.5', port: 40002 } }));
    expect(location.contactsFor(binding().aor)).toHaveLength(1);
    await pass(80);
    expect(pings).toHaveLength(before);
  });

  test('an answer for a registration that was replaced meanwhile changes nothing', async () => {
    const { location, keepAlive, events } = setUp(() => 'silence');
    keepAlive.start();
    location.put(binding());
    await pass(105);
    location.put(binding({ cseq: 2 }));
    await pass(60);
    expect(events).toEqual([]);
  });

  test('after a restart contacts in doubt are asked first and offered when they answer', async () => {
    const { location, keepAlive, events } = setUp(() => 200);
    location.restore([binding()]);
    expect(location.contactsFor(binding().aor)).toEqual([]);
    keepAlive.start();
    await pass(5);
    expect(events).toHaveLength(1);
    expect(location.contactsFor(binding().aor)).toHaveLength(1);
  });

  test('no more pings are under way than allowed, and all get their turn', async () => {
    const { location, keepAlive, pings, most } = setUp(() => 200, { maxConcurrent: 10 });
    keepAlive.start();
    for (let i = 0; i < 200; i++) location.put(binding({ aor: `d${i}@a.example` }));
    await pass(100);
    expect([pings.length, most()]).toEqual([200, 10]);
  });

  test('chance spreads contacts of one moment over a fifth of the interval', async () => {
    let seed = 1;
    const { location, keepAlive, pings } = setUp(() => 200, { random: () => (seed = seed * 16807 % 2147483647) / 2147483647 });
    keepAlive.start();
    for (let i = 0; i < 500; i++) location.put(binding({ aor: `d${i}@a.example` }));
    await pass(91);
    const at = pings.map((ping) => ping.at);
    expect([Math.min(...at) >= 72, Math.max(...at) <= 91]).toEqual([true, true]);
    expect(new Set(at.map(Math.floor)).size).toBeGreaterThan(10);
  });

  test('gone and closed contacts are not asked', async () => {
    const { location, keepAlive, pings } = setUp(() => 200);
    keepAlive.start();
    location.put(binding());
    location.put(binding({ key: 'k2' }));
    location.unregister(location.bindingsOf(binding().aor)[0]!);
    await pass(92);
    expect(pings).toHaveLength(1);
    keepAlive.close();
    await pass(400);
    expect(pings).toHaveLength(1);
  });

  test('an answer after it was closed changes nothing', async () => {
    const { location, keepAlive, pings, events } = setUp(() => 'silence');
    keepAlive.start();
    location.put(binding());
    while (pings.length < 2) await pass(1);
    keepAlive.close();
    await pass(60);
    expect([pings.length, events]).toEqual([2, []]);
  });
});
